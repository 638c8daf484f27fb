import type { Floating } from '../tensor/dtype.ts'
import type { Flow } from '../tensor/flow.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Dropout, dropoutArguments, dropoutTensors } from './dropout.ts'

/** Row numbers into the tables, int32 [M] each; a row whose id is < 0 becomes zeros. */
export interface EmbeddingRows {
  ids: Tensor<'int32'>
  positions: Tensor<'int32'>
  segments: Tensor<'int32'> | null
  tasks: Tensor<'int32'> | null
}

/** The tables, float32 [rows, C], and the LayerNorm's gamma and beta, float32 [C]. */
export interface EmbeddingTables {
  word: Tensor<'float32'>
  position: Tensor<'float32'>
  segment: Tensor<'float32'> | null
  task: Tensor<'float32'> | null
  gamma: Tensor<'float32'>
  beta: Tensor<'float32'>
}

export interface EmbeddingOptions<D extends Floating> {
  epsilon: number
  dtype: D
  dropout?: Dropout | null
}

/**
 * dropout(LayerNorm(word + position + segment + task)): ERNIE 2.0's input representation (paper, "Task Embedding").
 * Returns [M, C] in the dtype asked for. A table that is null takes no part.
 */
export function embedding<D extends Floating>(
  rows: EmbeddingRows,
  tables: EmbeddingTables,
  { epsilon, dtype, dropout = null }: EmbeddingOptions<D>,
): Tensor<D> {
  const { word, position, gamma, beta } = tables
  const { device } = word
  // A table and its row numbers go together.
  const segment = rows.segments && tables.segment
  const task = rows.tasks && tables.task
  const segments = tables.segment && rows.segments
  const tasks = tables.task && rows.tasks
  const count = rows.ids.size
  const y = device.empty([count, word.shape[1]], dtype, 'embedding')
  using mean = device.empty([count], 'float32', 'embedding')
  using rstd = device.empty([count], 'float32', 'embedding')
  device.run(
    'embedding',
    rows.ids,
    rows.positions,
    segments,
    tasks,
    word,
    position,
    segment,
    task,
    gamma,
    beta,
    y,
    mean,
    rstd,
    epsilon,
    ...dropoutArguments(dropout),
  )
  const forward = [
    rows.ids,
    rows.positions,
    segments,
    tasks,
    word,
    position,
    segment,
    task,
    gamma,
    mean,
    rstd,
  ] as const
  const saved = [...forward, ...dropoutTensors(dropout)] as const
  device
    .recorder(word, position, segment, task, gamma, beta)
    ?.record(y, saved, (flow, [i, p, s, t, w, wp, ws, wt, g, m, r, ...held]) => {
      using _scope = device.scope()
      device.run(
        'embeddingBackward',
        flow.gradient,
        i,
        p,
        s,
        t,
        w,
        wp,
        ws,
        wt,
        g,
        m,
        r,
        required(flow, word),
        required(flow, position),
        flow.sum(segment),
        flow.sum(task),
        required(flow, gamma),
        required(flow, beta),
        ...dropoutArguments(dropout, held),
      )
    })
  return y
}

/** Where the gradient goes; of a table that is not trained, memory of the current scope that nobody looks at. */
function required(flow: Flow, table: Tensor): Tensor {
  return flow.sum(table) ?? table.device.zeros(table.shape, table.dtype)
}
