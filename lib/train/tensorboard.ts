import path from 'node:path'
import { beginEventFile, type EventFile } from '../interop/tensorboard/event-file.ts'
import type { Evaluation } from './evaluation/evaluation.ts'
import type { Events, TrainerEvents } from './events.ts'
import { type Figures, onFigures } from './figures.ts'
import { keepLog } from './keep-log.ts'

/**
 * Writes figures of the steps and of the evaluations to RUN/tensorboard/, at each start to a new file that takes the place
 * of what older ones hold of the same steps. TensorBoard shows the tags in groups, by what stands before the first slash.
 *
 * @param every steps that one point of a curve stands for
 */
export function tensorBoardTo(run: string, events: Events<TrainerEvents>, every: number): void {
  const folder = path.join(run, 'tensorboard')
  let file: EventFile
  const add = (step: number, scalars: Record<string, number>) =>
    keepLog(run, file.path, () => file.scalars(step, scalars))
  events.on('start', ({ step }) => {
    file = keepLog(run, folder, () => beginEventFile(folder, step + 1))
  })
  onFigures(events, every, (figures) => add(figures.step, scalarsOf(figures)))
  events.on('evaluation', ({ step, evaluations }) =>
    add(step, Object.assign({}, ...evaluations.map(scalarsOfEvaluation))),
  )
}

function scalarsOf({ tasks, memory, ...figures }: Figures): Record<string, number> {
  const { learningRate, gradientNorm, lossScale, skippedSteps, tokensPerSecond, shareOfPeak } = figures
  const ofTasks = Object.entries(tasks).flatMap(([task, { loss, accuracy }]) => [
    [`loss/${task}`, loss],
    [`accuracy/${task}`, accuracy],
  ])
  return {
    ...Object.fromEntries(ofTasks),
    'optimizer/learning-rate': learningRate,
    'optimizer/gradient-norm': gradientNorm,
    'optimizer/loss-scale': lossScale,
    'optimizer/skipped-steps': skippedSteps,
    'speed/tokens-per-second': tokensPerSecond,
    'speed/share-of-peak': shareOfPeak,
    'memory/live': memory.live,
    'memory/peak': memory.peak,
    'memory/resident': memory.resident,
  }
}

function scalarsOfEvaluation({ task, corpus, loss, accuracy, macroF1 }: Evaluation): Record<string, number> {
  return {
    [`held-out-loss/${corpus}/${task}`]: loss,
    [`held-out-accuracy/${corpus}/${task}`]: accuracy,
    ...(macroF1 !== undefined && { [`held-out-macro-f1/${corpus}/${task}`]: macroF1 }),
  }
}
