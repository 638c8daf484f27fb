import type { Task } from '../data/task.ts'
import { readErnieConfig } from '../interop/ernie-config.ts'
import { type LoadedErnie, loadErnie } from '../interop/load-ernie.ts'
import { readLstmConfig } from '../interop/lstm-config.ts'
import type { AnyEncoder } from '../nn/any-encoder.ts'
import { type EncoderShape, encoderConfig, encoderSizes } from '../nn/config.ts'
import type { EncoderOptions } from '../nn/encoder.ts'
import { type LstmShape, lstmConfig } from '../nn/lstm-config.ts'
import { LstmEncoder } from '../nn/lstm-encoder.ts'
import { TransformerEncoder } from '../nn/transformer-encoder.ts'
import type { Device } from '../tensor/device.ts'
import type { RunPlan } from './run-plan.ts'

export const optionsOf = ({ seed, precision, activationCheckpointing }: RunPlan): EncoderOptions => ({
  seed,
  dtype: precision,
  activationCheckpointing,
})

/** The encoder that a plan describes by size or numbers, with initial values. */
export function encoderOfPlan(device: Device, plan: RunPlan, vocabularySize: number): AnyEncoder {
  const { type, size, from, ...numbers } = plan.encoder
  const { dropout } = plan
  const sizes = size === undefined ? {} : encoderSizes[size]
  if (type === 'lstm') {
    const shape = { ...sizes, ...numbers, ...(dropout === undefined ? {} : { hiddenDropout: dropout }) }
    return new LstmEncoder(device, lstmConfig(shape as LstmShape, vocabularySize), optionsOf(plan))
  }
  const dropouts = dropout === undefined ? {} : { hiddenDropout: dropout, attentionDropout: dropout }
  const shape = { ...sizes, ...numbers, ...dropouts }
  return new TransformerEncoder(device, encoderConfig(shape as EncoderShape, vocabularySize), optionsOf(plan))
}

/** The model of the folder that a plan's encoder is from: its own configuration decides, and its masking head stays. */
export function loadFolderOfPlan(device: Device, plan: RunPlan, from: string, tasks: Task[]): LoadedErnie {
  const masking = tasks.find((task) => task.kind === 'token' && task.head.kind === 'masked-language-model')
  return loadErnie(device, from, {
    ...optionsOf(plan),
    segmentTypes: 4,
    taskTypes: 16,
    maskedLanguageModel: masking?.name ?? null,
    nextSentence: null,
    dropout: plan.dropout,
  })
}

/** An encoder of the shape that a checkpoint of the run holds; its values are still to be loaded. */
export const encoderOfCheckpoint = (device: Device, plan: RunPlan, checkpoint: string): AnyEncoder =>
  plan.encoder.type === 'lstm'
    ? new LstmEncoder(device, readLstmConfig(checkpoint), optionsOf(plan))
    : new TransformerEncoder(device, readErnieConfig(checkpoint), optionsOf(plan))
