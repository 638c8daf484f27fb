/**
 * Training speed beside PyTorch, in one run: both sides start from the same weights and batch and their first losses are
 * compared. A few steps find PyTorch's fastest mode; then its steps and ours alternate.
 *
 *     npx tsx bench/training.ts --python .venv/bin/python [--device cuda] [--steps 20] [--only mini-bfloat16] [--json FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type BenchCase,
  benchCaseName,
  benchCases,
  benchVocabularySize,
  stepFlops,
} from '../lib/bench/cases.ts'
import { makeSyntheticBatch, type SyntheticBatch, writeSyntheticBatch } from '../lib/bench/synthetic-batch.ts'
import {
  type BenchModel,
  benchHeads,
  benchLoss,
  disposeBenchModel,
  makeBenchModel,
  median,
  runBenchSteps,
} from '../lib/bench/training-step.ts'
import { saveErnie } from '../lib/interop/save-ernie.ts'
import { type Device, openDevice } from '../lib/tensor/device.ts'
import { measureGemmPeak } from '../lib/train/gemm-peak.ts'
import { type Peer, startPeer } from './pytorch.ts'

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    device: { type: 'string' },
    steps: { type: 'string', default: '20' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
})
const steps = Number(options.steps)
const stepsInTurn = 5
const warmUp = 3
const trialSteps = 3
const modes = [[], ['--gather'], ['--compile'], ['--gather', '--compile']]
const tolerated = { float32: 1e-4, bfloat16: 2e-2, float16: 2e-2 }

interface Row {
  side: string
  loss: number
  milliseconds: number
  tokensPerSecond: number
  /** Steps of which `milliseconds` is the median. */
  timed: number
}

interface Result {
  name: string
  rows: Row[]
  /** Ours over the fastest PyTorch mode. */
  ratio: number
  wanted: number
  gemmPeak: number
  /** Ours over the machine's GEMM ceiling. */
  share: number
  /** Real tokens a second of half-full rows over those of full rows. */
  padding: number
}

/** `steps` of ours and of the peer in turns; the first turn of each warms up and is dropped. */
async function alternate(ours: (count: number) => Promise<number[]>, peer: Peer): Promise<[number, number]> {
  await ours(warmUp)
  await peer.run(warmUp)
  const times: [number[], number[]] = [[], []]
  while (times[0].length < steps) {
    times[0].push(...(await ours(stepsInTurn)))
    times[1].push(...(await peer.run(stepsInTurn)))
  }
  return [median(times[0]), median(times[1])]
}

/** Half-full rows, twice as many of them: as many real tokens a step as `full`. */
async function paddingRatio(
  built: BenchModel,
  { sequences, length }: BenchCase,
  full: SyntheticBatch,
): Promise<number> {
  const half = makeSyntheticBatch(2 * sequences, length, benchVocabularySize, 0.5)
  await runBenchSteps(built, half, 2)
  const times: [number[], number[]] = [[], []]
  while (times[0].length < steps) {
    times[0].push(...(await runBenchSteps(built, full, stepsInTurn)))
    times[1].push(...(await runBenchSteps(built, half, stepsInTurn)))
  }
  return half.tokens / median(times[1]) / (full.tokens / median(times[0]))
}

async function compare(device: Device, bench: BenchCase, folder: string): Promise<Result> {
  const name = benchCaseName(bench)
  const { threads, backend } = device.info()
  const batch = makeSyntheticBatch(bench.sequences, bench.length, benchVocabularySize)
  const batchFile = join(folder, `${name}.safetensors`)
  writeSyntheticBatch(batchFile, batch)
  const built = makeBenchModel(device, bench)
  const model = join(folder, name)
  await saveErnie(built.model, model, { vocabulary: [], lowerCase: true, nextSentence: benchHeads.sentence })
  const loss = await benchLoss(built, batch)
  const rows: Row[] = []
  let fastest = { flags: modes[0], milliseconds: Number.POSITIVE_INFINITY }
  const start = async (flags: string[]) => {
    const peer = startPeer({
      python: options.python,
      model,
      batch: batchFile,
      precision: bench.precision,
      device: backend,
      threads,
      flags,
    })
    const peerLoss = await peer.loss()
    if (!(Math.abs(peerLoss - loss) <= tolerated[bench.precision] * Math.abs(peerLoss)))
      throw new Error(`${name}: first loss ${loss}, PyTorch's ${peerLoss}`)
    return { peer, peerLoss }
  }
  for (const flags of modes) {
    const { peer, peerLoss } = await start(flags)
    await peer.run(warmUp)
    const milliseconds = median(await peer.run(trialSteps))
    peer.close()
    rows.push(row(`PyTorch ${flags.join(' ')}`.trim(), peerLoss, milliseconds, batch.tokens, trialSteps))
    if (milliseconds < fastest.milliseconds) fastest = { flags, milliseconds }
  }
  const { peer, peerLoss } = await start(fastest.flags)
  const [ours, theirs] = await alternate((count) => runBenchSteps(built, batch, count), peer)
  peer.close()
  const best = row(`PyTorch ${fastest.flags.join(' ')}, in turns`, peerLoss, theirs, batch.tokens, steps)
  const gemmPeak = await measureGemmPeak(device, bench.precision, 1000)
  const masked = batch.labels.filter((label) => label >= 0).length
  const padding = await paddingRatio(built, bench, batch)
  disposeBenchModel(built)
  device.trim()
  rows.unshift(row('everlearn, in turns', loss, ours, batch.tokens, steps), best)
  return {
    name,
    rows,
    ratio: theirs / ours,
    wanted: bench.wanted,
    gemmPeak,
    share: stepFlops(bench.size, batch.lengths, masked) / (ours / 1e3) / gemmPeak,
    padding,
  }
}

function row(side: string, loss: number, milliseconds: number, tokens: number, timed: number): Row {
  return { side, loss, milliseconds, tokensPerSecond: (tokens / milliseconds) * 1e3, timed }
}

function print({ name, rows, ratio, wanted, gemmPeak, share, padding }: Result): void {
  console.log(
    `\n## ${name}\n\n| side | first loss | steps | step, ms | tokens/s |\n| --- | --- | --- | --- | --- |`,
  )
  for (const { side, loss, timed, milliseconds, tokensPerSecond } of rows)
    console.log(
      `| ${side} | ${loss.toFixed(5)} | ${timed} | ${milliseconds.toFixed(1)} | ${tokensPerSecond.toFixed(0)} |`,
    )
  console.log(
    `\n${ratio.toFixed(2)} × the fastest PyTorch mode (asked: ${wanted}); GEMM ceiling ${(gemmPeak / 1e9).toFixed(0)} GFLOP/s, ` +
      `${(100 * share).toFixed(0)} % of it reached; half-full rows: ${(100 * padding).toFixed(1)} % of the real tokens/s of full ones`,
  )
}

const folder = mkdtempSync(join(tmpdir(), 'everlearn-bench-'))
const device = await openDevice(options.device)
try {
  console.log(`${JSON.stringify(device.info())}, ${steps} steps of each side, in turns of ${stepsInTurn}`)
  const results: Result[] = []
  for (const bench of benchCases) {
    if (bench.backend !== device.info().backend) continue
    if (options.only && options.only !== benchCaseName(bench)) continue
    const result = await compare(device, bench, folder)
    results.push(result)
    print(result)
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 1)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
  device.close()
}
