import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type MicroBatch, roundUp, TARGET_MULTIPLE, type Targets } from '../../data/batch.ts'
import { evaluationSteps } from '../../data/measure.ts'
import { writeDurably } from '../durable.ts'
import type { Events, TrainerEvents } from '../events.ts'
import type { Session } from '../session.ts'
import { readLogits } from './read-logits.ts'

export const samplesFile = 'samples.json'

/** What a model says of the same few held-out inputs at the end of a stage: an element of RUN/samples.json. */
export interface StageSamples {
  /** From 1. */
  stage: number
  step: number
  tasks: TaskPredictions[]
}

export interface TaskPredictions {
  task: string
  /** The held-out corpus. */
  corpus: string
  language: string
  /** What is predicted: the tokens at masked places, a class of each token, or the class of the input. */
  kind: 'masking' | 'tokens' | 'class'
  inputs: PredictedInput[]
}

export interface PredictedInput {
  /** The first tokens of the input, as the encoder sees them. */
  pieces: string[]
  /** Tokens of the whole input. */
  length: number
  judgements: Judgement[]
}

export interface Judgement {
  /** Index of the piece that is judged; of a class of an input 0. */
  at: number
  label: string
  /** The likeliest, in descending order. */
  predictions: { name: string; probability: number }[]
}

const inputsPerTask = 3
const shownPieces = 96
const shownPredictions = 3

/**
 * After each evaluation that ends a stage, writes predictions for a few held-out inputs to RUN/samples.json, beside
 * those after earlier stages. Nothing of the training depends on it.
 */
export function samplePredictions(session: Session, run: string, events: Events<TrainerEvents>): void {
  const file = path.join(run, samplesFile)
  events.on('evaluation', async ({ step, stage, ends }) => {
    if (!ends) return
    const { average, model } = session
    const predict = () => predictSamples(session)
    const tasks = await (average ? average.during(model.arenas(), predict) : predict())
    if (tasks.length === 0) return
    const earlier = readSamples(file).filter((samples) => samples.stage < stage)
    await writeDurably(file, `${JSON.stringify([...earlier, { stage, step, tasks }])}\n`)
  })
}

function readSamples(file: string): StageSamples[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return []
  }
}

/** Of every task that the model has a head for, on the first held-out corpus that serves it. */
export async function predictSamples({ device, model, setup }: Session): Promise<TaskPredictions[]> {
  const { heldOut, plan, kinds } = setup
  const { tokens, sequences, masked } = plan.microBatch
  const sentenceTasks = Object.keys(kinds).filter((task) => kinds[task] === 'sentence')
  const sampled: TaskPredictions[] = []
  for (const task of model.heads.keys()) {
    const corpus = Object.keys(heldOut.tasks).find((name) => heldOut.tasks[name].includes(task))
    if (corpus === undefined) continue
    const { vocabulary, manifest } = heldOut.source.corpora[corpus]
    const { kind, classNames } = describe(heldOut.source.tasks[task], vocabulary.tokens)
    const { classes } = model.head(task)
    const inputs: PredictedInput[] = []
    const steps = evaluationSteps(heldOut.source, task, {
      corpus,
      count: inputsPerTask,
      limits: { tokens, sequences, maskedRows: masked },
      taskId: sentenceTasks.indexOf(task) + 1,
    })
    for (const { microBatches } of steps) {
      for (const batch of microBatches) {
        const shown = shownRows(batch, batch.targets[0])
        const index = new Int32Array(roundUp(Math.max(1, shown.length), TARGET_MULTIPLE)).fill(-1)
        index.set(shown.map(({ token }) => token))
        const { logits, width } = await readLogits(device, model, task, batch, index)
        const judgements = shown.map(({ sequence, at, label }, row) => ({
          sequence,
          at,
          label: classNames[label],
          predictions: likeliest(logits.subarray(row * width, row * width + classes), classNames),
        }))
        for (let sequence = 0; sequence < batch.sequences; sequence++) {
          const [start, end] = batch.offsets.subarray(sequence, sequence + 2)
          inputs.push({
            pieces: Array.from(
              batch.ids.subarray(start, Math.min(end, start + shownPieces)),
              (id) => vocabulary.tokens[id],
            ),
            length: end - start,
            judgements: judgements
              .filter((judgement) => judgement.sequence === sequence)
              .map(({ sequence: _, ...judgement }) => judgement),
          })
        }
      }
    }
    sampled.push({ task, corpus, language: manifest.language, kind, inputs })
  }
  return sampled
}

function describe(
  task: Session['setup']['source']['tasks'][string],
  pieces: string[],
): Pick<TaskPredictions, 'kind'> & { classNames: string[] } {
  if (task.kind === 'sentence') return { kind: 'class', classNames: task.classNames }
  if (task.head.kind === 'masked-language-model') return { kind: 'masking', classNames: pieces }
  return { kind: 'tokens', classNames: task.head.classNames }
}

/** The labels of a batch that lie in the part of their sequence which is shown. */
function shownRows(
  { offsets }: MicroBatch,
  { index, labels, valid }: Targets,
): { token: number; sequence: number; at: number; label: number }[] {
  return Array.from(index.subarray(0, valid), (token, row) => {
    let sequence = 0
    while (offsets[sequence + 1] <= token) sequence++
    return { token, sequence, at: token - offsets[sequence], label: labels[row] }
  }).filter(({ at }) => at < shownPieces)
}

/** The classes with the largest logits, with their softmax. */
function likeliest(row: Float32Array, names: string[]): Judgement['predictions'] {
  const largest = row.reduce((a, b) => Math.max(a, b))
  const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0)
  const best: number[] = []
  for (let candidate = 0; candidate < row.length; candidate++) {
    let place = best.length
    while (place > 0 && row[best[place - 1]] < row[candidate]) place--
    if (place >= shownPredictions) continue
    best.splice(place, 0, candidate)
    best.length = Math.min(best.length, shownPredictions)
  }
  return best.map((index) => ({
    name: names[index],
    probability: Number((Math.exp(row[index] - largest) / sum).toPrecision(4)),
  }))
}
