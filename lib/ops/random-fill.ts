import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What to draw: uniform on [low, high), or a normal; `truncated-normal` is redrawn until within two deviations. */
export type Distribution =
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal' | 'truncated-normal'; mean: number; deviation: number }

/** Fills a tensor in place with draws that depend on (seed, site, element) only. */
export function randomFill<D extends Floating>(
  tensor: Tensor<D>,
  distribution: Distribution,
  seed: number,
  site: number,
): Tensor<D> {
  const [name, a, b] =
    distribution.kind === 'uniform'
      ? (['uniform', distribution.low, distribution.high] as const)
      : ([
          distribution.kind === 'normal' ? 'normal' : 'truncated_normal',
          distribution.mean,
          distribution.deviation,
        ] as const)
  tensor.device.run('randomFill', tensor, name, a, b, seed, site)
  return tensor
}
