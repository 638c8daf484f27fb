import {
  checkEncoderConfig,
  type EncoderSize,
  encoderConfig,
  encoderSizes,
  type SharedConfig,
} from './config.ts'

/** The numbers that make an LSTM encoder: each of a layer's two directions has `hiddenSize` units. */
export type LstmConfig = SharedConfig

/** A size's name, or its numbers and whatever else differs from the usual. */
export type LstmShape = EncoderSize | (Pick<LstmConfig, 'layers' | 'hiddenSize'> & Partial<LstmConfig>)

/** The whole configuration: what `shape` leaves out is as the Transformer has it. */
export function lstmConfig(shape: LstmShape, vocabularySize: number): LstmConfig {
  const given = typeof shape === 'string' ? encoderSizes[shape] : shape
  const { heads, intermediateSize, attentionDropout, ...config } = encoderConfig(
    { ...given, heads: 1 },
    vocabularySize,
  )
  return config
}

export function checkLstmConfig(config: LstmConfig): void {
  checkEncoderConfig({ ...config, heads: 1, intermediateSize: 1, attentionDropout: 0 })
}
