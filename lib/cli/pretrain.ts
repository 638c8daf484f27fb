import type { Argv } from 'yargs'
import { EverlearnError } from '../error.ts'
import { type DryRunOptions, dryRun } from '../train/dry-run/dry-run.ts'
import { dryRunText } from '../train/dry-run/dry-run-text.ts'
import { readPlan } from '../train/plan-file.ts'
import { pretrain } from '../train/pretrain.ts'
import type { RunPlan } from '../train/run-plan.ts'
import type { Command } from './command.ts'
import { trainRun } from './train-run.ts'
import { type WatchOptions, withWatchOptions } from './watch-options.ts'

interface Options extends WatchOptions {
  plan: string
  out?: string
  device?: string
  verify: boolean
  'dry-run': boolean
  'tokens-per-second'?: number
  gpus?: number
  pieces?: number
}

export const pretrainCommand: Command<Options> = {
  command: 'pretrain <plan>',
  describe: 'Train an encoder as a plan says',
  builder: (yargs) =>
    withWatchOptions(yargs)
      .positional('plan', { describe: 'A .ts or .json file; docs/plans.md explains it', type: 'string' })
      .option('out', { describe: 'Folder to make for the run', type: 'string' })
      .option('device', { describe: "cpu, cuda or cuda:N (by default the plan's)", type: 'string' })
      .option('verify', {
        describe: 'Read the corpora through before the first step, not while training goes on',
        type: 'boolean',
        default: false,
      })
      .option('dry-run', {
        describe: 'Say what the plan comes to (steps, tokens, memory, time) and write nothing',
        type: 'boolean',
        default: false,
      })
      .option('tokens-per-second', {
        describe: 'Dry run: rate of one GPU, measured elsewhere',
        type: 'number',
      })
      .option('gpus', { describe: 'Dry run: how many of them', type: 'number' })
      .option('pieces', {
        describe: 'Dry run: pieces of the vocabulary, where no corpus is there to tell',
        type: 'number',
      })
      .example('$0 pretrain plan.ts --out runs/first', '')
      .example('$0 pretrain plan.ts --dry-run', '') as unknown as Argv<Options>,

  async run({ plan: file, out, device, verify, quiet, json, 'dry-run': dry, ...given }) {
    const options = dryRunOptions(given)
    if (dry) return printDryRun(await readPlan(file), options, json)
    if (out === undefined)
      throw new EverlearnError('USAGE', 'Missing required argument: out; see everlearn pretrain --help')
    const [forDryRun] = Object.keys(options)
    if (forDryRun !== undefined)
      throw new EverlearnError(
        'USAGE',
        `${optionNames[forDryRun as keyof DryRunOptions]} is about a --dry-run; add it`,
      )
    const plan = await readPlan(file)
    const run = await pretrain({ ...plan, device: device ?? plan.device }, out, {
      verify: verify ? 'now' : undefined,
    })
    return trainRun(run, { quiet, json })
  },
}

const optionNames = {
  tokensPerSecond: '--tokens-per-second',
  gpus: '--gpus',
  vocabularySize: '--pieces',
} as const

async function printDryRun(plan: RunPlan, options: DryRunOptions, json: boolean): Promise<number> {
  const found = await dryRun(plan, options)
  console.log(json ? JSON.stringify(found, null, 2) : dryRunText(found))
  return 0
}

/** Those that were given, checked. */
function dryRunOptions({
  'tokens-per-second': tokensPerSecond,
  gpus,
  pieces,
}: Pick<Options, 'tokens-per-second' | 'gpus' | 'pieces'>): DryRunOptions {
  if (tokensPerSecond !== undefined && !(tokensPerSecond > 0 && Number.isFinite(tokensPerSecond)))
    throw new EverlearnError('USAGE', `--tokens-per-second is ${tokensPerSecond}, wanted a number above 0`)
  for (const [name, value] of Object.entries({ gpus, pieces }))
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new EverlearnError('USAGE', `--${name} is ${value}, wanted a whole number of 1 or more`)
  if (gpus !== undefined && tokensPerSecond === undefined)
    throw new EverlearnError('USAGE', '--gpus is about a rate; give --tokens-per-second, that of one GPU')
  const options: DryRunOptions = { tokensPerSecond, gpus, vocabularySize: pieces }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
