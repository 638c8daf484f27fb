import { type Corpus, openCorpus } from '../../data/corpus.ts'
import { readManifest } from '../../data/manifest.ts'
import { meanInputLength } from '../../data/measure.ts'
import { closeSource, type DataSource, openSource } from '../../data/source.ts'
import type { Task } from '../../data/task.ts'
import { checkNamed, checkServed, tasksOfCorpus } from '../matrix.ts'
import { allTasks, plannedTask, type RunPlan } from '../run-plan.ts'
import { type RunStages, runStages } from '../schedule/run-stages.ts'
import type { CorpusShare } from '../schedule/sampler.ts'
import { lengthKey, lengthsNeeded, planSteps, type RunSteps } from '../schedule/steps.ts'
import { checkJudged } from '../setup.ts'

/** A corpus of a plan, whether it is there or not. */
export interface PlannedText {
  name: string
  path: string
  /** Tasks that it serves; where it is missing and the plan names none, all that running text can serve. */
  tasks: string[]
  /** Null where it is missing. */
  corpus: Pick<Corpus, 'kind' | 'tokenCount' | 'documentCount'> | null
}

/** What a plan asks of its data. */
export interface PlannedData {
  tasks: Record<string, Task>
  stages: RunStages
  steps: RunSteps
  corpora: PlannedText[]
  heldOut: PlannedText[]
  /** Tokens of a step's inputs on average, by `lengthKey`: of a corpus that is missing they are taken to be the longest. */
  meanLengths: Record<string, number>
  /** Pieces; null where no corpus is there to tell. */
  vocabularySize: number | null
}

/**
 * Looks at a plan as training would, but corpora may be missing.
 *
 * @throws EverlearnError what is wrong with the plan, its tasks, and the corpora that are there
 */
export async function planData(plan: RunPlan): Promise<PlannedData> {
  const parts = [plan, ...plan.changes.filter((change) => 'add' in change)]
  const corpora = parts.flatMap((part, index) =>
    Object.entries(part.corpora).map(([name, corpus]) => ({ name, ...corpus, part: index })),
  )
  const source = await openSource({
    seed: plan.seed,
    maxLength: plan.maxLength,
    corpora: corpora.filter(({ path }) => isThere(path)).map(({ name, path }) => ({ name, directory: path })),
    tasks: allTasks(plan).map((task) => plannedTask(task).description),
  })
  const heldOut: Corpus[] = []
  try {
    const { tasks } = source
    const names = Object.keys(tasks)
    const stages = runStages(plan, names)
    const textOf = (
      { name, path, tasks: named }: { name: string; path: string; tasks?: string[] },
      corpus: Corpus | undefined,
      what: string,
    ): PlannedText => {
      if (!corpus) checkNamed(named ?? [], names, what)
      const served = corpus ? tasksOfCorpus(corpus, named, tasks, what) : (named ?? textTasks(tasks))
      return { name, path, tasks: served, corpus: corpus ? factsOf(corpus) : null }
    }
    const texts = corpora.map((each) => textOf(each, source.corpora[each.name], `the corpus ${each.name}`))
    if (texts.every(({ corpus }) => corpus)) {
      checkServed(
        tasks,
        texts.map(({ name, tasks }) => ({ corpus: source.corpora[name], tasks })),
      )
    }
    const [first] = Object.values(source.corpora)
    const heldOutTexts = parts.flatMap((part) =>
      Object.entries(part.heldOut).map(([name, each]) => {
        const corpus = isThere(each.path)
          ? openCorpus(each.path, { vocabulary: first?.vocabulary })
          : undefined
        if (corpus) heldOut.push(corpus)
        return textOf({ name, ...each }, corpus, `the held-out corpus ${name}`)
      }),
    )
    const { best } = plan.checkpoint
    checkJudged(
      [...Object.keys(stages.patience), ...(best ? [best] : [])],
      names,
      Object.fromEntries(heldOutTexts.map(({ name, tasks }) => [name, tasks])),
    )
    const shares = texts.map(({ name, tasks }, index): CorpusShare => {
      const { weight, part } = corpora[index]
      return { name, weight, tasks, since: part === 0 ? 0 : stages.planned + part - 1 }
    })
    const kinds = Object.fromEntries(names.map((name) => [name, tasks[name].kind]))
    const meanLengths = lengthsOf(source, shares, kinds)
    return {
      tasks,
      stages,
      steps: planSteps({
        stages: stages.table,
        kinds,
        corpora: shares,
        seed: plan.seed,
        tokensPerStep: plan.tokensPerStep,
        meanLengths,
        cuts: stages.retired,
      }),
      corpora: texts,
      heldOut: heldOutTexts,
      meanLengths,
      vocabularySize: (first ?? heldOut[0])?.vocabulary.size ?? null,
    }
  } finally {
    closeSource(source)
    for (const corpus of heldOut) corpus.close()
  }
}

function isThere(directory: string): boolean {
  try {
    readManifest(directory)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'CORPUS_MISSING') return false
    throw error
  }
}

const textTasks = (tasks: Record<string, Task>): string[] =>
  Object.keys(tasks).filter((name) => (tasks[name].corpora ?? ['text']).includes('text'))

const factsOf = ({ kind, tokenCount, documentCount }: Corpus) => ({ kind, tokenCount, documentCount })

function lengthsOf(
  source: DataSource,
  shares: CorpusShare[],
  kinds: Record<string, 'sentence' | 'token'>,
): Record<string, number> {
  return Object.fromEntries(
    lengthsNeeded(kinds, shares).map(({ corpus, sentenceTask }) => [
      lengthKey(corpus, sentenceTask),
      source.corpora[corpus] ? meanInputLength(source, corpus, sentenceTask) : source.maxLength,
    ]),
  )
}
