import test, { type ExecutionContext } from 'ava'
import { showProgress } from '../../../lib/report/progress/show-progress.ts'
import { columnsOf } from '../../../lib/report/text-width.ts'
import { Events, type StepReport, type TrainerEvents } from '../../../lib/train/events.ts'
import { evaluated, stepReport } from '../../helpers/step-report.ts'
import { createTerminal, type Terminal } from '../../helpers/terminal.ts'

const budgets = { masking: 500 }
const start = {
  step: 0,
  steps: 1000,
  stages: 2,
  peak: 1e9,
  table: [budgets, { masking: 250, 词序: 500 }],
  stageEnds: [500, 1000],
}
interface Watched {
  events: Events<TrainerEvents>
  steps(from: number, to: number, changes?: Partial<StepReport>): Promise<void>
  wait(milliseconds: number): void
  progress: ReturnType<typeof showProgress>
}

/** A run of which a step takes 100 ms, until it begins. */
function watched(
  t: ExecutionContext,
  output: Parameters<typeof showProgress>[1],
  environment: Record<string, string> = { NO_COLOR: '1' },
): Watched {
  const events = new Events<TrainerEvents>()
  let now = 0
  const progress = showProgress(events, output, { now: () => now, environment })
  t.teardown(progress.close)
  return {
    events,
    progress,
    wait: (milliseconds) => {
      now += milliseconds
    },
    async steps(from, to, changes = {}) {
      for (let step = from; step <= to; step++) {
        now += 100
        await events.emit('step', stepReport(step, changes))
      }
    },
  }
}

async function begun(t: ExecutionContext, terminal: Terminal, environment?: Record<string, string>) {
  const run = watched(t, terminal, environment)
  await run.events.emit('start', start)
  await run.events.emit('stage', { step: 0, stage: 1, end: 500, budgets, added: ['masking'] })
  return run
}

test('on a terminal a block is written over, and what happens stays above it', async (t) => {
  const terminal = createTerminal(100)
  const run = await begun(t, terminal)
  await run.steps(1, 400)
  await run.events.emit('checkpoint', { step: 400, path: 'runs/a/checkpoints/step-00000400' })
  await run.steps(401, 402)
  t.deepEqual(terminal.lines(), [
    '1000 steps in 2 stages',
    'stage 1/2: masking 500 steps, new: masking',
    'checkpoint runs/a/checkpoints/step-00000400',
    `stage 1/2  step 402/1,000  40.2 %  [${'#'.repeat(15)}${'-'.repeat(23)}]`,
    'masking  402/500  loss 6.000  20.0 %  new',
    '1m 0s left  1.0k tokens/s  1.0 % of peak  3 B  learning rate 0.00100',
    '',
  ])
})

