import test from 'ava'
import { streamEvents } from '../../../lib/report/progress/event-stream.ts'
import { Events, type TrainerEvents } from '../../../lib/train/events.ts'
import { stepReport } from '../../helpers/step-report.ts'

test('every event is one JSON object a line', async (t) => {
  const events = new Events<TrainerEvents>()
  let written = ''
  streamEvents('runs/a', events, (line) => {
    written += line
  })
  const budgets = { masking: 2 }
  await events.emit('start', { step: 0, steps: 2, stages: 1, peak: 1e9, table: [budgets], stageEnds: [2] })
  await events.emit('stage', { step: 0, stage: 1, end: 2, budgets, added: ['masking'] })
  await events.emit('step', stepReport(1))
  await events.emit(
    'step',
    stepReport(2, {
      gradientNorm: Number.NaN,
      tasks: { masking: { loss: Number.POSITIVE_INFINITY, correct: 0, labels: 4 } },
    }),
  )
  await events.emit('checkpoint', { step: 2, path: 'runs/a/checkpoints/a\nb' })
  await events.emit('end', { step: 2, stopped: false, checkpoint: 'x', tokensPerSecond: 10 })
  const lines = written.split('\n')
  t.is(lines.pop(), '')
  const [start, stage, first, second, checkpoint, end, ...others] = lines.map((line) => JSON.parse(line))
  t.is(others.length, 0)
  t.like(start, { type: 'start', run: 'runs/a', step: 0, steps: 2, stageEnds: [2] })
  t.like(stage, { type: 'stage', stage: 1, end: 2, budgets, added: ['masking'] })
  t.like(first, {
    type: 'step',
    step: 1,
    stage: 1,
    corpus: 'books',
    tasks: { masking: { loss: 6, accuracy: 0.2, labels: 10 } },
    learningRate: 1e-3,
    tokens: 100,
    skipped: false,
    memory: { live: 1, cached: 2, peak: 3 },
  })
  t.false(Number.isNaN(Date.parse(first.time)))
  t.like(second, { gradientNorm: 'NaN', tasks: { masking: { loss: 'Infinity' } } })
  t.like(checkpoint, { type: 'checkpoint', step: 2, path: 'runs/a/checkpoints/a\nb' })
  t.like(end, { type: 'end', step: 2, stopped: false, tokensPerSecond: 10 })
})
