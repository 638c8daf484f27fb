import { EverlearnError } from '../error.ts'
import { readTable } from './read-table.ts'
import { checkFineTuningTask, type FineTuningTask } from './task.ts'

/** One row of a task's file. */
export interface Example {
  /** One text or two. */
  texts: string[]
  /** Class id. */
  label: number
}

/**
 * Reads labelled rows of a task: TSV or JSONL, plain or gzip.
 *
 * @throws EverlearnError `FINE_TUNING_TASK`, `LABEL_UNKNOWN`, `TEXT_EMPTY` and what {@link readTable} throws
 */
export async function readExamples(task: FineTuningTask, file: string): Promise<Example[]> {
  checkFineTuningTask(task)
  const { first, second, label } = task.columns
  const columns = [first, ...(second === undefined ? [] : [second])]
  const ids = new Map((task.values ?? task.labels).map((value, id) => [value, id]))
  const rows = await readTable(file, [...columns, label], task.header)
  return rows.map(({ values, line }) => {
    const texts = values.slice(0, columns.length)
    const empty = texts.findIndex((text) => text.trim() === '')
    if (empty >= 0) {
      throw new EverlearnError(
        'TEXT_EMPTY',
        `${file} line ${line} has no text in its column "${columns[empty]}"; put it right or leave the row out`,
      )
    }
    const value = values[columns.length]
    const id = ids.get(value)
    if (id === undefined) {
      throw new EverlearnError(
        'LABEL_UNKNOWN',
        `${file} line ${line} has the label "${value}" in its column "${label}"; those of ${task.name} are ` +
          `${[...ids.keys()].map((each) => `"${each}"`).join(', ')}: put the row right, or name it in the task`,
      )
    }
    return { texts, label: id }
  })
}
