import { EverlearnError } from '../error.ts'
import { confusionOf } from '../metrics/confusion.ts'
import { type FineTuningFigures, figuresOf } from './judge-examples.ts'
import { type Example, readExamples } from './read-examples.ts'
import { checkFineTuningTask, type FineTuningTask } from './task.ts'

export interface TaskRows {
  train: Example[]
  dev: Example[]
}

/**
 * The rows of a task, as they are given or of files, and the task itself, checked.
 *
 * @throws EverlearnError `FINE_TUNING_TASK`, `TABLE_EMPTY`, `LABEL_UNKNOWN`, `ROW_INVALID`, `CLASSES_MISSING`, and what
 * {@link readExamples} throws
 */
export async function readRows(
  task: FineTuningTask,
  given: { train: string | readonly Example[]; dev: string | readonly Example[] },
): Promise<TaskRows> {
  checkFineTuningTask(task)
  const rowsOf = (rows: string | readonly Example[]) =>
    typeof rows === 'string' ? readExamples(task, rows) : [...rows]
  const [train, dev] = await Promise.all([rowsOf(given.train), rowsOf(given.dev)])
  checkRows(task, train, dev)
  return { train, dev }
}

function checkRows({ name, labels, columns }: FineTuningTask, train: Example[], dev: Example[]): void {
  const wanted = columns.second === undefined ? 1 : 2
  for (const [what, rows] of Object.entries({ train, dev })) {
    if (rows.length === 0) {
      throw new EverlearnError('TABLE_EMPTY', `${name} has no rows in ${what}; give at least one`)
    }
    for (const [index, { label, texts }] of rows.entries()) {
      if (!(Number.isInteger(label) && label >= 0 && label < labels.length)) {
        throw new EverlearnError(
          'LABEL_UNKNOWN',
          `row ${index} of ${what} has the class ${label}; those of ${name} are 0 to ${labels.length - 1}`,
        )
      }
      if (texts.length !== wanted) {
        throw new EverlearnError(
          'ROW_INVALID',
          `row ${index} of ${what} has ${texts.length} texts; ${name} is about ${wanted}`,
        )
      }
    }
  }
  const found = new Set(train.map(({ label }) => label))
  if (found.size < 2) {
    throw new EverlearnError(
      'CLASSES_MISSING',
      `all ${train.length} training rows of ${name} are "${labels[train[0].label]}"; give rows of at least two classes`,
    )
  }
}

/** Of always saying the class that is commonest among the training rows. */
export function majorityOf({ labels }: FineTuningTask, train: Example[], dev: Example[]): FineTuningFigures {
  const counts = labels.map((_, id) => train.filter(({ label }) => label === id).length)
  const commonest = counts.indexOf(Math.max(...counts))
  const right = dev.map(({ label }) => label)
  return figuresOf(confusionOf(right, new Array<number>(right.length).fill(commonest), labels.length))
}
