import { EverlearnError } from '../error.ts'
import type { Device } from './device.ts'
import { Flow, Gradients } from './flow.ts'
import { Parameter, Tensor } from './tensor.ts'

type Saved = readonly (Tensor | null)[]

interface Node {
  output: Tensor
  saved: Saved
  backward: (flow: Flow, saved: Saved) => void
}

/**
 * Records operations while it is active, so that `backward` can find the gradients of a loss:
 *
 *     using tape = device.tape()
 *     const loss = softmaxCrossEntropy(linear(x, weight, bias), labels)
 *     tape.backward(loss)                  // weight.gradient and bias.gradient grew
 *
 * What an operation needs for its backward is held by the tape, so its tensors may be disposed of right after their
 * last use in the forward pass. A tape can record again once its backward has run.
 */
export class Tape {
  readonly #device: Device
  readonly #end: (tape: Tape) => void
  readonly #tracked = new Set<Tensor>()
  #nodes: Node[] = []
  #found: Gradients | null = null

  /** @internal use `device.tape()` */
  constructor(device: Device, end: (tape: Tape) => void) {
    this.#device = device
    this.#end = end
  }

  /** Asks for the gradient of a tensor that no operation recorded; after `backward`, `gradient` gives it. */
  watch<T extends Tensor>(tensor: T): T {
    this.#tracked.add(tensor)
    return tensor
  }

  /** The gradient of a watched tensor, in the caller's hands from now on; null when the loss does not depend on it. */
  gradient(tensor: Tensor): Tensor | null {
    const gradient = this.#found?.take(tensor) ?? null
    if (gradient) this.#device.adopt(gradient)
    return gradient
  }

  /** Whether this tape follows a tensor. */
  tracks(tensor: Tensor | null | undefined): boolean {
    return tensor != null && (tensor instanceof Parameter || this.#tracked.has(tensor))
  }

  /**
   * Remembers how the gradient of `output` becomes gradients of what it was made from. The tensors in `saved` are held
   * until then and handed to `backward`.
   */
  record<const S extends Saved>(output: Tensor, saved: S, backward: (flow: Flow, saved: S) => void): void {
    const held = saved.map((tensor) =>
      tensor === null || tensor instanceof Parameter ? tensor : tensor.alias('tape'),
    )
    this.#nodes.push({ output, saved: held, backward: backward as Node['backward'] })
    this.#tracked.add(output)
  }

  /**
   * Adds the gradients of the sum of the losses (one value each) to the parameters' gradients and forgets what was
   * recorded. Losses that depend on no parameter count for nothing.
   */
  backward(losses: Tensor | readonly Tensor[]): void {
    const roots = losses instanceof Tensor ? [losses] : losses
    this.#found?.dispose()
    const gradients = new Gradients(this.#device, this.#tracked)
    for (const loss of roots) {
      if (loss.size !== 1)
        throw new EverlearnError(
          'NOT_A_LOSS',
          `backward: a loss has one value, this tensor has shape [${loss.shape.join(', ')}]; sum it or scale it first`,
        )
      if (this.#tracked.has(loss)) gradients.startAtOne(loss)
    }
    this.#unwind(gradients)
    this.#found = gradients
  }

  /**
   * @internal The backward of one operation of another tape, of which this one recorded the parts: `output` stands for
   * its output, and with each of its inputs comes the tensor that stands for it.
   */
  backwardWithin(flow: Flow, output: Tensor, inputs: readonly [Tensor, Tensor][]): void {
    const gradients = new Gradients(this.#device, this.#tracked)
    flow.within(gradients, output, inputs, () => this.#unwind(gradients))
    gradients.dispose()
  }

  /** Runs the backward of what was recorded, the last first, and forgets it. */
  #unwind(gradients: Gradients): void {
    const nodes = this.#nodes
    this.#nodes = []
    this.#device.withoutTape(() => {
      try {
        for (let node = nodes.pop(); node; node = nodes.pop()) {
          const entry = gradients.get(node.output)
          if (entry) {
            const flow = new Flow(gradients, node.output, entry)
            node.backward(flow, node.saved)
            flow.end()
            gradients.remove(node.output)
          }
          this.#tracked.delete(node.output)
          release(node)
        }
      } finally {
        for (const node of nodes) release(node)
      }
    })
    this.#tracked.clear()
  }

  [Symbol.dispose](): void {
    this.#end(this)
    for (const node of this.#nodes) release(node)
    this.#nodes = []
    this.#tracked.clear()
    this.#found?.dispose()
    this.#found = null
  }
}

function release(node: Node): void {
  for (const tensor of node.saved) if (!(tensor instanceof Parameter)) tensor?.dispose()
}
