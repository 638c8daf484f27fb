import { existsSync } from 'node:fs'
import path from 'node:path'
import { EverlearnError } from '../error.ts'
import { openConfigFile } from '../interop/config-file.ts'
import { type LoadedErnie, loadErnie } from '../interop/load-ernie.ts'
import { type LoadedLstm, loadLstm } from '../interop/load-lstm.ts'
import { lstmModelType } from '../interop/lstm-config.ts'
import { loadModelTensors } from '../interop/model-tensors.ts'
import { readSafetensors } from '../interop/read-safetensors.ts'
import type { AnyEncoder } from '../nn/any-encoder.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import { siteOf } from '../nn/site.ts'
import { fill } from '../ops/fill.ts'
import { randomFill } from '../ops/random-fill.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import { readVocabulary } from '../tokenizer/vocabulary.ts'
import { createWordPiece, type WordPiece } from '../tokenizer/wordpiece.ts'
import { findCheckpoint } from '../train/checkpoint/checkpoint.ts'
import { averageFile } from '../train/checkpoint/save.ts'
import { planFile } from '../train/run-directory.ts'

/** An encoder without heads, and how its text is cut into pieces. */
export interface OpenEncoder {
  model: MultiTaskModel<AnyEncoder>
  wordPiece: WordPiece
  /** The folder its values come from. */
  folder: string
}

/**
 * Opens the encoder of a model folder in HuggingFace form, or of a run: that of its latest checkpoint, whose files are
 * checked. Where there is an average of the weights, it is taken.
 *
 * @throws EverlearnError `CHECKPOINT`, `CHECKPOINT_CORRUPT`, `RUN_EMPTY`, `VOCABULARY_MISSING`, `VOCABULARY_INVALID`
 */
export async function openEncoder(
  device: Device,
  from: string,
  options: { seed: number; dtype?: Floating; dropout?: number; newPooler?: boolean },
): Promise<OpenEncoder> {
  const folder = await modelFolder(from)
  const { model, vocabularyFile, lowerCase } = load(device, folder, options)
  try {
    if (vocabularyFile === null) {
      throw new EverlearnError(
        'VOCABULARY_MISSING',
        `${folder} has no vocab.txt; put the vocabulary that the model was trained with there`,
      )
    }
    const vocabulary = readVocabulary(vocabularyFile)
    const { vocabularySize } = model.encoder.config
    if (vocabulary.size > vocabularySize) {
      throw new EverlearnError(
        'VOCABULARY_INVALID',
        `${vocabularyFile} has ${vocabulary.size} pieces, the model ${vocabularySize} embeddings; put the vocabulary ` +
          'that the model was trained with there',
      )
    }
    const average = path.join(folder, averageFile)
    if (existsSync(average)) loadModelTensors(model, readSafetensors(average), average)
    if (options.newPooler) drawPooler(model.encoder, options.seed)
    // As transformers does where tokenizer_config.json says nothing.
    return { model, wordPiece: createWordPiece(vocabulary, { lowerCase: lowerCase ?? true }), folder }
  } catch (error) {
    model.dispose()
    throw error
  }
}

/** Gives the layer between the first token and the classifier new values, as a new encoder has them. */
function drawPooler({ arena, config }: AnyEncoder, seed: number): void {
  const { initializerRange: deviation } = config
  const name = 'pooler.dense.weight'
  randomFill(
    arena.parameter(name),
    { kind: 'truncated-normal', mean: 0, deviation },
    seed,
    siteOf(`new/${name}`),
  )
  fill(arena.parameter('pooler.dense.bias'), 0)
}

function load(
  device: Device,
  folder: string,
  { seed, dtype, dropout }: { seed: number; dtype?: Floating; dropout?: number },
): LoadedErnie | LoadedLstm {
  const options = { seed, dtype, dropout, maskedLanguageModel: null }
  if (openConfigFile(folder).type === lstmModelType) return loadLstm(device, folder, options)
  // Two texts are told apart by their segment types.
  return loadErnie(device, folder, { ...options, nextSentence: null, segmentTypes: 2 })
}

async function modelFolder(from: string): Promise<string> {
  if (!existsSync(path.join(from, planFile))) return from
  const checkpoint = await findCheckpoint(from)
  if (checkpoint !== null) return checkpoint
  throw new EverlearnError(
    'RUN_EMPTY',
    `${from} has no checkpoint yet; wait for the first, or name a model folder`,
  )
}
