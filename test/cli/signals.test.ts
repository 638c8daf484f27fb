import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { runCommand, startCommand } from '../helpers/command-line.ts'
import { filesBelow, temporaryFolder, tinyCorpus, tinyPlan } from '../helpers/tiny-run.ts'

async function planIn(t: ExecutionContext, changes: object): Promise<string> {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify({ ...tinyPlan, ...changes }))
  return folder
}

const hasStepped = (run: string) =>
  existsSync(path.join(run, 'log.jsonl')) &&
  readFileSync(path.join(run, 'log.jsonl'), 'utf8').includes('"steps"')

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(`${signal} ends a run with a checkpoint and exit code ${code}`, async (t) => {
    const folder = await planIn(t, { iterations: 100_000, checkpoint: { every: 0 } })
    const run = path.join(folder, 'run')
    const { child, ended } = startCommand(['pretrain', 'plan.json', '--out', 'run'], { cwd: folder })
    while (!hasStepped(run)) await sleep(5)
    child.kill(signal)
    const { code: found, stderr } = await ended
    t.is(found, code, stderr)
    t.regex(stderr, /stopped after step \d+; go on with: everlearn resume run/)
    t.regex(readFileSync(path.join(run, 'latest'), 'utf8'), /^step-\d+\n$/)
    t.false(existsSync(path.join(run, '.lock')))
    t.false(Object.keys(filesBelow(run)).some((name) => name.includes('.tmp-')))
  })
}

test('a second process does not train in the same folder', async (t) => {
  const folder = await planIn(t, { iterations: 100_000 })
  const run = path.join(folder, 'run')
  const { child, ended } = startCommand(['pretrain', 'plan.json', '--out', 'run', '--quiet'], { cwd: folder })
  while (!hasStepped(run)) await sleep(5)
  const second = await runCommand(['resume', run])
  t.is(second.code, 2)
  t.regex(second.stderr, new RegExp(`^everlearn: process ${child.pid} is training in .*; wait for it`))
  child.kill('SIGTERM')
  t.is((await ended).code, 143)
})

test('one and two threads give the same bytes', async (t) => {
  const folder = await planIn(t, { iterations: 4, tokensPerStep: 1000 })
  const results = []
  for (const threads of ['1', '2']) {
    const run = path.join(folder, `run-${threads}`)
    const env = { EVERLEARN_THREADS: threads }
    t.like(await runCommand(['pretrain', 'plan.json', '--out', run, '--quiet'], { cwd: folder, env }), {
      code: 0,
    })
    const { 'log.jsonl': _, ...files } = filesBelow(run)
    results.push(files)
  }
  t.deepEqual(results[1], results[0])
})
