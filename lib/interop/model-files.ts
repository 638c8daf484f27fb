import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EverlearnError } from '../error.ts'
import type { AnyEncoder } from '../nn/any-encoder.ts'
import { ernieConfigJson } from './ernie-config.ts'
import { lstmConfigJson } from './lstm-config.ts'

export interface ModelFilesOptions {
  /** Tokens in order of id, at most as many as the model's vocabulary. */
  vocabulary: readonly string[]
  /** Whether the tokenizer lower-cases. */
  lowerCase: boolean
}

/** Everything of a model's folder but the weights, into a directory that exists. */
export function writeModelFiles(
  encoder: AnyEncoder,
  directory: string,
  { vocabulary, lowerCase }: ModelFilesOptions,
): void {
  const { config } = encoder
  if (vocabulary.length > config.vocabularySize)
    throw new EverlearnError(
      'VOCABULARY',
      `the vocabulary has ${vocabulary.length} tokens, the model ${config.vocabularySize} embeddings`,
    )
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text, { flush: true })
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  const padId = Math.max(0, vocabulary.indexOf('[PAD]'))
  write(
    'config.json',
    json(encoder.type === 'lstm' ? lstmConfigJson(encoder.config) : ernieConfigJson(encoder.config, padId)),
  )
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
