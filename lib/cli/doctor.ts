import { availableParallelism, cpus, totalmem } from 'node:os'
import path from 'node:path'
import type { Argv } from 'yargs'
import { packageVersion } from '../package.ts'
import { loadNative } from '../tensor/native.ts'
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
    }
    return { ...machine, ...none, problem: (error as Error).message }
  }
}

function addonPath(): string | null {
  return sharedObjects().find((file) => path.basename(file) === 'everlearn.node') ?? null
}

function sharedObjects(): string[] {
  return (process.report.getReport() as unknown as { sharedObjects: string[] }).sharedObjects
}

function asText(diagnosis: Diagnosis): string {
  const { precisions, libraries, problem, memoryBytes, ...rest } = diagnosis
  const lines: [string, string][] = Object.entries(rest).map(([name, value]) => [name, String(value ?? '-')])
  lines.push(['memory', `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`])
  for (const [name, how] of Object.entries(precisions)) lines.push([name, how])
  for (const library of libraries) lines.push(['library', library])
  lines.push(problem === null ? ['works', 'yes'] : ['problem', problem])
  return lines.map(([name, value]) => `${name.padEnd(11)} ${value}`).join('\n')
}
