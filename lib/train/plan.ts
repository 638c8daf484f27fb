import { z } from 'zod'
import { knownNames } from './nearest.ts'

/** An object whose unknown keys are answered with the known ones. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown key "${key}"; ${knownNames(key, Object.keys(shape))}`).join('; ')
        : undefined,
  })

const positive = z.number().positive()
const whole = z.int().nonnegative()
const count = z.int().positive()
const share = z.number().min(0).lt(1)
const budgets = z.record(z.string(), whole)

/** A task is trained until its held-out figure has not become better in `patience` evaluations, `atMost` so often. */
const converging = section({
  until: z.literal('converged'),
  atMost: count,
  patience: count.default(3),
})

const encoderSchema = section({
  /** A Transformer, ERNIE's own, where it is not given; an LSTM runs over the input in both directions. */
  type: z.enum(['transformer', 'lstm']).optional(),
  /** `mini` 4x256x4, `small` 6x384x6, `base` 12x768x12 or `large` 24x1024x16 (layers, hidden size, heads). */
  size: z.enum(['mini', 'small', 'base', 'large']).optional(),
  /** Folder of a BERT or ERNIE model in HuggingFace form to continue from, with its own config and vocab.txt. */
  from: z.string().optional(),
  layers: count.optional(),
  hiddenSize: count.optional(),
  heads: count.optional(),
  /** 4 × hiddenSize where it is not given. */
  intermediateSize: count.optional(),
  activation: z.enum(['gelu', 'gelu_tanh', 'relu']).optional(),
})

const corpusSchema = section({
  /** Folder that `everlearn prepare` made. */
  path: z.string(),
  /** How often it is drawn, relative to the other corpora that a task may use. */
  weight: positive.default(1),
  /** Names of the tasks that may use it: all that it can serve where they are not given. */
  tasks: z.array(z.string()).optional(),
})

const heldOutSchema = section({ path: z.string(), tasks: z.array(z.string()).optional() })

/** A task: besides these keys, what the task's own options are. */
const taskSchema = z.looseObject({
  /** Name of a built-in task, or path of a file whose default export makes one. */
  task: z.string(),
  /** Its name in this run; the task's own where it is not given. */
  name: z.string().optional(),
  /** Of its loss, relative to the other tasks' in the same step. */
  weight: positive.default(1),
})

const taskEntry = z.union([z.string(), taskSchema])
const corpora = z.record(z.string(), z.union([z.string(), corpusSchema]))
const heldOut = z.record(z.string(), z.union([z.string(), heldOutSchema]))

/** What was done to a run after it began, as `everlearn add-task` writes it. */
const changeSchema = z.union([
  /** One more stage with a new task. */
  section({
    add: taskEntry,
    corpora: corpora.default({}),
    heldOut: heldOut.default({}),
    iterations: count,
  }),
  /** No more iterations for a task after this step. */
  section({ retire: z.string(), step: whole }),
])

/** What a run is. Times are steps, lengths are tokens; docs/plans.md explains every key. */
export const planSchema = section({
  name: z.string().default('everlearn'),
  seed: whole.default(1),
  encoder: z.union([z.enum(['mini', 'small', 'base', 'large']), encoderSchema]).default('base'),
  corpora,
  heldOut: heldOut.default({}),
  /** In the order in which they are added: one stage for each. */
  tasks: z.array(taskEntry).min(1),
  /** The paper's Figure 2: all earlier tasks beside each new one, all tasks at once, or one task after another. */
  method: z.enum(['continual-multi-task', 'multi-task', 'continual']).default('continual-multi-task'),
  /** Of each task over the whole run, by task, or a table with the iterations of each task by stage. */
  iterations: z.union([
    count,
    converging,
    z.record(z.string(), z.union([whole, converging])),
    z.array(budgets).min(1),
  ]),
  /** Written by `everlearn add-task` and `everlearn retire-task`. */
  changes: z.array(changeSchema).default([]),
  tokensPerStep: count.default(8192),
  maxLength: z.int().min(16).max(512).default(128),
  /** Capacities of one pass through the encoder; a step takes as many passes as it needs. */
  microBatch: section({
    tokens: count.optional(),
    sequences: count.optional(),
    masked: count.optional(),
  }).prefault({}),
  /** `cpu`, `cuda` (the first GPU) or `cuda:1`; by default what EVERLEARN_BACKEND says, else the CPU. */
  device: z
    .string()
    .regex(/^(cpu|cuda(:\d{1,3})?)$/, 'wanted cpu, cuda or cuda:N')
    .optional(),
  /** Of activations; weights and moments are float32. bfloat16 where the device is fast at it, else float32. */
  precision: z.enum(['float32', 'bfloat16', 'float16']).optional(),
  /** AdamW as in torch.optim, with the norm of all gradients clipped to `clip` (0: not clipped). */
  optimizer: section({
    beta1: share.default(0.9),
    beta2: share.default(0.98),
    epsilon: positive.default(1e-6),
    weightDecay: z.number().nonnegative().default(0.01),
    clip: z.number().nonnegative().default(1),
  }).prefault({}),
  /** Peak learning rate, reached after `warmup` steps; with `rewarm` each stage begins anew. */
  schedule: section({
    type: z.enum(['noam', 'linear', 'constant']).default('noam'),
    learningRate: positive.default(5e-5),
    warmup: whole.default(4000),
    rewarm: z.boolean().default(true),
  }).prefault({}),
  /** Make each layer's values again in the backward instead of keeping them: less memory, one more forward pass. */
  activationCheckpointing: z.boolean().default(false),
  /** Record the parts of a step and run them again: on a GPU as CUDA graphs. */
  cudaGraphs: z.boolean().default(false),
  /** Of hidden values and attention. 0.1, or what the folder that the encoder is from says. */
  dropout: share.optional(),
  /** Dynamic, in float16 only: doubled after `growthInterval` good steps, halved by an overflow. */
  lossScale: section({
    initial: positive.default(65536),
    growthInterval: count.default(2000),
  }).prefault({}),
  /** Steps in a row whose gradients may be Inf or NaN before the run stops. */
  maxSkipped: count.default(20),
  /**
   * Besides the one at each stage's end, a checkpoint after every so many steps (0: none); the last `keep` stay, and the
   * one with which the task `best` did best on held-out text.
   */
  checkpoint: section({
    every: whole.default(1000),
    keep: count.default(2),
    best: z.string().optional(),
  }).prefault({}),
  /** Decay of the exponential moving average of weights that is evaluated instead of them, such as 0.999. */
  ema: share.optional(),
  /** Steps that a line of the log stands for, and whether TensorBoard's files are written too. */
  log: section({ every: count.default(10), tensorboard: z.boolean().default(true) }).prefault({}),
  /**
   * Sequences of held-out text for each task, after each stage and after every so many steps inside it (0: none; 1000
   * where a task is trained until it has converged).
   */
  evaluate: section({ sequences: count.default(1024), every: whole.optional() }).prefault({}),
  /** Threads that assemble batches; 0 does it in the main thread. */
  workers: whole.max(64).default(2),
})

/** A plan as it is written: `export default { … } satisfies Plan`. */
export type Plan = z.input<typeof planSchema>
export type CheckedPlan = z.output<typeof planSchema>
