import { createHash } from 'node:crypto'
import path from 'node:path'
import type { z } from 'zod'
import type { TaskDescription } from '../data/load-task.ts'
import { EverlearnError } from '../error.ts'
import { encoderSizes } from '../nn/config.ts'
import { type CheckedPlan, planSchema } from './plan.ts'

/** A corpus of a run, the tasks still as the plan gives them. */
export interface PlannedCorpus {
  path: string
  weight: number
  tasks?: string[]
}

export interface PlannedTask {
  description: TaskDescription
  weight: number
}

type Encoder = Exclude<CheckedPlan['encoder'], string>

/**
 * A plan with every choice made: defaults filled in, shorthand written out, paths absolute. It is a plan itself, and
 * reading it again gives the same one.
 */
export interface RunPlan
  extends Omit<CheckedPlan, 'encoder' | 'corpora' | 'heldOut' | 'tasks' | 'microBatch' | 'changes'> {
  encoder: Encoder
  corpora: Record<string, PlannedCorpus>
  heldOut: Record<string, Omit<PlannedCorpus, 'weight'>>
  tasks: RunTask[]
  microBatch: { tokens: number; sequences: number; masked: number }
  changes: RunChange[]
}

type RunTask = { task: string; name?: string; weight: number } & Record<string, unknown>

/** What was done to a run after it began. */
export type RunChange =
  | {
      add: RunTask
      corpora: Record<string, PlannedCorpus>
      heldOut: Record<string, Omit<PlannedCorpus, 'weight'>>
      iterations: number
    }
  | { retire: string; step: number }

/**
 * Checks a plan and fills it in.
 *
 * @param directory what its relative paths start from
 * @param source what to call it in an error, such as the file's name
 * @throws EverlearnError `PLAN_INVALID`
 */
export function checkPlan(given: unknown, directory: string, source = 'the plan'): RunPlan {
  const result = planSchema.safeParse(given)
  if (!result.success) throw invalid(source, describe(result.error.issues))
  const plan = result.data
  const at = (relative: string) => path.resolve(directory, relative)
  const place = <T extends { path: string }>(corpus: T | string) =>
    typeof corpus === 'string' ? { path: at(corpus) } : { ...corpus, path: at(corpus.path) }

  if (Object.keys(plan.corpora).length === 0) {
    throw invalid(source, 'corpora is empty; name at least one, such as { books: "corpus/train" }')
  }
  const corporaOf = (corpora: CheckedPlan['corpora']) =>
    mapValues(corpora, (corpus) => ({ weight: 1, ...place(corpus) }))
  const taskOf = (entry: CheckedPlan['tasks'][number]): RunTask => {
    const task = typeof entry === 'string' ? { task: entry, weight: 1 } : entry
    return { ...task, task: isTaskFile(task.task) ? at(task.task) : task.task }
  }
  return {
    ...plan,
    encoder: checkEncoder(plan.encoder, at, source),
    corpora: corporaOf(plan.corpora),
    heldOut: mapValues(plan.heldOut, place),
    tasks: plan.tasks.map(taskOf),
    microBatch: checkMicroBatch(plan, source),
    changes: plan.changes.map((change) =>
      'retire' in change
        ? change
        : {
            ...change,
            add: taskOf(change.add),
            corpora: corporaOf(change.corpora),
            heldOut: mapValues(change.heldOut, place),
          },
    ),
  }
}

/** All tasks of a plan, those that were added to its run last. */
export const allTasks = ({ tasks, changes }: RunPlan): RunTask[] => [
  ...tasks,
  ...changes.flatMap((change) => ('add' in change ? [change.add] : [])),
]

/** How a plan's task is described to those who load it: what is no key of the plan is an option of the task. */
export function plannedTask({ task, name, weight, ...options }: RunPlan['tasks'][number]): PlannedTask {
  return { description: { task, name, options }, weight }
}

/**
 * Hash of everything in a plan that its results depend on; the corpora and task files themselves are hashed apart, and so
 * are changes.
 */
export function planHash(plan: RunPlan): string {
  const {
    name,
    checkpoint,
    log,
    workers,
    device,
    activationCheckpointing,
    cudaGraphs,
    changes,
    ...decisive
  } = plan
  // Only of corpora does the order decide anything, and an array keeps it.
  return hashOf([withoutPaths(decisive), Object.keys(plan.corpora)])
}

/** Hash of each change, in their order. */
export const changeHashes = ({ changes }: RunPlan): string[] =>
  changes.map((change) => hashOf('add' in change ? withoutPaths(change) : change))

const withoutPaths = <T extends Pick<RunPlan, 'corpora' | 'heldOut'>>({ corpora, heldOut, ...rest }: T) => {
  const placeless = (corpora: Record<string, { path: string }>) =>
    mapValues(corpora, ({ path, ...rest }) => rest)
  return { ...rest, corpora: placeless(corpora), heldOut: placeless(heldOut) }
}

