import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import documentKind from '../../examples/custom-task.ts'
import { prepare } from '../../lib/data/prepare.ts'
import { readPlan } from '../../lib/train/plan-file.ts'
import { pretrain } from '../../lib/train/pretrain.ts'
import { knowledgeMasking } from '../../tasks/pretrain/knowledge-masking.ts'
import { corpusFromDocuments, smallVocabulary } from '../helpers/corpus.ts'
import { drawInputs, isLikely, placesOf } from '../helpers/draws.ts'
import { englishCorpus, englishKinds } from '../helpers/real-text.ts'
import { temporaryFolder, tinyPlan } from '../helpers/tiny-run.ts'

const file = fileURLToPath(new URL('../../examples/custom-task.ts', import.meta.url))
const kinds = [...englishKinds]

test('is short, and uses what the package exports only', (t) => {
  const source = readFileSync(file, 'utf8')
  t.true(source.trimEnd().split('\n').length < 60)
  const modules = [...source.matchAll(/from '([^']+)'/g)].map(([, module]) => module)
  t.deepEqual(modules, ['zod', '../lib/index.ts'])
})

test('labels a text by the file that its document comes from, each kind as often', (t) => {
  const corpus = englishCorpus(20)
  const drawn = drawInputs(corpus, documentKind({ kinds }), [knowledgeMasking()], { count: 900 })
  const counts = kinds.map(() => 0)
  for (const { input } of drawn) {
    const [{ document }] = placesOf(corpus, input).filter((place) => place !== null)
    t.is(corpus.document(document).source, kinds[input.label!])
    counts[input.label!]++
  }
  for (const count of counts) t.true(isLikely(count, 900, 1 / 3), `${counts}`)
})

test('says which kinds a corpus lacks, and which options are wrong', (t) => {
  const task = documentKind({ kinds })
  t.notThrows(() => task.check?.(englishCorpus(1)))
  const books = corpusFromDocuments([{ text: 'a b', source: 'books.txt' }], smallVocabulary())
  t.throws(() => task.check?.(books), { code: 'TASK_NEEDS', message: /none from encyclopedia, dialogues/ })
  t.throws(() => documentKind({ kinds: ['one'] }), { code: 'TASK_OPTIONS', message: /document-kind.*kinds/s })
})

test('trains from a plan that gives its path', async (t) => {
  const folder = temporaryFolder(t)
  cpSync('examples/quickstart/data', path.join(folder, 'data'), { recursive: true })
  await prepare({
    inputs: kinds.map((kind) => path.join(folder, `data/${kind}.txt.gz`)),
    vocabulary: path.join(folder, 'data/vocab.txt.gz'),
    out: path.join(folder, 'corpus'),
    language: 'en',
    lowerCase: true,
    heldOut: 0.1,
  })
  const tasks = ['knowledge-masking', { task: file, kinds }]
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify({ ...tinyPlan, tasks, iterations: 3 }))
  const { trainer, close } = await pretrain(
    await readPlan(path.join(folder, 'plan.json')),
    path.join(folder, 'run'),
  )
  t.teardown(close)
  await trainer.run()
  const evaluation = trainer.session.state.evaluations.find(({ task }) => task === 'document-kind')
  t.true(evaluation !== undefined && evaluation.loss > 0)
})
