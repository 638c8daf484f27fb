import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  encoderConfig,
  MultiTaskModel,
  openCorpus,
  openDevice,
  saveErnie,
  TransformerEncoder,
} from '../../lib/index.ts'
import type { Settings } from './settings.ts'

/** Folder of an encoder that was not pre-trained at all: what the probes reach by themselves. */
export async function untrainedEncoder(
  seed: number,
  { plan }: Settings,
  { corpus, out }: { corpus: string; out: string },
): Promise<string> {
  const folder = path.join(out, 'runs', `none-seed-${seed}`)
  if (existsSync(folder)) return folder
  const { vocabulary, manifest, close } = openCorpus(path.join(corpus, 'train'))
  const shape = plan.encoder as Parameters<typeof encoderConfig>[0]
  const device = await openDevice()
  const encoder = new TransformerEncoder(device, encoderConfig(shape, vocabulary.size), { seed })
  const model = new MultiTaskModel(encoder, { seed })
  try {
    await saveErnie(model, folder, { vocabulary: vocabulary.tokens, lowerCase: manifest.lowerCase })
  } finally {
    model.dispose()
    device.close()
    close()
  }
  return folder
}
