import type { Events, TaskFigures, TrainerEvents } from '../../train/events.ts'

const names = ['start', 'stage', 'step', 'evaluation', 'checkpoint', 'end'] as const

/**
 * Writes every event of a run as one JSON object a line: `type`, `time`, and what docs/cli.md lists. Numbers that are not
 * finite are the strings "NaN", "Infinity" and "-Infinity".
 *
 * @param run its folder
 */
export function streamEvents(
  run: string,
  events: Events<TrainerEvents>,
  write: (line: string) => void,
): void {
  const put = (type: string, event: object) => {
    const record = { type, ...event, time: new Date().toISOString() }
    write(`${JSON.stringify(record, (_, value) => (isNotFinite(value) ? String(value) : value))}\n`)
  }
  for (const name of names) {
    events.on(name, (event) => {
      if (name === 'start') put(name, { run, ...event })
      else put(name, 'tasks' in event ? { ...event, tasks: meansOf(event.tasks) } : event)
    })
  }
}

/** Means over the labels, as everywhere else in what is written. */
const meansOf = (tasks: Record<string, TaskFigures>): object =>
  Object.fromEntries(
    Object.entries(tasks).map(([name, { loss, correct, labels }]) => [
      name,
      { loss: loss / labels, accuracy: correct / labels, labels },
    ]),
  )

const isNotFinite = (value: unknown): boolean => typeof value === 'number' && !Number.isFinite(value)
