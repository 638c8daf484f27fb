import { existsSync } from 'node:fs'
import type { ExecutionContext } from 'ava'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'

const places = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Starts a browser without a window. */
export function openBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => place !== undefined && existsSync(place))
  if (executablePath === undefined)
    throw new Error(
      `these tests need Chromium, which is in none of ${places.filter(Boolean).join(', ')}; install it (apt-get install chromium) or set CHROME_PATH`,
    )
  return puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}

export interface Look {
  width: number
  scheme: 'light' | 'dark'
}

/** A page that has been drawn, and all that went wrong on it, as it goes on. */
export async function openPage(
  t: ExecutionContext,
  browser: Browser,
  url: string,
  { width, scheme }: Look = { width: 1440, scheme: 'light' },
): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage()
  t.teardown(() => page.close())
  const problems: string[] = []
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) problems.push(`asked for ${request.url()}`)
  })
  // tsx names functions with a helper that the page does not have.
  await page.evaluateOnNewDocument('globalThis.__name = (named) => named')
  await page.setViewport({ width, height: 900 })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.goto(url, { waitUntil: 'load' })
  await page.waitForFunction(() => document.querySelectorAll('.plot canvas').length > 0)
  return { page, problems }
}
