import type { Device } from './device.ts'
import { Parameter, type Tensor } from './tensor.ts'

/** The gradient of one tensor while a backward pass runs. */
interface Entry {
  /** null: exactly one, the gradient of a loss that nothing has scaled. */
  tensor: Tensor | null
  /** Whether nobody else shares the memory, so that it may be written. */
  exclusive: boolean
}

/** The gradients a backward pass has found so far, by the tensor they are of. */
export class Gradients {
  readonly device: Device
  readonly #entries = new Map<Tensor, Entry>()
  readonly #tracked: ReadonlySet<Tensor>

  constructor(device: Device, tracked: ReadonlySet<Tensor>) {
    this.device = device
    this.#tracked = tracked
  }

  needs(tensor: Tensor): boolean {
    return tensor instanceof Parameter || this.#tracked.has(tensor)
  }

  get(tensor: Tensor): Entry | undefined {
    return this.#entries.get(tensor)
  }

  startAtOne(tensor: Tensor): void {
    const entry = this.#entries.get(tensor)
    if (entry) this.give(tensor, this.device.full(tensor.shape, 1, tensor.dtype))
    else this.#entries.set(tensor, { tensor: null, exclusive: true })
  }

  /** The gradient as a tensor that may be read. */
  value(tensor: Tensor, entry: Entry): Tensor {
    entry.tensor ??= this.device.unscoped(() => this.device.full(tensor.shape, 1, tensor.dtype))
    return entry.tensor
  }

  /** The gradient found so far, safe to write to, or null when there is none yet. */
  writable(tensor: Tensor): Tensor | null {
    if (tensor instanceof Parameter) return tensor.gradient
    const entry = this.#entries.get(tensor)
    if (!entry) return null
    const value = this.value(tensor, entry)
    if (entry.exclusive) return value
    const copy = this.fresh(tensor)
    this.device.run('copy', value, copy)
    value.dispose()
    entry.tensor = copy
    entry.exclusive = true
    return copy
  }

  /** Uninitialised memory for a gradient of `tensor`. */
  fresh(tensor: Tensor): Tensor {
    return this.device.unscoped(() => this.device.empty(tensor.shape, tensor.dtype, 'gradient'))
  }

  set(tensor: Tensor, gradient: Tensor, exclusive = true): void {
    this.#entries.set(tensor, { tensor: gradient, exclusive })
  }

  /** Adds a gradient, which belongs to this pass from now on. */
  give(tensor: Tensor, gradient: Tensor, exclusive = true): void {
    if (!(tensor instanceof Parameter) && !this.#entries.has(tensor)) {
      gradient.owner?.remove(gradient)
      gradient.owner = null
      this.set(tensor, gradient, exclusive)
      return
    }
    const sum = this.writable(tensor) as Tensor
    this.device.run('add', sum, gradient, sum)
    gradient.dispose()
  }

  /** Takes a gradient out; its memory is the caller's to free. */
  take(tensor: Tensor): Tensor | null {
    const entry = this.#entries.get(tensor)
    if (!entry) return null
    this.#entries.delete(tensor)
    return this.value(tensor, entry)
  }

  /** Moves what was found of a tensor to another pass, where `as` stands for it. */
  move(tensor: Tensor, to: Gradients, as: Tensor): void {
    const entry = this.#entries.get(tensor)
    if (!entry) return
    this.#entries.delete(tensor)
    to.#entries.set(as, entry)
  }

  remove(tensor: Tensor): void {
    this.#entries.get(tensor)?.tensor?.dispose()
    this.#entries.delete(tensor)
  }

  dispose(): void {
    for (const entry of this.#entries.values()) entry.tensor?.dispose()
    this.#entries.clear()
  }
}

/** What the backward of one recorded operation works with: its output's gradient, and where its inputs' go. */
export class Flow {
  readonly #gradients: Gradients
  readonly #output: Tensor
  readonly #entry: Entry
  #spare: Tensor | null = null

  constructor(gradients: Gradients, output: Tensor, entry: Entry) {
    this.#gradients = gradients
    this.#output = output
    this.#entry = entry
  }

  /** Gradient of the output; read only. */
  get gradient(): Tensor {
    return this.#gradients.value(this.#output, this.#entry)
  }

  /** Whether the gradient is exactly one: a loss that nothing has scaled. */
  get isOne(): boolean {
    return this.#entry.tensor === null
  }

  /** Memory of the gradient's shape to write over: the gradient's own where nobody shares it. */
  reuse(): Tensor {
    if (this.#entry.exclusive) return this.gradient
    this.#spare ??= this.#gradients.fresh(this.#output)
    return this.#spare
  }

  needs(input: Tensor | null | undefined): boolean {
    return input != null && this.#gradients.needs(input)
  }

  /** Hands over a gradient of an input made for it alone. */
  give(input: Tensor, gradient: Tensor): void {
    if (this.#gradients.needs(input)) this.#gradients.give(input, gradient)
    else gradient.dispose()
  }

  /** The output's gradient is each input's gradient too (in the input's shape). */
  pass(...inputs: Tensor[]): void {
    const needing = inputs.filter((input) => this.#gradients.needs(input))
    const exclusive = needing.length === 1 && this.#entry.exclusive
    for (const input of needing) {
      const gradient = this.gradient.alias('backward')
      if (
        input.shape.length !== gradient.shape.length ||
        input.shape.some((n, i) => n !== gradient.shape[i])
      ) {
        this.#gradients.give(
          input,
          this.#gradients.device.unscoped(() => gradient.reshape(input.shape)),
          exclusive,
        )
        gradient.dispose()
      } else this.#gradients.give(input, gradient, exclusive)
    }
  }

  /** Where an operation with an `accumulate` argument writes an input's gradient; null where none is wanted. */
  target(input: Tensor | null | undefined): { gradient: Tensor; accumulate: boolean } | null {
    if (!input || !this.#gradients.needs(input)) return null
    const found = this.#gradients.writable(input)
    if (found) return { gradient: found, accumulate: true }
    const gradient = this.#gradients.fresh(input)
    this.#gradients.set(input, gradient)
    return { gradient, accumulate: false }
  }

  /** Where an operation that adds (+=) puts an input's gradient; null where none is wanted. */
  sum<D extends Tensor>(input: D | null | undefined): Tensor | null {
    const target = this.target(input)
    if (!target) return null
    if (!target.accumulate) this.#gradients.device.run('fill', target.gradient, 0)
    return target.gradient
  }

  /**
   * @internal A pass of its own for what happened between this operation's inputs and its output, where other tensors
   * stand for them. Gradients found so far move there and back, so that they are summed in the order in which they would
   * have been without it.
   */
  within(inner: Gradients, output: Tensor, inputs: readonly [Tensor, Tensor][], run: () => void): void {
    this.#gradients.move(this.#output, inner, output)
    for (const [input, stand] of inputs) this.#gradients.move(input, inner, stand)
    run()
    for (const [input, stand] of inputs) {
      if (!this.#gradients.get(input)) inner.move(stand, this.#gradients, input)
      const gradient = inner.take(stand) // of a tensor that is an input twice
      if (gradient) this.#gradients.give(input, gradient)
    }
  }

  /** @internal */
  end(): void {
    this.#spare?.dispose()
  }
}
