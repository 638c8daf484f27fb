import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { EverlearnError } from '../error.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import type { TransformerEncoder } from '../nn/transformer-encoder.ts'
import { ernieConfigJson } from './ernie-config.ts'
import { type HeadPlaces, modelTensors } from './model-tensors.ts'
import { writeSafetensors } from './write-safetensors.ts'

export interface SaveErnieOptions extends HeadPlaces {
  /** Tokens in order of id, at most as many as the model's vocabulary. */
  vocabulary: readonly string[]
  /** Whether the tokenizer lower-cases. */
  lowerCase: boolean
}

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
    writeErnieFiles(model, aside, options)
    writeSafetensors(join(aside, 'model.safetensors'), tensors)
    renameSync(aside, target)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    throw error
  }
}

/** Everything of the folder but the weights, into a directory that exists. */
export function writeErnieFiles(
  model: MultiTaskModel<TransformerEncoder>,
  directory: string,
  { vocabulary, lowerCase }: Pick<SaveErnieOptions, 'vocabulary' | 'lowerCase'>,
): void {
  const { config } = model.encoder
  if (vocabulary.length > config.vocabularySize)
    throw new EverlearnError(
      'VOCABULARY',
      `the vocabulary has ${vocabulary.length} tokens, the model ${config.vocabularySize} embeddings`,
    )
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text, { flush: true })
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  write('config.json', json(ernieConfigJson(config, Math.max(0, vocabulary.indexOf('[PAD]')))))
  write('vocab.txt', vocabulary.map((token) => `${token}\n`).join(''))
  write(
    'tokenizer_config.json',
    json({
      tokenizer_class: 'BertTokenizer',
      do_lower_case: lowerCase,
      model_max_length: config.positions,
      pad_token: '[PAD]',
      unk_token: '[UNK]',
      cls_token: '[CLS]',
      sep_token: '[SEP]',
      mask_token: '[MASK]',
    }),
  )
}
