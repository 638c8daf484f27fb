import { LstmEncoder } from '../nn/lstm-encoder.ts'
import { MultiTaskModel } from '../nn/multi-task-model.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import { readLstmConfig } from './lstm-config.ts'
import { type FolderTokenizer, tokenizerOf, weightsFile } from './model-folder.ts'
import { encoderPrefixes, loadPart, storedParts } from './model-tensors.ts'
import { readSafetensors } from './read-safetensors.ts'

export interface LoadLstmOptions {
  /** dtype of activations. Default float32. */
  dtype?: Floating
  /** Seed of heads added later. Default 0. */
  seed?: number
  /** See `EncoderOptions`. */
  activationCheckpointing?: boolean
  /** Instead of the folder's. */
  dropout?: number
  /** Name to give the masked language model head, if the folder has one. null: leave it. */
  maskedLanguageModel?: string | null
}

export interface LoadedLstm extends FolderTokenizer {
  model: MultiTaskModel<LstmEncoder>
}

/**
 * Reads the encoder of a checkpoint of a run whose plan said `type: 'lstm'`, and its masked language model.
 *
 * @throws EverlearnError `CHECKPOINT`
 */
export function loadLstm(device: Device, directory: string, options: LoadLstmOptions = {}): LoadedLstm {
  const { dtype, seed = 0, dropout, activationCheckpointing } = options
  const { maskedLanguageModel = 'masked-language-model' } = options
  const stored = readLstmConfig(directory)
  const config = dropout === undefined ? stored : { ...stored, hiddenDropout: dropout }
  const file = weightsFile(directory)
  const found = readSafetensors(file)
  const encoder = new LstmEncoder(device, config, { dtype, seed, activationCheckpointing })
  const model = new MultiTaskModel(encoder, { seed })
  try {
    for (const part of storedParts(encoder.arena, encoderPrefixes.lstm))
      loadPart(encoder.arena, part, file, found)
    if (maskedLanguageModel !== null && found.tensors.has('cls.predictions.bias')) {
      const { arena } = model.addHead(maskedLanguageModel, { kind: 'masked-language-model' })
      for (const part of storedParts(arena, 'cls.predictions.')) loadPart(arena, part, file, found)
    }
  } catch (error) {
    model.dispose()
    throw error
  }
  return { model, ...tokenizerOf(directory) }
}
