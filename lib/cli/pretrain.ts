import type { Argv } from 'yargs'
import { readPlan } from '../train/plan-file.ts'
import { pretrain } from '../train/pretrain.ts'
import type { Command } from './command.ts'
import { trainRun } from './train-run.ts'

interface Options {
  plan: string
  out: string
  device?: string
  verify: boolean
  quiet: boolean
}

export const pretrainCommand: Command<Options> = {
  command: 'pretrain <plan>',
  describe: 'Train an encoder as a plan says',
  builder: (yargs) =>
    yargs
      .positional('plan', { describe: 'A .ts or .json file; docs/plans.md explains it', type: 'string' })
      .option('out', { describe: 'Folder to make for the run', type: 'string', demandOption: true })
      .option('device', { describe: "cpu, cuda or cuda:N (by default the plan's)", type: 'string' })
      .option('verify', {
        describe: 'Read the corpora through before the first step, not while training goes on',
        type: 'boolean',
        default: false,
      })
      .option('quiet', { describe: 'Show no progress', type: 'boolean', default: false })
      .example('$0 pretrain plan.ts --out runs/first', '') as unknown as Argv<Options>,

  async run({ plan: file, out, device, verify, quiet }) {
    const plan = await readPlan(file)
    const run = await pretrain({ ...plan, device: device ?? plan.device }, out, {
      verify: verify ? 'now' : undefined,
    })
    return trainRun(run, { quiet })
  },
}
