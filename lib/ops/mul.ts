import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** a * b, element by element, two tensors of one shape and dtype. */
export function mul<D extends Floating>(a: Tensor<D>, b: Tensor<D>): Tensor<D> {
  const { device } = a
  const y = device.empty(a.shape, a.dtype, 'mul')
  device.run('mul', a, b, y)
  device.recorder(a, b)?.record(y, [a, b], (flow, [savedA, savedB]) => {
    for (const [input, other] of [
      [a, savedB],
      [b, savedA],
    ] as const) {
      if (!flow.needs(input)) continue
      const gradient = device.empty(input.shape, input.dtype, 'mul')
      device.run('mul', flow.gradient, other, gradient)
      flow.give(input, gradient)
    }
  })
  return y
}
