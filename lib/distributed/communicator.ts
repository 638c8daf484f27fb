import { EverlearnError } from '../error.ts'
import type { Device } from '../tensor/device.ts'
import { type Collective, communicatorId } from '../tensor/native.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface CommunicatorOptions {
  /** The same on all ranks: what `Communicator.makeId` gave one of them. */
  id: Uint8Array
  /** This process's number, from 0. */
  rank: number
  /** How many processes there are. */
  size: number
  /** Seconds within which all ranks must come, and each collective must be done. */
  timeout?: number
}

/**
 * The processes that train together, one GPU each, by NCCL. A collective starts after what was queued before it and runs
 * beside what is queued after it, until `wait`; a tensor it reads or writes must not be freed before. All ranks call the
 * same collectives in the same order.
 *
 * When a rank stops or a collective takes too long, all of this device's work ends with an error `COMMUNICATION`.
 */
export class Communicator {
  readonly device: Device
  readonly rank: number
  readonly size: number

  private constructor(device: Device, rank: number, size: number) {
    this.device = device
    this.rank = rank
    this.size = size
  }

  /** @throws EverlearnError `NO_CUDA_BACKEND`, `LIBRARY_MISSING` (NCCL) */
  static makeId(): Uint8Array {
    return communicatorId()
  }

  /**
   * Resolves when all ranks have come. A device is in one communicator at a time.
   *
   * @throws EverlearnError `COMMUNICATION` when they have not in time, or the device is no GPU
   */
  static async join(device: Device, options: CommunicatorOptions): Promise<Communicator> {
    const { id, rank, size, timeout = 120 } = options
    try {
      await device.native.joinCommunicator({ id, rank, size, timeout })
    } catch (cause) {
      const { code, message } = cause as { code: string; message: string }
      throw new EverlearnError(code, message, { cause })
    }
    return new Communicator(device, rank, size)
  }

  /** out = the sum of all ranks' tensors. */
  allReduce(tensor: Tensor, out: Tensor = tensor): void {
    this.#run('allReduce', tensor, out)
  }

  /** out [N] = this rank's part of the sum of all ranks' tensors [size N]. */
  reduceScatter(tensor: Tensor, out: Tensor): void {
    this.#run('reduceScatter', tensor, out)
  }

  /** out [size N] = all ranks' tensors [N], in order of rank. */
  allGather(tensor: Tensor, out: Tensor): void {
    this.#run('allGather', tensor, out)
  }

  /** Every rank's tensor becomes that of rank `root`. */
  broadcast(tensor: Tensor, root = 0): void {
    this.#run('broadcast', tensor, tensor, root)
  }

  /** What is queued from now on starts after the collectives so far. */
  wait(): void {
    this.device.native.waitForCommunication()
  }

  /** Ends at once what runs, on this rank and, by and by, on all. */
  abort(): void {
    this.device.native.abortCommunicator()
  }

  /** Call it on all ranks, when nothing is under way. */
  leave(): Promise<void> {
    return this.device.native.joinCommunicator(null)
  }

  #run(name: Collective, tensor: Tensor, out: Tensor, root = 0): void {
    this.device.native.communicate(name, tensor.handle(name), out.handle(name), root)
  }
}
