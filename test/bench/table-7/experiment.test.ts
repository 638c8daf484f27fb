import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { compareMethods } from '../../../bench/table-7/compare-methods.ts'
import { runExperiment } from '../../../bench/table-7/experiment.ts'
import { resultsPage } from '../../../bench/table-7/page/results-page.ts'
import { type Settings, settingsAt } from '../../../bench/table-7/settings.ts'
import { resultsText } from '../../../bench/table-7/text-table.ts'
import { plumExamples, plumTask } from '../../helpers/text-classes.ts'
import { temporaryFolder, tinyText } from '../../helpers/tiny-run.ts'

const small: Settings = {
  ...settingsAt(1),
  seeds: [1, 2],
  iterations: 5,
  text: 'text.txt',
  vocabularySize: 300,
  plan: {
    encoder: { layers: 1, hiddenSize: 32, heads: 2 },
    tokensPerStep: 200,
    maxLength: 32,
    schedule: { type: 'linear', learningRate: 1e-3, warmup: 2 },
    precision: 'float32',
    evaluate: { sequences: 16 },
    workers: 0,
  },
  probes: [{ task: plumTask, train: 'train.tsv', dev: 'dev.tsv', rows: 24, epochs: 1 }],
  fineTuning: { learningRate: 1e-3, batchSize: 8, maxLength: 32, dropout: 0, newPooler: true },
}

/** Text and a probe by hand. */
function dataFolder(folder: string): string {
  const data = path.join(folder, 'data')
  mkdirSync(data)
  writeFileSync(path.join(data, 'text.txt'), tinyText(80))
  for (const [name, count] of [
    ['train.tsv', 40],
    ['dev.tsv', 20],
  ] as const) {
    const rows = plumExamples(count, count).map(
      ({ texts, label }) => `${texts[0]}\t${plumTask.labels[label]}\n`,
    )
    writeFileSync(path.join(data, name), `text\tlabel\n${rows.join('')}`)
  }
  return data
}

test('the experiment runs, is kept, goes on, and makes a page', async (t) => {
  const folder = temporaryFolder(t)
  const places = { data: dataFolder(folder), out: path.join(folder, 'out'), quiet: true }
  mkdirSync(places.out)
  const yielded: number[][] = []
  for await (const seeds of runExperiment(small, { ...places, seeds: [1] })) {
    yielded.push(seeds.map(({ seed }) => seed))
  }
  let last = null
  for await (const seeds of runExperiment(small, places)) {
    yielded.push(seeds.map(({ seed }) => seed))
    last = compareMethods(small, seeds)
  }
  t.deepEqual(yielded, [[1], [1], [1, 2]])
  const results = last!

  // With 5 iterations of each of 4 tasks: stages of 2, 3, 4 and 5 steps; one of 5; four of 5.
  t.deepEqual(
    results.methods.map(({ method, steps }) => [method, steps]),
    [
      ['continual-multi-task', 14],
      ['multi-task', 5],
      ['continual', 20],
      ['none', 0],
    ],
  )
  const [multi, alone] = [results.methods[1], results.methods[2]]
  t.deepEqual(multi.heldOut?.matrix.stages, [1])
  t.is(multi.heldOut?.transfer, null)
  t.deepEqual(alone.heldOut?.matrix.stages, [1, 2, 3, 4])
  t.deepEqual(
    alone.heldOut?.matrix.values.map((row) => row.map((value) => value !== null)),
    [0, 1, 2, 3].map((task) => [0, 1, 2, 3].map((stage) => stage >= task)),
  )
  t.is(results.majority.plum, 0.5)

  // A result that is lost comes again as it was, without what it is made from being made again.
  const lost = path.join(places.out, 'results', 'continual-seed-2-plum-linear.json')
  const before = readFileSync(lost, 'utf8')
  rmSync(lost)
  for await (const _ of runExperiment(small, places)) t.pass()
  t.is(readFileSync(lost, 'utf8'), before)

  const page = resultsPage(results)
  for (const part of ['continual multi-task', 'not pre-trained', 'Backward transfer', 'plum'])
    t.true(page.includes(part), part)
  t.notRegex(page, /<script|NaN|undefined|https?:/)
  t.notRegex(resultsText(results), /NaN|undefined/)
  t.regex(resultsText(results), /not decided at this size.* With 2 of the seeds no test can say so/)

  await t.throwsAsync(runExperiment({ ...small, iterations: 6 }, places).next(), {
    code: 'OUT_EXISTS',
    message: /other settings/,
  })
  t.false(existsSync(path.join(places.out, 'results', 'continual-seed-3.json')))
})
