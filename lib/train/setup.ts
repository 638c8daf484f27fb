import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Corpus, openCorpus } from '../data/corpus.ts'
import { meanInputLength } from '../data/measure.ts'
import { closeSource, type DataSource, openSource, type SourceDescription } from '../data/source.ts'
import { type Verification, verifyCorpora } from '../data/verify-corpora.ts'
import { EverlearnError } from '../error.ts'
import { checkServed, tasksOfCorpus } from './matrix.ts'
import { knownNames } from './nearest.ts'
import { planHash, plannedTask, type RunPlan } from './run-plan.ts'
import type { CorpusShare } from './sampler.ts'
import { checkStages, type Stage, stages } from './schedule.ts'
import { lengthKey, lengthsNeeded, planSteps, type RunSteps } from './steps.ts'

/** Everything about a run that is decided before its model exists. */
export interface RunSetup {
  plan: RunPlan
  description: SourceDescription
  source: DataSource
  /** Which tasks each corpus is for, in the order of the plan. */
  shares: CorpusShare[]
  /** Held-out text with the same tasks, and which of them each corpus is for. */
  heldOut: { source: DataSource; tasks: Record<string, string[]> }
  /** In the order of the plan. */
  kinds: Record<string, 'sentence' | 'token'>
  weights: Record<string, number>
  stages: Stage[]
  steps: RunSteps
  meanLengths: Record<string, number>
  fingerprints: Fingerprints
  /** Of the contents of all corpora, held-out ones too: to be awaited before anything that is made of them is kept. */
  verification: Verification
  close(): void
}

export interface SetupOptions {
  /** Mean lengths as a run measured them when it began. */
  meanLengths?: Record<string, number>
  /** When to read the corpora through, see {@link verifyCorpora}. */
  verify?: 'now' | 'meanwhile'
}

/** Hashes of what a run is made of: a run goes on only where all are as they were. */
export interface Fingerprints {
  plan: string
  /** By name, of the manifests. */
  corpora: Record<string, string>
  heldOut: Record<string, string>
  /** By path, of the files of the user's own tasks. */
  tasks: Record<string, string>
}

/**
 * Opens the corpora and the tasks, and plans every step.
 *
 * @throws EverlearnError what the corpora, tasks and stages say is wrong
 */
export async function openSetup(
  plan: RunPlan,
  { meanLengths, verify }: SetupOptions = {},
): Promise<RunSetup> {
  const planned = plan.tasks.map(plannedTask)
  const description: SourceDescription = {
    seed: plan.seed,
    maxLength: plan.maxLength,
    corpora: Object.entries(plan.corpora).map(([name, { path }]) => ({ name, directory: path })),
    tasks: planned.map((task) => task.description),
  }
  const paths = [...Object.values(plan.corpora), ...Object.values(plan.heldOut)].map(({ path }) => path)
  const verification = verifyCorpora([...new Set(paths)], verify)
  let source: DataSource
  try {
    source = await openSource(description)
  } catch (error) {
    verification.close()
    throw error
  }
  const { tasks } = source
  const names = Object.keys(tasks)
  const [{ vocabulary }] = Object.values(source.corpora)
  const heldOut: Record<string, Corpus> = {}
  const close = () => {
    verification.close()
    closeSource(source)
    for (const corpus of Object.values(heldOut)) corpus.close()
  }
  try {
    for (const [name, { path }] of Object.entries(plan.heldOut)) {
      heldOut[name] = openCorpus(path, { vocabulary })
    }
    const shares: CorpusShare[] = Object.entries(plan.corpora).map(([name, { weight, tasks: named }]) => ({
      name,
      weight,
      tasks: tasksOfCorpus(source.corpora[name], named, tasks, `the corpus ${name}`),
    }))
    checkServed(
      tasks,
      shares.map(({ name, tasks }) => ({ corpus: source.corpora[name], tasks })),
    )
    const heldOutTasks = Object.entries(plan.heldOut).map(([name, { tasks: named }]) => [
      name,
      tasksOfCorpus(heldOut[name], named, tasks, `the held-out corpus ${name}`),
    ])
    const table = stagesOf(plan, names)
    const kinds = Object.fromEntries(names.map((name) => [name, tasks[name].kind]))
    const lengths = meanLengths ?? measureLengths(source, kinds, shares)
    return {
      plan,
      description,
      source,
      shares,
      heldOut: { source: { ...source, corpora: heldOut }, tasks: Object.fromEntries(heldOutTasks) },
      kinds,
      weights: Object.fromEntries(names.map((name, index) => [name, planned[index].weight])),
      stages: table,
      steps: planSteps({
        stages: table,
        kinds,
        corpora: shares,
        seed: plan.seed,
        tokensPerStep: plan.tokensPerStep,
        meanLengths: lengths,
      }),
      meanLengths: lengths,
      fingerprints: {
        plan: planHash(plan),
        corpora: hashesOf(source.corpora),
        heldOut: hashesOf(heldOut),
        tasks: Object.fromEntries(planned.flatMap(({ description: { task } }) => hashOfFile(task))),
      },
      verification,
      close,
    }
  } catch (error) {
    const explained = await verification.explain(error)
    close()
    throw explained
  }
}

function stagesOf({ iterations }: RunPlan, tasks: string[]): Stage[] {
  if (Array.isArray(iterations)) {
    checkStages(iterations, tasks)
    return iterations
  }
  const unknown =
    typeof iterations === 'object' && Object.keys(iterations).find((name) => !tasks.includes(name))
  if (unknown) {
    throw new EverlearnError(
      'TASK_UNKNOWN',
      `iterations has "${unknown}", which is no task of the plan; ${knownNames(unknown, tasks)}`,
    )
  }
  return stages(tasks, iterations)
}

function measureLengths(
  source: DataSource,
  kinds: RunSetup['kinds'],
  shares: CorpusShare[],
): Record<string, number> {
  const needed = lengthsNeeded(kinds, shares)
  return Object.fromEntries(
    needed.map(({ corpus, sentenceTask }) => [
      lengthKey(corpus, sentenceTask),
      meanInputLength(source, corpus, sentenceTask),
    ]),
  )
}

const hashesOf = (corpora: Record<string, Corpus>): Record<string, string> =>
  Object.fromEntries(Object.entries(corpora).map(([name, { manifest }]) => [name, manifest.sha256]))

function hashOfFile(task: string): [string, string][] {
  if (!task.startsWith('/')) return []
  return [[task, createHash('sha256').update(readFileSync(task)).digest('hex')]]
}
