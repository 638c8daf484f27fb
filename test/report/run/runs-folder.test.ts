import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { openRunsFolder } from '../../../lib/report/run/runs-folder.ts'
import { temporaryFolder } from '../../helpers/tiny-run.ts'

/** `root` holds runs, `outside` a run that must not be read. */
function folders(t: ExecutionContext): { root: string; outside: string } {
  const folder = temporaryFolder(t)
  const [root, outside] = ['root', 'outside'].map((name) => path.join(folder, name))
  for (const run of [path.join(root, 'a'), path.join(root, 'deep/er/b'), path.join(outside, 'secret')]) {
    mkdirSync(run, { recursive: true })
    writeFileSync(path.join(run, 'plan.json'), '{"name":"x"}')
    writeFileSync(path.join(run, 'log.jsonl'), '')
  }
  return { root, outside }
}

test('runs are folders with a plan, the last changed first', (t) => {
  const { root } = folders(t)
  mkdirSync(path.join(root, 'empty'))
  mkdirSync(path.join(root, '.hidden'))
  writeFileSync(path.join(root, '.hidden/plan.json'), '{}')
  utimesSync(path.join(root, 'a/log.jsonl'), 1000, 1000)
  t.deepEqual(openRunsFolder(root).runs(), ['deep/er/b', 'a'])
  utimesSync(path.join(root, 'deep/er/b/log.jsonl'), 900, 900)
  t.deepEqual(openRunsFolder(root).runs(), ['a', 'deep/er/b'])
  t.deepEqual(openRunsFolder(path.join(root, 'a')).runs(), ['.'])
})

test('no way leads out: neither dots, nor absolute paths, nor links', (t) => {
  const { root, outside } = folders(t)
  const secret = path.join(outside, 'secret')
  symlinkSync(secret, path.join(root, 'linked'))
  symlinkSync(path.join(secret, 'plan.json'), path.join(root, 'a/latest'))
  mkdirSync(path.join(root, 'c'))
  symlinkSync(path.join(secret, 'plan.json'), path.join(root, 'c/plan.json'))
  const folder = openRunsFolder(root)
  t.deepEqual(folder.runs().sort(), ['a', 'deep/er/b'])
  for (const run of ['../outside/secret', secret, 'linked', 'a/../../outside/secret', 'c']) {
    t.is(folder.locate(run, 'plan.json'), null, run)
    t.is(folder.read(run, 'plan.json'), null, run)
    t.is(folder.stamp(run, 'plan.json'), '', run)
  }
  t.is(folder.read('a', 'latest'), null)
  t.is(folder.read('a', '../../outside/secret/plan.json'), null)
  t.is(folder.read('a', '\0'), null)
  t.is(folder.read('a', 'plan.json'), '{"name":"x"}')
})

test('a folder beside the runs with the same beginning of its name is outside', (t) => {
  const { root, outside } = folders(t)
  const beside = `${root}-2`
  mkdirSync(beside)
  writeFileSync(path.join(beside, 'plan.json'), '{}')
  t.is(openRunsFolder(root).read('../root-2', 'plan.json'), null)
  t.is(openRunsFolder(outside).read('../root-2', 'plan.json'), null)
})

test('a folder that is not there is named', (t) => {
  t.throws(() => openRunsFolder('/nowhere/runs'), { code: 'RUNS_UNKNOWN', message: /\/nowhere\/runs/ })
})
