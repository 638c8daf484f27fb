/** Naive float64 forms of the fused operations, one value at a time, from the formulas in native/ops.h. */

/** A matrix [rows, columns], row-major. */
export interface Matrix {
  rows: number
  columns: number
  values: Float64Array
}

export function matrix(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number,
): Matrix {
  const values = Float64Array.from({ length: rows * columns }, (_, i) =>
    value(Math.floor(i / columns), i % columns),
  )
  return { rows, columns, values }
}

export const at = (m: Matrix, row: number, column: number) => m.values[row * m.columns + column]

/** Four words of Philox 4x32-10, in plain 64-bit arithmetic. */
export function philoxWords(counter: readonly number[], key: readonly number[]): number[] {
  const mask = 0xffffffffn
  let [c0, c1, c2, c3] = counter.map((word) => BigInt(word >>> 0))
  let [k0, k1] = key.map((word) => BigInt(word >>> 0))
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c0
    const product1 = 0xcd9e8d57n * c2
    const next = [(product1 >> 32n) ^ c1 ^ k0, product1 & mask, (product0 >> 32n) ^ c3 ^ k1, product0 & mask]
    ;[c0, c1, c2, c3] = next
    k0 = (k0 + 0x9e3779b9n) & mask
    k1 = (k1 + 0xbb67ae85n) & mask
  }
  return [c0, c1, c2, c3].map(Number)
}

export interface ReferenceDropout {
  rows: readonly number[]
  step: number
  seed: number
  site: number
  probability: number
}

/** 0 for a dropped value, else 1 / (1 - probability). `column` counts within `block`'s high half for attention heads. */
export function keep(
  dropout: ReferenceDropout | null,
  row: number,
  column: number,
  head: number | null = null,
): number {
  if (!dropout || dropout.probability === 0) return 1
  const block = head === null ? column >>> 2 : ((head << 16) | (column >>> 2)) >>> 0
  const counter = [dropout.step, dropout.site, dropout.rows[row], block]
  const word = philoxWords(counter, [dropout.seed >>> 0, Math.floor(dropout.seed / 2 ** 32)])[column & 3]
  return word < dropout.probability * 2 ** 32 ? 0 : 1 / (1 - dropout.probability)
}

/** Abramowitz and Stegun 7.1.5/7.1.14: series near 0, continued fraction beyond; both to float64. */
export function erf(x: number): number {
  const z = Math.abs(x)
  if (z < 2.5) {
    let term = z
    let sum = z
    for (let n = 1; n < 200; n++) {
      term *= (-z * z) / n
      sum += term / (2 * n + 1)
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = z
  for (let n = 120; n >= 1; n--) fraction = z + n / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-z * z) / (fraction * Math.sqrt(Math.PI)))
}

