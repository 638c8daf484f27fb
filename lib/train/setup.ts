import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Corpus, openCorpus } from '../data/corpus.ts'
import { meanInputLength } from '../data/measure.ts'
import { closeSource, type DataSource, openSource, type SourceDescription } from '../data/source.ts'
import { type Verification, verifyCorpora } from '../data/verify-corpora.ts'
import { EverlearnError } from '../error.ts'
import { checkServed, tasksOfCorpus } from './matrix.ts'
import { knownNames } from './nearest.ts'
import { allTasks, changeHashes, planHash, plannedTask, type RunPlan } from './run-plan.ts'
import { type RunStages, runStages } from './schedule/run-stages.ts'
import type { CorpusShare } from './schedule/sampler.ts'
import { type Cut, lengthKey, lengthsNeeded, planSteps, type RunSteps } from './schedule/steps.ts'

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
  stages: RunStages
  /** Every step, when these tasks have converged so far. */
  steps(converged: Cut[]): RunSteps
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
  changes: string[]
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
  const planned = allTasks(plan).map(plannedTask)
  const changes = plan.changes.filter((change) => 'add' in change)
  // One corpus has one name, whenever it came.
  const parts = [plan, ...changes]
  const corpora = parts.flatMap((part) => Object.entries(part.corpora))
  const heldOutCorpora = parts.flatMap((part) => Object.entries(part.heldOut))
  const description: SourceDescription = {
    seed: plan.seed,
    maxLength: plan.maxLength,
    corpora: corpora.map(([name, { path }]) => ({ name, directory: path })),
    tasks: planned.map((task) => task.description),
  }
  const paths = [...corpora, ...heldOutCorpora].map(([, { path }]) => path)
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
    for (const [name, { path }] of heldOutCorpora) heldOut[name] = openCorpus(path, { vocabulary })
    const stages = runStages(plan, names)
    const shares = parts.flatMap((part, index) =>
      Object.entries(part.corpora).map(([name, { weight, tasks: named }]): CorpusShare => {
        const served = tasksOfCorpus(source.corpora[name], named, tasks, `the corpus ${name}`)
        return { name, weight, tasks: served, since: index === 0 ? 0 : stages.planned + index - 1 }
      }),
    )
    checkServed(
      tasks,
      shares.map(({ name, tasks }) => ({ corpus: source.corpora[name], tasks })),
    )
    const heldOutTasks = Object.fromEntries(
      heldOutCorpora.map(([name, { tasks: named }]) => [
        name,
        tasksOfCorpus(heldOut[name], named, tasks, `the held-out corpus ${name}`),
      ]),
    )
    checkJudged(
      [...Object.keys(stages.patience), ...(plan.checkpoint.best ? [plan.checkpoint.best] : [])],
      names,
      heldOutTasks,
    )
    const kinds = Object.fromEntries(names.map((name) => [name, tasks[name].kind]))
    const lengths = measureLengths(source, kinds, shares, meanLengths)
    return {
      plan,
      description,
      source,
      shares,
      heldOut: { source: { ...source, corpora: heldOut }, tasks: heldOutTasks },
      kinds,
      weights: Object.fromEntries(names.map((name, index) => [name, planned[index].weight])),
      stages,
      steps: (converged) =>
        planSteps({
          stages: stages.table,
          kinds,
          corpora: shares,
          seed: plan.seed,
          tokensPerStep: plan.tokensPerStep,
          meanLengths: lengths,
          cuts: [...converged, ...stages.retired].sort((a, b) => a.step - b.step),
        }),
      meanLengths: lengths,
      fingerprints: {
        plan: planHash(plan),
        changes: changeHashes(plan),
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

/**
 * Tasks that something hangs on how well they do must be evaluated.
 *
 * @throws EverlearnError `TASK_UNKNOWN`, `HELD_OUT_MISSING`
 */
export function checkJudged(judged: string[], tasks: string[], heldOut: Record<string, string[]>): void {
  for (const task of judged) {
    if (!tasks.includes(task)) {
      throw new EverlearnError(
        'TASK_UNKNOWN',
        `checkpoint.best is "${task}", which is no task of the plan; ${knownNames(task, tasks)}`,
      )
    }
    if (Object.values(heldOut).some((served) => served.includes(task))) continue
    throw new EverlearnError(
      'HELD_OUT_MISSING',
      `how well ${task} does decides something, but no held-out corpus is for it; name one under heldOut`,
    )
  }
}

/** The mean lengths that are needed; those that are known already stay. */
function measureLengths(
  source: DataSource,
  kinds: RunSetup['kinds'],
  shares: CorpusShare[],
  known: Record<string, number> = {},
): Record<string, number> {
  const lengths = { ...known }
  for (const { corpus, sentenceTask } of lengthsNeeded(kinds, shares)) {
    lengths[lengthKey(corpus, sentenceTask)] ??= meanInputLength(source, corpus, sentenceTask)
  }
  return lengths
}

const hashesOf = (corpora: Record<string, Corpus>): Record<string, string> =>
  Object.fromEntries(Object.entries(corpora).map(([name, { manifest }]) => [name, manifest.sha256]))

function hashOfFile(task: string): [string, string][] {
  if (!task.startsWith('/')) return []
  return [[task, createHash('sha256').update(readFileSync(task)).digest('hex')]]
}
