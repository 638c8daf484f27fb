import { headlineF1 } from '../../train/evaluation/headline-f1.ts'
import type { Events, TrainerEvents } from '../../train/events.ts'
import { percent } from '../../train/quantities.ts'
import { printable } from '../text-width.ts'

/** Says in words what happens in a run besides its steps, a line at a time. */
export function sayEvents(events: Events<TrainerEvents>, say: (line: string) => void): void {
  let stages = 0
  const tell = (line: string) => say(printable(line))
  events.on('start', (start) => {
    stages = start.stages
    const place = start.step === 0 ? '' : `, going on after step ${start.step}`
    tell(`${start.steps} steps in ${stages} stages${place}`)
  })
  events.on('stage', ({ stage, budgets, added }) => {
    const shares = Object.entries(budgets).map(([task, count]) => `${task} ${count}`)
    const news = added.length > 0 ? `, new: ${added.join(', ')}` : ''
    tell(`stage ${stage}/${stages}: ${shares.join(', ')} steps${news}`)
  })
  events.on('evaluation', ({ stage, step, ends, evaluations, converged }) => {
    const when = ends ? `after stage ${stage}` : `after step ${step}`
    for (const evaluation of evaluations) {
      const { task, corpus, loss, accuracy, baseline } = evaluation
      const f1 = headlineF1(evaluation)
      const figures = [
        `loss ${loss.toFixed(3)} (${baseline.name} ${baseline.loss.toFixed(3)})`,
        `accuracy ${percent(accuracy)} (${percent(baseline.accuracy)})`,
        ...(f1 ? [`${f1.name} ${percent(f1.reached)} (${percent(f1.baseline)})`] : []),
      ]
      tell(`${when}, held-out ${corpus}: ${task} ${figures.join(', ')}`)
    }
    if (converged.length > 0) tell(`converged in stage ${stage}: ${converged.join(', ')}`)
  })
  events.on('checkpoint', ({ path }) => tell(`checkpoint ${path}`))
  events.on('end', ({ step, stopped }) => {
    if (stopped) tell(`stopped after step ${step}`)
  })
}
