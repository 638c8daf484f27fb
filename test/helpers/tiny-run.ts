import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ExecutionContext } from 'ava'
import { prepare } from '../../lib/data/prepare.ts'
import { createRandom } from '../../lib/data/random.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import type { Plan } from '../../lib/train/plan.ts'
import { checkPlan, type RunPlan } from '../../lib/train/run-plan.ts'
import { smallVocabulary } from './corpus.ts'

const words = Array.from(
  { length: 60 },
  (_, i) => `w${String.fromCharCode(97 + (i % 26))}${'o'.repeat(1 + (i % 5))}`,
)

/** A folder that is gone after the test. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'everlearn-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Text of `documents` documents in which neighbouring sentences use the same few words. */
export function tinyText(documents: number, seed = 1): string {
  const random = createRandom(seed, 'tiny text')
  return Array.from({ length: documents }, () => {
    const topic = random.below(words.length)
    return Array.from({ length: 12 }, (_, sentence) => {
      const length = 4 + random.below(8)
      const chosen = Array.from({ length }, () => words[(topic + sentence + random.below(6)) % words.length])
      return `${chosen.join(' ')}.`.replace(/^./, (first) => first.toUpperCase())
    }).join(' ')
  }).join('\n\n')
}

/** A prepared corpus, `FOLDER/corpus/train` and `FOLDER/corpus/held-out`. */
export async function tinyCorpus(folder: string, documents = 60): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'text.txt'), tinyText(documents))
  writeFileSync(path.join(folder, 'vocab.txt'), vocabularyText(smallVocabulary([...new Set(words)])))
  await prepare({
    inputs: [path.join(folder, 'text.txt')],
    vocabulary: path.join(folder, 'vocab.txt'),
    out: path.join(folder, 'corpus'),
    language: 'en',
    lowerCase: true,
    heldOut: 0.2,
  })
}

/** A folder with a {@link tinyCorpus}, gone after the test. */
export async function folderWithCorpus(t: ExecutionContext): Promise<string> {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  return folder
}

/** A plan that is done in a second or two; paths start from the folder that {@link tinyCorpus} filled. */
export const tinyPlan: Plan = {
  name: 'tiny',
  encoder: { layers: 2, hiddenSize: 32, heads: 2 },
  corpora: { tiny: 'corpus/train' },
  heldOut: { tiny: 'corpus/held-out' },
  tasks: ['knowledge-masking', 'sentence-distance'],
  iterations: 12,
  tokensPerStep: 300,
  maxLength: 48,
  microBatch: { tokens: 192, sequences: 8, masked: 48 },
  schedule: { learningRate: 1e-3, warmup: 4 },
  checkpoint: { every: 5, keep: 2 },
  log: { every: 2, tensorboard: false },
  evaluate: { sequences: 16 },
  precision: 'float32',
  workers: 0,
}

export const tinyRunPlan = (folder: string, changes: Partial<Plan> = {}): RunPlan =>
  checkPlan({ ...tinyPlan, ...changes }, folder)

/** Contents of all files below a folder, by relative path. */
export function filesBelow(folder: string): Record<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(folder, file), readFileSync(file)]),
  )
}

/** Lines of a run's log that are of a type. */
export const linesOf = (run: string, type: string) =>
  readFileSync(path.join(run, 'log.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter((line) => line.type === type)
