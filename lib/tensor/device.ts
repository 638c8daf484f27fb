import { EverlearnError } from '../error.ts'
import { type DeviceName, defaultDevice, parseDeviceName } from './device-name.ts'
import { type DType, fromNumbers, type TypedArrayOf } from './dtype.ts'
import { Graph } from './graph.ts'
import {
  type NativeDevice,
  type NativeGraph,
  type NativeTensor,
  type OperationTimes,
  openNative,
} from './native.ts'
import type { NativeOps } from './native-ops.ts'
import { Scope } from './scope.ts'
import { Tape } from './tape.ts'
import { Parameter, Tensor } from './tensor.ts'

type Wrapped<A> = A extends NativeTensor ? Tensor : A
type Arguments<A extends unknown[]> = { [I in keyof A]: Wrapped<A[I]> }

export interface DeviceOptions {
  /** On a GPU, only forms of operations whose results do not depend on timing; the CPU has no others. */
  deterministic?: boolean
}

export type Values = ArrayLike<number> & (readonly number[] | ArrayBufferView)

/** Bytes of device memory: in tensors, kept for reuse, and the most ever in tensors. */
export interface Memory {
  live: number
  cached: number
  peak: number
}

/**
 * Opens a device: `cpu`, `cuda` or `cuda:1`; by default what EVERLEARN_BACKEND says, else the CPU.
 *
 * @throws EverlearnError `DEVICE_NAME`; of a GPU `NO_CUDA_BACKEND`, `NO_DRIVER`, `DRIVER_TOO_OLD`, `NO_GPU`, `NO_DEVICE`
 * (no GPU of this number), `UNSUPPORTED_GPU`, `LIBRARY_MISSING`, `OPS_MISSING`; `everlearn doctor` says more of each
 */
export async function openDevice(
  name?: DeviceName | (string & {}),
  options: DeviceOptions = {},
): Promise<Device> {
  const place = name === undefined ? defaultDevice() : parseDeviceName(name)
  return new Device(openNative({ ...place, ...options }))
}

/** Where tensors live and operations run, in the order in which they are queued. */
export class Device {
  /** @internal */
  readonly native: NativeDevice
  /** Innermost last; null: tensors made now belong to no scope. */
  readonly #scopes: (Scope | null)[] = []
  /** Innermost last; null: nothing is recorded. */
  readonly #tapes: (Tape | null)[] = []

  constructor(native: NativeDevice) {
    this.native = native
  }

  /**
   * Uninitialised memory.
   *
   * @param operation what it is for, to be named when there is none left
   * @throws Error `OUT_OF_MEMORY`, with the bytes asked for, in use and, on a GPU, free; the device works on
   */
  empty<D extends DType>(shape: readonly number[], dtype: D, operation?: string): Tensor<D> {
    return new Tensor(this, this.native.allocate([...shape], dtype, operation), [...shape], dtype)
  }

  /** @param operation as of {@link empty} */
  full<D extends DType>(shape: readonly number[], value: number, dtype: D, operation?: string): Tensor<D> {
    const tensor = this.empty(shape, dtype, operation)
    this.run('fill', tensor, value)
    return tensor
  }

  /** @param operation as of {@link empty} */
  zeros<D extends DType>(shape: readonly number[], dtype: D, operation?: string): Tensor<D> {
    return this.full(shape, 0, dtype, operation)
  }

  /**
   * A tensor of given values, copied at once. The dtype of a typed array is its own (a Uint16Array holds the bits of
   * the half precision named), of plain numbers float32; numbers and Float32Array are rounded when a half precision is asked for.
   */
  tensor(values: Int32Array, shape?: readonly number[]): Tensor<'int32'>
  tensor(values: Uint8Array, shape?: readonly number[]): Tensor<'uint8'>
  tensor(values: readonly number[] | Float32Array, shape?: readonly number[]): Tensor<'float32'>
  tensor<D extends DType>(values: Values, shape: readonly number[] | undefined, dtype: D): Tensor<D>
  tensor(values: Values, shape: readonly number[] = [values.length], dtype = dtypeOf(values)): Tensor {
    const size = shape.reduce((product, extent) => product * extent, 1)
    if (size !== values.length)
      throw new EverlearnError(
        'SHAPE',
        `tensor: shape [${shape.join(', ')}] wants ${size} values, ${values.length} were given`,
      )
    const tensor = this.empty(shape, dtype)
    this.write(tensor, values)
    return tensor
  }

  /** A parameter on its own, with a gradient beside it; models keep theirs in arenas. */
  parameter(values: Values, shape: readonly number[], name = 'parameter'): Parameter {
    const native = this.tensor(values, shape, 'float32')
    const parameter = new Parameter(this, native.handle('parameter').view([...shape]), [...shape], name, () =>
      this.zeros(shape, 'float32'),
    )
    native.dispose()
    return parameter
  }

