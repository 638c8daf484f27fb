import { EverlearnError } from '../error.ts'

/** The numbers that make an encoder. */
export interface EncoderConfig {
  vocabularySize: number
  hiddenSize: number
  layers: number
  heads: number
  intermediateSize: number
  activation: 'gelu' | 'gelu_tanh' | 'relu'
  /** Longest input. */
  positions: number
  /** Rows of the segment embedding. */
  segmentTypes: number
  /** Rows of the task embedding; 0: none. */
  taskTypes: number
  layerNormEpsilon: number
  hiddenDropout: number
  attentionDropout: number
  initializerRange: number
}

/** What is not attention's: every encoder has it. */
export type SharedConfig = Omit<EncoderConfig, 'heads' | 'intermediateSize' | 'attentionDropout'>

/** Layers, hidden size and heads by name; `base` and `large` are the paper's, the others for small machines. */
export const encoderSizes = {
  mini: { layers: 4, hiddenSize: 256, heads: 4 },
  small: { layers: 6, hiddenSize: 384, heads: 6 },
  base: { layers: 12, hiddenSize: 768, heads: 12 },
  large: { layers: 24, hiddenSize: 1024, heads: 16 },
} as const

export type EncoderSize = keyof typeof encoderSizes

/** A size's name, or its numbers and whatever else differs from the usual. */
export type EncoderShape =
  | EncoderSize
  | (Pick<EncoderConfig, 'layers' | 'hiddenSize' | 'heads'> & Partial<EncoderConfig>)

/** The whole configuration: what `shape` leaves out is as in ERNIE 2.0. */
export function encoderConfig(shape: EncoderShape, vocabularySize: number): EncoderConfig {
  const given: Partial<EncoderConfig> & Pick<EncoderConfig, 'hiddenSize' | 'layers' | 'heads'> =
    typeof shape === 'string' ? encoderSizes[shape] : shape
  const config: EncoderConfig = {
    intermediateSize: 4 * given.hiddenSize,
    activation: 'gelu',
    positions: 512,
    segmentTypes: 4,
    taskTypes: 16,
    layerNormEpsilon: 1e-5,
    hiddenDropout: 0.1,
    attentionDropout: 0.1,
    initializerRange: 0.02,
    ...given,
    vocabularySize,
  }
  checkEncoderConfig(config)
  return config
}

export function checkEncoderConfig(config: EncoderConfig): void {
  const positive = [
    'vocabularySize',
    'hiddenSize',
    'layers',
    'heads',
    'intermediateSize',
    'positions',
    'segmentTypes',
  ] as const
  for (const key of positive)
    if (!(Number.isSafeInteger(config[key]) && config[key] > 0))
      throw new EverlearnError(
        'ENCODER_CONFIG',
        `encoder: ${key} must be a whole number above 0, found ${config[key]}`,
      )
  if (!(Number.isSafeInteger(config.taskTypes) && config.taskTypes >= 0))
    throw new EverlearnError(
      'ENCODER_CONFIG',
      `encoder: taskTypes must be a whole number, found ${config.taskTypes}`,
    )
  for (const key of ['hiddenDropout', 'attentionDropout'] as const)
    if (!(config[key] >= 0 && config[key] < 1))
      throw new EverlearnError(
        'ENCODER_CONFIG',
        `encoder: ${key} must be from 0 up to 1, found ${config[key]}`,
      )
  if (config.hiddenSize % config.heads !== 0)
    throw new EverlearnError(
      'ENCODER_CONFIG',
      `encoder: a hidden size of ${config.hiddenSize} does not divide into ${config.heads} heads`,
    )
}
