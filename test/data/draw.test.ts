import test from 'ava'
import { drawSlot } from '../../lib/data/draw.ts'
import { layOut, placeOf } from '../../lib/data/layout.ts'
import type { SentenceTask } from '../../lib/data/task.ts'
import { corpusFromDocuments, smallVocabulary } from '../helpers/corpus.ts'

test('a task that cannot use a row of pairs is given another, long rows no oftener than short ones', (t) => {
  const lengths = [1, 100, 1, 1]
  const corpus = corpusFromDocuments(
    lengths.map((length) => ({ text: [['a'], ['b '.repeat(length)]] })),
    smallVocabulary(),
    { kind: 'pairs' },
  )
  const rows = [0, 0, 0, 0]
  const task: SentenceTask = {
    kind: 'sentence',
    name: 'second',
    classNames: ['one'],
    needs: 'patience',
    draw({ vocabulary, window }) {
      const { document, token } = placeOf(corpus, window)
      t.is(token, 0)
      rows[document.index]++
      return rows[document.index] % 2 === 0 ? layOut(vocabulary, [{ document, start: 0, end: 1 }], 0) : null
    },
  }
  const source = { seed: 1, maxLength: 128, corpora: { pairs: corpus }, tasks: { second: task } }
  const slots = 2000
  const plan = {
    step: 0,
    stage: 0,
    progress: 0,
    sentenceTask: 'second',
    taskId: 1,
    tokenTasks: [],
    corpus: 'pairs',
    slots,
    firstSlot: 0,
  }
  for (let slot = 0; slot < slots; slot++) drawSlot(source, plan, slot)
  const tries = rows.reduce((a, b) => a + b)
  for (const count of rows) t.true(Math.abs(count / tries - 1 / 4) < 0.05, `${rows}`)
})
