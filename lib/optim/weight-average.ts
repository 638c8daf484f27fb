import type { Arena } from '../nn/arena.ts'
import type { Device } from '../tensor/device.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Exponential moving average of weights: average += (1 - decay) (weights - average) after each step of an arena, begun as
 * the weights after its first one. Steps that were not taken leave it as it is.
 */
export class WeightAverage {
  readonly decay: number
  readonly #device: Device
  readonly #averages = new Map<Arena, Tensor<'float32'>>()

  /** @param decay from 0 up to 1, such as 0.999 */
  constructor(device: Device, decay: number) {
    this.#device = device
    this.decay = decay
  }

  /** float32 [arena.size]; made as a copy of the arena's weights when first asked for. */
  of(arena: Arena): Tensor<'float32'> {
    let average = this.#averages.get(arena)
    if (!average) {
      average = this.#device.unscoped(() => this.#device.empty([arena.size], 'float32'))
      this.#device.run('copy', arena.parameters, average)
      this.#averages.set(arena, average)
    }
    return average
  }

  /**
   * Follows an optimiser step of these arenas.
   *
   * @param skip int32 [1]: not 0 where the step was not taken
   */
  update(arenas: readonly Arena[], skip: Tensor<'int32'>): void {
    for (const arena of arenas) {
      this.#device.run('movingAverage', this.of(arena), arena.parameters, skip, this.decay)
    }
  }

  /** Runs `use` while the arenas hold their averages; afterwards they hold their weights again, to the bit. */
  async during<T>(arenas: readonly Arena[], use: () => Promise<T>): Promise<T> {
    const device = this.#device
    const weights = arenas.map((arena) => {
      const kept = device.unscoped(() => device.empty([arena.size], 'float32'))
      device.run('copy', arena.parameters, kept)
      device.run('copy', this.of(arena), arena.parameters)
      return kept
    })
    try {
      return await use()
    } finally {
      arenas.forEach((arena, index) => {
        device.run('copy', weights[index], arena.parameters)
        weights[index].dispose()
      })
    }
  }

  dispose(): void {
    for (const average of this.#averages.values()) average.dispose()
  }
}
