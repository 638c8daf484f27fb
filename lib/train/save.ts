import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { loadModelTensors, modelTensors } from '../interop/model-tensors.ts'
import { readSafetensors } from '../interop/read-safetensors.ts'
import { floatValues, integerValues, type StoredTensor } from '../interop/safetensors.ts'
import { writeErnieFiles } from '../interop/save-ernie.ts'
import { type TensorToWrite, writeSafetensors } from '../interop/write-safetensors.ts'
import type { Arena } from '../nn/arena.ts'
import { packageVersion } from '../package.ts'
import { jsonText } from './durable.ts'
import { corrupt } from './manifest.ts'
import type { Session } from './session.ts'
import { type StoredState, stateFile } from './state.ts'
import { slotsOfStep } from './steps.ts'

export const modelFile = 'model.safetensors'
const optimizerFile = 'optimizer.safetensors'
const moments = ['firstMoments', 'secondMoments'] as const

/** Writes a session into an empty directory: a folder that transformers loads, and what training goes on with. */
export async function saveSession(session: Session, directory: string): Promise<void> {
  const { model, setup, device, optimizer, state } = session
  const { vocabulary, manifest } = Object.values(setup.source.corpora)[0]
  writeErnieFiles(model, directory, { vocabulary: vocabulary.tokens, lowerCase: manifest.lowerCase })
  writeSafetensors(path.join(directory, modelFile), await modelTensors(model))
  writeSafetensors(path.join(directory, optimizerFile), await optimizerTensors(model.arenas()))
  const { lossScale } = optimizer
  const { step, finishedStages, tokens, skippedInARow, heads, evaluations } = state
  const [value, goodSteps, skipped] = await Promise.all([
    lossScale.value.read(),
    lossScale.goodSteps.read(),
    lossScale.skipped.read(),
  ])
  const { isa, gemm } = device.info()
  const stored: StoredState = {
    step,
    finishedStages,
    tokens,
    skippedInARow,
    heads,
    evaluations,
    lossScale: { value: value[0], goodSteps: goodSteps[0], skipped: skipped[0] },
    meanLengths: setup.meanLengths,
    slotsPerStep: Object.fromEntries(
      Object.entries(setup.meanLengths).map(([key, mean]) => [
        key,
        slotsOfStep(setup.plan.tokensPerStep, mean),
      ]),
    ),
    precision: model.encoder.dtype,
    isa,
    versions: { everlearn: packageVersion(), node: process.version, gemm },
    fingerprints: setup.fingerprints,
  }
  await writeFile(path.join(directory, stateFile), jsonText(stored))
}

/** Puts the values of a checkpoint into a session of its shape. */
export function loadSession(session: Session, checkpoint: string, stored: StoredState): void {
  const { model, device, optimizer } = session
  const file = path.join(checkpoint, modelFile)
  loadModelTensors(model, readSafetensors(file), file)
  const { tensors } = readSafetensors(path.join(checkpoint, optimizerFile))
  const find = (name: string): StoredTensor => {
    const tensor = tensors.get(name)
    if (!tensor) throw corrupt(checkpoint, optimizerFile, `has no tensor ${name}`)
    return tensor
  }
  for (const arena of model.arenas()) {
    for (const moment of moments) {
      const flat = new Float32Array(arena.size)
      for (const { name, offset, shape } of arena.segments) {
        const key = momentName(arena, name, moment)
        const values = floatValues(find(key), key, optimizerFile)
        if (values.length !== shape.reduce((product, extent) => product * extent, 1)) {
          throw corrupt(
            checkpoint,
            optimizerFile,
            `has ${values.length} values for ${key}, not [${shape.join(', ')}]`,
          )
        }
        flat.set(values, offset)
      }
      device.write(arena[moment], flat)
    }
    device.write(arena.steps, integerValues(find(stepsName(arena)), stepsName(arena), optimizerFile))
  }
  const { value, goodSteps, skipped } = stored.lossScale
  device.write(optimizer.lossScale.value, [value])
  device.write(optimizer.lossScale.goodSteps, Int32Array.of(goodSteps))
  device.write(optimizer.lossScale.skipped, Int32Array.of(skipped))
}

async function optimizerTensors(arenas: Arena[]): Promise<Map<string, TensorToWrite>> {
  const tensors = new Map<string, TensorToWrite>()
  for (const arena of arenas) {
    for (const moment of moments) {
      for (const [name, { shape, values }] of arena.split(await arena[moment].read())) {
        tensors.set(momentName(arena, name, moment), { shape, data: values })
      }
    }
    tensors.set(stepsName(arena), { shape: [1], data: await arena.steps.read() })
  }
  return tensors
}

const momentName = (arena: Arena, parameter: string, moment: (typeof moments)[number]): string =>
  `${arena.name}/${parameter}/${moment}`

const stepsName = (arena: Arena): string => `${arena.name}/steps`
