import type { Parameter } from '../tensor/tensor.ts'
import type { Arena, ParameterSpec } from './arena.ts'

/** gamma [size], beta [size]; named weight and bias in files. */
export interface LayerNorm {
  gamma: Parameter
  beta: Parameter
}

export function layerNormSpecs(path: string, size: number): ParameterSpec[] {
  return [
    { name: `${path}.weight`, shape: [size], initial: 'ones' },
    { name: `${path}.bias`, shape: [size], initial: 'zeros' },
  ]
}

export function layerNormAt(arena: Arena, path: string): LayerNorm {
  return { gamma: arena.parameter(`${path}.weight`), beta: arena.parameter(`${path}.bias`) }
}
