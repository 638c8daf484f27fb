import { EverlearnError } from '../error.ts'
import { fill } from '../ops/fill.ts'
import { randomFill } from '../ops/random-fill.ts'
import type { Device } from '../tensor/device.ts'
import { Parameter, type Tensor } from '../tensor/tensor.ts'
import { siteOf } from './site.ts'

/** Values of a new parameter; `deviation`: normal around 0, truncated at two deviations. */
export type Initial = 'zeros' | 'ones' | { deviation: number }

export interface ParameterSpec {
  name: string
  shape: readonly number[]
  /** Rows to allocate, where more than shape[0]; the others are zeros and stay so. */
  allocatedRows?: number
  initial: Initial
}

/** Where a parameter lies in its arena. */
export interface Segment {
  name: string
  /** First element, a multiple of 64. */
  offset: number
  /** Without the rows that pad it. */
  shape: readonly number[]
  allocatedRows: number
  /** Whether weight decay applies: rank above one. */
  decay: boolean
}

const block = 64

/**
 * The parameters of a module that is added as a whole, in one flat float32 buffer, with gradients and moments in flat
 * buffers of the same layout. Optimiser, checkpoints and reduction work on the flat buffers; the model on the views that
 * `parameter` gives. Gradients and moments are made when first asked for, as zeros.
 */
export class Arena {
  readonly device: Device
  readonly name: string
  /** Elements, a multiple of 64. */
  readonly size: number
  readonly segments: readonly Segment[]
  /** float32 [size]. */
  readonly parameters: Tensor<'float32'>
  readonly #views = new Map<string, Parameter>()
  readonly #made: Record<string, Tensor> = {}

  /** @param seed the initial values depend on it, on the arena's name and on the parameter's name */
  constructor(device: Device, name: string, specs: readonly ParameterSpec[], seed: number) {
    this.device = device
    this.name = name
    let size = 0
    this.segments = specs.map((spec) => {
      const { shape, allocatedRows = shape[0] } = spec
      const offset = size
      size += Math.ceil((allocatedRows * rowSize(shape)) / block) * block
      return { name: spec.name, offset, shape, allocatedRows, decay: shape.length > 1 }
    })
    this.size = size
    this.parameters = device.unscoped(() => device.zeros([size], 'float32'))
    for (const [index, segment] of this.segments.entries()) {
      const view = this.#view(segment)
      this.#views.set(segment.name, view)
      using rows = device.withoutTape(() => view.slice(0, segment.shape[0]))
      initialise(rows, specs[index].initial, seed, siteOf(`${name}/${segment.name}`))
    }
  }

  has(name: string): boolean {
    return this.#views.has(name)
  }

  parameter(name: string): Parameter {
    const view = this.#views.get(name)
    if (!view) throw new Error(`arena ${this.name} has no parameter ${name}`)
    return view
  }

  segment(name: string): Segment {
    const segment = this.segments.find((candidate) => candidate.name === name)
    if (!segment) throw new Error(`arena ${this.name} has no parameter ${name}`)
    return segment
  }

  /** float32 [size]: what the backward passes since the last optimiser step have added up. */
  get gradients(): Tensor<'float32'> {
    return this.#zeros('gradients', this.size, 'float32')
  }

  /** float32 [size]. */
  get firstMoments(): Tensor<'float32'> {
    return this.#zeros('firstMoments', this.size, 'float32')
  }

  /** float32 [size]. */
  get secondMoments(): Tensor<'float32'> {
    return this.#zeros('secondMoments', this.size, 'float32')
  }

  /** int32 [1]: optimiser steps taken. */
  get steps(): Tensor<'int32'> {
    return this.#zeros('steps', 1, 'int32')
  }

  /** uint8 [size / 64]: 1 where the block is decayed. */
  get decay(): Tensor<'uint8'> {
    const made = this.#made.decay as Tensor<'uint8'> | undefined
    if (made) return made
    const blocks = new Uint8Array(this.size / block)
    for (const { offset, shape, allocatedRows, decay } of this.segments) {
      const end = Math.ceil((offset + allocatedRows * rowSize(shape)) / block)
      if (decay) blocks.fill(1, offset / block, end)
    }
    const tensor = this.device.unscoped(() => this.device.tensor(blocks, [blocks.length], 'uint8'))
    this.#made.decay = tensor
    return tensor
  }

  /**
   * Overwrites a parameter, or its rows `start` to `end`; rows that pad it are not counted.
   *
   * @param values float32, row-major
   */
  load(name: string, values: Float32Array, start = 0, end = this.segment(name).shape[0]): void {
    const { offset, shape } = this.segment(name)
    const row = rowSize(shape)
    if (start < 0 || end > shape[0] || values.length !== (end - start) * row)
      throw new EverlearnError(
        'SHAPE',
        `${name}: rows ${start} to ${end} of shape [${shape.join(', ')}] want ${(end - start) * row} values, ` +
          `${values.length} were given`,
      )
    using rows = this.parameters.slice(offset + start * row, offset + end * row)
    this.device.write(rows, values)
  }

  /** Cuts the contents of one of the flat buffers into parameters by name, without the rows that pad them. */
  split(flat: Float32Array): Map<string, { shape: readonly number[]; values: Float32Array }> {
    return new Map(
      this.segments.map(({ name, offset, shape }) => [
        name,
        { shape, values: flat.subarray(offset, offset + shape[0] * rowSize(shape)) },
      ]),
    )
  }

  dispose(): void {
    for (const view of this.#views.values()) view.dispose()
    for (const tensor of Object.values(this.#made)) tensor.dispose()
    this.parameters.dispose()
  }

  #zeros<D extends 'float32' | 'int32'>(name: string, size: number, dtype: D): Tensor<D> {
    this.#made[name] ??= this.device.unscoped(() => this.device.zeros([size], dtype))
    return this.#made[name] as Tensor<D>
  }

  #view(segment: Segment): Parameter {
    const shape = [segment.allocatedRows, ...segment.shape.slice(1)]
    const end = segment.offset + segment.allocatedRows * rowSize(shape)
    const part = (flat: Tensor<'float32'>) => {
      using slice = flat.slice(segment.offset, end)
      return slice.reshape(shape)
    }
    return this.device.unscoped(() => {
      using values = part(this.parameters)
      const native = values.handle('arena').view(shape)
      return new Parameter(this.device, native, shape, segment.name, () => part(this.gradients))
    })
  }
}

function rowSize(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, extent) => product * extent, 1)
}

function initialise(values: Tensor<'float32'>, initial: Initial, seed: number, site: number): void {
  if (initial === 'ones') fill(values, 1)
  else if (initial !== 'zeros')
    randomFill(values, { kind: 'truncated-normal', mean: 0, deviation: initial.deviation }, seed, site)
}
