import { EverlearnError } from '../error.ts'
import type { AnyEncoder } from '../nn/any-encoder.ts'
import { MultiTaskModel } from '../nn/multi-task-model.ts'
import { AdamW } from '../optim/adamw.ts'
import { WeightAverage } from '../optim/weight-average.ts'
import type { Device } from '../tensor/device.ts'
import { readVocabulary } from '../tokenizer/vocabulary.ts'
import { initialState, type TrainingState } from './checkpoint/state.ts'
import { encoderOfCheckpoint, encoderOfPlan, loadFolderOfPlan } from './encoder-of-plan.ts'
import { headOfTask } from './head-of-task.ts'
import type { RunSetup } from './setup.ts'
import { recordedParts } from './step-graphs.ts'
import { createStepInputs, type StepInputs } from './step-inputs.ts'
import { plainParts, type StepParts } from './step-parts.ts'

/** Everything about a run that changes while it trains. */
export interface Session {
  device: Device
  setup: RunSetup
  model: MultiTaskModel<AnyEncoder>
  optimizer: AdamW
  /** Where the plan wants one. */
  average: WeightAverage | null
  inputs: StepInputs
  parts: StepParts
  state: TrainingState
  close(): void
}

/** A run before its first step. */
export function beginSession(device: Device, setup: RunSetup): Session {
  const model = newModel(device, setup)
  const heads = [...model.heads.values()].map(({ name, spec }) => ({ name, spec }))
  return createSession(device, setup, model, { ...initialState, heads })
}

/** A session with a model of the shape that a checkpoint holds; its values are still to be loaded. */
export function sessionOfCheckpoint(
  device: Device,
  setup: RunSetup,
  checkpoint: string,
  state: TrainingState,
): Session {
  const encoder = encoderOfCheckpoint(device, setup.plan, checkpoint)
  const model: Session['model'] = new MultiTaskModel(encoder, { seed: setup.plan.seed })
  for (const { name, spec } of state.heads) model.addHead(name, spec)
  return createSession(device, setup, model, state)
}

/** Adds the heads of the tasks that have their first iterations in a stage; returns their names. */
export function addHeads({ setup, model, state }: Session, stage: number): string[] {
  const added = Object.entries(setup.stages.table[stage])
    .filter(([task, budget]) => budget > 0 && !model.heads.has(task))
    .map(([task]) => task)
  for (const task of added) {
    const { name, spec } = model.addHead(task, headOfTask(setup.source.tasks[task]))
    state.heads.push({ name, spec })
  }
  return added
}

function createSession(
  device: Device,
  setup: RunSetup,
  model: MultiTaskModel<AnyEncoder>,
  state: TrainingState,
): Session {
  const { optimizer: settings, lossScale } = setup.plan
  const { clip, ...rest } = settings
  const optimizer = new AdamW(device, { ...rest, maximumNorm: clip, dtype: model.encoder.dtype })
  if (optimizer.lossScale.growthInterval > 0) {
    optimizer.lossScale.growthInterval = lossScale.growthInterval
    device.write(optimizer.lossScale.value, [lossScale.initial])
  }
  const average = setup.plan.ema === undefined ? null : new WeightAverage(device, setup.plan.ema)
  const inputs = createStepInputs(device, Object.keys(setup.kinds))
  const partsOf = setup.plan.cudaGraphs ? recordedParts : plainParts
  const parts = partsOf({ model, optimizer, average, inputs })
  return {
    device,
    setup,
    model,
    optimizer,
    average,
    inputs,
    parts,
    state: structuredClone(state),
    close() {
      parts.dispose()
      inputs.dispose()
      average?.dispose()
      optimizer.dispose()
      model.dispose()
    },
  }
}

function newModel(device: Device, setup: RunSetup): MultiTaskModel<AnyEncoder> {
  const { plan, source } = setup
  const { from } = plan.encoder
  if (from !== undefined) return modelFromFolder(device, setup, from)
  const { vocabulary } = Object.values(source.corpora)[0]
  const encoder = encoderOfPlan(device, plan, vocabulary.size)
  try {
    checkLength(plan.maxLength, encoder.config.positions)
  } catch (error) {
    encoder.dispose()
    throw error
  }
  return new MultiTaskModel(encoder, { seed: plan.seed })
}

/** Continues from a model in HuggingFace form: its own configuration and vocabulary decide. */
function modelFromFolder(
  device: Device,
  { plan, source }: RunSetup,
  from: string,
): MultiTaskModel<AnyEncoder> {
  const [corpus] = Object.values(source.corpora)
  const { model, vocabularyFile } = loadFolderOfPlan(device, plan, from, Object.values(source.tasks))
  try {
    checkLength(plan.maxLength, model.encoder.config.positions)
    if (vocabularyFile === null) {
      throw new EverlearnError(
        'VOCABULARY_MISSING',
        `${from} has no vocab.txt; put the vocabulary that the model was trained with there`,
      )
    }
    const { size, sha256 } = readVocabulary(vocabularyFile)
    if (sha256 !== corpus.vocabulary.sha256) {
      throw new EverlearnError(
        'CORPUS_VOCABULARY',
        `${corpus.directory} was prepared with another vocabulary (${corpus.vocabulary.size} pieces) than ${vocabularyFile} ` +
          `(${size} pieces); prepare the text again with --vocab ${vocabularyFile}`,
      )
    }
    return model
  } catch (error) {
    model.dispose()
    throw error
  }
}

/** @throws EverlearnError `PLAN_INVALID` */
export function checkLength(maxLength: number, positions: number): void {
  if (maxLength <= positions) return
  throw new EverlearnError(
    'PLAN_INVALID',
    `maxLength is ${maxLength}, but the encoder has ${positions} positions; lower maxLength`,
  )
}
