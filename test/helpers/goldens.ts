import { readFileSync } from 'node:fs'
import { floatValues, integerValues, parseSafetensors } from '../../lib/interop/safetensors.ts'

export const goldensDirectory = new URL('../fixtures/goldens', import.meta.url).pathname

export interface Golden {
  shape: readonly number[]
  values: Float32Array
}

/** A safetensors file of reference values. Integers come as whole numbers in float32. */
export function readGoldens(file: string): (name: string) => Golden {
  const { tensors } = parseSafetensors(readFileSync(`${goldensDirectory}${file}`), file)
  return (name) => {
    const tensor = tensors.get(name)
    if (!tensor) throw new Error(`${file} has no ${name}`)
    const isInteger = tensor.dtype[0] === 'I'
    const values = isInteger
      ? Float32Array.from(integerValues(tensor, name, file))
      : floatValues(tensor, name, file)
    return { shape: tensor.shape, values }
  }
}

export function readGoldenJson(file: string) {
  return JSON.parse(readFileSync(`${goldensDirectory}${file}`, 'utf8'))
}
