import { execFile } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { runCommand } from '../helpers/command-line.ts'
import { filesBelow, temporaryFolder, tinyCorpus, tinyPlan } from '../helpers/tiny-run.ts'

const program = fileURLToPath(new URL('../../bin/everlearn.mjs', import.meta.url))

async function planIn(t: ExecutionContext): Promise<string> {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  writeFileSync(
    path.join(folder, 'plan.json'),
    JSON.stringify({ ...tinyPlan, checkpoint: { every: 0, keep: 9 } }),
  )
  return folder
}

/** Runs everlearn where no file may become larger than so many blocks of 512 bytes: writes fail as on a full disk. */
function runLimited(blocks: number, args: string[]): Promise<{ code: number; stderr: string }> {
  const command = ['-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', process.execPath, program, ...args]
  return new Promise((resolve) => {
    execFile('/bin/sh', command, (error, _stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    )
  })
}

test('no room for a checkpoint ends the run with the reason; the one before stays, and it goes on when there is room', async (t) => {
  const folder = await planIn(t)
  const plan = path.join(folder, 'plan.json')
  const straight = path.join(folder, 'straight')
  t.like(await runCommand(['pretrain', plan, '--out', straight, '--quiet']), { code: 0 })
  const sizeOf = (stage: string) =>
    lstatSync(path.join(straight, 'checkpoints', stage, 'optimizer.safetensors')).size
  // The second stage adds a head: its moments are what does not fit.
  const [first, second] = ['step-00000008-stage-1', 'step-00000020-stage-2'].map(sizeOf)
  const blocks = Math.ceil(first / 512)
  t.true(blocks * 512 < second)

  const run = path.join(folder, 'run')
  const { code, stderr } = await runLimited(blocks, ['pretrain', plan, '--out', run, '--quiet'])
  t.is(code, 2, stderr)
  t.regex(
    stderr,
    /cannot write the checkpoint .*stage-2: EFBIG.*step-00000008-stage-1 is intact; make room, then `everlearn resume/,
  )
  t.deepEqual(readdirSync(path.join(run, 'checkpoints')), ['step-00000008-stage-1'])
  t.false(existsSync(path.join(run, '.lock')))

  t.like(await runCommand(['resume', run, '--quiet']), { code: 0 })
  const [{ 'log.jsonl': _a, ...expected }, { 'log.jsonl': _b, ...found }] = [straight, run].map(filesBelow)
  t.deepEqual(found, expected)
})

test('a folder that cannot be made is told before anything is trained', async (t) => {
  const folder = await planIn(t)
  const plan = path.join(folder, 'plan.json')
  const { code, stderr } = await runCommand(['pretrain', plan, '--out', path.join(plan, 'run')])
  t.is(code, 2)
  t.regex(stderr, /cannot write to .*plan\.json\/run: ENOTDIR.*choose another --out/)
})
