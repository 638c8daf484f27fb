import { embedding } from '../ops/embedding.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Parameter, Tensor } from '../tensor/tensor.ts'
import type { Arena, ParameterSpec } from './arena.ts'
import type { EncoderBatch } from './batch.ts'
import type { SharedConfig } from './config.ts'
import { type LayerNorm, layerNormAt, layerNormSpecs } from './layer-norm.ts'
import { dropoutAt, type Randomness } from './randomness.ts'
import { siteOf } from './site.ts'

/** Word, position, segment and task embeddings and the LayerNorm over their sum. */
export interface Embeddings {
  word: Parameter
  position: Parameter
  segment: Parameter
  task: Parameter | null
  norm: LayerNorm
  site: number
}

const names = {
  word: 'embeddings.word_embeddings.weight',
  position: 'embeddings.position_embeddings.weight',
  segment: 'embeddings.token_type_embeddings.weight',
  task: 'embeddings.task_type_embeddings.weight',
  norm: 'embeddings.LayerNorm',
} as const

export function embeddingsSpecs(config: SharedConfig): ParameterSpec[] {
  const { vocabularySize, hiddenSize, positions, segmentTypes, taskTypes } = config
  const initial = { deviation: config.initializerRange }
  const table = (name: string, rows: number): ParameterSpec => ({ name, shape: [rows, hiddenSize], initial })
  return [
    // Whole tiles for the product with the vocabulary.
    { ...table(names.word, vocabularySize), allocatedRows: Math.ceil(vocabularySize / 64) * 64 },
    table(names.position, positions),
    table(names.segment, segmentTypes),
    ...(taskTypes > 0 ? [table(names.task, taskTypes)] : []),
    ...layerNormSpecs(names.norm, hiddenSize),
  ]
}

export function embeddingsAt(arena: Arena): Embeddings {
  return {
    word: arena.parameter(names.word),
    position: arena.parameter(names.position),
    segment: arena.parameter(names.segment),
    task: arena.has(names.task) ? arena.parameter(names.task) : null,
    norm: layerNormAt(arena, names.norm),
    site: siteOf('embeddings'),
  }
}

/** [tokens, hidden]. */
export function embed(
  embeddings: Embeddings,
  batch: EncoderBatch,
  dtype: Floating,
  config: SharedConfig,
  randomness: Randomness | null,
): Tensor<Floating> {
  const { norm, site, ...tables } = embeddings
  return embedding(
    batch,
    { ...tables, ...norm },
    {
      epsilon: config.layerNormEpsilon,
      dtype,
      dropout: dropoutAt(randomness, batch.rows, site, config.hiddenDropout),
    },
  )
}
