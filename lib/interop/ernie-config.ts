import { EverlearnError } from '../error.ts'
import { checkEncoderConfig, type EncoderConfig } from '../nn/config.ts'
import { activationName, openConfigFile } from './config-file.ts'

/**
 * The configuration in a HuggingFace folder of an ERNIE or BERT model. Keys that are left out have transformers' own
 * defaults. `taskTypes` is 0 where `use_task_id` is off.
 */
export function readErnieConfig(directory: string): EncoderConfig {
  const { file, json, type = 'ernie', number, activation } = openConfigFile(directory)
  if (type !== 'ernie' && type !== 'bert')
    throw new EverlearnError(
      'CHECKPOINT',
      `${file} is of a model of type ${JSON.stringify(type)}; ernie and bert can be continued from`,
    )
  const positionType = json.position_embedding_type ?? 'absolute'
  if (positionType !== 'absolute')
    throw new EverlearnError(
      'CHECKPOINT',
      `${file}: position_embedding_type ${positionType} is not supported, only absolute`,
    )
  const hiddenSize = number('hidden_size')
  const config: EncoderConfig = {
    vocabularySize: number('vocab_size'),
    hiddenSize,
    layers: number('num_hidden_layers'),
    heads: number('num_attention_heads'),
    intermediateSize: number('intermediate_size', 4 * hiddenSize),
    activation: activation(),
    positions: number('max_position_embeddings', 512),
    segmentTypes: number('type_vocab_size', 2),
    taskTypes: json.use_task_id === true ? number('task_type_vocab_size', 3) : 0,
    layerNormEpsilon: number('layer_norm_eps', 1e-12),
    hiddenDropout: number('hidden_dropout_prob', 0.1),
    attentionDropout: number('attention_probs_dropout_prob', 0.1),
    initializerRange: number('initializer_range', 0.02),
  }
  checkEncoderConfig(config)
  return config
}

/** What config.json says so that transformers loads the folder as ErnieForPreTraining. */
export function ernieConfigJson(config: EncoderConfig, padId: number): Record<string, unknown> {
  return {
    architectures: ['ErnieForPreTraining'],
    model_type: 'ernie',
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.intermediateSize,
    hidden_act: activationName(config.activation),
    hidden_dropout_prob: config.hiddenDropout,
    attention_probs_dropout_prob: config.attentionDropout,
    max_position_embeddings: config.positions,
    type_vocab_size: config.segmentTypes,
    use_task_id: config.taskTypes > 0,
    ...(config.taskTypes > 0 ? { task_type_vocab_size: config.taskTypes } : {}),
    layer_norm_eps: config.layerNormEpsilon,
    initializer_range: config.initializerRange,
    pad_token_id: padId,
    tie_word_embeddings: true,
    dtype: 'float32',
  }
}
