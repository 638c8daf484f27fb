import { createHash } from 'node:crypto'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { pageAssets } from '../../../lib/report/dashboard/assets.ts'
import { mainHtml, type PageContent, page } from '../../../lib/report/dashboard/page.ts'
import { jsonScript } from '../../../lib/report/html/json-script.ts'
import { openRunReader } from '../../../lib/report/run/read-run.ts'
import type { RunReport } from '../../../lib/report/run/run-report.ts'
import { openRunsFolder } from '../../../lib/report/run/runs-folder.ts'
import { attributeOf, elementsOf } from '../../helpers/html.ts'
import { temporaryFolder } from '../../helpers/tiny-run.ts'
import { wholeRun, writeRun, writtenTasks } from '../../helpers/written-run.ts'

const hostile = '</script><script>alert("x&y\')</script>'

async function contentOf(t: ExecutionContext, names: string[], lines = wholeRun()): Promise<PageContent> {
  const root = temporaryFolder(t)
  const folder = openRunsFolder(root)
  const runs: RunReport[] = []
  for (const name of names) {
    writeRun(path.join(root, name)).append(...lines)
    runs.push(await openRunReader(folder, name).read())
  }
  return { title: 'Runs', source: '/runs', runs }
}

/** Text from outside in every place where there is some. */
async function hostileContent(t: ExecutionContext): Promise<PageContent> {
  const { runs } = await contentOf(t, ['a', 'b'])
  const spoilt = JSON.parse(
    JSON.stringify(runs)
      .replaceAll('"knowledge-masking"', JSON.stringify(hostile))
      .replaceAll('"accuracy"', JSON.stringify(`figure ${hostile}`)),
  ) as RunReport[]
  for (const run of spoilt) {
    run.name = `${run.name} ${hostile}`
    run.checkpoint = run.updated = hostile
    run.settings = { ...run.settings, title: hostile, method: hostile, encoder: hostile, precision: hostile }
    const judgement = { at: 1, label: hostile, predictions: [{ name: hostile, probability: 0.5 }] }
    const inputs = [{ pieces: ['[CLS]', hostile, '##s'], length: 9, judgements: [judgement] }]
    run.samples = [
      {
        stage: 1,
        step: 20,
        tasks: (['masking', 'tokens', 'class'] as const).map((kind) => ({
          task: `${kind} ${hostile}`,
          corpus: hostile,
          language: 'en" onclick="x',
          kind,
          inputs,
        })),
      },
    ]
  }
  const choices = spoilt.map(({ name, state, step, steps }) => ({ name, state, step, steps }))
  return { title: hostile, source: hostile, runs: spoilt, choices }
}

