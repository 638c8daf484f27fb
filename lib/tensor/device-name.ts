import { EverlearnError } from '../error.ts'

/** Where a device is: `cpu`, `cuda` (the first GPU) or `cuda:1`, counted as CUDA_VISIBLE_DEVICES leaves them. */
export type DeviceName = 'cpu' | 'cuda' | `cuda:${number}`

export interface DevicePlace {
  backend: 'cpu' | 'cuda'
  index: number
}

/** @throws EverlearnError `DEVICE_NAME` */
export function parseDeviceName(name: string, source = 'the device'): DevicePlace {
  if (name === 'cpu') return { backend: 'cpu', index: 0 }
  const index = /^cuda(?::(\d{1,3}))?$/.exec(name)
  if (index) return { backend: 'cuda', index: Number(index[1] ?? 0) }
  throw new EverlearnError(
    'DEVICE_NAME',
    `${source} is '${name}'; wanted cpu, cuda (the first GPU) or cuda:N, counted from 0`,
  )
}

/** What `openDevice` opens where nothing is asked for: EVERLEARN_BACKEND, else the CPU. */
export function defaultDevice(environment: NodeJS.ProcessEnv = process.env): DevicePlace {
  return parseDeviceName(environment.EVERLEARN_BACKEND || 'cpu', 'EVERLEARN_BACKEND')
}
