import { EverlearnError } from '../error.ts'
import { checkLstmConfig, type LstmConfig } from '../nn/lstm-config.ts'
import { activationName, openConfigFile } from './config-file.ts'

/** transformers has no such model: the folder is everlearn's alone. */
export const lstmModelType = 'everlearn-lstm'

/** @throws EverlearnError `CHECKPOINT` */
export function readLstmConfig(directory: string): LstmConfig {
  const { file, type, number, activation } = openConfigFile(directory)
  if (type !== lstmModelType)
    throw new EverlearnError(
      'CHECKPOINT',
      `${file} is of a model of type ${JSON.stringify(type) ?? 'unknown'}; ${lstmModelType} is wanted`,
    )
  const config: LstmConfig = {
    vocabularySize: number('vocab_size'),
    hiddenSize: number('hidden_size'),
    layers: number('num_hidden_layers'),
    activation: activation(),
    positions: number('max_position_embeddings'),
    segmentTypes: number('type_vocab_size'),
    taskTypes: number('task_type_vocab_size'),
    layerNormEpsilon: number('layer_norm_eps'),
    hiddenDropout: number('hidden_dropout_prob'),
    initializerRange: number('initializer_range'),
  }
  checkLstmConfig(config)
  return config
}

/** By transformers' names where it has one. */
export function lstmConfigJson(config: LstmConfig): Record<string, unknown> {
  return {
    model_type: lstmModelType,
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    hidden_act: activationName(config.activation),
    hidden_dropout_prob: config.hiddenDropout,
    max_position_embeddings: config.positions,
    type_vocab_size: config.segmentTypes,
    task_type_vocab_size: config.taskTypes,
    layer_norm_eps: config.layerNormEpsilon,
    initializer_range: config.initializerRange,
    dtype: 'float32',
  }
}
