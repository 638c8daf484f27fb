import test, { type ExecutionContext } from 'ava'
import { createRandom } from '../../../lib/data/random.ts'
import { timeLeftOf } from '../../../lib/report/progress/time-left.ts'
import { Events, type TrainerEvents } from '../../../lib/train/events.ts'
import { createStageSampler } from '../../../lib/train/schedule/sampler.ts'
import { stages as stagesOf } from '../../../lib/train/schedule/schedule.ts'
import { stepReport } from '../../helpers/step-report.ts'

/** Milliseconds that a task adds to a step of 100 ms. */
const costs: Record<string, number> = { masking: 80, distance: 5, reordering: 40 }
const kinds = { masking: 'token', distance: 'sentence', reordering: 'sentence' } as const
const table = stagesOf(['masking', 'distance', 'reordering'], 400)
const corpora = [{ name: 'books', weight: 1, tasks: Object.keys(kinds) }]
const samplers = table.map((budgets, stage) => createStageSampler(budgets, kinds, corpora, 1, stage))
const stageEnds = samplers.map((_, stage) =>
  samplers.slice(0, stage + 1).reduce((sum, { length }) => sum + length, 0),
)
const evaluation = 3000
const checkpoint = 700

/** Trains on a clock of its own, from `first`; tells after each step what is left by the clock and as foretold. */
async function train(first: number): Promise<{ step: number; left: number; told: number }[]> {
  const events = new Events<TrainerEvents>()
  const random = createRandom(1, 'noise')
  let now = 0
  const timeLeft = timeLeftOf(events, () => now)
  const told: { step: number; at: number; told: number }[] = []
  const task = { sequences: 1, labels: 1, loss: 1, accuracy: 0, standardError: 0, corpus: 'books' }
  const baseline = { name: 'chance', loss: 1, accuracy: 0 } as const
  await events.emit('start', {
    step: first,
    steps: stageEnds[2],
    stages: 3,
    peak: 1,
    table,
    stageEnds,
  })
  const added = new Set<string>()
  for (let stage = 0; stage < 3; stage++) {
    for (const name of Object.keys(table[stage])) added.add(name)
    const begin = stageEnds[stage - 1] ?? 0
    if (first >= stageEnds[stage]) continue
    const begun = Math.max(first, begin)
    await events.emit('stage', {
      step: begun,
      stage: stage + 1,
      end: stageEnds[stage],
      budgets: table[stage],
      added: [],
    })
    for (let step = begun; step < stageEnds[stage]; step++) {
      const { sentenceTask, tokenTasks } = samplers[stage].at(step - begin)
      const tasks = [...tokenTasks, ...(sentenceTask ? [sentenceTask] : [])]
      now += tasks.reduce((sum, name) => sum + costs[name], 100) * (0.8 + 0.4 * random.uniform())
      const figures = Object.fromEntries(tasks.map((name) => [name, { loss: 1, correct: 0, labels: 1 }]))
      await events.emit('step', stepReport(step + 1, { tasks: figures, stage: stage + 1 }))
      told.push({ step: step + 1, at: now, told: timeLeft() })
      if ((step + 1) % 100 === 0) {
        now += checkpoint
        await events.emit('checkpoint', { step: step + 1, path: 'x' })
      }
    }
    now += evaluation * added.size
    await events.emit('evaluation', {
      step: stageEnds[stage],
      stage: stage + 1,
      ends: true,
      evaluations: [...added].map((name) => ({ ...task, stage: stage + 1, step: 1, task: name, baseline })),
      converged: [],
      stageEnds,
    })
    now += checkpoint
    await events.emit('checkpoint', { step: stageEnds[stage], path: 'x' })
  }
  return told.map(({ step, at, told }) => ({ step, left: (now - at) / 1000, told }))
}

const closeTo = (
  t: ExecutionContext,
  { step, left, told }: { step: number; left: number; told: number },
  by: number,
) =>
  t.true(
    Math.abs(told - left) <= by * left,
    `after step ${step}: ${told.toFixed(1)} s told, ${left.toFixed(1)} s were left`,
  )

test('what is told in one stage holds for the stages to come, which train other tasks', async (t) => {
  const told = await train(0)
  // In the first stage only masking was seen, and no evaluation; in the second one no reordering yet.
  for (const each of told.filter(({ step }) => step > 20 && step < stageEnds[0])) closeTo(t, each, 0.3)
  for (const each of told.filter(({ step }) => step > stageEnds[0] + 60 && step < stageEnds[1]))
    closeTo(t, each, 0.2)
  for (const each of told.filter(({ step }) => step > stageEnds[1] + 60 && step < stageEnds[2] - 30)) {
    closeTo(t, each, 0.12)
  }
})

test('a run that goes on inside a stage is told as well', async (t) => {
  const told = await train(stageEnds[0] + 100)
  for (const each of told.filter(({ step }) => step > stageEnds[0] + 160 && step < stageEnds[2] - 30)) {
    // Of reordering and evaluations nothing is known in the second stage.
    closeTo(t, each, each.step <= stageEnds[1] ? 0.35 : 0.12)
  }
})

test('nothing is told before a step was seen, the first one is forgotten as it warms up, and a task that has converged counts no more', async (t) => {
  const events = new Events<TrainerEvents>()
  let now = 0
  const timeLeft = timeLeftOf(events, () => now)
  const budgets = { masking: 100, capitalization: 100 }
  await events.emit('start', { step: 0, steps: 100, stages: 1, peak: 1, table: [budgets], stageEnds: [100] })
  await events.emit('stage', { step: 0, stage: 1, end: 100, budgets, added: [] })
  t.is(timeLeft(), Number.NaN)
  for (let step = 1; step <= 60; step++) {
    now += step === 1 ? 20_000 : 1000
    const figures = { loss: 1, correct: 0, labels: 1 }
    const tasks = { ...(step % 2 && { masking: figures }), ...(step % 3 && { capitalization: figures }) }
    await events.emit('step', stepReport(step, { tasks }))
  }
  t.true(Math.abs(timeLeft() - 40) < 1)
  const converged = { stage: 1, ends: false, evaluations: [], converged: ['masking'] }
  await events.emit('evaluation', { ...converged, step: 60, stageEnds: [70] })
  t.true(Math.abs(timeLeft() - 10) < 1)
})
