import type { ExecutionContext } from 'ava'
import { mul } from '../../lib/ops/mul.ts'
import { sum } from '../../lib/ops/sum.ts'
import type { Device } from '../../lib/tensor/device.ts'
import { Parameter, type Tensor } from '../../lib/tensor/tensor.ts'
import { isClose, isCloseOrTiny } from './compare.ts'
import type { Matrix } from './reference.ts'

/** An input of an operation: a parameter has a gradient of its own, an activation one on the tape. */
export interface Input extends Matrix {
  shape: readonly number[]
  role: 'activation' | 'parameter'
}

/** Deterministic values in (-1, 1) that float32 holds exactly. */
export function input(
  role: Input['role'],
  shape: readonly number[],
  seed: number,
  value: (uniform: number) => number = (uniform) => uniform,
): Input {
  const columns = shape.at(-1)!
  const size = shape.reduce((product, extent) => product * extent, 1)
  let state = (seed * 2654435761 + 12345) >>> 0
  const values = Float64Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.fround(value((state / 2 ** 32) * 2 - 1))
  })
  return { role, shape, rows: size / columns, columns, values }
}

type Inputs = Record<string, Input>
type Tensors<I extends Inputs> = { [Name in keyof I]: Tensor<'float32'> }

/**
 * Checks an operation in float32 against its naive form, and its gradient against central differences of that form in
 * float64. The loss is a weighted sum of the output, so that no gradient is the same by accident.
 */
export async function checkGradients<I extends Inputs>(
  t: ExecutionContext,
  device: Device,
  inputs: I,
  operation: (tensors: Tensors<I>) => Tensor<'float32'>,
  reference: (inputs: I) => { values: ArrayLike<number> },
): Promise<void> {
  using _scope = device.scope()
  using tape = device.tape()
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { role, shape, values }]) => [
      name,
      role === 'parameter'
        ? device.parameter(Float32Array.from(values), shape, name)
        : tape.watch(device.tensor(Float32Array.from(values), shape)),
    ]),
  ) as Tensors<I>
  const y = operation(tensors)
  const expected = reference(inputs).values
  const weights = input('activation', y.shape, 99).values
  isClose(t, await y.read(), expected, 1e-5, 'forward')

  tape.backward(sum(mul(y, device.tensor(Float32Array.from(weights), y.shape))))
  const loss = (): number => {
    const { values } = reference(inputs)
    let total = 0
    for (let i = 0; i < values.length; i++) total += values[i] * weights[i]
    return total
  }
  for (const [name, { values }] of Object.entries(inputs)) {
    const tensor = tensors[name]
    const gradient = tensor instanceof Parameter ? tensor.gradient : tape.gradient(tensor)
    const numeric = Float64Array.from(values, (value, i) => {
      const difference = 1e-5
      values[i] = value + difference
      const above = loss()
      values[i] = value - difference
      const below = loss()
      values[i] = value
      return (above - below) / (2 * difference)
    })
    isCloseOrTiny(t, (await gradient?.read()) ?? [], numeric, 1e-4, 1e-6, `gradient of ${name}`)
  }
}
