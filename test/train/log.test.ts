import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { Events, type TrainerEvents } from '../../lib/train/events.ts'
import { logTo, trimLog } from '../../lib/train/log.ts'
import { stepReport as report } from '../helpers/step-report.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

const begun = { step: 0, steps: 4, stages: 1, peak: 1e9, table: [{ masking: 4 }], stageEnds: [4] }

const lines = (run: string) =>
  readFileSync(path.join(run, 'log.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

test('figures of several steps make one line: means over their labels', async (t) => {
  const run = temporaryFolder(t)
  const events = new Events<TrainerEvents>()
  logTo(run, events, 2)
  await events.emit('start', begun)
  await events.emit('step', report(1))
  await events.emit(
    'step',
    report(2, {
      tasks: { masking: { loss: 30, correct: 4, labels: 20 }, distance: { loss: 2, correct: 1, labels: 2 } },
    }),
  )
  await events.emit('step', report(3, { gradientNorm: Number.NaN, skippedSteps: 1 }))
  await events.emit('end', { step: 3, stopped: true, checkpoint: 'x', tokensPerSecond: 1 })
  const [start, first, second, end] = lines(run)
  t.like(start, { type: 'start', step: 0, steps: 4, stages: 1 })
  t.like(first, {
    type: 'steps',
    step: 2,
    steps: 2,
    stage: 1,
    tokens: 200,
    learningRate: 1e-3,
    gradientNorm: 0.5,
    tasks: {
      masking: { loss: 3, accuracy: 0.2, labels: 30, iterations: 2 },
      distance: { loss: 1, accuracy: 0.5, labels: 2, iterations: 1 },
    },
  })
  t.true(first.tokensPerSecond > 0 && first.memory.resident > 0)
  t.like(second, { type: 'steps', step: 3, steps: 1, gradientNorm: 'NaN', skippedSteps: 1 })
  t.like(end, { type: 'end', step: 3, stopped: true })
})

test('what was logged after the checkpoint is dropped, a torn line too', async (t) => {
  const run = temporaryFolder(t)
  const text = [1, 2, 3, 4].map((step) => `{"type":"steps","step":${step}}\n`)
  writeFileSync(path.join(run, 'log.jsonl'), `${text.join('')}{"type":"st`)
  await trimLog(run, 2)
  t.is(readFileSync(path.join(run, 'log.jsonl'), 'utf8'), text.slice(0, 2).join(''))
  await trimLog(temporaryFolder(t), 2)
})

test('a log that finds no room says so', async (t) => {
  const run = temporaryFolder(t)
  symlinkSync('/dev/full', path.join(run, 'log.jsonl'))
  const events = new Events<TrainerEvents>()
  logTo(run, events, 1)
  await t.throwsAsync(events.emit('start', begun), {
    code: 'LOG_NOT_WRITTEN',
    message: /cannot write .*log\.jsonl: ENOSPC.*make room, then `everlearn resume/,
  })
})
