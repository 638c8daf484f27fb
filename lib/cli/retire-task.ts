import type { Argv } from 'yargs'
import { retireTask } from '../train/change-run.ts'
import type { Command } from './command.ts'

interface Options {
  run: string
  task: string
}

export const retireTaskCommand: Command<Options> = {
  command: 'retire-task <run>',
  describe: 'Give a task of a run no more iterations; what it learned stays',
  builder: (yargs) =>
    yargs
      .positional('run', { describe: 'Folder of the run', type: 'string' })
      .option('task', { describe: 'Name of the task in the run', type: 'string', demandOption: true })
      .example('$0 retire-task runs/first --task capitalization', '') as unknown as Argv<Options>,

  async run({ run, task }) {
    const step = await retireTask(run, task)
    console.log(`${task} is trained no more after step ${step}; go on with: everlearn resume ${run}`)
    return 0
  },
}
