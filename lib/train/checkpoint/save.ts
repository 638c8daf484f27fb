import path from 'node:path'
import { writeModelFiles } from '../../interop/model-files.ts'
import { loadModelTensors, modelTensors } from '../../interop/model-tensors.ts'
import { readSafetensors } from '../../interop/read-safetensors.ts'
import { floatValues, integerValues, type StoredTensor } from '../../interop/safetensors.ts'
import { safetensorsParts, type TensorToWrite } from '../../interop/write-safetensors.ts'
import type { Arena } from '../../nn/arena.ts'
import { packageVersion } from '../../package.ts'
import { jsonText } from '../durable.ts'
import { slotsOfStep } from '../schedule/steps.ts'
import type { Session } from '../session.ts'
import type { CheckpointFiles } from './checkpoint-files.ts'
import { corrupt } from './manifest.ts'
import { type StoredState, stateFile } from './state.ts'

export const modelFile = 'model.safetensors'
export const averageFile = 'ema.safetensors'
const optimizerFile = 'optimizer.safetensors'
const gradientsFile = 'gradients.safetensors'
export const moments = ['firstMoments', 'secondMoments'] as const

/** Writes a session as a checkpoint: a folder that transformers loads, and what training goes on with. */
export async function saveSession(session: Session, files: CheckpointFiles): Promise<void> {
  const { model, setup, device, optimizer, average, state } = session
  const { vocabulary, manifest } = Object.values(setup.source.corpora)[0]
  writeModelFiles(model.encoder, files.directory, {
    vocabulary: vocabulary.tokens,
    lowerCase: manifest.lowerCase,
  })
  const write = (file: string, tensors: Map<string, TensorToWrite>) =>
    files.write(file, safetensorsParts(tensors))
  await write(modelFile, await modelTensors(model))
  await write(optimizerFile, await optimizerTensors(model.arenas()))
  if (average) {
    const tensors = await average.during(model.arenas(), () => modelTensors(model))
    await write(averageFile, tensors)
  }
  if (state.begun) {
    const tensors = await flatTensors(model.arenas(state.begun.tasks), ['gradients'])
    await write(gradientsFile, tensors)
  }
  const { lossScale } = optimizer
  const [value, goodSteps, skipped] = await Promise.all([
    lossScale.value.read(),
    lossScale.goodSteps.read(),
    lossScale.skipped.read(),
  ])
  const { isa, gemm } = device.info()
  const stored: StoredState = {
    ...state,
    stages: setup.stages.table,
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
  await files.write(stateFile, [Buffer.from(jsonText(stored))])
}

/** Puts the values of a checkpoint into a session of its shape. */
export function loadSession(session: Session, checkpoint: string, stored: StoredState): void {
  const { model, device, optimizer, average, state } = session
  if (average) {
    const file = path.join(checkpoint, averageFile)
    loadModelTensors(model, readSafetensors(file), file)
    for (const arena of model.arenas()) average.of(arena)
  }
  const file = path.join(checkpoint, modelFile)
  loadModelTensors(model, readSafetensors(file), file)
  const find = tensorsOf(checkpoint, optimizerFile)
  for (const arena of model.arenas()) {
    for (const moment of moments) device.write(arena[moment], flatValues(arena, moment, find))
    device.write(arena.steps, integerValues(find(stepsName(arena)), stepsName(arena), optimizerFile))
  }
  if (state.begun) {
    const find = tensorsOf(checkpoint, gradientsFile)
    for (const arena of model.arenas(state.begun.tasks)) {
      device.write(arena.gradients, flatValues(arena, 'gradients', find))
    }
    device.write(session.inputs.allStatistics, state.begun.statistics)
  }
  const { value, goodSteps, skipped } = stored.lossScale
  device.write(optimizer.lossScale.value, [value])
  device.write(optimizer.lossScale.goodSteps, Int32Array.of(goodSteps))
  device.write(optimizer.lossScale.skipped, Int32Array.of(skipped))
}

/** Finds a tensor of a checkpoint's file. */
type Find = (name: string) => StoredTensor & { file: string }

function tensorsOf(checkpoint: string, file: string): Find {
  const { tensors } = readSafetensors(path.join(checkpoint, file))
  return (name) => {
    const tensor = tensors.get(name)
    if (!tensor) throw corrupt(checkpoint, file, `has no tensor ${name}`)
    return { ...tensor, file: path.join(checkpoint, file) }
  }
}

type Flat = (typeof moments)[number] | 'gradients'

/** One of an arena's flat buffers as it was stored. */
function flatValues(arena: Arena, buffer: Flat, find: Find): Float32Array {
  const flat = new Float32Array(arena.size)
  for (const { name, offset, shape } of arena.segments) {
    const key = flatName(arena, name, buffer)
    const { file, ...tensor } = find(key)
    const values = floatValues(tensor, key, file)
    if (values.length !== shape.reduce((product, extent) => product * extent, 1)) {
      throw corrupt(
        path.dirname(file),
        path.basename(file),
        `has ${values.length} values for ${key}, not [${shape.join(', ')}]`,
      )
    }
    flat.set(values, offset)
  }
  return flat
}

async function optimizerTensors(arenas: Arena[]): Promise<Map<string, TensorToWrite>> {
  const tensors = await flatTensors(arenas, moments)
  for (const arena of arenas) {
    tensors.set(stepsName(arena), { shape: [1], data: await arena.steps.read() })
  }
  return tensors
}

/** Flat buffers of arenas, cut into parameters. */
async function flatTensors(arenas: Arena[], buffers: readonly Flat[]): Promise<Map<string, TensorToWrite>> {
  const tensors = new Map<string, TensorToWrite>()
  for (const arena of arenas) {
    for (const buffer of buffers) {
      for (const [name, { shape, values }] of arena.split(await arena[buffer].read())) {
        tensors.set(flatName(arena, name, buffer), { shape, data: values })
      }
    }
  }
  return tensors
}

export const flatName = (arena: Arena, parameter: string, buffer: Flat): string =>
  `${arena.name}/${parameter}/${buffer}`

export const stepsName = (arena: Arena): string => `${arena.name}/steps`
