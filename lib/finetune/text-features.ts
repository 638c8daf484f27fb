import { uploadBatch } from '../nn/batch.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import type { WordPiece } from '../tokenizer/wordpiece.ts'
import { encodeExample } from './encode-example.ts'
import { packExamples } from './pack-examples.ts'

/** Texts that go through the encoder in one go: bounds what is read back. */
const textsAtOnce = 256

/**
 * What an encoder makes of texts by itself: of each the mean of the representations of its tokens, special ones
 * included. Nothing is dropped and nothing is learned.
 *
 * @returns float32 [texts, hidden size]
 */
export async function textFeatures(
  model: MultiTaskModel,
  wordPiece: WordPiece,
  texts: readonly string[],
  { maxLength, microBatchTokens }: { maxLength: number; microBatchTokens: number },
): Promise<Float32Array> {
  const { device, config } = model.encoder
  const { hiddenSize } = config
  const features = new Float32Array(texts.length * hiddenSize)
  for (let first = 0; first < texts.length; first += textsAtOnce) {
    const encoded = texts
      .slice(first, first + textsAtOnce)
      .map((text) => encodeExample({ texts: [text], label: 0 }, wordPiece, maxLength))
    for (const batch of packExamples(encoded, 'features', microBatchTokens)) {
      await device.ready()
      const read = () => {
        using _scope = device.scope()
        return model.encoder.encode(uploadBatch(device, batch)).toFloat32()
      }
      const hidden = await read()
      for (let sequence = 0; sequence < batch.sequences; sequence++) {
        const [start, end] = batch.offsets.subarray(sequence, sequence + 2)
        const row = (first + batch.firstSlot + sequence) * hiddenSize
        for (let token = start; token < end; token++) {
          for (let k = 0; k < hiddenSize; k++) {
            features[row + k] += hidden[token * hiddenSize + k] / (end - start)
          }
        }
      }
    }
  }
  return features
}

/**
 * Features of rows of one text or two: the texts' own, and of a pair u, v also |u − v| and u · v, element by element
 * (Conneau et al. 2017, "Supervised Learning of Universal Sentence Representations", section 3.2).
 *
 * @param parts of each text of a row, float32 [rows, width]
 * @returns float32 [rows, width], or [rows, 4 · width] of pairs
 */
export function combineFeatures(parts: readonly Float32Array[], width: number): Float32Array {
  const [u, v] = parts
  if (!v) return u
  const combined = new Float32Array(4 * u.length)
  for (let i = 0; i < u.length; i++) {
    const row = 4 * (i - (i % width)) + (i % width)
    combined[row] = u[i]
    combined[row + width] = v[i]
    combined[row + 2 * width] = Math.abs(u[i] - v[i])
    combined[row + 3 * width] = u[i] * v[i]
  }
  return combined
}
