import type { DType } from './dtype.ts'
import type { Tensor } from './tensor.ts'

/**
 * `work(...inputs)`, of which an active tape keeps the inputs and the result alone: the backward does the work again,
 * to have what lies between, and forgets it. Gradients are to the bit those without it, parameters' too; the price is
 * one more forward pass (Chen et al. 2016, "Training deep nets with sublinear memory cost").
 *
 * `work` makes a new tensor of its inputs and of parameters, the same each time it runs: whatever else it uses must stay
 * until the backward as it was.
 *
 * @param inputs tensors that `work` uses; they may be disposed of after the call
 */
export function checkpoint<const Inputs extends readonly [Tensor, ...Tensor[]], D extends DType>(
  inputs: Inputs,
  work: (...inputs: Inputs) => Tensor<D>,
): Tensor<D> {
  const [{ device }] = inputs
  const tape = device.activeTape
  if (!tape) return work(...inputs)
  const output = device.withoutTape(() => work(...inputs))
  tape.record(output, inputs, (flow, held) => {
    using _scope = device.scope()
    using inner = device.tape()
    for (const [index, input] of inputs.entries()) if (flow.needs(input)) inner.watch(held[index])
    const again = work(...(held as unknown as Inputs))
    inner.backwardWithin(
      flow,
      again,
      inputs.map((input, index) => [input, held[index]]),
    )
  })
  return output
}
