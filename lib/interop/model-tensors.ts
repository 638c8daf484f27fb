import { EverlearnError } from '../error.ts'
import type { Arena, Segment } from '../nn/arena.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import { floatValues, type Safetensors } from './safetensors.ts'
import type { TensorToWrite } from './write-safetensors.ts'

/** A tensor in a file and the rows of a parameter that it holds. */
export interface StoredPart {
  /** Name in the file. */
  stored: string
  /** Name in the arena. */
  parameter: string
  shape: readonly number[]
  start: number
  end: number
}

/** Which heads have a place of their own among HuggingFace's names; the others are `heads.NAME.…`. */
export interface HeadPlaces {
  /** Head stored as `cls.predictions`; the first masked language model unless it is named. null: none. */
  maskedLanguageModel?: string | null
  /** Sentence classification head stored as `cls.seq_relationship`; none unless it is named. */
  nextSentence?: string | null
}

/** What the names of an encoder's tensors in a file begin with. */
export const encoderPrefixes = { transformer: 'ernie.', lstm: 'lstm.' } as const

/** The files' tensors of an arena whose names begin with `prefix`: queries, keys and values are stored apart. */
export function storedParts(arena: Arena, prefix: string): StoredPart[] {
  return arena.segments.flatMap((segment) => partsOf(segment, prefix))
}

function partsOf({ name, shape }: Segment, prefix: string): StoredPart[] {
  const [rows, ...rest] = shape
  const fused = name.includes('.self.qkv.')
  const names = fused ? ['query', 'key', 'value'].map((part) => name.replace('.qkv.', `.${part}.`)) : [name]
  const count = rows / names.length
  return names.map((stored, index) => ({
    stored: prefix + stored,
    parameter: name,
    shape: [count, ...rest],
    start: index * count,
    end: (index + 1) * count,
  }))
}

/** Every arena of a model with its tensors in a file, under HuggingFace's names (ErnieForPreTraining) where they exist. */
export function modelParts(
  model: MultiTaskModel,
  places: HeadPlaces = {},
): { arena: Arena; parts: StoredPart[] }[] {
  const heads = [...model.heads.values()]
  const { nextSentence = null } = places
  const languageModel =
    places.maskedLanguageModel === undefined
      ? heads.find(({ spec }) => spec.kind === 'masked-language-model')?.name
      : places.maskedLanguageModel
  return [
    {
      arena: model.encoder.arena,
      parts: storedParts(model.encoder.arena, encoderPrefixes[model.encoder.type]),
    },
    ...heads.map(({ name, arena }) => {
      if (name === languageModel) return { arena, parts: storedParts(arena, 'cls.predictions.') }
      const parts = storedParts(arena, name === nextSentence ? 'cls.' : `heads.${name}.`)
      if (name !== nextSentence) return { arena, parts }
      const renamed = (stored: string) => stored.replace('cls.classifier.', 'cls.seq_relationship.')
      return { arena, parts: parts.map((part) => ({ ...part, stored: renamed(part.stored) })) }
    }),
  ]
}

/** All parameters of a model as they are stored: waits for the device. Rows that pad a parameter are left out. */
export async function modelTensors(
  model: MultiTaskModel,
  places: HeadPlaces = {},
): Promise<Map<string, TensorToWrite>> {
  const tensors = new Map<string, TensorToWrite>()
  for (const { arena, parts } of modelParts(model, places)) {
    const values = arena.split(await arena.parameters.read())
    for (const { stored, parameter, shape, start, end } of parts) {
      const whole = values.get(parameter)!
      const row = whole.values.length / whole.shape[0]
      tensors.set(stored, { shape, data: whole.values.subarray(start * row, end * row) })
    }
  }
  return tensors
}

/** Puts a stored tensor into its rows of a parameter; its shape must be the part's. */
export function loadPart(
  arena: Arena,
  part: StoredPart,
  file: string,
  found: Safetensors,
  stored = part.stored,
): void {
  const tensor = found.tensors.get(stored)
  if (!tensor)
    throw new EverlearnError('CHECKPOINT', `${file} has no tensor ${stored}; was it made for another model?`)
  if (
    tensor.shape.length !== part.shape.length ||
    tensor.shape.some((extent, axis) => extent !== part.shape[axis])
  )
    throw new EverlearnError(
      'CHECKPOINT',
      `${file}: ${stored} has shape [${tensor.shape.join(', ')}], the model wants [${part.shape.join(', ')}]`,
    )
  arena.load(part.parameter, floatValues(tensor, stored, file), part.start, part.end)
}

/** The inverse of `modelTensors`: every parameter of the model must be there, whatever else is there is ignored. */
export function loadModelTensors(
  model: MultiTaskModel,
  found: Safetensors,
  file: string,
  places: HeadPlaces = {},
): void {
  for (const { arena, parts } of modelParts(model, places))
    for (const part of parts) loadPart(arena, part, file, found)
}
