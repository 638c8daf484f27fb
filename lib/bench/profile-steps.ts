import type { Device } from '../tensor/device.ts'
import type { OperationTimes } from '../tensor/native.ts'
import type { NativeOps } from '../tensor/native-ops.ts'
import { type OperationKind, operationKinds } from './operation-kinds.ts'

export interface StepProfile {
  /** Of all the steps that were measured. */
  seconds: number
  operations: OperationTimes
  /** Of `seconds`, the largest first; what no operation took last. They add up to 1. */
  shares: { kind: OperationKind | 'between operations'; share: number }[]
}

/** Where the time of training steps goes; `run` takes them and resolves to the milliseconds of each. */
export async function profileSteps(device: Device, run: () => Promise<number[]>): Promise<StepProfile> {
  let seconds = 0
  const operations = await device.profile(async () => {
    for (const milliseconds of await run()) seconds += milliseconds / 1e3
  })
  const kinds = new Map<OperationKind, number>()
  for (const [name, { seconds }] of Object.entries(operations)) {
    const kind = operationKinds[name as keyof NativeOps]
    kinds.set(kind, (kinds.get(kind) ?? 0) + seconds)
  }
  const shares: StepProfile['shares'] = [...kinds]
    .map(([kind, taken]) => ({ kind, share: taken / seconds }))
    .sort((a, b) => b.share - a.share)
  const busy = shares.reduce((sum, { share }) => sum + share, 0)
  shares.push({ kind: 'between operations', share: 1 - busy })
  return { seconds, operations, shares }
}
