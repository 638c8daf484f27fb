import { EverlearnError } from '../error.ts'
import type { Device } from './device.ts'
import { type DType, type TypedArrayOf, toFloat32, typedArray } from './dtype.ts'
import type { NativeTensor } from './native.ts'
import type { Scope } from './scope.ts'

/**
 * A contiguous row-major array on a device. Operations on it are queued, never waited for; `read` waits.
 *
 * A tensor is freed by `dispose`, by the end of the scope it was made in, or by `using`. Views (`slice`, `reshape`)
 * share the memory, which lives until the last of them is gone. The garbage collector frees what was forgotten, late.
 */
export class Tensor<D extends DType = DType> {
  readonly device: Device
  readonly shape: readonly number[]
  readonly dtype: D
  readonly size: number
  /** @internal the scope that frees this tensor */
  owner: Scope | null = null
  #native: NativeTensor | null

  /** @internal use `device.tensor` and its kin */
  constructor(device: Device, native: NativeTensor, shape: readonly number[], dtype: D) {
    this.device = device
    this.shape = shape
    this.dtype = dtype
    this.size = shape.reduce((product, extent) => product * extent, 1)
    this.#native = native
    device.adopt(this)
  }

  get disposed(): boolean {
    return this.#native === null
  }

  /** @internal the native tensor, for the operation named */
  handle(operation: string): NativeTensor {
    if (this.#native) return this.#native
    throw new EverlearnError(
      'TENSOR_DISPOSED',
      `${operation}: a tensor of shape [${this.shape.join(', ')}] (${this.dtype}) was disposed before this use; ` +
        'keep it in its scope with scope.keep(tensor), or dispose of it after its last use',
    )
  }

  /** The values, once everything queued before has run: bits for bfloat16 and float16. */
  async read(): Promise<TypedArrayOf[D]> {
    return typedArray(this.dtype, await this.device.native.read(this.handle('read')))
  }

  /** The values as float32, whatever the dtype. */
  async toFloat32(): Promise<Float32Array> {
    return toFloat32(await this.read(), this.dtype)
  }

  /** Rows `start` to `end` (exclusive) along the first axis: a view. */
  slice(start: number, end: number): Tensor<D> {
    const [rows, ...rest] = this.shape
    if (
      !(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= (rows ?? 0))
    )
      throw new EverlearnError(
        'SHAPE',
        `slice: rows ${start} to ${end} were asked for of a tensor of shape [${this.shape.join(', ')}]`,
      )
    const view = new Tensor(
      this.device,
      this.handle('slice').slice(start, end),
      [end - start, ...rest],
      this.dtype,
    )
    this.device.recorder(this)?.record(view, [], (flow) => {
      const whole = flow.sum(this)
      if (!whole) return
      const part = whole.slice(start, end)
      this.device.run('add', part, flow.gradient, part)
      part.dispose()
    })
    return view
  }

  /** The same values in another shape of the same size: a view. */
  reshape(shape: readonly number[]): Tensor<D> {
    const size = shape.reduce((product, extent) => product * extent, 1)
    if (size !== this.size || shape.some((extent) => extent < 0))
      throw new EverlearnError(
        'SHAPE',
        `reshape: [${this.shape.join(', ')}] holds ${this.size} values, [${shape.join(', ')}] holds ${size}`,
      )
    const view = new Tensor(this.device, this.handle('reshape').view([...shape]), [...shape], this.dtype)
    this.device.recorder(this)?.record(view, [], (flow) => flow.pass(this))
    return view
  }

  /** @internal another reference to the same memory, owned by no scope */
  alias(operation: string): Tensor<D> {
    const native = this.handle(operation).view([...this.shape])
    return this.device.unscoped(() => new Tensor(this.device, native, this.shape, this.dtype))
  }

  dispose(): void {
    if (!this.#native) return
    this.owner?.remove(this)
    this.owner = null
    this.#native.dispose()
    this.#native = null
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/** A tensor that is trained: the backward pass adds to its gradient. */
export class Parameter extends Tensor<'float32'> {
  readonly name: string
  readonly #makeGradient: () => Tensor<'float32'>
  #gradient: Tensor<'float32'> | null = null

  /** @internal use an arena, or `device.parameter` */
  constructor(
    device: Device,
    native: NativeTensor,
    shape: readonly number[],
    name: string,
    makeGradient: () => Tensor<'float32'>,
  ) {
    super(device, native, shape, 'float32')
    this.name = name
    this.#makeGradient = makeGradient
  }

  /** Same shape as the parameter; made, as zeros, at its first use. */
  get gradient(): Tensor<'float32'> {
    this.#gradient ??= this.device.unscoped(this.#makeGradient)
    return this.#gradient
  }

  override dispose(): void {
    this.#gradient?.dispose()
    this.#gradient = null
    super.dispose()
  }
}
