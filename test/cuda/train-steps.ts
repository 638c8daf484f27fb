/**
 * Trains a small encoder for a few steps on the device that EVERLEARN_BACKEND names and prints a hash of its weights:
 *
 *     node --import tsx test/cuda/train-steps.ts STEPS
 */
import { trainedWeights } from './trained-weights.ts'

const { hash } = await trainedWeights({
  steps: Number(process.argv[2] ?? 1),
  precision: 'bfloat16',
  attentionDropout: 0.1,
})
console.log(hash)
