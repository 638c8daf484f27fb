import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { packageRoot } from '../../package.ts'
import { style } from './style.ts'

/** What a page needs besides its content, all of it in the page: nothing is fetched from anywhere. */
export interface Assets {
  style: string
  scripts: string[]
  /** A Content-Security-Policy that allows these and nothing else. */
  policy: string
}

/** The client's modules, each after those that it imports. */
const modules = ['format', 'series', 'readout', 'chart', 'live', 'main']

let assets: Assets | null = null

/** Read once: uPlot as its package has it, and the client's modules put into one function. */
export function pageAssets(): Assets {
  if (assets) return assets
  const uPlot = path.dirname(createRequire(import.meta.url).resolve('uplot/package.json'))
  const plotScript = readFileSync(path.join(uPlot, 'dist/uPlot.iife.min.js'), 'utf8')
  const plotStyle = readFileSync(path.join(uPlot, 'dist/uPlot.min.css'), 'utf8')
  const scripts = [plotScript, clientScript()].map(insideElement)
  const styles = `${plotStyle}${style}`
  assets = {
    style: styles,
    scripts,
    policy: [
      "default-src 'none'",
      `script-src ${scripts.map(hashOf).join(' ')}`,
      `style-src ${hashOf(styles)}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
    ].join('; '),
  }
  return assets
}

function clientScript(): string {
  const folder = path.join(packageRoot, 'lib/report/dashboard/client')
  const texts = modules.map((name) => readFileSync(path.join(folder, `${name}.js`), 'utf8'))
  return `(() => {\n'use strict'\n${texts.map(withoutModule).join('\n')}\n})()\n`
}

/** One after the other, modules need neither imports nor exports. */
const withoutModule = (text: string): string =>
  text
    .replace(/^import [^;]*? from '\.\/[a-z]+\.js'\n/gm, '')
    .replace(/^export (?=function|const|class)/gm, '')

/** A script must not hold what would end its element. */
const insideElement = (script: string): string => script.replace(/<\/(?=script)/gi, '<\\/')

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
