import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import anyTest, { type TestFn } from 'ava'
import type { Browser, Page } from 'puppeteer-core'
import { page as pageOf } from '../../lib/report/dashboard/page.ts'
import { type Dashboard, serveDashboard } from '../../lib/report/dashboard/serve.ts'
import { openRunReader } from '../../lib/report/run/read-run.ts'
import { openRunsFolder } from '../../lib/report/run/runs-folder.ts'
import { scratch } from '../helpers/directory.ts'
import {
  evaluationLine,
  stageLine,
  startLine,
  stepsLine,
  type WrittenRun,
  wholeRun,
  writeRun,
} from '../helpers/written-run.ts'
import { type Look, openBrowser, openPage } from './browser.ts'
import { lowContrast } from './contrast.ts'

// In npm test there need be no browser: npm run test:browser runs these.
const all = anyTest as TestFn
const test = process.env.EVERLEARN_BROWSER ? all.serial : all.skip
const directory = scratch(all)

let browser: Browser
let dashboard: Dashboard
let live: WrittenRun
let root: string

all.before(async () => {
  if (!process.env.EVERLEARN_BROWSER) return
  browser = await openBrowser()
  root = directory()
  const samples = [
    {
      stage: 1,
      step: 20,
      tasks: [
        {
          task: 'knowledge-masking',
          corpus: 'books',
          language: 'en',
          kind: 'masking',
          inputs: [
            {
              pieces: ['[CLS]', 'a', '[MASK]', 'of', 'words', '[SEP]'],
              length: 6,
              judgements: [{ at: 2, label: 'row', predictions: [{ name: 'row', probability: 0.5 }] }],
            },
          ],
        },
      ],
    },
  ]
  for (const name of ['first', 'a-run-with-a-rather-long-name-that-must-wrap-somewhere']) {
    const run = writeRun(path.join(root, name))
    run.append(...wholeRun())
    writeFileSync(path.join(run.directory, 'samples.json'), JSON.stringify(samples))
  }
  live = writeRun(path.join(root, 'live'))
  live.append(startLine(), stageLine(1, 0, 20), ...[1, 2, 3, 4, 5].map((step) => stepsLine(step, 1)))
  dashboard = await serveDashboard(openRunsFolder(root), { poll: 100 })
})

all.after.always(async () => {
  await browser?.close()
  await dashboard?.close()
})

const looks: Look[] = (['light', 'dark'] as const).flatMap((scheme) =>
  [360, 768, 1440].map((width) => ({ width, scheme })),
)

for (const look of looks) {
  test(`at ${look.width} px, ${look.scheme}: nothing is wider than the page, charts are drawn, nothing goes wrong`, async (t) => {
    const { page, problems } = await openPage(t, browser, dashboard.url, look)
    const { wide, charts, blank, background } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      charts: document.querySelectorAll('.plot').length,
      blank: [...document.querySelectorAll<HTMLCanvasElement>('.plot canvas')].filter((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        return !data.some((value) => value > 0)
      }).length,
      background: getComputedStyle(document.body).backgroundColor,
    }))
    t.true(wide <= 0, `${wide} px too wide`)
    t.true(charts >= 15)
    t.is(blank, 0)
    const [red] = (background.match(/\d+/g) as string[]).map(Number)
    t.is(red > 128, look.scheme === 'light')
    await openAll(page)
    t.true((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0)
    t.deepEqual(await lowContrast(page), [])
    t.deepEqual(problems, [])
  })
}

test('everything can be reached and used with the keyboard, and shows where the focus is', async (t) => {
  const { page, problems } = await openPage(t, browser, `${dashboard.url}?run=first`)
  await page.keyboard.press('Tab')
  t.is(await page.evaluate(() => document.activeElement?.textContent), 'To the content')
  await page.keyboard.press('Enter')
  t.is(await page.evaluate(() => document.activeElement?.id), 'main')
  const reached: string[] = []
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(() => {
      const { activeElement: element } = document
      if (!element || element === document.body) return null
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return {
        what: `${element.tagName} ${element.getAttribute('role') ?? ''}`,
        seen: outlineStyle !== 'none' && outlineWidth !== '0px',
      }
    })
    if (!found) break
    t.true(found.seen, found.what)
    reached.push(found.what)
  }
  for (const what of ['SUMMARY ', 'DIV slider', 'DIV region'])
    t.true(reached.includes(what), reached.join(', '))

  await page.focus('#plot-held-out-0')
  const said = () => page.$eval('#plot-held-out-0', (plot) => plot.getAttribute('aria-valuetext'))
  await page.keyboard.press('Home')
  t.is(await said(), 'step 0: held-out –; without learning 12.5 %')
  await page.keyboard.press('ArrowRight')
  t.is(await said(), 'step 20: held-out 50.0 %; without learning 12.5 %')
  t.is(
    await page.$eval(
      '#plot-held-out-0',
      (plot) => plot.closest('figure')?.querySelector('[data-value="0"]')?.textContent,
    ),
    '50.0 %',
  )
  await page.keyboard.press('ArrowRight')
  t.is(await said(), 'step 50: held-out 25.0 %; without learning 12.5 %')
  await page.keyboard.press('End')
  t.is(await said(), 'step 140: held-out 37.5 %; without learning 12.5 %')
  await page.focus('#numbers-loss-0 > summary')
  await page.keyboard.press('Enter')
  t.true(await page.$eval('#numbers-loss-0', (details) => (details as HTMLDetailsElement).open))
  t.deepEqual(problems, [])
})

