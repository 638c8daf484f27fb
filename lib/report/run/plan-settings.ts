import path from 'node:path'
import type { RunPlan } from '../../train/run-plan.ts'
import { runStages } from '../../train/schedule/run-stages.ts'
import type { Stage } from '../../train/schedule/schedule.ts'
import type { RunSettings } from './run-report.ts'

/** What is taken from plan.json; whatever is not there as expected is told as unknown. */
export interface ReadPlan {
  settings: RunSettings
  /** Budgets of the stages, null where they cannot be told before they begin. */
  stages: Stage[] | null
}

type Loose = Record<string, unknown>

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null)
const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** @param text of plan.json, null where it cannot be read */
export function readPlanSettings(text: string | null): ReadPlan {
  const plan = parse(text)
  const changes = Array.isArray(plan.changes) ? plan.changes.filter(isObject) : []
  const added = changes.flatMap(({ add }) => (add === undefined ? [] : [add]))
  const tasks = [...(Array.isArray(plan.tasks) ? plan.tasks : []), ...added].map(taskName)
  return {
    settings: {
      title: textOr(plan.name) ?? 'unnamed',
      method: textOr(plan.method) ?? 'unknown',
      tasks,
      encoder: describeEncoder(plan.encoder),
      tokensPerStep: numberOr(plan.tokensPerStep),
      precision: textOr(plan.precision),
    },
    stages: plannedStages(plan, changes, tasks),
  }
}

function parse(text: string | null): Loose {
  try {
    const plan: unknown = JSON.parse(text ?? '')
    return isObject(plan) ? plan : {}
  } catch {
    return {}
  }
}

function taskName(task: unknown): string {
  const given = isObject(task) ? (textOr(task.name) ?? textOr(task.task)) : textOr(task)
  return given === null ? 'unnamed' : path.parse(given).name
}

function describeEncoder(encoder: unknown): string {
  if (typeof encoder === 'string') return encoder
  if (!isObject(encoder)) return 'unknown'
  const { type, size, from, layers, hiddenSize, heads } = encoder
  if (typeof from === 'string') return `from ${path.basename(from)}`
  const shape = [
    numberOr(layers) === null ? null : `${layers} layers`,
    numberOr(hiddenSize) === null ? null : `hidden size ${hiddenSize}`,
    numberOr(heads) === null ? null : `${heads} heads`,
  ]
  return [textOr(type), textOr(size), ...shape].filter((part) => part !== null).join(', ') || 'unknown'
}

function plannedStages({ iterations, method }: Loose, changes: Loose[], tasks: string[]): Stage[] | null {
  try {
    return runStages({ iterations, method, changes } as unknown as RunPlan, tasks).table
  } catch {
    return null
  }
}
