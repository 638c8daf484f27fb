import type { Argv } from 'yargs'
import { resume } from '../train/pretrain.ts'
import type { Command } from './command.ts'
import { trainRun } from './train-run.ts'
import { type WatchOptions, withWatchOptions } from './watch-options.ts'

interface Options extends WatchOptions {
  run: string
  checkpoint?: string
  workers?: number
  device?: string
  verify: boolean
}

export const resumeCommand: Command<Options> = {
  command: 'resume <run>',
  describe: 'Go on with a run that was interrupted, to the bit as if it had not been',
  builder: (yargs) =>
    withWatchOptions(yargs)
      .positional('run', { describe: 'Folder of the run', type: 'string' })
      .option('checkpoint', { describe: 'Go on from this one (by default the latest)', type: 'string' })
      .option('workers', {
        describe: "Threads that assemble batches (by default the plan's)",
        type: 'number',
      })
      .option('device', { describe: "cpu, cuda or cuda:N (by default the plan's)", type: 'string' })
      .option('verify', {
        describe: 'Read the corpora through before the first step, not while training goes on',
        type: 'boolean',
        default: false,
      })
      .example('$0 resume runs/first', '') as unknown as Argv<Options>,

  async run({ run: directory, checkpoint, workers, device, verify, quiet, json }) {
    const run = await resume(directory, { checkpoint, workers, device, verify: verify ? 'now' : undefined })
    for (const difference of run.differences) {
      process.stderr.write(
        `not as when the checkpoint was written, so the last bits may differ: ${difference}\n`,
      )
    }
    return trainRun(run, { quiet, json })
  },
}
