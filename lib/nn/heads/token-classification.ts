import { gatherRows } from '../../ops/gather-rows.ts'
import { classificationLoss } from './classification-loss.ts'
import { createClassifier } from './classifier.ts'
import type { Head, HeadSpec, MakeHead } from './head.ts'

type Spec = Extract<HeadSpec, { classes: number }>

/** A class for each token looked at. */
export const tokenClassificationHead: MakeHead<Spec> = (name, spec, encoder, seed) => {
  const classifier = createClassifier(name, encoder, spec.classes, seed, spec.dropout)
  const head: Head = {
    name,
    spec,
    arena: classifier.arena,
    classes: spec.classes,
    predict(hidden, { index, rows }, pass = {}) {
      using gathered = gatherRows(hidden, index)
      return classifier.apply(gathered, rows, pass)
    },
    loss(hidden, targets, pass = {}) {
      using logits = head.predict(hidden, targets, pass)
      return classificationLoss(logits, targets, spec.classes, pass)
    },
  }
  return head
}