  /** Overwrites a tensor with values of its size, converted to its dtype where they are not in it. */
  write<D extends DType>(tensor: Tensor<D>, values: Values): void {
    if (values.length !== tensor.size)
      throw new EverlearnError(
        'SHAPE',
        `write: a tensor of shape [${tensor.shape.join(', ')}] takes ${tensor.size} values, ${values.length} were given`,
      )
    const stored = isStored(values, tensor.dtype)
      ? (values as TypedArrayOf[D])
      : fromNumbers(values, tensor.dtype)
    // Node-API does not take arrays over shared memory.
    const own = stored.buffer instanceof SharedArrayBuffer ? (stored.slice() as TypedArrayOf[D]) : stored
    this.native.upload(tensor.handle('write'), own)
  }

  /** @internal Queues a native operation: arguments as native/ops.h lists them, null for what is absent. */
  run<Name extends keyof NativeOps>(
    operation: Name,
    ...values: Arguments<Parameters<NativeOps[Name]>>
  ): void {
    const passed: unknown[] = values
    for (let i = 0; i < passed.length; i++) {
      const value = passed[i]
      if (value instanceof Tensor) passed[i] = value.handle(operation)
    }
    const ops = this.native.ops as unknown as Record<string, (...values: unknown[]) => void>
    ops[operation](...passed)
  }

  /** Frees, at its end, every tensor made since; see Scope. */
  scope(): Scope {
    const scope = new Scope(this.#scopes.at(-1) ?? null, (ended) => {
      const index = this.#scopes.lastIndexOf(ended)
      if (index >= 0) this.#scopes.splice(index, 1)
    })
    this.#scopes.push(scope)
    return scope
  }

  /** Runs `make`; the tensors made in it belong to no scope: their holder frees them. */
  unscoped<T>(make: () => T): T {
    this.#scopes.push(null)
    try {
      return make()
    } finally {
      this.#scopes.pop()
    }
  }

  /** Records operations until it ends; see Tape. */
  tape(): Tape {
    const tape = new Tape(this, (ended) => {
      const index = this.#tapes.lastIndexOf(ended)
      if (index >= 0) this.#tapes.splice(index, 1)
    })
    this.#tapes.push(tape)
    return tape
  }

  /** Runs `work` with nothing recorded. */
  withoutTape<T>(work: () => T): T {
    this.#tapes.push(null)
    try {
      return work()
    } finally {
      this.#tapes.pop()
    }
  }

  /** The active tape, if the gradient of one of the inputs is wanted. */
  recorder(...inputs: (Tensor | null | undefined)[]): Tape | null {
    const tape = this.activeTape
    return tape && inputs.some((input) => tape.tracks(input)) ? tape : null
  }

  /** @internal the active tape, whatever it tracks */
  get activeTape(): Tape | null {
    return this.#tapes.at(-1) ?? null
  }

  /** @internal gives a tensor to the innermost scope */
  adopt(tensor: Tensor): void {
    const scope = this.#scopes.at(-1) ?? null
    tensor.owner = scope
    scope?.add(tensor)
  }

  /**
   * Records the operations that `work` asks for, instead of queueing them: each `run` of the graph queues them all at
   * once, and they read and write the same tensors each time. A GPU launches them as one CUDA graph from the second run
   * on.
   *
   * Tensors that `work` makes are freed when it ends, and hold nothing after a run: results are to be added or copied
   * to tensors made before. What is made when it is first used, such as the gradients of an arena, must be there.
   *
   * @throws EverlearnError `RECORDING`: a tensor that `work` made outlives it, or it reads or writes values
   */
  record(work: () => void): Graph {
    this.native.beginRecording()
    try {
      using _scope = this.scope()
      work()
    } catch (error) {
      this.native.endRecording(false)
      throw error
    }
    return new Graph(this.native.endRecording(true) as NativeGraph)
  }

  /** Resolves when everything queued has run; rejects with what went wrong in it. */
  synchronize(): Promise<void> {
    return this.native.synchronize()
  }

  /** Resolves when few enough commands are queued for more to be worth queueing. */
  ready(): Promise<void> {
    return this.native.ready()
  }

  /**
   * Runs `work` and measures each operation it queues: on a GPU the time between an event before its kernels and one
   * after them. A device measures one piece of work at a time, and not one that ended by an error.
   */
  async profile(work: () => unknown): Promise<OperationTimes> {
    this.native.startProfile()
    try {
      await work()
    } catch (cause) {
      await this.native.endProfile()
      throw cause
    }
    return this.native.endProfile()
  }

  memory(): Memory {
    return this.native.memory()
  }

  /** Gives cached memory back to the system. */
  trim(): void {
    this.native.trim()
  }

  info(): ReturnType<NativeDevice['info']> {
    return this.native.info()
  }

  close(): void {
    this.native.close()
  }
}

function dtypeOf(values: Values): DType {
  if (values instanceof Int32Array) return 'int32'
  if (values instanceof Uint8Array) return 'uint8'
  if (values instanceof Uint16Array)
    throw new EverlearnError('DTYPE', 'tensor: a Uint16Array may be bfloat16 or float16 bits; name the dtype')
  return 'float32'
}

/** Whether values are already in the representation of a dtype. */
function isStored(values: Values, dtype: DType): boolean {
  if (dtype === 'float32') return values instanceof Float32Array
  if (dtype === 'int32') return values instanceof Int32Array
  if (dtype === 'uint8') return values instanceof Uint8Array
  return values instanceof Uint16Array
}
