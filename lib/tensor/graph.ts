import type { NativeGraph } from './native.ts'

/** Operations that `device.record` recorded. */
export class Graph {
  readonly #native: NativeGraph

  /** @internal use `device.record` */
  constructor(native: NativeGraph) {
    this.#native = native
  }

  /** Queues them once more; they read what the tensors they were recorded with hold by then. */
  run(): void {
    this.#native.run()
  }

  /** The memory that they use is given back with the device's last graph. */
  dispose(): void {
    this.#native.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
