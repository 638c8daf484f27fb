/** The native addon as TypeScript sees it. Everything else uses `Device` and `Tensor`. */
import { createRequire } from 'node:module'
import { EverlearnError } from '../error.ts'
import type { DType, TypedArrayOf } from './dtype.ts'
import type { NativeOps } from './native-ops.ts'

/** A reference to device memory; storage is counted natively, so a view keeps it alive. */
export interface NativeTensor {
  readonly shape: number[]
  readonly dtype: DType
  readonly disposed: boolean
  /** Rows `start` to `end` along the first axis, in the same storage. */
  slice(start: number, end: number): NativeTensor
  /** The same values in another shape of as many elements. */
  view(shape: readonly number[]): NativeTensor
  dispose(): void
}

/** Recorded ops, which `run` queues again as one command. */
export interface NativeGraph {
  run(): void
  dispose(): void
}

export interface NativeDeviceInfo {
  backend: string
  /** `cpu` or `cuda:INDEX`. */
  device: string
  /** Of the GPU, as its maker calls it; empty on the CPU. */
  name: string
  /** Instruction set level of the kernels: v2, v3, v4 (x86-64) or bf16 (v4 with AVX512_BF16); of a GPU sm_90 and so on. */
  isa: string
  /** Size of the compute team. */
  threads: number
  /** The library that multiplies matrices, with its version. */
  gemm: string
  /** Whether products of bfloat16 values run natively; if not, they are converted and run in float32. */
  fastBfloat16: boolean
}

/** How often operations were called and how long they took, by their names in native/ops.h. */
export type OperationTimes = { [Name in keyof NativeOps]?: { calls: number; seconds: number } }

export type Collective = 'allReduce' | 'reduceScatter' | 'allGather' | 'broadcast'

export interface NativeDevice {
  readonly ops: NativeOps
  /** Uninitialised memory; `operation`: what it is for, to be named when there is none left. */
  allocate(shape: readonly number[], dtype: DType, operation?: string): NativeTensor
  /** Copies the array at once and writes it in order with the ops. */
  upload(tensor: NativeTensor, values: TypedArrayOf[DType]): void
  read(tensor: NativeTensor): Promise<ArrayBuffer>
  /** Resolves when everything queued before is done; rejects with the first failure among it. */
  synchronize(): Promise<void>
  /** Resolves when few commands are queued ahead. */
  ready(): Promise<void>
  /** Bytes in tensors, free bytes kept for reuse, and the highest `live` so far. */
  memory(): { live: number; cached: number; peak: number }
  /** Gives cached memory back to the system. */
  trim(): void
  /** Until `endRecording` ops are recorded, not queued, and tensors are made in memory that all graphs share. */
  beginRecording(): void
  endRecording(keep: boolean): NativeGraph | null
  /** What is queued from now on is timed. */
  startProfile(): void
  /** Resolves when everything queued before is done. */
  endProfile(): Promise<OperationTimes>
  /** Resolves when all ranks have come; null leaves the communicator. */
  joinCommunicator(
    options: { id: Uint8Array; rank: number; size: number; timeout: number } | null,
  ): Promise<void>
  /** Queues a collective, which runs beside what is queued after it. */
  communicate(name: Collective, input: NativeTensor, output: NativeTensor, root: number): void
  /** What is queued from now on starts after the collectives so far. */
  waitForCommunication(): void
  abortCommunicator(): void
  close(): void
  info(): NativeDeviceInfo
}

export interface OpDescription {
  name: string
  fields: { name: string; role: string; shape?: string; types?: string; choices?: string }[]
}

export interface Native {
  /** `threads`: size of the CPU's compute team instead of EVERLEARN_THREADS or the cores this process may use. */
  openDevice(options: {
    backend: string
    threads?: number
    index?: number
    deterministic?: boolean
  }): NativeDevice
  /** JSON text of a `CudaDescription`. */
  describeCuda(): string
  /** What all ranks join a communicator by. */
  communicatorId(): Uint8Array
  /** A file's bytes over a private memory map. */
  mapFile(path: string): ArrayBuffer
  info(): Omit<NativeDeviceInfo, 'backend' | 'device' | 'name'> & { sanitized: boolean }
  describeOps(): OpDescription[]
}

/** @throws EverlearnError `NO_BINARY`: none for this machine; the message says what is supported */
export function loadNative(): Native {
  return blamingSettings(() => createRequire(import.meta.url)(bindingPath) as Native)
}

/** What the CUDA backend finds on this machine. */
export interface CudaDescription {
  /** Version of CUDA that the backend was built with. */
  runtime: string
  /** Version of CUDA that the driver is for; null: there is none. */
  driver: string | null
  /** Why no GPU can be opened. */
  problem: { code: string; message: string } | null
  devices: { index: number; name: string; capability: string; memoryBytes: number }[]
  /** What was taken, or why nothing was. */
  libraries: { name: string; version: string | null; path: string | null; problem: string | null }[]
}

/** @throws EverlearnError as `loadNative`, and `NO_CUDA_BACKEND` */
export function describeCuda(): CudaDescription {
  const native = loadNative()
  return JSON.parse(blamingSettings(() => native.describeCuda()))
}

/** @throws EverlearnError as `loadNative`, and `NO_CUDA_BACKEND`, `LIBRARY_MISSING` */
export function communicatorId(): Uint8Array {
  const native = loadNative()
  return blamingSettings(() => native.communicatorId())
}

/** @throws EverlearnError as `loadNative`; `UNSUPPORTED_CPU`, `UNKNOWN_ISA`, `BAD_THREADS`; of a GPU see `openDevice` */
export function openNative(options: Parameters<Native['openDevice']>[0]): NativeDevice {
  const native = loadNative()
  return blamingSettings(() => native.openDevice(options))
}

const userErrors = [
  'NO_BINARY',
  'UNSUPPORTED_CPU',
  'UNKNOWN_ISA',
  'BAD_THREADS',
  'NO_CUDA_BACKEND',
  'NO_DRIVER',
  'DRIVER_TOO_OLD',
  'NO_GPU',
  'NO_DEVICE',
  'UNSUPPORTED_GPU',
  'LIBRARY_MISSING',
  'OPS_MISSING',
]

/** What comes of the machine or the environment is for the user to put right. */
function blamingSettings<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const { code, message } = cause as { code: string; message: string }
    throw userErrors.includes(code) ? new EverlearnError(code, message, { cause }) : cause
  }
}

// From lib/tensor under tsx, or from dist/lib/tensor in an installed package.
const bindingPath = import.meta.url.endsWith('.ts') ? '../../binding.cjs' : '../../../binding.cjs'
