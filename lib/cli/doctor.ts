import { availableParallelism, cpus, totalmem } from 'node:os'
import path from 'node:path'
import type { Argv } from 'yargs'
import { packageVersion } from '../package.ts'
import { type CudaDescription, describeCuda, loadNative } from '../tensor/native.ts'
import type { Command } from './command.ts'

interface Options {
  json: boolean
}

/** What this installation runs on. */
export interface Diagnosis {
  everlearn: string
  node: string
  platform: string
  cpu: string
  /** Processors this process may use. */
  processors: number
  memoryBytes: number
  /** Path of the addon; null: it does not load, `problem` says why. */
  addon: string | null
  /** Whether the addon came with the package or was built here. */
  origin: 'prebuilt' | 'built' | null
  isa: string | null
  threads: number | null
  gemm: string | null
  /** Precisions of activations, and how the products of matrices run. */
  precisions: Record<string, string>
  /** Shared libraries of ours that are loaded. */
  libraries: string[]
  /** GPUs, their driver and its libraries; `problem` says why there is no CUDA backend. */
  cuda: CudaDescription | { problem: { code: string; message: string } } | null
  problem: string | null
}

export const doctor: Command<Options> = {
  command: 'doctor',
  describe: 'Say what this installation runs on and whether it works',
  builder: (yargs) =>
    yargs.option('json', {
      describe: 'As one JSON object',
      type: 'boolean',
      default: false,
    }) as Argv<Options>,

  async run({ json }) {
    const diagnosis = diagnose()
    console.log(json ? JSON.stringify(diagnosis, null, 2) : asText(diagnosis))
    return diagnosis.problem === null ? 0 : 2
  },
}

export function diagnose(): Diagnosis {
  const machine = {
    everlearn: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    memoryBytes: totalmem(),
  }
  try {
    const { isa, threads, gemm, fastBfloat16 } = loadNative().info()
    const addon = addonPath()
    const half = fastBfloat16 ? 'native' : 'converted to float32'
    return {
      ...machine,
      addon,
      origin: addon?.includes(`${path.sep}prebuilds${path.sep}`) ? 'prebuilt' : 'built',
      isa,
      threads,
      gemm,
      precisions: { float32: 'native', bfloat16: half, float16: 'converted to float32' },
      libraries: sharedObjects().filter((file) => /dnnl|gomp|OpenCL|everlearn/i.test(path.basename(file))),
      cuda: diagnoseCuda(),
      problem: null,
    }
  } catch (error) {
    const none = {
      addon: null,
      origin: null,
      isa: null,
      threads: null,
      gemm: null,
      precisions: {},
      libraries: [],
      cuda: null,
    }
    return { ...machine, ...none, problem: (error as Error).message }
  }
}

function diagnoseCuda(): Diagnosis['cuda'] {
  try {
    return describeCuda()
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { problem: { code, message } }
  }
}

function addonPath(): string | null {
  return sharedObjects().find((file) => path.basename(file) === 'everlearn.node') ?? null
}

function sharedObjects(): string[] {
  return (process.report.getReport() as unknown as { sharedObjects: string[] }).sharedObjects
}

function asText(diagnosis: Diagnosis): string {
  const { precisions, libraries, cuda, problem, memoryBytes, ...rest } = diagnosis
  const lines: [string, string][] = Object.entries(rest).map(([name, value]) => [name, String(value ?? '-')])
  lines.push(['memory', `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`])
  for (const [name, how] of Object.entries(precisions)) lines.push([name, how])
  for (const library of libraries) lines.push(['library', library])
  if (cuda) lines.push(...cudaLines(cuda))
  lines.push(problem === null ? ['works', 'yes'] : ['problem', problem])
  return lines.map(([name, value]) => `${name.padEnd(11)} ${value}`).join('\n')
}

function cudaLines(cuda: NonNullable<Diagnosis['cuda']>): [string, string][] {
  const lines: [string, string][] = []
  if ('devices' in cuda) {
    for (const { index, name, capability, memoryBytes } of cuda.devices)
      lines.push([
        `cuda:${index}`,
        `${name}, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, compute capability ${capability}`,
      ])
    lines.push([
      'driver',
      `${cuda.driver ? `for CUDA ${cuda.driver}` : 'none'}; the backend was built with CUDA ${cuda.runtime}`,
    ])
    for (const { name, version, path, problem } of cuda.libraries)
      lines.push([name, problem === null ? `${version} ${path}` : `not used: ${problem}`])
  }
  if (cuda.problem) lines.push(['cuda', `not usable: ${cuda.problem.message}`])
  return lines
}
