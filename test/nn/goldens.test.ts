import test, { type ExecutionContext } from 'ava'
import { loadErnie } from '../../lib/interop/load-ernie.ts'
import { storedParts } from '../../lib/interop/model-tensors.ts'
import type { Arena } from '../../lib/nn/arena.ts'
import type { HeadTargets } from '../../lib/nn/batch.ts'
import { AdamW } from '../../lib/optim/adamw.ts'
import { noam } from '../../lib/optim/schedules.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Floating } from '../../lib/tensor/dtype.ts'
import type { Tensor } from '../../lib/tensor/tensor.ts'
import { isClose, isCloseOrTiny } from '../helpers/compare.ts'
import { goldensDirectory, readGoldenJson, readGoldens } from '../helpers/goldens.ts'

const device = await openDevice()

/** The golden's padded batch, packed: padded positions are dropped, and so are they from every expected value. */
function packed(name: string) {
  const golden = readGoldens(`${name}/case.safetensors`)
  const [sequences, longest] = golden('input_ids').shape
  const mask = golden('attention_mask').values
  const real: number[] = []
  const offsets = [0]
  for (let s = 0; s < sequences; s++) {
    for (let i = 0; i < longest; i++) if (mask[s * longest + i]) real.push(s * longest + i)
    offsets.push(real.length)
  }
  const take = (values: ArrayLike<number>) => Int32Array.from(real, (index) => values[index])
  const labels = take(golden('labels').values)
  return {
    golden,
    sequences,
    offsets,
    labels,
    nextSentence: Int32Array.from(golden('next_sentence_label').values),
    batch: () => ({
      ids: device.tensor(take(golden('input_ids').values)),
      positions: device.tensor(Int32Array.from(real, (index) => index % longest)),
      segments: device.tensor(take(golden('token_type_ids').values)),
      tasks: device.tensor(take(golden('task_type_ids').values)),
      rows: device.tensor(Int32Array.from(real)),
      offsets: device.tensor(Int32Array.from(offsets)),
    }),
    /** Rows of real positions of an expected value [sequences, longest, …]. */
    rows(what: string): Float32Array {
      const { values, shape } = golden(what)
      const width = shape[2]
      const out = new Float32Array(real.length * width)
      real.forEach((index, row) => {
        out.set(values.subarray(index * width, (index + 1) * width), row * width)
      })
      return out
    },
  }
}

/** Masked language modelling on every labelled token, next sentence on every sequence; both means. */
function targetsOf({ labels, nextSentence, offsets, sequences }: ReturnType<typeof packed>): HeadTargets[] {
  const masked = [...labels.keys()].filter((token) => labels[token] >= 0)
  const index = Int32Array.from(masked)
  const first = Int32Array.from(offsets.slice(0, sequences))
  return [
    {
      head: 'masked-language-model',
      index: device.tensor(index),
      labels: device.tensor(Int32Array.from(masked, (token) => labels[token])),
      rows: device.tensor(index),
      scale: device.tensor([1 / masked.length]),
    },
    {
      head: 'next-sentence',
      index: device.tensor(first),
      labels: device.tensor(nextSentence),
      rows: device.tensor(first),
      scale: device.tensor([1 / sequences]),
    },
  ]
}

async function total(losses: Map<string, Tensor<'float32'>>): Promise<number> {
  let sum = 0
  for (const loss of losses.values()) sum += (await loss.read())[0]
  return sum
}

/** Every parameter of an arena's flat buffer under its HuggingFace name. */
async function stored(
  arena: Arena,
  prefix: string,
  flat: Tensor<'float32'>,
): Promise<Map<string, Float32Array>> {
  const values = arena.split(await flat.read())
  return new Map(
    storedParts(arena, prefix).map(({ stored, parameter, start, end }) => {
      const whole = values.get(parameter)!
      const row = whole.values.length / whole.shape[0]
      return [
        stored.replace('cls.classifier', 'cls.seq_relationship'),
        whole.values.subarray(start * row, end * row),
      ]
    }),
  )
}

const prefixes = { encoder: 'ernie.', 'masked-language-model': 'cls.predictions.', 'next-sentence': 'cls.' }

async function eachParameter(
  arenas: readonly Arena[],
  flat: (arena: Arena) => Tensor<'float32'>,
  check: (name: string, values: Float32Array) => void,
): Promise<void> {
  for (const arena of arenas) {
    const prefix = prefixes[arena.name as keyof typeof prefixes]
    for (const [name, values] of await stored(arena, prefix, flat(arena))) check(name, values)
  }
}

