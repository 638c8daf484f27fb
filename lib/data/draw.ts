import { EverlearnError } from '../error.ts'
import type { StepPlan } from './batch.ts'
import type { Corpus } from './corpus.ts'
import { layOut, placeOf, textAt } from './layout.ts'
import { createPermutation } from './permutation.ts'
import { createRandom, type Random } from './random.ts'
import type { DataSource } from './source.ts'
import type { Annotation, Input, SentenceTask, TokenTask } from './task.ts'

/** An input with what the step's token tasks say of it, in the order of the plan. */
export interface DrawnInput {
  input: Input
  /** The ids that the encoder sees. */
  ids: Int32Array
  annotations: Annotation[]
}

const mostAttempts = 10_000

/** Slots of one epoch of a corpus. */
export const epochLength = (
  { maxLength }: DataSource,
  { kind, documentCount, tokenCount }: Corpus,
): number => (kind === 'pairs' ? documentCount : Math.ceil(tokenCount / maxLength))

/**
 * The token at which the text of a slot starts. A corpus is cut into windows of one input's length; an epoch goes
 * through them in a keyed order, so long documents are drawn in proportion to their length, and moves the cuts, so
 * that the ends which do not fit into an input are others each time. Of a corpus of pairs an epoch draws each row once.
 *
 * @param slot counted over the whole run, see StepPlan.firstSlot
 */
export function windowOfSlot(source: DataSource, corpusName: string, slot: number): number {
  const { seed, maxLength } = source
  const { kind, documentStart, tokenCount } = source.corpora[corpusName]
  const length = epochLength(source, source.corpora[corpusName])
  const epoch = Math.floor(slot / length)
  if (kind === 'pairs') {
    return documentStart(createPermutation(length, seed, 'rows', corpusName, epoch)(slot % length))
  }
  const place = createPermutation(length, seed, 'windows', corpusName, epoch)(slot % length)
  const shift = createRandom(seed, 'window shift', corpusName, epoch).below(maxLength)
  return (place * maxLength + shift) % tokenCount
}

/** The input of one slot of a step and its labels: a pure function of the source, the plan and the slot. */
export function drawSlot(source: DataSource, plan: StepPlan, slot: number): DrawnInput {
  const window = windowOfSlot(source, plan.corpus, plan.firstSlot + slot)
  const input = plan.sentenceTask
    ? drawSentences(source, plan, slot, window)
    : textOnly(source, plan.corpus, window)
  return annotate(source, plan, slot, input)
}

function textOnly({ corpora, maxLength }: DataSource, corpusName: string, window: number): Input {
  const corpus = corpora[corpusName]
  const { document, token } = placeOf(corpus, window)
  return layOut(corpus.vocabulary, [textAt(document, token, maxLength - 2)])
}

function drawSentences(source: DataSource, plan: StepPlan, slot: number, firstWindow: number): Input {
  const { seed, maxLength } = source
  const corpus = source.corpora[plan.corpus]
  const task = source.tasks[plan.sentenceTask as string] as SentenceTask
  const elsewhere = createRandom(seed, 'another window', plan.step, slot)
  let window = firstWindow
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const random = createRandom(seed, task.name, plan.step, slot)
    const input = task.draw({ corpus, vocabulary: corpus.vocabulary, maxLength, window }, random)
    if (input) {
      const length = input.ids.length
      if (length > maxLength)
        throw invalid(task.name, `drew an input of ${length} tokens, more than ${maxLength}`)
      checkLabel(task.name, input.label, task.classNames.length)
      return input
    }
    window = anyWindow(corpus, elsewhere)
  }
  throw new EverlearnError(
    'TASK_NEEDS',
    `${task.name} found nothing to draw at ${mostAttempts} places of ${corpus.directory}: it needs ${task.needs}; ` +
      'give it another corpus, or leave the task out',
  )
}

function anyWindow({ kind, documentCount, documentStart, tokenCount }: Corpus, random: Random): number {
  return kind === 'pairs' ? documentStart(random.below(documentCount)) : random.below(tokenCount)
}

function annotate(source: DataSource, plan: StepPlan, slot: number, input: Input): DrawnInput {
  const corpus = source.corpora[plan.corpus]
  const { vocabulary } = corpus
  let ids = input.ids
  let taken: Int32Array | undefined
  const annotations = new Array<Annotation>(plan.tokenTasks.length)
  for (const index of changingFirst(source, plan.tokenTasks)) {
    const task = source.tasks[plan.tokenTasks[index]] as TokenTask
    const random = createRandom(source.seed, task.name, plan.step, slot)
    const annotation = task.annotate(input, random, { corpus, vocabulary, progress: plan.progress, taken })
    checkAnnotation(task, annotation, input, vocabulary.size)
    annotations[index] = annotation
    if (annotation.ids) {
      if (ids === input.ids) ids = input.ids.slice()
      for (let i = 0; i < annotation.positions.length; i++) ids[annotation.positions[i]] = annotation.ids[i]
      taken = taken ? Int32Array.from([...taken, ...annotation.positions]).sort() : annotation.positions
    }
  }
  return { input, ids, annotations }
}

/** Tasks that change ids come first, so that the others know which positions cannot be read. */
function changingFirst({ tasks }: DataSource, names: string[]): number[] {
  const changes = (index: number) => (tasks[names[index]] as TokenTask).head.kind === 'masked-language-model'
  return [...names.keys()].sort((a, b) => Number(changes(b)) - Number(changes(a)))
}

function checkAnnotation(
  task: TokenTask,
  annotation: Annotation,
  input: Input,
  vocabularySize: number,
): void {
  const { positions, labels, ids } = annotation
  const classes = task.head.kind === 'masked-language-model' ? vocabularySize : task.head.classNames.length
  if (labels.length !== positions.length || (ids && ids.length !== positions.length)) {
    throw invalid(
      task.name,
      `gave ${positions.length} positions, ${labels.length} labels, ${ids?.length ?? 0} ids`,
    )
  }
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]
    if (!(position >= 0 && position < input.ids.length) || input.words[position] < 0) {
      throw invalid(
        task.name,
        `labelled position ${position}, which is no text of an input of ${input.ids.length}`,
      )
    }
    if (i > 0 && position <= positions[i - 1]) throw invalid(task.name, 'gave positions that do not ascend')
    checkLabel(task.name, labels[i], classes)
    if (ids) checkLabel(task.name, ids[i], vocabularySize)
  }
}

function checkLabel(task: string, label: number | undefined, classes: number): void {
  if (label === undefined || !(label >= 0 && label < classes)) {
    throw invalid(task, `gave the label ${label}, outside of its ${classes} classes`)
  }
}

function invalid(task: string, what: string): EverlearnError {
  return new EverlearnError('TASK_INVALID', `the task ${task} ${what}`)
}
