import path from 'node:path'
import type { Task } from '../../data/task.ts'
import { allTasks, type RunPlan } from '../run-plan.ts'
import type { PlannedText } from './planned-data.ts'

/**
 * The commands that make the corpora of a plan that are missing; what only the user knows is in capitals. `DIR/train` and
 * `DIR/held-out` are made by one.
 */
export function prepareCommands(
  plan: RunPlan,
  {
    tasks,
    corpora,
    heldOut,
  }: { tasks: Record<string, Task>; corpora: PlannedText[]; heldOut: PlannedText[] },
): string[] {
  const missing = [...corpora, ...heldOut].filter(({ corpus }) => corpus === null)
  const annotated = annotatedTasks(plan)
  const commands = missing.map(({ path: place, tasks: served }) => {
    const parent = path.dirname(place)
    const other = { train: 'held-out', 'held-out': 'train' }[path.basename(place)]
    const twin = missing.find((text) => other !== undefined && text.path === path.join(parent, other))
    const names = [...served, ...(twin?.tasks ?? [])]
    const isPairs =
      names.length > 0 && names.every((name) => !(tasks[name].corpora ?? ['text']).includes('text'))
    return [
      'everlearn prepare',
      isPairs ? 'ROWS.. --pairs --columns first=COLUMN,second=COLUMN,label=COLUMN' : 'TEXT..',
      '--vocab VOCAB --language en|zh',
      ...(names.some((name) => annotated.has(name)) ? ['--annotate'] : []),
      ...(twin ? ['--held-out 0.01'] : []),
      `--out ${path.relative('', twin ? parent : place)}`,
    ].join(' ')
  })
  return [...new Set(commands)]
}

/** Tasks whose options ask for units that annotation finds. */
function annotatedTasks(plan: RunPlan): Set<string> {
  const asks = (levels: unknown) =>
    [levels].flat().some((entry) => ['word', 'phrase', 'entity'].some((unit) => weightOf(entry, unit) > 0))
  const wanted = allTasks(plan).filter(({ levels }) => asks(levels))
  return new Set(wanted.map(({ name, task }) => name ?? task))
}

const weightOf = (entry: unknown, unit: string): number =>
  Number((entry as Record<string, unknown> | undefined)?.[unit] ?? 0)