export const activations = {
  none: (x: number) => x,
  gelu: (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  gelu_tanh: (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  relu: (x: number) => Math.max(0, x),
  tanh: Math.tanh,
}

export type ActivationName = keyof typeof activations

export function biasActivation(x: Matrix, bias: Matrix | null, activation: ActivationName): Matrix {
  return matrix(x.rows, x.columns, (i, j) => activations[activation](at(x, i, j) + (bias?.values[j] ?? 0)))
}

export function linear(x: Matrix, weight: Matrix, bias: Matrix | null, activation: ActivationName): Matrix {
  const product = matrix(x.rows, weight.rows, (i, j) => {
    let sum = 0
    for (let k = 0; k < x.columns; k++) sum += at(x, i, k) * at(weight, j, k)
    return sum
  })
  return biasActivation(product, bias, activation)
}

export function layerNorm(x: Matrix, gamma: Matrix, beta: Matrix, epsilon: number): Matrix {
  const rows = Array.from({ length: x.rows }, (_, i) => {
    const row = x.values.subarray(i * x.columns, (i + 1) * x.columns)
    const mean = row.reduce((sum, value) => sum + value, 0) / x.columns
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.columns
    return { mean, rstd: 1 / Math.sqrt(variance + epsilon) }
  })
  return matrix(
    x.rows,
    x.columns,
    (i, j) => (at(x, i, j) - rows[i].mean) * rows[i].rstd * gamma.values[j] + beta.values[j],
  )
}

export function residualLayerNorm(
  x: Matrix,
  bias: Matrix | null,
  residual: Matrix | null,
  gamma: Matrix,
  beta: Matrix,
  epsilon: number,
  dropout: ReferenceDropout | null,
): Matrix {
  const sum = matrix(
    x.rows,
    x.columns,
    (i, j) =>
      (at(x, i, j) + (bias?.values[j] ?? 0)) * keep(dropout, i, j) + (residual ? at(residual, i, j) : 0),
  )
  return layerNorm(sum, gamma, beta, epsilon)
}

/** Pairs of a table and the rows to take from it; rows whose first index is < 0 are zeros. */
export function embedding(
  tables: readonly (readonly [table: Matrix, index: readonly number[]])[],
  gamma: Matrix,
  beta: Matrix,
  epsilon: number,
  dropout: ReferenceDropout | null,
): Matrix {
  const [[first, ids]] = tables
  const sum = matrix(ids.length, first.columns, (i, j) =>
    ids[i] < 0 ? 0 : tables.reduce((total, [table, index]) => total + at(table, index[i], j), 0),
  )
  const normalised = layerNorm(sum, gamma, beta, epsilon)
  return matrix(ids.length, first.columns, (i, j) =>
    ids[i] < 0 ? 0 : at(normalised, i, j) * keep(dropout, i, j),
  )
}

export function attention(
  qkv: Matrix,
  offsets: readonly number[],
  heads: number,
  dropout: ReferenceDropout | null,
): Matrix {
  const width = qkv.columns / 3
  const size = width / heads
  const y = matrix(qkv.rows, width, () => 0)
  for (let s = 0; s + 1 < offsets.length; s++)
    for (let i = offsets[s]; i < offsets[s + 1]; i++)
      for (let head = 0; head < heads; head++) {
        const scores: number[] = []
        for (let j = offsets[s]; j < offsets[s + 1]; j++) {
          let score = 0
          for (let d = 0; d < size; d++)
            score += at(qkv, i, head * size + d) * at(qkv, j, width + head * size + d)
          scores.push(score / Math.sqrt(size))
        }
        const highest = Math.max(...scores)
        const weights = scores.map((score) => Math.exp(score - highest))
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        weights.forEach((weight, position) => {
          const share = (weight / total) * keep(dropout, i, position, head)
          for (let d = 0; d < size; d++)
            y.values[i * width + head * size + d] +=
              share * at(qkv, offsets[s] + position, 2 * width + head * size + d)
        })
      }
  return y
}

/** One direction or two, by the rows of `weight` [4 · directions · hidden, hidden]; gates i, f, g, o. */
export function lstm(projected: Matrix, weight: Matrix, offsets: readonly number[]): Matrix {
  const { rows: gates, columns: hidden } = weight
  const directions = gates / (4 * hidden)
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  const y = matrix(projected.rows, directions * hidden, () => 0)
  for (let direction = 0; direction < directions; direction++)
    for (let s = 0; s + 1 < offsets.length; s++) {
      const tokens = Array.from({ length: offsets[s + 1] - offsets[s] }, (_, i) => offsets[s] + i)
      if (direction === 1) tokens.reverse()
      let h = new Float64Array(hidden)
      let cell = new Float64Array(hidden)
      for (const token of tokens) {
        const gate = (k: number, j: number) => {
          const row = (4 * direction + k) * hidden + j
          return h.reduce((sum, value, m) => sum + value * at(weight, row, m), at(projected, token, row))
        }
        cell = cell.map((c, j) => sigmoid(gate(1, j)) * c + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)))
        h = h.map((_, j) => sigmoid(gate(3, j)) * Math.tanh(cell[j]))
        y.values.set(h, token * y.columns + direction * hidden)
      }
    }
  return y
}

/** Sum over rows that count of (1 - e) · -log p[label] + e · mean of -log p. */
export function softmaxCrossEntropy(
  logits: Matrix,
  labels: readonly number[],
  classes: number,
  smoothing: number,
): number {
  let total = 0
  for (let i = 0; i < logits.rows; i++) {
    if (labels[i] < 0) continue
    const row = Array.from({ length: classes }, (_, j) => at(logits, i, j))
    const highest = Math.max(...row)
    const logSum = highest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - highest), 0))
    const mean = row.reduce((sum, value) => sum + logSum - value, 0) / classes
    total += (1 - smoothing) * (logSum - row[labels[i]]) + smoothing * mean
  }
  return total
}
