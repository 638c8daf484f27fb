import type { Argv } from 'yargs'
import { readPlan } from '../train/plan-file.ts'
import { pretrain } from '../train/pretrain.ts'
import type { Command } from './command.ts'
import { trainRun } from './train-run.ts'
import { type WatchOptions, withWatchOptions } from './watch-options.ts'

interface Options extends WatchOptions {
  plan: string
  out: string
  verify: boolean
}

export const pretrainCommand: Command<Options> = {
  command: 'pretrain <plan>',
  describe: 'Train an encoder as a plan says',
  builder: (yargs) =>
    withWatchOptions(yargs)
      .positional('plan', { describe: 'A .ts or .json file; docs/plans.md explains it', type: 'string' })
      .option('out', { describe: 'Folder to make for the run', type: 'string', demandOption: true })
      .option('verify', {
        describe: 'Read the corpora through before the first step, not while training goes on',
        type: 'boolean',
        default: false,
      })
      .example('$0 pretrain plan.ts --out runs/first', '') as unknown as Argv<Options>,

  async run({ plan, out, verify, quiet, json }) {
    return trainRun(await pretrain(await readPlan(plan), out, { verify: verify ? 'now' : undefined }), {
      quiet,
      json,
    })
  },
}
