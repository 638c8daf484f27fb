import type { Argv } from 'yargs'
import { evaluateRun } from '../train/evaluation/evaluate-run.ts'
import { summaryOf } from '../train/evaluation/summary.ts'
import type { Command } from './command.ts'

interface Options {
  run: string
  checkpoint?: string
  sequences?: number
  device?: string
  json: boolean
}

export const evaluateCommand: Command<Options> = {
  command: 'evaluate <run>',
  describe: 'Judge a checkpoint of a run on its held-out text; a trainer may be at work in it',
  builder: (yargs) =>
    yargs
      .positional('run', { describe: 'Folder of the run', type: 'string' })
      .option('checkpoint', { describe: 'Name of the checkpoint (by default the latest)', type: 'string' })
      .option('sequences', {
        describe: "Inputs for each task and held-out corpus (by default the plan's number)",
        type: 'number',
      })
      .option('device', { describe: "cpu, cuda or cuda:N (by default the plan's)", type: 'string' })
      .option('json', { describe: 'As one JSON object', type: 'boolean', default: false })
      .example('$0 evaluate runs/first --sequences 4096', '') as unknown as Argv<Options>,

  async run({ run, checkpoint, sequences, device, json }) {
    const evaluated = await evaluateRun(run, { checkpoint, sequences, device })
    if (json) {
      console.log(JSON.stringify(evaluated, null, 2))
      return 0
    }
    const { step, stage, averaged, evaluations } = evaluated
    const weights = averaged ? ', averaged weights' : ''
    console.log(`${run}, ${evaluated.checkpoint}: step ${step}, stage ${stage}${weights}\n`)
    console.log(evaluations.length === 0 ? 'no task has been trained yet' : summaryOf(evaluations))
    return 0
  },
}
