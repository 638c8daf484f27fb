import { IGNORED_LABEL, type MicroBatch, roundUp, type Targets, TOKEN_MULTIPLE } from '../data/batch.ts'
import { type EncoderBatch, type HeadTargets, longestOf, uploadBatch, uploadTargets } from '../nn/batch.ts'
import type { Graph } from '../tensor/graph.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { StepParts, Trained } from './step-parts.ts'
import { trainMicroBatch, trainUploaded } from './train-micro-batch.ts'

/** More are not recorded: beside the memory that all share, each takes some of its own. */
const mostGraphs = 64

/** Of the longest input of a micro-batch: attention on a GPU has a plan for each such length. */
const lengthMultiple = 128

/** A graph, null where its work came only once so far, and the tensors that its input is written to before a run. */
interface Recorded {
  graph: Graph | null
  inputs: Tensor[]
}

/**
 * The parts of a step as graphs, each recorded when its like comes for the second time. A micro-batch gets a longer tail,
 * so that few lengths exist.
 */
export function recordedParts({ model, optimizer, average, inputs }: Trained): StepParts {
  const { device } = model.encoder
  const known = new Map<string, Recorded>()

  /** The first time the work is done as it is: it makes what lasts, which cannot be recorded. */
  function run(key: string, plainly: () => void, record: () => Recorded, renew: (tensors: Tensor[]) => void) {
    let found = known.get(key)
    if (!found) {
      if (known.size < mostGraphs) known.set(key, { graph: null, inputs: [] })
      plainly()
      return
    }
    if (found.graph) renew(found.inputs)
    else {
      found = record()
      known.set(key, found)
    }
    found.graph?.run()
  }

  return {
    trainMicroBatch(microBatch, pass) {
      const padded = padMicroBatch(microBatch)
      const { targets } = padded
      const lengths = [padded.ids, padded.offsets, ...targets.map(({ index }) => index)].map(
        ({ length }) => length,
      )
      const longest = roundUp(longestOf(microBatch.offsets), lengthMultiple)
      run(
        `${targets.map(({ task }) => task)} ${lengths} ${longest}`,
        () => trainMicroBatch(model, padded, inputs, pass),
        () => {
          const batch = device.unscoped(() => uploadBatch(device, padded))
          const uploaded = device.unscoped(() =>
            targets.map((target) =>
              uploadTargets(device, target, inputs.scales[target.task], inputs.statistics[target.task]),
            ),
          )
          const graph = device.record(() => trainUploaded(model, { ...batch, longest }, uploaded, pass))
          return { graph, inputs: tensorsOf(batch, uploaded) }
        },
        (tensors) => {
          for (const [index, values] of arraysOf(padded).entries()) device.write(tensors[index], values)
        },
      )
    },
    update(arenas, learningRate) {
      optimizer.setLearningRate(learningRate)
      const work = () => {
        optimizer.update(arenas)
        average?.update(arenas, optimizer.skip)
      }
      const record = () => ({ graph: device.record(work), inputs: [] })
      run(`update ${arenas.map(({ name }) => name)}`, work, record, () => {})
    },
    dispose() {
      for (const { graph, inputs } of known.values()) {
        graph?.dispose()
        for (const tensor of inputs) tensor.dispose()
      }
      known.clear()
    },
  }
}

const batchArrays = ['ids', 'positions', 'segments', 'tasks', 'rows', 'offsets'] as const
const targetArrays = ['index', 'labels', 'rows'] as const

const tensorsOf = (batch: EncoderBatch, targets: readonly HeadTargets[]): Tensor[] => [
  ...batchArrays.map((name) => batch[name]),
  ...targets.flatMap((target) => targetArrays.map((name) => target[name])),
]

const arraysOf = (batch: MicroBatch): (Int32Array | Float32Array)[] => [
  ...batchArrays.map((name) => batch[name]),
  ...batch.targets.flatMap((target) => targetArrays.map((name) => target[name])),
]

/** The same inputs with more tokens of no sequence, and more rows that do not count, up to one of few lengths. */
function padMicroBatch(batch: MicroBatch): MicroBatch {
  const tokens = bucketOf(batch.ids.length)
  return {
    ...batch,
    ids: padded(batch.ids, tokens, -1),
    positions: padded(batch.positions, tokens, 0),
    segments: padded(batch.segments, tokens, 0),
    tasks: padded(batch.tasks, tokens, 0),
    rows: padded(batch.rows, tokens, 0),
    targets: batch.targets.map(padTargets),
  }
}

function padTargets(targets: Targets): Targets {
  const rows = bucketOf(targets.index.length)
  return {
    ...targets,
    index: padded(targets.index, rows, -1),
    labels: padded(targets.labels, rows, IGNORED_LABEL),
    rows: padded(targets.rows, rows, 0),
  }
}

/** Sixteen lengths for each power of two, multiples of 64: at most a sixteenth is added. */
function bucketOf(length: number): number {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, length))) - 5)
  return roundUp(Math.max(1, length), Math.max(TOKEN_MULTIPLE, step))
}

function padded(values: Int32Array, length: number, filler: number): Int32Array {
  const longer = new Int32Array(length).fill(filler, values.length)
  longer.set(values)
  return longer
}
