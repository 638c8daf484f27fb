import { EverlearnError } from '../../error.ts'
import type { Encoder } from '../encoder.ts'
import type { Head, HeadSpec } from './head.ts'
import { maskedLanguageModelHead } from './masked-language-model.ts'
import { regressionHead } from './regression.ts'
import { sentenceClassificationHead } from './sentence-classification.ts'
import { tokenClassificationHead } from './token-classification.ts'

const makers = {
  'masked-language-model': maskedLanguageModelHead,
  'sentence-classification': sentenceClassificationHead,
  'token-classification': tokenClassificationHead,
  regression: regressionHead,
} as const

/** A head of any kind, with new parameters that depend on seed and name. */
export function makeHead(name: string, spec: HeadSpec, encoder: Encoder, seed: number): Head {
  if ('classes' in spec && !(Number.isSafeInteger(spec.classes) && spec.classes >= 1))
    throw new EverlearnError(
      'HEAD',
      `head ${name}: classes must be a whole number above 0, found ${spec.classes}`,
    )
  const make = makers[spec.kind] as (typeof makers)[keyof typeof makers] | undefined
  if (!make)
    throw new EverlearnError(
      'HEAD',
      `head ${name}: unknown kind ${spec.kind}; there are ${Object.keys(makers).join(', ')}`,
    )
  return make(name, spec as never, encoder, seed)
}