test('the page is well formed, and text from outside is text on it', async (t) => {
  const written = page(await hostileContent(t))
  const elements = elementsOf(t, written)
  const [body] = elements.filter(({ name }) => name === 'body')
  t.true(body.text.split(hostile).length > 40, String(body.text.split(hostile).length))
  t.is(elements.filter(({ name }) => name === 'script').length, 3)
  for (const { attributes } of elements)
    for (const [, name] of attributes.matchAll(/ ([a-zA-Z0-9-]+)(?:="[^"]*")?/g)) t.notRegex(name, /^on/)
  t.false(written.includes(hostile))
})

test('the policy allows the scripts and the style of the page, and nothing else', async (t) => {
  const written = page(await contentOf(t, ['a']))
  const hashes = (pattern: RegExp) =>
    [...written.matchAll(pattern)].map(
      ([, text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
    )
  const policy = Object.fromEntries(
    pageAssets()
      .policy.split('; ')
      .map((part) => [part.split(' ')[0], part.split(' ').slice(1)]),
  )
  t.deepEqual(policy['script-src'], hashes(/<script>([\s\S]*?)<\/script>/g))
  t.deepEqual(policy['style-src'], hashes(/<style>([\s\S]*?)<\/style>/g))
  t.deepEqual(policy['default-src'], ["'none'"])
  t.deepEqual(policy['connect-src'], ["'self'"])
  const [meta] = elementsOf(t, written).filter((each) => attributeOf(each, 'http-equiv'))
  t.is(attributeOf(meta, 'content'), pageAssets().policy)
})

test('the page needs nothing from elsewhere, and no style beside its own', async (t) => {
  const elements = elementsOf(t, page(await contentOf(t, ['a', 'b'])))
  for (const element of elements) {
    t.false(['link', 'img', 'iframe', 'object', 'base'].includes(element.name))
    for (const name of ['src', 'style', 'srcset']) t.is(attributeOf(element, name), undefined)
    const address = attributeOf(element, 'href')
    if (address !== undefined) t.regex(address, /^#/)
  }
})

test('ids are unique, what is referred to is there, and headings descend by one', async (t) => {
  for (const names of [['a'], ['a', 'b', 'c']]) {
    const elements = elementsOf(t, page(await contentOf(t, names)))
    const ids = elements.flatMap((each) => attributeOf(each, 'id') ?? [])
    t.is(new Set(ids).size, ids.length)
    for (const element of elements) {
      for (const name of ['aria-labelledby', 'aria-describedby'])
        for (const id of attributeOf(element, name)?.split(' ') ?? []) t.true(ids.includes(id), id)
      const address = attributeOf(element, 'href')
      if (address) t.true(ids.includes(address.slice(1)), address)
    }
    const levels = elements.filter(({ name }) => /^h[1-6]$/.test(name)).map(({ name }) => Number(name[1]))
    t.is(levels[0], 1)
    levels.slice(1).forEach((level, index) => {
      t.true(level > 1 && level - levels[index] <= 1)
    })
  }
})

test('every chart has a name, its content in words and a table of it', async (t) => {
  const content = await contentOf(t, ['a', 'b'])
  const { markup } = mainHtml(content)
  const data = JSON.parse(/id="charts">(.*?)<\/script>/s.exec(markup)?.[1] ?? '')
  t.deepEqual(
    data.charts.map(({ title }: { title: string }) => title),
    [
      ...writtenTasks.flatMap(() => ['Loss', 'Accuracy in training', 'Held-out accuracy']),
      'Tokens per second',
      'Share of the GEMM peak',
      'Memory of the process',
      'Memory of tensors',
      'Gradient norm (largest)',
      'Learning rate',
      'Skipped steps so far',
    ],
  )
  t.deepEqual(
    data.runs[0].boundaries,
    [20, 50, 90, 140].map((step, index) => ({ step, stage: index + 1 })),
  )
  const figures = [...markup.matchAll(/<figure.*?<\/figure>/gs)].map(([figure]) => figure)
  t.is(figures.length, data.charts.length)
  figures.forEach((figure, index) => {
    const { id, title, series } = data.charts[index]
    t.true(figure.includes(` data-chart="${id}"`))
    t.regex(figure, new RegExp(`<h[34] id="title-${id}">${title.replace(/[()]/g, '\\$&')}`))
    t.regex(figure, new RegExp(`id="summary-${id}">[^<]+ step `))
    t.is(figure.split('<th scope="col" class="number">').length - 1, series.length)
    t.true(figure.split('<th scope="row">').length > 1)
  })
})

test('budgets and forgetting stand in tables', async (t) => {
  const elements = elementsOf(t, page(await contentOf(t, ['a'])))
  const texts = elements.filter(({ name }) => name === 'table').map(({ text }) => text)
  const budgets = texts.find((text) => text.includes('in all'))
  t.regex(budgets ?? '', /knowledge-masking\s*20101010\s*50\s*capitalization–301010\s*50/)
  const matrix = texts.find((text) => text.includes('backward transfer'))
  t.regex(
    matrix ?? '',
    /knowledge-maskingaccuracy12\.5 %50\.0 %25\.0 %▼ −25\.037\.5 %▼ −12\.537\.5 %▼ −12\.5▼ −12\.5/,
  )
  // -0.125, 0.25 and -0.25 for three tasks.
  t.regex(matrix ?? '', /mean backward transfer−4\.2 points/)
})

test('a run that has not begun, and no run at all, make a page', async (t) => {
  const waiting = elementsOf(t, page(await contentOf(t, ['a'], [])))
  t.true(waiting[0].text.includes('nothing logged yet'))
  const none = elementsOf(t, page({ title: 'Runs', source: '/runs', runs: [], choices: [] }))
  t.true(none[0].text.includes('there is none in this folder yet'))
})

test('data for scripts is read back as it was, and cannot end its element', (t) => {
  const value = { text: `${hostile}<!--\u2028&amp;` }
  const { markup } = jsonScript('data', value)
  const [, json] = /^<script type="application\/json" id="data">([^<>&]*)<\/script>$/.exec(markup) ?? []
  t.deepEqual(JSON.parse(json), value)
})
