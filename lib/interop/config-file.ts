import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EverlearnError } from '../error.ts'
import type { SharedConfig } from '../nn/config.ts'

/** Activations by the names transformers has for them; the first name of each is written. */
const activations: Record<string, SharedConfig['activation']> = {
  gelu: 'gelu',
  relu: 'relu',
  gelu_new: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  gelu_fast: 'gelu_tanh',
}

export const activationName = (activation: SharedConfig['activation']): string =>
  Object.keys(activations).find((name) => activations[name] === activation) as string

/** The config.json of a model's folder, its values checked as they are asked for. */
export interface ConfigFile {
  file: string
  json: Record<string, unknown>
  /** `model_type`; undefined where it is not said. */
  type: unknown
  number(key: string, fallback?: number): number
  /** `hidden_act`. */
  activation(): SharedConfig['activation']
}

/** @throws EverlearnError `CHECKPOINT` */
export function openConfigFile(directory: string): ConfigFile {
  const file = join(directory, 'config.json')
  if (!existsSync(file))
    throw new EverlearnError('CHECKPOINT', `${file} does not exist; a HuggingFace model folder is wanted`)
  let json: Record<string, unknown>
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new EverlearnError('CHECKPOINT', `${file} is not JSON`, { cause })
  }
  return {
    file,
    json,
    type: json.model_type,
    number(key, fallback) {
      const value = json[key] ?? fallback
      if (typeof value === 'number') return value
      throw new EverlearnError(
        'CHECKPOINT',
        `${file}: ${key} must be a number, found ${JSON.stringify(value) ?? 'nothing'}`,
      )
    },
    activation() {
      const activation = activations[String(json.hidden_act ?? 'gelu')]
      if (activation) return activation
      throw new EverlearnError(
        'CHECKPOINT',
        `${file}: hidden_act ${JSON.stringify(json.hidden_act)} is not supported, only ${Object.keys(activations).join(', ')}`,
      )
    },
  }
}
