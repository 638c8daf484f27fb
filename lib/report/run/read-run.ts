import type { Evaluation } from '../../train/evaluation/evaluation.ts'
import { type StageSamples, samplesFile } from '../../train/evaluation/sample-predictions.ts'
import { isHeld } from '../../train/run-lock.ts'
import { followLog } from './log-lines.ts'
import { createLogRecord } from './log-record.ts'
import { readPlanSettings } from './plan-settings.ts'
import type { RunReport, RunState } from './run-report.ts'
import type { RunsFolder } from './runs-folder.ts'

const smallFiles = ['plan.json', 'latest', 'evaluation.json', samplesFile]

export interface RunReader {
  /** What the run's files say now; the same object as before where nothing has changed. */
  read(): Promise<RunReport>
}

/** Reads a run again and again: of its log only what is new. */
export function openRunReader(folder: RunsFolder, name: string): RunReader {
  const record = createLogRecord()
  const log = followLog(() => folder.locate(name, 'log.jsonl'), record.take, record.restart)
  let seen = ''
  let report: RunReport | null = null
  return {
    async read() {
      const grown = await log.read()
      const held = isHeld(folder.read(name, '.lock') ?? '')
      const now = [...smallFiles.map((file) => folder.stamp(name, file)), held].join('\n')
      if (report && !grown && now === seen) return report
      seen = now
      const files = Object.fromEntries(smallFiles.map((file) => [file, folder.read(name, file)]))
      report = makeReport(name, record, files, held)
      return report
    },
  }
}

function makeReport(
  name: string,
  record: ReturnType<typeof createLogRecord>,
  files: Record<string, string | null>,
  held: boolean,
): RunReport {
  const { settings, stages: planned } = readPlanSettings(files['plan.json'])
  const { points } = record.curve
  const step = Math.max(record.step, points.at(-1)?.step ?? 0)
  const stages = record.stages(planned)
  const known = stages.flatMap(({ budgets }) => Object.keys(budgets))
  return {
    name,
    settings,
    step,
    // Tasks may have been done before all that was planned for them.
    steps: record.ended === 'finished' ? step : record.steps,
    stages,
    tasks: known.length > 0 ? [...new Set(known)] : settings.tasks,
    points: points.slice(),
    evaluations: record.evaluations(asArray<Evaluation>(files['evaluation.json'])),
    samples: asArray<StageSamples>(files[samplesFile]).filter((each) => each.step <= step),
    tokens: points.reduce((sum, { tokens }) => sum + tokens, 0),
    seconds: points.reduce((sum, { seconds }) => sum + seconds, 0),
    checkpoint: files.latest?.trim() ?? null,
    updated: record.updated,
    state: stateOf(record.ended, record.updated, held),
  }
}

function stateOf(ended: 'finished' | 'stopped' | null, updated: string | null, held: boolean): RunState {
  if (ended !== null) return ended
  if (held) return 'running'
  return updated === null ? 'waiting' : 'interrupted'
}

function asArray<T>(text: string | null): T[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
