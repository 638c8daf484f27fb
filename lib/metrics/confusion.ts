import { EverlearnError } from '../error.ts'

/** How often each class was predicted where each was right. */
export interface Confusion {
  classes: number
  /** [classes, classes], row-major: the row is the label, the column the prediction. */
  counts: Uint32Array
}

/**
 * The confusion table of predicted classes: all that accuracy and F1 need to know.
 *
 * @param classes labels and predictions are 0 to `classes` - 1
 * @throws EverlearnError `METRIC_INPUT` when the two differ in length or hold something that is no class
 */
export function confusionOf(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): Confusion {
  if (labels.length !== predictions.length) {
    throw new EverlearnError(
      'METRIC_INPUT',
      `${labels.length} labels and ${predictions.length} predictions; give one prediction for each label`,
    )
  }
  const isClass = (value: number) => Number.isInteger(value) && value >= 0 && value < classes
  const counts = new Uint32Array(classes * classes)
  for (let i = 0; i < labels.length; i++) {
    if (!isClass(labels[i]) || !isClass(predictions[i])) {
      throw new EverlearnError(
        'METRIC_INPUT',
        `label ${labels[i]} and prediction ${predictions[i]} at ${i}; classes are 0 to ${classes - 1}`,
      )
    }
    counts[labels[i] * classes + predictions[i]]++
  }
  return { classes, counts }
}
