import type { Tensor } from './tensor.ts'

/**
 * Owns every tensor made while it is the innermost scope of its device, and frees them when it ends:
 *
 *     using scope = device.scope()
 *     const y = linear(x, weight, bias)
 *     return scope.keep(y)
 *
 * Scopes form a stack: one must end before the scope around it does, and nothing else may use the device's scopes
 * while it awaits.
 */
export class Scope {
  readonly #tensors = new Set<Tensor>()
  readonly #enclosing: Scope | null
  readonly #end: (scope: Scope) => void

  constructor(enclosing: Scope | null, end: (scope: Scope) => void) {
    this.#enclosing = enclosing
    this.#end = end
  }

  /** Lets a tensor outlive this scope: it belongs to the enclosing scope from now on, or to its holder alone. */
  keep<T extends Tensor>(tensor: T): T {
    if (this.#tensors.delete(tensor)) {
      tensor.owner = this.#enclosing
      this.#enclosing?.add(tensor)
    }
    return tensor
  }

  /** Tensors owned now. */
  get size(): number {
    return this.#tensors.size
  }

  /** @internal */
  add(tensor: Tensor): void {
    this.#tensors.add(tensor)
  }

  /** @internal */
  remove(tensor: Tensor): void {
    this.#tensors.delete(tensor)
  }

  [Symbol.dispose](): void {
    this.#end(this)
    for (const tensor of this.#tensors) tensor.dispose()
  }
}
