import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { runCommand, startCommand } from '../helpers/command-line.ts'
import { temporaryFolder, tinyCorpus, tinyPlan } from '../helpers/tiny-run.ts'

const program = fileURLToPath(new URL('../../bin/everlearn.mjs', import.meta.url))

async function planIn(t: ExecutionContext, changes: object = {}): Promise<string> {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify({ ...tinyPlan, ...changes }))
  return folder
}

test('--json writes the events to stdout and nothing else, after a resume too', async (t) => {
  const folder = await planIn(t)
  const { child, ended } = startCommand(['pretrain', 'plan.json', '--out', 'run', '--json'], { cwd: folder })
  child.stdout?.once('data', () => child.kill('SIGTERM'))
  const stopped = await ended
  t.is(stopped.code, 143, stopped.stderr)
  const done = await runCommand(['resume', 'run', '--json'], { cwd: folder })
  t.is(done.code, 0, done.stderr)
  t.is(done.stderr, '')
  const events = [stopped, done].map(({ stdout }) =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  )
  for (const [first] of events) t.like(first, { type: 'start', run: 'run' })
  t.like(events[0].at(-1), { type: 'end', stopped: true })
  t.like(events[1].at(-1), { type: 'end', stopped: false })
  const steps = events.flat().filter(({ type }) => type === 'step')
  t.deepEqual(
    steps.map(({ step }) => step),
    steps.map((_, index) => index + 1),
  )
  t.is(steps.length, events[1].at(-1).step)
})

test('training goes on when nobody reads its events any more', async (t) => {
  const folder = await planIn(t)
  const { child, ended } = startCommand(['pretrain', 'plan.json', '--out', 'run', '--json'], { cwd: folder })
  child.stdout?.once('data', () => child.stdout?.destroy())
  const { code, stderr } = await ended
  t.is(code, 0, stderr)
})

const hasScript = spawnSync('script', ['--version']).status === 0
const onTerminal = hasScript ? test : test.skip

onTerminal('on a terminal a signal leaves what was said, and the cursor in a line of its own', async (t) => {
  const folder = await planIn(t, { iterations: 100_000, checkpoint: { every: 0 } })
  const command = `stty cols 70 rows 20; exec ${process.execPath} ${program} pretrain plan.json --out run`
  const { NODE_OPTIONS: _, ...environment } = process.env
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { ...environment, TERM: 'xterm', NO_COLOR: '1', SHELL: '/bin/sh' },
  })
  let written = ''
  let interrupted = false
  child.stdout.on('data', (data) => {
    written += data
    if (interrupted || !/step \d+\/.*tokens\/s/s.test(written)) return
    interrupted = true
    child.stdin.write('\x03') // Ctrl-C
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  t.is(code, 130)
  t.regex(written, /stage 1\/2 {2}step \d+\//)
  t.regex(written, /finishing the micro-batch/)
  // Nothing is hidden, no look is left on, and the last that was written ends in a new line.
  const sequences = written.split('\x1b').slice(1)
  for (const sequence of sequences) t.regex(sequence, /^\[(\d+A|J)/)
  t.regex(written, /go on with: everlearn resume run\r\n$/)
  t.notRegex(sequences[sequences.length - 1], /tokens\/s/)
})

test('a dry run needs no --out; what is about a dry run is refused without', async (t) => {
  const folder = await planIn(t)
  const told = await runCommand(['pretrain', 'plan.json', '--dry-run'], { cwd: folder })
  t.is(told.code, 0, told.stderr)
  t.regex(told.stdout, /^plan tiny: a dry run, nothing is written\n/)
  t.regex(told.stdout, /time on this machine: /)
  const refused = await runCommand(
    ['pretrain', 'plan.json', '--out', 'run', '--gpus', '2', '--tokens-per-second', '9'],
    {
      cwd: folder,
    },
  )
  t.like(refused, { code: 2, stderr: 'everlearn: --tokens-per-second is about a --dry-run; add it\n' })
})
