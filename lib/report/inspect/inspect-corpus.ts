import type { Corpus } from '../../data/corpus.ts'
import { builtInTaskNames, type TaskDescription } from '../../data/load-task.ts'
import { closeSource, type DataSource, openSource } from '../../data/source.ts'
import { EverlearnError } from '../../error.ts'
import { corpusStatistics } from './corpus-statistics.ts'
import type { CorpusFacts, Inspection } from './inspection.ts'
import { balanceOf } from './task-balance.ts'
import { samplesOf } from './task-samples.ts'

export interface InspectOptions {
  /** Directory of the corpus. */
  corpus: string
  /** Tasks whose samples are wanted: a sentence task and token tasks that ride on its input, or token tasks alone. */
  tasks?: readonly TaskDescription[]
  /** Samples to draw, 5 unless told. */
  count?: number
  /** Whether statistics are wanted too; without tasks they always are. */
  statistics?: boolean
  /** Inputs that the label balance of each task is drawn from, 1000 unless told. */
  balanceInputs?: number
  /**
   * As in a plan, 1 unless told: the samples are those of the first step of training with these tasks where the plan
   * calls the corpus `corpus`, a name that the order of its text depends on.
   */
  seed?: number
  /** Most tokens of an input, specials included, 128 unless told. */
  maxLength?: number
  /** Stages done, which schedules of tasks go by; 0 unless told. */
  progress?: number
}

const corpusName = 'corpus'

/**
 * Looks into a corpus: samples of tasks on it as training draws them, and statistics from a sample of it.
 *
 * @throws EverlearnError what openSource and the checks of the tasks throw; `OPTION_INVALID`
 */
export async function inspectCorpus(options: InspectOptions): Promise<Inspection> {
  const {
    corpus: directory,
    tasks = [],
    count = 5,
    balanceInputs = 1000,
    seed = 1,
    maxLength = 128,
  } = options
  const { statistics = false, progress = 0 } = options
  checkWhole('the number of samples', count, 1)
  checkWhole('the number of inputs for the label balance', balanceInputs, 1)
  checkWhole('the seed', seed, 0)
  checkWhole('the longest input', maxLength, 16, 512)
  if (!(progress >= 0)) throw invalid(`the progress is ${progress}; wanted is a number of 0 or more`)
  const corpora = [{ name: corpusName, directory }]
  const source = await openSource({ seed, maxLength, corpora, tasks: [...tasks] })
  try {
    const corpus = source.corpora[corpusName]
    const inspection: Inspection = { corpus: factsOf(corpus), seed, maxLength }
    if (tasks.length > 0) {
      checkTasks(source, corpus)
      const given = Object.fromEntries(
        Object.keys(source.tasks).map((name, index) => [name, tasks[index].options ?? {}]),
      )
      const drawing = { corpus: corpusName, tasks: Object.keys(source.tasks), count, progress }
      inspection.samples = samplesOf(source, drawing, given)
    }
    if (statistics || tasks.length === 0) {
      const all = await withBuiltInTasks(source)
      inspection.statistics = {
        ...corpusStatistics(corpus, seed),
        tasks: Object.keys(all.tasks).map((task) =>
          balanceOf(all, { corpus: corpusName, task, count: balanceInputs, progress }),
        ),
      }
    }
    return inspection
  } finally {
    closeSource(source)
  }
}

function factsOf({ directory, kind, annotated, vocabulary, manifest }: Corpus): CorpusFacts {
  const { language, lowerCase, counts } = manifest
  return { directory, kind, language, lowerCase, annotated, vocabulary: vocabulary.size, counts }
}

function checkTasks({ tasks }: DataSource, corpus: Corpus): void {
  const sentenceTasks = Object.values(tasks).filter(({ kind }) => kind === 'sentence')
  if (sentenceTasks.length > 1) {
    throw invalid(
      `${sentenceTasks.map(({ name }) => name).join(' and ')} each lay an input out; ` +
        'inspect one of them at a time, with token tasks only beside it',
    )
  }
  for (const task of Object.values(tasks)) task.check?.(corpus)
}

/** The source with the built-in tasks that it has not, at their default options. */
async function withBuiltInTasks(source: DataSource): Promise<DataSource> {
  const names = (await builtInTaskNames()).filter((name) => !Object.hasOwn(source.tasks, name))
  const { seed, maxLength } = source
  const { tasks } = await openSource({ seed, maxLength, corpora: [], tasks: names.map((task) => ({ task })) })
  return { ...source, tasks: { ...source.tasks, ...tasks } }
}

function checkWhole(what: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
  throw invalid(`${what} is ${value}; wanted is a whole number ${range}`)
}

function invalid(message: string): EverlearnError {
  return new EverlearnError('OPTION_INVALID', message)
}
