import { gatherRows } from '../../ops/gather-rows.ts'
import { layerNorm } from '../../ops/layer-norm.ts'
import { linear } from '../../ops/linear.ts'
import { linearCrossEntropy } from '../../ops/linear-cross-entropy.ts'
import type { Floating } from '../../tensor/dtype.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Arena } from '../arena.ts'
import { layerNormAt, layerNormSpecs } from '../layer-norm.ts'
import { linearAt, linearSpecs } from '../linear.ts'
import { classTargets } from './classification-loss.ts'
import type { Head, HeadSpec, MakeHead } from './head.ts'

type Spec = Extract<HeadSpec, { kind: 'masked-language-model' }>

/**
 * The word at each row: dense, activation, LayerNorm, then a product with the word embeddings (tied) and a bias. Only the
 * rows looked at reach the vocabulary.
 */
export const maskedLanguageModelHead: MakeHead<Spec> = (name, spec, encoder, seed) => {
  const { hiddenSize, vocabularySize, activation, layerNormEpsilon, initializerRange } = encoder.config
  const specs = [
    ...linearSpecs('transform.dense', hiddenSize, hiddenSize, initializerRange),
    ...layerNormSpecs('transform.LayerNorm', hiddenSize),
    {
      name: 'bias',
      shape: [vocabularySize],
      allocatedRows: encoder.wordEmbeddings.shape[0],
      initial: 'zeros',
    } as const,
  ]
  const arena = new Arena(encoder.device, name, specs, seed)
  const dense = linearAt(arena, 'transform.dense')
  const norm = layerNormAt(arena, 'transform.LayerNorm')
  const bias = arena.parameter('bias')
  const transform = (hidden: Tensor<Floating>, index: Tensor<'int32'>) => {
    using gathered = gatherRows(hidden, index)
    using transformed = linear(gathered, dense.weight, dense.bias, activation)
    return layerNorm(transformed, norm.gamma, norm.beta, layerNormEpsilon)
  }
  const head: Head = {
    name,
    spec,
    arena,
    classes: vocabularySize,
    predict(hidden, { index }) {
      using transformed = transform(hidden, index)
      return linear(transformed, encoder.wordEmbeddings, bias)
    },
    loss(hidden, targets, pass = {}) {
      const { labels, options } = classTargets(targets, vocabularySize, pass)
      using transformed = transform(hidden, targets.index)
      return linearCrossEntropy(transformed, encoder.wordEmbeddings, bias, labels, options)
    },
  }
  return head
}
