import { modelParts } from '../../interop/model-tensors.ts'
import { safetensorsSize, type TensorLayout } from '../../interop/write-safetensors.ts'
import type { MultiTaskModel } from '../../nn/multi-task-model.ts'
import { flatName, moments, stepsName } from '../checkpoint/save.ts'

/** Bytes of the files of a checkpoint that hold tensors; what else is in it is some text. */
export interface CheckpointSize {
  model: number
  optimizer: number
  /** 0 where the plan wants no average of weights. */
  average: number
}

/** How large the files of a model's checkpoint will be, to the byte: no value is looked at. */
export function checkpointSize(model: MultiTaskModel, { average }: { average: boolean }): CheckpointSize {
  const weights = new Map<string, TensorLayout>()
  const state = new Map<string, TensorLayout>()
  for (const { arena, parts } of modelParts(model)) {
    for (const { stored, shape } of parts) weights.set(stored, { shape, dtype: 'F32' })
    for (const moment of moments) {
      for (const { name, shape } of arena.segments)
        state.set(flatName(arena, name, moment), { shape, dtype: 'F32' })
    }
    state.set(stepsName(arena), { shape: [1], dtype: 'I32' })
  }
  const bytes = safetensorsSize(weights)
  return { model: bytes, optimizer: safetensorsSize(state), average: average ? bytes : 0 }
}
