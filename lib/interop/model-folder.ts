import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EverlearnError } from '../error.ts'

/** What a model's folder says about its tokenizer. */
export interface FolderTokenizer {
  /** vocab.txt of the folder, null where it has none. */
  vocabularyFile: string | null
  /** `do_lower_case` of its tokenizer_config.json, null where it is not said. */
  lowerCase: boolean | null
}

export function tokenizerOf(directory: string): FolderTokenizer {
  const vocabularyFile = join(directory, 'vocab.txt')
  return {
    vocabularyFile: existsSync(vocabularyFile) ? vocabularyFile : null,
    lowerCase: readLowerCase(directory),
  }
}

/** @throws EverlearnError `CHECKPOINT` where the weights are none, or in another form */
export function weightsFile(directory: string): string {
  const file = join(directory, 'model.safetensors')
  if (existsSync(file)) return file
  for (const other of ['pytorch_model.bin', 'model.safetensors.index.json'])
    if (existsSync(join(directory, other)))
      throw new EverlearnError(
        'CHECKPOINT',
        `${directory} holds ${other}; one model.safetensors is wanted: load it with transformers and save it with ` +
          "save_pretrained(DIR, safe_serialization=True, max_shard_size='100GB')",
      )
  throw new EverlearnError('CHECKPOINT', `${file} does not exist; a HuggingFace model folder is wanted`)
}

function readLowerCase(directory: string): boolean | null {
  const file = join(directory, 'tokenizer_config.json')
  if (!existsSync(file)) return null
  try {
    const { do_lower_case: lowerCase } = JSON.parse(readFileSync(file, 'utf8'))
    return typeof lowerCase === 'boolean' ? lowerCase : null
  } catch (cause) {
    throw new EverlearnError('CHECKPOINT', `${file} is not JSON`, { cause })
  }
}
