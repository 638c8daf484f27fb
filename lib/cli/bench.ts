import type { Argv } from 'yargs'
import { type BenchFigures, runBench } from '../bench/run-bench.ts'
import { EverlearnError } from '../error.ts'
import { openDevice } from '../tensor/device.ts'
import type { Command } from './command.ts'

interface Options {
  json: boolean
  steps: number
  device?: string
  size?: ('mini' | 'base' | 'large')[]
}

export const benchCommand: Command<Options> = {
  command: 'bench',
  describe: 'Measure a training step on this machine, and how much of its GEMM ceiling that is',
  builder: (yargs) =>
    yargs
      .option('json', { describe: 'As one JSON object', type: 'boolean', default: false })
      .option('steps', { describe: 'Timed steps of each case', type: 'number', default: 5 })
      .option('device', { describe: 'cpu, cuda or cuda:N', type: 'string' })
      .option('size', {
        describe: 'Encoders to measure (by default all that suit the device)',
        choices: ['mini', 'base', 'large'] as const,
        array: true,
      }) as unknown as Argv<Options>,

  async run({ json, steps, device: where, size }) {
    if (!(Number.isInteger(steps) && steps >= 1))
      throw new EverlearnError('USAGE', `--steps is ${steps}, wanted a whole number of 1 or more`)
    const device = await openDevice(where)
    try {
      const report = await runBench(device, {
        steps,
        wanted: (bench) => size === undefined || size.some((name) => name === bench.size),
      })
      if (json) console.log(JSON.stringify(report, null, 2))
      else {
        const { name, isa, threads, gemm } = report.device
        const what = name ? `${name} (${isa})` : `kernels ${isa}, ${threads} threads`
        console.log(`${gemm}, ${what}; medians of ${steps} steps`)
        console.log(`copies ${(report.copyPeak / 1e9).toFixed(0)} GB/s`)
        for (const figures of report.figures) console.log(`${asText(figures)}\n${sharesText(figures)}`)
      }
      return 0
    } finally {
      device.close()
    }
  },
}

function sharesText({ profile }: BenchFigures): string {
  return `  ${profile.shares.map(({ kind, share }) => `${kind} ${(100 * share).toFixed(1)} %`).join(', ')}`
}

function asText(figures: BenchFigures): string {
  const { size, precision, sequences, length, stepMilliseconds, tokensPerSecond } = figures
  const { flopsPerSecond, gemmPeak, modelFlopsUtilization } = figures
  return [
    `${size} ${precision}`.padEnd(14),
    `${sequences} x ${length} tokens`.padEnd(15),
    `${stepMilliseconds.toFixed(1)} ms a step`.padStart(18),
    `${tokensPerSecond.toFixed(0)} tokens/s`.padStart(16),
    `${(flopsPerSecond / 1e9).toFixed(0)} of ${(gemmPeak / 1e9).toFixed(0)} GFLOP/s`.padStart(22),
    `(${((100 * flopsPerSecond) / gemmPeak).toFixed(0)} %)`,
    modelFlopsUtilization === null ? '' : `MFU ${(100 * modelFlopsUtilization).toFixed(1)} %`,
  ]
    .join(' ')
    .trimEnd()
}
