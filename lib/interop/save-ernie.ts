import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { EverlearnError } from '../error.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import type { TransformerEncoder } from '../nn/transformer-encoder.ts'
import { type ModelFilesOptions, writeModelFiles } from './model-files.ts'
import { type HeadPlaces, modelTensors } from './model-tensors.ts'
import { writeSafetensors } from './write-safetensors.ts'

export interface SaveErnieOptions extends HeadPlaces, ModelFilesOptions {}

/**
 * Writes a folder that transformers loads as ErnieForPreTraining (or ErnieModel, …): config.json, model.safetensors,
 * vocab.txt, tokenizer_config.json. Heads without a place there are in the same file as `heads.NAME.…`, which
 * transformers ignores. The folder must not exist; it is written aside and renamed.
 */
export async function saveErnie(
  model: MultiTaskModel<TransformerEncoder>,
  directory: string,
  options: SaveErnieOptions,
): Promise<void> {
  const target = resolve(directory)
  if (existsSync(target))
    throw new EverlearnError(
      'OUT_EXISTS',
      `${directory} exists already; name a folder that does not, or remove it`,
    )
  const tensors = await modelTensors(model, options)
  const aside = `${target}.${process.pid}.partial`
  mkdirSync(dirname(target), { recursive: true })
  mkdirSync(aside)
  try {
    writeModelFiles(model.encoder, aside, options)
    writeSafetensors(join(aside, 'model.safetensors'), tensors)
    renameSync(aside, target)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    throw error
  }
}