function load(t: ExecutionContext, name: string, dtype: Floating = 'float32') {
  const { model } = loadErnie(device, `${goldensDirectory}${name}`, { dtype })
  t.teardown(() => model.dispose())
  return model
}

for (const name of ['ernie-tiny', 'ernie-relu']) {
  const example = packed(name)
  const { golden } = example
  const described = readGoldenJson(`${name}/case.json`)

  test.serial(`${name}: hidden states, pooled output and logits`, async (t) => {
    const model = load(t, name)
    using _scope = device.scope()
    const batch = example.batch()
    isClose(t, await model.encoder.embed(batch).toFloat32(), example.rows('embeddings'), 1e-5, 'embeddings')
    const hidden = model.encoder.encode(batch)
    isClose(t, await hidden.toFloat32(), example.rows('last_hidden_state'), 1e-5, 'hidden')
    const first = device.tensor(Int32Array.from(example.offsets.slice(0, example.sequences)))
    const pooled = model.encoder.pool(hidden, first)
    isClose(t, await pooled.toFloat32(), golden('pooler_output').values, 1e-5, 'pooled')

    const all = device.tensor(Int32Array.from(example.labels.keys()))
    const logits = model.predict('masked-language-model', batch, all)
    const { vocabularySize } = model.encoder.config
    const width = logits.shape[1]
    t.is(width % 64, 0)
    const values = await logits.toFloat32()
    const real = new Float32Array(all.size * vocabularySize)
    for (let row = 0; row < all.size; row++)
      real.set(values.subarray(row * width, row * width + vocabularySize), row * vocabularySize)
    isClose(t, real, example.rows('prediction_logits'), 1e-5, 'prediction logits')
    const relation = model.predict('next-sentence', batch, first)
    isClose(
      t,
      await relation.toFloat32(),
      golden('seq_relationship_logits').values,
      1e-5,
      'next sentence logits',
    )
  })

  test.serial(`${name}: loss and every gradient`, async (t) => {
    const model = load(t, name)
    using _scope = device.scope()
    using tape = device.tape()
    const losses = model.forward(example.batch(), targetsOf(example))
    tape.backward([...losses.values()])
    isClose(t, [await total(losses)], [described.loss], 1e-5, 'loss')
    let checked = 0
    await eachParameter(
      model.arenas(),
      (arena) => arena.gradients,
      (parameter, values) => {
        isCloseOrTiny(t, values, golden(`grad.${parameter}`).values, 1e-4, 1e-7, parameter)
        checked++
      },
    )
    t.is(
      checked,
      model.encoder.config.layers * 16 + 5 + (model.encoder.config.taskTypes > 0 ? 1 : 0) + 2 + 5 + 2,
    )
  })

  test.serial(`${name}: ten AdamW steps`, async (t) => {
    const model = load(t, name)
    const optimizer = new AdamW(device, { maximumNorm: described.adamw.clip_grad_norm })
    t.teardown(() => optimizer.dispose())
    const schedule = noam({ peak: described.adamw.peak_lr, warmup: described.adamw.warmup })
    for (let step = 1; step <= 10; step++) {
      using _scope = device.scope()
      using tape = device.tape()
      const losses = model.forward(example.batch(), targetsOf(example))
      tape.backward([...losses.values()])
      optimizer.step(model.arenas(), schedule(step))
      isClose(t, [await total(losses)], [described.adamw.losses[step - 1]], 1e-4, `loss of step ${step}`)
      if (step === 1) isClose(t, await optimizer.norm.read(), [described.grad_norm], 1e-5, 'norm')
    }
    await eachParameter(
      model.arenas(),
      (arena) => arena.parameters,
      (parameter, values) => isClose(t, values, golden(`after10.${parameter}`).values, 1e-4, parameter),
    )
  })

  for (const [dtype, tolerance] of [
    ['bfloat16', 2e-2],
    ['float16', 4e-3],
  ] as const)
    test.serial(`${name}: hidden states and loss in ${dtype}`, async (t) => {
      const model = load(t, name, dtype)
      using _scope = device.scope()
      using _tape = device.tape()
      const hidden = model.encoder.encode(example.batch())
      isClose(t, await hidden.toFloat32(), example.rows('last_hidden_state'), tolerance, 'hidden')
      const losses = model.forward(example.batch(), targetsOf(example))
      isClose(t, [await total(losses)], [described.loss], tolerance, 'loss')
    })
}
