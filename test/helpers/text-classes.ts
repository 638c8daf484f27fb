import path from 'node:path'
import { createRandom } from '../../lib/data/random.ts'
import type { Example } from '../../lib/finetune/read-examples.ts'
import type { FineTuningTask } from '../../lib/finetune/task.ts'
import { saveErnie } from '../../lib/interop/save-ernie.ts'
import { encoderConfig } from '../../lib/nn/config.ts'
import { MultiTaskModel } from '../../lib/nn/multi-task-model.ts'
import { TransformerEncoder } from '../../lib/nn/transformer-encoder.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { smallVocabulary } from './corpus.ts'

const words = [
  'red',
  'green',
  'blue',
  'apple',
  'pear',
  'plum',
  'table',
  'chair',
  'lamp',
  'river',
  'hill',
  'road',
]

/** Whether a text has the word "plum": a model that looks at all words tells it always. */
export const plumTask: FineTuningTask = {
  name: 'plum',
  columns: { first: 'text', label: 'label' },
  labels: ['without', 'with'],
  metric: 'accuracy',
}

/** Texts of some words, half of them with a plum. */
export function plumExamples(count: number, seed: number): Example[] {
  const random = createRandom(seed, 'plum')
  const others = words.filter((word) => word !== 'plum')
  return Array.from({ length: count }, (_, index) => {
    const text = Array.from({ length: 3 + random.below(6) }, () => others[random.below(others.length)])
    const label = index % 2
    if (label === 1) text[random.below(text.length)] = 'plum'
    return { texts: [text.join(' ')], label }
  })
}

/** A small new encoder in a folder. */
export async function smallEncoderFolder(parent: string, name = 'encoder'): Promise<string> {
  const vocabulary = smallVocabulary(words)
  const device = await openDevice()
  const config = encoderConfig(
    { layers: 1, hiddenSize: 32, heads: 2, positions: 64, hiddenDropout: 0, attentionDropout: 0 },
    vocabulary.size,
  )
  const model = new MultiTaskModel(new TransformerEncoder(device, config, { seed: 5 }), { seed: 5 })
  const folder = path.join(parent, name)
  await saveErnie(model, folder, { vocabulary: vocabulary.tokens, lowerCase: true })
  model.dispose()
  device.close()
  return folder
}