test('for a screen reader charts have names and values, and the page has its landmarks', async (t) => {
  const { page } = await openPage(t, browser, `${dashboard.url}?run=first`)
  interface Node {
    role: string
    name?: string
    roledescription?: string
    children?: Node[]
  }
  const nodes: Node[] = []
  const collect = (node: Node) => {
    nodes.push(node)
    node.children?.forEach(collect)
  }
  collect((await page.accessibility.snapshot({ interestingOnly: false })) as Node)
  const sliders = nodes.filter(({ role }) => role === 'slider')
  t.is(sliders.length, await page.$$eval('.plot', (plots) => plots.length))
  t.is(new Set(sliders.map(({ name }) => name)).size, sliders.length)
  for (const { name, roledescription } of sliders) {
    t.regex(name ?? '', / of /)
    t.is(roledescription, 'chart')
  }
  // Chromium's own listing leaves it empty.
  const said = await page.$$eval('.plot', (plots) => plots.map((plot) => plot.getAttribute('aria-valuetext')))
  for (const text of said) t.regex(text ?? '', /^last: .*\d/)
  const figures = nodes.filter(({ role }) => role === 'figure')
  t.is(figures.length, sliders.length)
  for (const { name } of figures) t.true(Boolean(name))
  for (const role of ['banner', 'main', 'navigation', 'status'])
    t.is(nodes.filter((node) => node.role === role).length, 1, role)
  for (const { role, name } of nodes) {
    if (['region', 'button', 'checkbox', 'link', 'table'].includes(role) && role !== 'table')
      t.true(Boolean(name), role)
  }
})

test('what is logged appears without loading the page again; what the reader has opened stays', async (t) => {
  const { page, problems } = await openPage(t, browser, `${dashboard.url}?run=live`)
  const fact = () => page.$eval('dd', (dd) => dd.textContent)
  t.is(await fact(), '5 of 140')
  await page.evaluate(() => {
    Object.assign(globalThis, { sameDocument: true })
  })
  await page.$eval('#numbers-loss-0', (details) => {
    ;(details as HTMLDetailsElement).open = true
  })
  await page.focus('#plot-loss-0')
  await page.keyboard.press('Home')
  live.append(...[6, 7, 8].map((step) => stepsLine(step, 1)))
  await page.waitForFunction(() => document.querySelector('dd')?.textContent === '8 of 140', {
    timeout: 10_000,
  })
  t.true(await page.evaluate(() => 'sameDocument' in globalThis))
  t.true(await page.$eval('#numbers-loss-0', (details) => (details as HTMLDetailsElement).open))
  t.is(await page.evaluate(() => document.activeElement?.id), 'plot-loss-0')
  t.is(await page.$eval('#plot-loss-0', (plot) => plot.getAttribute('aria-valuemax')), '8')
  t.is(
    await page.$eval('#plot-loss-0', (plot) => plot.getAttribute('aria-valuetext')),
    'step 1: training 5.990',
  )
  t.is(await page.$eval('#status', (status) => status.textContent), '')
  // An evaluation brings a chart that was not there, and is worth saying.
  live.append(stepsLine(20, 1, { steps: 12 }), evaluationLine(20, 1, [0.5]), stageLine(2, 20, 50))
  await page.waitForSelector('#plot-held-out-0 canvas', { timeout: 10_000 })
  t.is(await page.$eval('#status', (status) => status.textContent), 'live: interrupted, stage 1 has ended.')
  t.is(
    await page.$$eval(
      '.plot',
      (plots) => plots.filter((plot) => plot.querySelectorAll('canvas').length !== 1).length,
    ),
    0,
  )
  t.deepEqual(problems, [])
})

test('a run that is chosen is shown', async (t) => {
  const { page } = await openPage(t, browser, dashboard.url)
  await page.click('#picker > summary')
  await page.$$eval('#picker input', (inputs) => {
    for (const input of inputs as HTMLInputElement[]) input.checked = input.value === 'first'
  })
  await Promise.all([page.waitForNavigation(), page.click('#picker button')])
  t.is(new URL(page.url()).search, '?run=first')
  t.deepEqual(
    await page.$$eval('#main section.card > h3[id^="run-"]', (headings) =>
      headings.map((heading) => heading.textContent?.trim()),
    ),
    ['first'],
  )
})

test('a dashboard that is gone is told', async (t) => {
  const own = await serveDashboard(openRunsFolder(root), { poll: 100 })
  const { page } = await openPage(t, browser, own.url)
  await own.close()
  await page.waitForFunction(() => document.querySelector('#status')?.className === 'lost', {
    timeout: 10_000,
  })
  t.regex((await page.$eval('#status', (status) => status.textContent)) ?? '', /no longer up to date/)
})

test('the page in a file is the same, without a server', async (t) => {
  const report = await openRunReader(openRunsFolder(root), 'first').read()
  const file = path.join(directory(), 'report.html')
  writeFileSync(file, pageOf({ title: 'Report', source: root, runs: [report] }))
  const { page, problems } = await openPage(t, browser, pathToFileURL(file).href, {
    width: 768,
    scheme: 'dark',
  })
  t.is(
    await page.$$eval('.plot canvas', (canvases) => canvases.length),
    await page.$$eval('.plot', (plots) => plots.length),
  )
  t.deepEqual(problems, [])
})

const openAll = (page: Page) =>
  page.$$eval('details', (all) => {
    for (const each of all) each.open = true
  })
