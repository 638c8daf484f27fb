import { uploadBatch, uploadTargets } from '../../nn/batch.ts'
import type { MultiTaskModel } from '../../nn/multi-task-model.ts'
import { AdamW } from '../../optim/adamw.ts'
import type { RunPlan } from '../run-plan.ts'
import { type SyntheticBatch, syntheticBatch } from './synthetic-batch.ts'

/** What real steps on random input took. */
export interface TrainingMeasures {
  /** Tokens of the batch. */
  tokens: number
  steps: number
  /** Tokens per second, forward and backward. */
  tokensPerSecond: number
  /** Seconds of an optimiser step over all parameters. */
  optimizerSeconds: number
  /** Bytes of values kept for the backward and of gradients of activations, of one token. */
  activationsPerToken: number
  /** Bytes of copies of weights in the form that products of matrices want. */
  weightCopies: number
}

/** Seconds that are enough for the steps that count, and how many these are at most. */
const enough = 8
const mostSteps = 3
const fewTokens = 128

/**
 * Trains a model for a few steps on random input: every token task and one sentence task, in the plan's precision. The
 * batch is a whole micro-batch, or what takes a few seconds where that is less.
 *
 * @param length tokens of an input
 */
export async function measureTraining(
  model: MultiTaskModel,
  plan: RunPlan,
  length: number,
): Promise<TrainingMeasures> {
  const { device, config, dtype } = model.encoder
  const heads = headsOfStep(model)
  const optimizer = new AdamW(device, { dtype })
  const batchOf = (tokens: number) => {
    const most = Math.max(1, Math.min(length, Math.floor(tokens)))
    return syntheticBatch(Math.max(1, Math.floor(tokens / most)), most, config.vocabularySize, heads)
  }
  const step = async (synthetic: SyntheticBatch) => {
    const start = performance.now()
    forwardAndBackward(model, synthetic, optimizer, plan.seed)
    await device.synchronize()
    const middle = performance.now()
    optimizer.step(model.arenas(heads.map(({ name }) => name)), 1e-6)
    await device.synchronize()
    return { batch: (middle - start) / 1000, optimizer: (performance.now() - middle) / 1000 }
  }
  try {
    // The first step makes buffers and packs weights, the second one tells how long a token takes.
    const small = batchOf(fewTokens)
    await step(small)
    const { live } = device.memory()
    const second = await step(small)
    const affordable = (small.tokens * enough) / (second.batch * mostSteps)
    const batch = batchOf(Math.max(small.tokens, Math.min(plan.microBatch.tokens, affordable)))
    const times = [await step(batch)]
    const begun = performance.now()
    while (times.length < mostSteps && performance.now() - begun < 1000 * enough)
      times.push(await step(batch))
    const best = (of: 'batch' | 'optimizer') => Math.min(...times.map((time) => time[of]))
    const trained = new Set(model.arenas(heads.map(({ name }) => name)))
    // Gradients and moments of an arena are made when it is first trained.
    const flat = model.arenas().reduce((sum, arena) => sum + (trained.has(arena) ? 4 : 1) * 4 * arena.size, 0)
    return {
      tokens: batch.tokens,
      steps: times.length,
      tokensPerSecond: batch.tokens / best('batch'),
      optimizerSeconds: best('optimizer'),
      activationsPerToken: Math.max(0, device.memory().peak - live) / batch.tokens,
      weightCopies: Math.max(0, live - flat),
    }
  } finally {
    optimizer.dispose()
  }
}

/** Heads of a step that trains all that one step can: the token tasks and a sentence task. */
function headsOfStep(model: MultiTaskModel) {
  const heads = [...model.heads.values()].map(({ name, spec }) => ({ name, spec }))
  const ofTokens = ({ spec: { kind } }: (typeof heads)[number]) =>
    kind === 'masked-language-model' || kind === 'token-classification'
  return [...heads.filter(ofTokens), ...heads.filter((head) => !ofTokens(head)).slice(0, 1)]
}

function forwardAndBackward(
  model: MultiTaskModel,
  { batch, targets }: SyntheticBatch,
  optimizer: AdamW,
  seed: number,
): void {
  const { device } = model.encoder
  using _scope = device.scope()
  using tape = device.tape()
  const randomness = { seed, step: device.tensor(Int32Array.of(1)) }
  const uploaded = targets.map((target) =>
    uploadTargets(device, target, device.tensor([1 / target.valid], [1], 'float32')),
  )
  const losses = model.forward(uploadBatch(device, batch), uploaded, {
    randomness,
    lossScale: optimizer.lossScale.growthInterval > 0 ? optimizer.lossScale.value : null,
  })
  tape.backward([...losses.values()])
}