test('at the end of a stage its evaluation stays, and the task shows it', async (t) => {
  const terminal = createTerminal(100)
  const run = await begun(t, terminal)
  await run.steps(1, 500)
  t.regex(terminal.lines()[2], /^stage 1\/2 {2}step 500\/1,000 {2}50\.0 % {2}evaluating {2}\[/)
  run.wait(2000)
  await run.events.emit('evaluation', {
    step: 500,
    stage: 1,
    ends: true,
    evaluations: [evaluated],
    converged: [],
    stageEnds: [500, 1000],
  })
  await run.events.emit('stage', { step: 500, stage: 2, end: 1000, budgets: start.table[1], added: ['词序'] })
  await run.steps(501, 511, {
    tasks: { masking: { loss: 4, correct: 1, labels: 2 }, 词序: { loss: 3, correct: 1, labels: 2 } },
    stage: 2,
    skippedSteps: 3,
  })
  t.deepEqual(terminal.lines().slice(2), [
    'after stage 1, held-out books: masking loss 2.500 (unigram 5.000), accuracy 25.0 % (10.0 %)',
    'stage 2/2: masking 250, 词序 500 steps, new: 词序',
    `stage 2/2  step 511/1,000  51.1 %  [${'#'.repeat(19)}${'-'.repeat(19)}]`,
    'masking  11/250  loss 3.255  40.6 %  held-out 2.500 (25.0 %)',
    '词序     11/500  loss 1.500  50.0 %                           new',
    '53s left  1.0k tokens/s  1.0 % of peak  3 skipped  3 B  learning rate 0.00100',
    '',
  ])
})

test('the end takes the block away, as closing does, and nobody listens any more', async (t) => {
  for (const end of ['end', 'close'] as const) {
    const terminal = createTerminal(80)
    const run = await begun(t, terminal)
    await run.steps(1, 10)
    t.is(terminal.listeners, 1)
    const outcome = { step: 10, stopped: true, checkpoint: 'x', tokensPerSecond: 1 }
    if (end === 'end') await run.events.emit('end', outcome)
    else run.progress.close()
    const said = end === 'end' ? ['stopped after step 10'] : []
    t.deepEqual(terminal.lines().slice(2), [...said, ''])
    t.is(terminal.listeners, 0)
  }
})

test('something said while a step runs stands above the block', async (t) => {
  const terminal = createTerminal(80)
  const run = await begun(t, terminal)
  await run.steps(1, 10)
  run.progress.say('finishing the step')
  await run.steps(11, 20)
  t.is(terminal.lines()[2], 'finishing the step')
  t.is(terminal.lines().length, 3 + 3 + 1)
})

test('every width has its block: no line is broken, the step and the time left stay longest', async (t) => {
  for (let columns = 10; columns <= 120; columns += columns < 40 ? 1 : 13) {
    const terminal = createTerminal(columns)
    const run = await begun(t, terminal)
    await run.steps(1, 20)
    run.progress.say('here')
    const block = terminal.lines().slice(3, -1)
    t.is(block.length, 3)
    for (const line of block) t.true(columnsOf(line) < columns, `${columns}: ${line}`)
    if (columns > 15) t.regex(block[0], /step 20\/1,000/)
    if (columns > 12) t.regex(block[2], /left/)
    run.progress.close()
  }
})

test('a terminal that becomes narrower or wider has one block, and nothing above it is lost', async (t) => {
  const terminal = createTerminal(100)
  const run = await begun(t, terminal)
  await run.steps(1, 20)
  for (const columns of [60, 33, 20, 90, 41, 120]) {
    terminal.resize(columns)
    t.deepEqual(terminal.lines().slice(0, 2), [
      '1000 steps in 2 stages',
      'stage 1/2: masking 500 steps, new: masking',
    ])
    const block = terminal.lines().slice(2, -1)
    t.is(block.length, 3)
    for (const line of block) t.is(terminal.rowsOf(line), 1)
  }
})

test('a low terminal has no more lines than it can show', async (t) => {
  const terminal = createTerminal(80, 4)
  const run = watched(t, terminal)
  const many = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`task-${index}`, 10]))
  await run.events.emit('start', { ...start, table: [many], stageEnds: [1000] })
  await run.events.emit('stage', { step: 0, stage: 1, end: 1000, budgets: many, added: [] })
  await run.steps(1, 10)
  t.deepEqual(
    terminal
      .lines()
      .slice(2)
      .map((line) => line.slice(0, 9)),
    ['stage 1/2', '7 more ta', '1m 39s le', ''],
  )
})

test('colours are used where nobody forbids them', async (t) => {
  for (const [environment, coloured] of [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ] as const) {
    const written: string[] = []
    const run = watched(t, { isTTY: true, write: (text) => written.push(text) }, environment)
    await run.events.emit('start', start)
    await run.events.emit('stage', { step: 0, stage: 1, end: 500, budgets, added: [] })
    await run.steps(1, 4)
    t.is(written.join('').includes('\x1b[1m'), coloured)
  }
})

test('a name cannot steer the terminal', async (t) => {
  const terminal = createTerminal(80)
  const run = watched(t, terminal)
  const name = 'a\x1b[2Jb'
  await run.events.emit('start', { ...start, table: [{ [name]: 10 }], stageEnds: [10] })
  await run.events.emit('stage', { step: 0, stage: 1, end: 10, budgets: { [name]: 10 }, added: [name] })
  await run.steps(1, 5, { tasks: { [name]: { loss: 1, correct: 1, labels: 1 } } })
  t.true(terminal.lines().some((line) => line.startsWith('a\ufffd[2Jb')))
})

test('elsewhere a line comes now and then', async (t) => {
  const outputs: { isTTY: boolean; environment: Record<string, string> }[] = [
    { isTTY: false, environment: {} },
    { isTTY: true, environment: { TERM: 'dumb' } },
  ]
  for (const output of outputs) {
    const written: string[] = []
    const run = watched(t, { isTTY: output.isTTY, write: (text) => written.push(text) }, output.environment)
    await run.events.emit('start', start)
    await run.events.emit('stage', { step: 0, stage: 1, end: 500, budgets, added: ['masking'] })
    await run.steps(1, 400)
    await run.events.emit('checkpoint', { step: 400, path: 'x' })
    t.is(written.length, 2 + 2 + 1)
    t.is(
      written[2],
      'stage 1/2  step 150/1000  masking 6.000 (20.0 %)  1.0k tokens/s  1.0 % of peak  1m 25s left\n',
    )
  }
})
