import { EverlearnError } from '../error.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Arena } from './arena.ts'
import type { EncoderBatch, HeadTargets } from './batch.ts'
import type { Encoder } from './encoder.ts'
import type { Head, HeadSpec, Pass } from './heads/head.ts'
import { makeHead } from './heads/make-head.ts'

/** One encoder that all tasks share, and a head for each task. */
export class MultiTaskModel<E extends Encoder = Encoder> {
  readonly encoder: E
  readonly seed: number
  readonly #heads = new Map<string, Head>()

  /** @param options.seed initial values of heads depend on it */
  constructor(encoder: E, options: { seed: number }) {
    this.encoder = encoder
    this.seed = options.seed
  }

  /** In the order in which they were added. */
  get heads(): ReadonlyMap<string, Head> {
    return this.#heads
  }

  /** All that a new task needs: a head with parameters of its own. Nothing else changes. */
  addHead(name: string, spec: HeadSpec): Head {
    if (this.#heads.has(name))
      throw new EverlearnError(
        'HEAD_EXISTS',
        `the model has a head called ${name} already; give each task a name of its own`,
      )
    const head = makeHead(name, spec, this.encoder, this.seed)
    this.#heads.set(name, head)
    return head
  }

  head(name: string): Head {
    const head = this.#heads.get(name)
    if (head) return head
    const known = [...this.#heads.keys()].join(', ') || 'none'
    throw new EverlearnError('HEAD_UNKNOWN', `the model has no head called ${name}; it has: ${known}`)
  }

  /** The parameters that a step with losses of these heads trains; of all heads when none are named. */
  arenas(heads: Iterable<string> = this.#heads.keys()): Arena[] {
    return [this.encoder.arena, ...Array.from(heads, (name) => this.head(name).arena)]
  }

  /** The loss of each head that has targets, float32 [1], by name: give all of them to `tape.backward`. */
  forward(
    batch: EncoderBatch,
    targets: readonly HeadTargets[],
    pass: Pass = {},
  ): Map<string, Tensor<'float32'>> {
    using hidden = this.encoder.encode(batch, pass.randomness)
    return new Map(targets.map((target) => [target.head, this.head(target.head).loss(hidden, target, pass)]))
  }

  /** What one head says about the tokens `index` looks at, without dropout: [M, at least its classes]. */
  predict(head: string, batch: EncoderBatch, index: Tensor<'int32'>): Tensor<Floating> {
    using hidden = this.encoder.encode(batch)
    return this.head(head).predict(hidden, { index, rows: index })
  }

  dispose(): void {
    for (const arena of this.arenas()) arena.dispose()
  }
}
