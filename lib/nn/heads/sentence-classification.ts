import { classificationLoss } from './classification-loss.ts'
import { createClassifier } from './classifier.ts'
import type { Head, HeadSpec, MakeHead } from './head.ts'

type Spec = Extract<HeadSpec, { classes: number }>

/** A class for each input, from the pooled representation of its first token. */
export const sentenceClassificationHead: MakeHead<Spec> = (name, spec, encoder, seed) => {
  const classifier = createClassifier(name, encoder, spec.classes, seed, spec.dropout)
  const head: Head = {
    name,
    spec,
    arena: classifier.arena,
    classes: spec.classes,
    predict(hidden, { index, rows }, pass = {}) {
      using pooled = encoder.pool(hidden, index)
      return classifier.apply(pooled, rows, pass)
    },
    loss(hidden, targets, pass = {}) {
      using logits = head.predict(hidden, targets, pass)
      return classificationLoss(logits, targets, spec.classes, pass)
    },
  }
  return head
}
