import { type EncoderShape, encoderConfig, encoderSizes } from '../nn/config.ts'
import { type EncoderOptions, TransformerEncoder } from '../nn/transformer-encoder.ts'
import type { Device } from '../tensor/device.ts'
import type { RunPlan } from './run-plan.ts'

export const optionsOf = ({ seed, precision }: RunPlan): EncoderOptions => ({ seed, dtype: precision })

/** The encoder that a plan describes by size or numbers, with initial values. */
export function encoderOfPlan(device: Device, plan: RunPlan, vocabularySize: number): TransformerEncoder {
  const { size, from, ...numbers } = plan.encoder
  const { dropout } = plan
  const dropouts = dropout === undefined ? {} : { hiddenDropout: dropout, attentionDropout: dropout }
  const shape = { ...(size === undefined ? {} : encoderSizes[size]), ...numbers, ...dropouts }
  return new TransformerEncoder(device, encoderConfig(shape as EncoderShape, vocabularySize), optionsOf(plan))
}
