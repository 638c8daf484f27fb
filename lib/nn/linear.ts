import type { Parameter } from '../tensor/tensor.ts'
import type { Arena, ParameterSpec } from './arena.ts'

/** weight [outputs, inputs], bias [outputs]. */
export interface Linear {
  weight: Parameter
  bias: Parameter
}

export function linearSpecs(
  path: string,
  inputs: number,
  outputs: number,
  deviation: number,
): ParameterSpec[] {
  return [
    { name: `${path}.weight`, shape: [outputs, inputs], initial: { deviation } },
    { name: `${path}.bias`, shape: [outputs], initial: 'zeros' },
  ]
}

export function linearAt(arena: Arena, path: string): Linear {
  return { weight: arena.parameter(`${path}.weight`), bias: arena.parameter(`${path}.bias`) }
}
