import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { Events, type StepReport, type TrainerEvents } from '../../lib/train/events.ts'
import { logTo, trimLog } from '../../lib/train/log.ts'
import { duration, showProgress } from '../../lib/train/progress.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

const memory = { live: 1, cached: 2, peak: 3 }

const report = (step: number, changes: Partial<StepReport> = {}): StepReport & { memory: typeof memory } => ({
  step,
  stage: 1,
  corpus: 'books',
  tasks: { masking: { loss: 60, correct: 2, labels: 10 } },
  learningRate: 1e-3,
  tokens: 100,
  operations: 1e6,
  gradientNorm: 0.5,
  lossScale: 1,
  skipped: false,
  skippedSteps: 0,
  memory,
  ...changes,
})

const lines = (run: string) =>
  readFileSync(path.join(run, 'log.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

test('figures of several steps make one line: means over their labels', async (t) => {
  const run = temporaryFolder(t)
  const events = new Events<TrainerEvents>()
  logTo(run, events, 2)
  await events.emit('start', { step: 0, steps: 4, stages: 1, peak: 1e9 })
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

async function progressOf(isTTY: boolean, columns = 200): Promise<string[]> {
  const events = new Events<TrainerEvents>()
  const written: string[] = []
  let now = 0
  showProgress(events, { isTTY, columns, write: (text) => written.push(text) }, () => now)
  await events.emit('start', { step: 0, steps: 1000, stages: 2, peak: 1e9 })
  await events.emit('stage', { step: 0, stage: 1, end: 500, budgets: { masking: 500 }, added: ['masking'] })
  for (let step = 1; step <= 400; step++) {
    now += 100
    await events.emit('step', report(step))
  }
  await events.emit('checkpoint', { step: 400, path: 'runs/a/checkpoints/step-00000400' })
  return written
}

test('on a terminal one line is written over', async (t) => {
  const written = await progressOf(true)
  t.is(written[0], '1000 steps in 2 stages\n')
  t.is(written[1], 'stage 1/2: masking 500 steps, new: masking\n')
  t.is(
    written[3],
    '\r\u001b[Kstage 1/2  step 4/1000  masking 6.000 (20.0 %)  1.0k tokens/s  1.0 % of peak  1m 40s left',
  )
  t.is(written.length, 2 + 200 + 1)
  t.is(written.at(-1), '\r\u001b[Kcheckpoint runs/a/checkpoints/step-00000400\n')
  for (const text of (await progressOf(true, 40)).slice(2, -1)) t.true(text.length <= 4 + 39)
})

test('elsewhere a line comes now and then', async (t) => {
  const written = await progressOf(false)
  t.is(written.length, 2 + 2 + 1)
  t.regex(written[2], /^stage 1\/2 {2}step 150\/1000 {2}masking 6\.000 .* left\n$/)
})

test('durations are told in two units', (t) => {
  t.deepEqual([0, 59.6, 61, 3600, 7380, 90_000, Number.NaN].map(duration), [
    '0s',
    '1m 0s',
    '1m 1s',
    '1h 0m',
    '2h 3m',
    '1d 1h',
    '?',
  ])
})

test('a log that finds no room says so', async (t) => {
  const run = temporaryFolder(t)
  symlinkSync('/dev/full', path.join(run, 'log.jsonl'))
  const events = new Events<TrainerEvents>()
  logTo(run, events, 1)
  await t.throwsAsync(events.emit('start', { step: 0, steps: 4, stages: 1, peak: 1e9 }), {
    code: 'LOG_NOT_WRITTEN',
    message: /cannot write .*log\.jsonl: ENOSPC.*make room, then `everlearn resume/,
  })
})