const hashOf = (content: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(content)))
    .digest('hex')

/** The same value with the keys of all objects in order of the alphabet. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}

function checkEncoder(given: CheckedPlan['encoder'], at: (path: string) => string, source: string): Encoder {
  const encoder: Encoder = typeof given === 'string' ? { size: given } : { ...given }
  const { from, type, size, layers, hiddenSize, heads } = encoder
  if (from !== undefined) {
    if (type === 'lstm') {
      throw invalid(source, 'encoder.from continues from a Transformer; an LSTM starts anew: leave out from')
    }
    const others = Object.keys(encoder).filter((key) => key !== 'from' && key !== 'type')
    if (others.length > 0) {
      throw invalid(
        source,
        `encoder has ${others.join(', ')} beside from; a model's own folder decides them, so leave them out`,
      )
    }
    return { from: at(from) }
  }
  const attention = (['heads', 'intermediateSize'] as const).filter((key) => encoder[key] !== undefined)
  if (type === 'lstm' && attention.length > 0) {
    throw invalid(source, `encoder has ${attention.join(', ')}, which an LSTM has not; leave them out`)
  }
  const numbers = type === 'lstm' ? [layers, hiddenSize] : [layers, hiddenSize, heads]
  if (size === undefined && numbers.includes(undefined)) {
    throw invalid(
      source,
      type === 'lstm'
        ? 'encoder needs a size (mini, small, base, large), or layers and hiddenSize'
        : 'encoder needs a size (mini, small, base, large), from: FOLDER, or layers, hiddenSize and heads',
    )
  }
  return encoder
}

/** Multiplications of a forward pass that are done in a second or so on two cores, as layers × hidden size² × tokens. */
const passWork = 4e9

/** Most tokens of a pass by default. */
const passTokens = { processor: 4096, gpu: 16384 }

/**
 * A pass holds every possible input. By default it is large enough for products of matrices to run at full speed, and over
 * soon enough for a run to be stopped between two passes.
 */
function checkMicroBatch(
  { microBatch, tokensPerStep, maxLength, encoder, device }: CheckedPlan,
  source: string,
): RunPlan['microBatch'] {
  const { layers, hiddenSize } = sizeOf(encoder)
  const most = device?.startsWith('cuda')
    ? passTokens.gpu
    : Math.min(passTokens.processor, passWork / (layers * hiddenSize ** 2))
  const usual = Math.max(maxLength, Math.min(most, Math.ceil(tokensPerStep * 1.25)))
  const tokens = microBatch.tokens ?? Math.ceil(usual / 64) * 64
  const sequences = microBatch.sequences ?? Math.max(16, Math.ceil(tokens / 16))
  const masked = microBatch.masked ?? Math.max(maxLength, Math.ceil(tokens / 4))
  if (tokens % 64 !== 0 || tokens < maxLength) {
    throw invalid(
      source,
      `microBatch.tokens is ${tokens}; a multiple of 64 that is at least maxLength (${maxLength}) is wanted`,
    )
  }
  if (masked < maxLength) {
    throw invalid(source, `microBatch.masked is ${masked}; at least maxLength (${maxLength}) is wanted`)
  }
  return { tokens, sequences, masked }
}

/** Layers and hidden size of an encoder; one from a folder is taken for a base one. */
function sizeOf(encoder: CheckedPlan['encoder']): { layers: number; hiddenSize: number } {
  const {
    size = 'base',
    layers,
    hiddenSize,
  }: Encoder = typeof encoder === 'string' ? { size: encoder } : encoder
  return {
    layers: layers ?? encoderSizes[size].layers,
    hiddenSize: hiddenSize ?? encoderSizes[size].hiddenSize,
  }
}

/** Whether a task is given by its file, not by the name of a built-in one. */
export const isTaskFile = (task: string) => /^\.{0,2}\/|\.[cm]?[jt]s$/.test(task)

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

/** The first problem in one line, and how many more there are. */
function describe(issues: z.core.$ZodIssue[]): string {
  const [issue] = issues
  const rest = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return `${where(issue.path)}${what(issue)}${rest}`
}

function where(keys: PropertyKey[]): string {
  const name = keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
  return name === '' ? '' : `${name}: `
}

function what(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message.replace(/^Invalid input: /, '')
  const wanted = issue.errors.map(([first]) =>
    first.code === 'invalid_value' ? `one of ${first.values.join(', ')}` : what(first),
  )
  return `wanted ${wanted.join(', or ').replaceAll('expected ', '')}`
}

function invalid(source: string, message: string): EverlearnError {
  return new EverlearnError('PLAN_INVALID', `${source}: ${message}`)
}
