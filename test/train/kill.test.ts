import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { createRandom } from '../../lib/data/random.ts'
import { runCommand, startCommand } from '../helpers/command-line.ts'
import { filesBelow, temporaryFolder, tinyCorpus, tinyPlan } from '../helpers/tiny-run.ts'

// `npm run test:long` kills 200 times.
const kills = process.env.EVERLEARN_LONG ? 200 : 5
const seed = Number(process.env.EVERLEARN_KILL_SEED ?? 1)
/** Kills that hit a save, where there is most to get wrong. */
const wantedInSave = Math.floor(kills / 2)

/** The last step in the log, of which only the end is read: this is asked all the time. */
function stepOf(run: string): number {
  const log = path.join(run, 'log.jsonl')
  if (!existsSync(log)) return 0
  const end = Buffer.alloc(1 << 16)
  const descriptor = openSync(log, 'r')
  try {
    const from = Math.max(0, fstatSync(descriptor).size - end.length)
    const text = end.subarray(0, readSync(descriptor, end, 0, end.length, from)).toString('latin1')
    return Number([...text.matchAll(/"type":"steps","step":(\d+)/g)].at(-1)?.[1] ?? 0)
  } finally {
    closeSync(descriptor)
  }
}

const isSaving = (run: string) =>
  existsSync(path.join(run, 'checkpoints')) &&
  readdirSync(path.join(run, 'checkpoints')).some((name) => name.startsWith('.tmp-'))

test('killed at random instants and resumed, the end is the same to the bit', async (t) => {
  t.timeout(3_600_000)
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const plan = path.join(folder, 'plan.json')
  const iterations = 24 * kills
  writeFileSync(
    plan,
    JSON.stringify({ ...tinyPlan, iterations, workers: 1, log: { every: 1, tensorboard: false } }),
  )
  const straight = path.join(folder, 'straight')
  t.like(await runCommand(['pretrain', plan, '--out', straight, '--quiet']), { code: 0 })

  const random = createRandom(seed, 'kills')
  const run = path.join(folder, 'run')
  const steps = (5 * iterations) / 3
  const start = () => {
    const workers = ['--workers', String(random.below(3))]
    return startCommand(
      existsSync(path.join(run, 'plan.json'))
        ? ['resume', run, '--quiet', ...workers]
        : ['pretrain', plan, '--out', run, '--quiet'],
    )
  }
  let killed = 0
  let inSave = 0
  let stopped = 0
  for (let attempt = 0; killed < kills; attempt++) {
    t.true(attempt < 3 * kills, `${killed} kills, ${inSave} of them inside a save, in ${attempt} attempts`)
    const saving = inSave < wantedInSave && (attempt % 2 === 1 || kills - killed <= wantedInSave - inSave)
    const least = Math.floor((steps * (killed + random.uniform())) / (kills + 1))
    const { child, ended } = start()
    while (child.exitCode === null && !(stepOf(run) >= least && (!saving || isSaving(run)))) await sleep(1)
    await sleep(random.below(saving ? 8 : 30))
    // Now and then it is asked to stop, mostly inside a step, and must go on from there as well.
    const asked = attempt % 5 === 4
    child.kill(asked ? 'SIGTERM' : 'SIGKILL')
    const hit = !asked && isSaving(run)
    const { code, stderr } = await ended
    t.is(code, asked ? 143 : null, `it was to end after step ${least}: ${stderr}`)
    if (asked) stopped++
    // Kills that were meant for a save and came too late are not counted.
    else if (hit || !saving) killed++
    if (hit) inSave++
  }
  t.true(inSave >= wantedInSave)
  t.log(`${killed} kills, ${inSave} of them inside a save, and ${stopped} stops`)
  t.like(await runCommand(['resume', run, '--quiet']), { code: 0 })

  const [expected, found] = [straight, run].map(filesBelow)
  t.deepEqual(Object.keys(found), Object.keys(expected))
  for (const name of Object.keys(expected)) {
    if (name !== 'log.jsonl') t.deepEqual(found[name], expected[name], name)
  }
  const figures = (files: Record<string, Buffer>) =>
    files['log.jsonl']
      .toString()
      .split('\n')
      .filter((line) => line.includes('"type":"steps"'))
      .map((line) => {
        const { step, tasks, learningRate, gradientNorm } = JSON.parse(line)
        return { step, tasks, learningRate, gradientNorm }
      })
  t.deepEqual(figures(found), figures(expected))
})
