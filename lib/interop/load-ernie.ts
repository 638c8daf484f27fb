import { EverlearnError } from '../error.ts'
import type { Arena } from '../nn/arena.ts'
import { MultiTaskModel } from '../nn/multi-task-model.ts'
import { siteOf } from '../nn/site.ts'
import { TransformerEncoder } from '../nn/transformer-encoder.ts'
import { randomFill } from '../ops/random-fill.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import { readErnieConfig } from './ernie-config.ts'
import { type FolderTokenizer, tokenizerOf, weightsFile } from './model-folder.ts'
import { loadPart, type StoredPart, storedParts } from './model-tensors.ts'
import { readSafetensors } from './read-safetensors.ts'
import type { Safetensors } from './safetensors.ts'

export interface LoadErnieOptions {
  /** dtype of activations. Default float32. */
  dtype?: Floating
  /** Seed of what the folder does not hold, and of heads added later. Default 0. */
  seed?: number
  /** See `EncoderOptions`. */
  activationCheckpointing?: boolean
  /** At least as many rows of segment and task embedding; rows the folder lacks are drawn from N(0, initializerRange). */
  segmentTypes?: number
  taskTypes?: number
  /** Dropout of hidden values and attention instead of the folder's. */
  dropout?: number
  /** Name to give the masked language model head (`cls.predictions`), if the folder has one. null: leave it. */
  maskedLanguageModel?: string | null
  /** Name to give the two-class sentence head (`cls.seq_relationship`), if the folder has one. null: leave it. */
  nextSentence?: string | null
}

export interface LoadedErnie extends FolderTokenizer {
  model: MultiTaskModel<TransformerEncoder>
}

/**
 * Reads a HuggingFace folder of an ERNIE or BERT encoder: config.json and model.safetensors, with prefix `ernie.`,
 * `bert.` or none, LayerNorm's weights by old names (gamma, beta) or new. Pooler, heads, task embedding may be missing;
 * tensors that have no place are ignored.
 */
export function loadErnie(device: Device, directory: string, options: LoadErnieOptions = {}): LoadedErnie {
  const { dtype, seed = 0, segmentTypes = 0, taskTypes = 0, activationCheckpointing } = options
  const { maskedLanguageModel = 'masked-language-model', nextSentence = 'next-sentence' } = options
  const stored = readErnieConfig(directory)
  const { dropout } = options
  const config = {
    ...stored,
    ...(dropout === undefined ? {} : { hiddenDropout: dropout, attentionDropout: dropout }),
    segmentTypes: Math.max(stored.segmentTypes, segmentTypes),
    taskTypes: Math.max(stored.taskTypes, taskTypes),
  }
  const file = weightsFile(directory)
  const found = readSafetensors(file)
  const encoder = new TransformerEncoder(device, config, { dtype, seed, activationCheckpointing })
  const model = new MultiTaskModel(encoder, { seed })
  try {
    const source = { file, found, seed }
    loadEncoder(model.encoder, stored, source)
    if (maskedLanguageModel !== null && found.tensors.has('cls.predictions.transform.dense.weight')) {
      const { arena } = model.addHead(maskedLanguageModel, { kind: 'masked-language-model' })
      for (const part of storedParts(arena, 'cls.predictions.')) loadTolerantly(arena, part, source)
    }
    if (nextSentence !== null && found.tensors.has('cls.seq_relationship.weight')) {
      const { arena } = model.addHead(nextSentence, { kind: 'sentence-classification', classes: 2 })
      for (const part of storedParts(arena, ''))
        loadPart(arena, part, file, found, part.stored.replace('classifier', 'cls.seq_relationship'))
    }
  } catch (error) {
    model.dispose()
    throw error
  }
  return { model, ...tokenizerOf(directory) }
}

interface Source {
  file: string
  found: Safetensors
  seed: number
}

function loadEncoder(
  encoder: TransformerEncoder,
  stored: { segmentTypes: number; taskTypes: number },
  source: Source,
): void {
  const { arena } = encoder
  const prefixes = ['ernie.', 'bert.', '']
  const prefix = prefixes.find((candidate) =>
    source.found.tensors.has(`${candidate}embeddings.word_embeddings.weight`),
  )
  if (prefix === undefined)
    throw new EverlearnError(
      'CHECKPOINT',
      `${source.file} has no embeddings.word_embeddings.weight, with or without the prefix ernie. or bert.`,
    )
  const storedRows: Record<string, number> = {
    'embeddings.token_type_embeddings.weight': stored.segmentTypes,
    'embeddings.task_type_embeddings.weight': stored.taskTypes,
  }
  for (const part of storedParts(arena, prefix)) {
    const rows = storedRows[part.parameter]
    if (rows === undefined) loadTolerantly(arena, part, source)
    else {
      const there = rows > 0 && source.found.tensors.has(part.stored) ? rows : 0
      if (there > 0)
        loadPart(arena, { ...part, end: there, shape: [there, part.shape[1]] }, source.file, source.found)
      drawRows(encoder, part, there, source.seed)
    }
  }
}

/** By the name's newer or older form; a pooler that is missing keeps its initial values. */
function loadTolerantly(arena: Arena, part: StoredPart, { file, found }: Source): void {
  const older = part.stored
    .replace('LayerNorm.weight', 'LayerNorm.gamma')
    .replace('LayerNorm.bias', 'LayerNorm.beta')
    .replace('cls.predictions.bias', 'cls.predictions.decoder.bias')
  const name = !found.tensors.has(part.stored) && found.tensors.has(older) ? older : part.stored
  if (!found.tensors.has(name) && part.parameter.startsWith('pooler.')) return
  loadPart(arena, part, file, found, name)
}

/** Rows of an embedding from `start` on that the folder does not hold. */
function drawRows(encoder: TransformerEncoder, part: StoredPart, start: number, seed: number): void {
  if (start === part.end) return
  const deviation = encoder.config.initializerRange
  using rows = encoder.device.withoutTape(() =>
    encoder.arena.parameter(part.parameter).slice(start, part.end),
  )
  randomFill(rows, { kind: 'normal', mean: 0, deviation }, seed, siteOf(`new/${part.parameter}`))
}
