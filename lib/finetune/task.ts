import { EverlearnError } from '../error.ts'
import { type FineTuningMetric, metricNames } from './metric.ts'

/**
 * A classification task on one sentence or a pair, as data: what the columns of its files hold, what its classes are,
 * and which figure counts. A task of GLUE is one such object.
 */
export interface FineTuningTask {
  /** Also the name of its head in the model. */
  name: string
  /** Names of the columns of a TSV file, of the fields of a JSONL file. Without `second` it is about single sentences. */
  columns: { first: string; second?: string; label: string }
  /** Names of the columns in their order, for TSV files whose first line does not say them. */
  header?: readonly string[]
  /** Names of the classes, in the order of their ids; at least two. */
  labels: readonly string[]
  /** What the column of labels holds for each class, in the order of `labels`: their names unless told. */
  values?: readonly string[]
  /** The figure that counts. */
  metric: FineTuningMetric
}

/** @throws EverlearnError `FINE_TUNING_TASK` what is wrong with a task */
export function checkFineTuningTask(task: FineTuningTask): void {
  const { name, columns, header, labels, values, metric } = task
  const refuse = (what: string) => {
    throw new EverlearnError('FINE_TUNING_TASK', `the task ${name}: ${what}`)
  }
  if (labels.length < 2) {
    const found = labels.length === 0 ? 'no label' : `the one label "${labels[0]}"`
    refuse(`it has ${found}; a classification needs at least two`)
  }
  for (const [what, names] of Object.entries({ labels, values: values ?? [], header: header ?? [] })) {
    const twice = names.find((each, index) => names.indexOf(each) < index)
    if (twice !== undefined) refuse(`${what} has "${twice}" twice; name each once`)
  }
  if (values !== undefined && values.length !== labels.length) {
    refuse(`it has ${labels.length} labels and ${values.length} values; give one value for each label`)
  }
  const missing = Object.values(columns).find((column) => header !== undefined && !header.includes(column))
  if (missing !== undefined) refuse(`its header has no column "${missing}", it has ${header?.join(', ')}`)
  if (!metricNames.includes(metric)) {
    refuse(`there is no metric ${metric}; known: ${metricNames.join(', ')}`)
  }
}
