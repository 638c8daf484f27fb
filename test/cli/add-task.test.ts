import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { runCommand } from '../helpers/command-line.ts'
import { temporaryFolder, tinyCorpus, tinyPlan } from '../helpers/tiny-run.ts'

test('a task of a file is added to a run with a corpus of its own, another is retired, and both are trained so', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  await tinyCorpus(path.join(folder, 'more'), 40)
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify({ ...tinyPlan, checkpoint: { every: 0 } }))
  const everlearn = async (...args: string[]) => {
    const ended = await runCommand(args, { cwd: folder })
    t.is(ended.code, 0, ended.stderr)
    return ended.stdout
  }
  await everlearn('pretrain', 'plan.json', '--out', 'run', '--quiet')
  const parity = path.resolve('test/fixtures/tasks/parity.ts')
  const added = ['--task', path.relative(folder, parity), '--name', 'odd', '--options', '{"classes":3}']
  const corpora = ['--corpus', 'more=more/corpus/train', '--held-out', 'more/corpus/held-out']
  t.regex(
    await everlearn('add-task', 'run', ...added, ...corpora, '--iterations', '8'),
    /^stage 3: knowledge-masking 2, sentence-distance 2, odd 8 iterations; train it with: everlearn resume run\n$/,
  )
  const [change] = JSON.parse(readFileSync(path.join(folder, 'run/plan.json'), 'utf8')).changes
  t.like(change.add, { task: parity, name: 'odd', classes: 3 })
  t.is(change.corpora.more.path, path.join(folder, 'more/corpus/train'))
  t.is(change.heldOut.odd.path, path.join(folder, 'more/corpus/held-out'))
  t.regex(
    await everlearn('retire-task', 'run', '--task', 'sentence-distance'),
    /^sentence-distance is trained no more after step 20; go on with: everlearn resume run\n$/,
  )
  const table = await everlearn('resume', 'run', '--quiet')
  t.regex(table, /odd/)
  const lines = readFileSync(path.join(folder, 'run/log.jsonl'), 'utf8').trim().split('\n')
  const late = lines
    .map((line) => JSON.parse(line))
    .filter(({ type, stage }) => type === 'steps' && stage === 3)
  t.true(late.length > 0 && late.every(({ tasks }) => !('sentence-distance' in tasks)))
})

for (const [what, args, message] of [
  [
    'options that are no JSON',
    ['--iterations', '5', '--options', 'depth=3'],
    /--options is depth=3; a JSON object is wanted/,
  ],
  [
    'two corpora of one name',
    ['--iterations', '5', '--corpus', 'a=x', '--corpus', 'a=y'],
    /"a=y" is no corpus of its own/,
  ],
  ['a folder that is no run', ['--iterations', '5'], /is no run/],
] as const) {
  test(`${what}: told in one line`, async (t) => {
    const folder = temporaryFolder(t)
    const ended = await runCommand(['add-task', folder, '--task', 'sentence-distance', ...args])
    t.is(ended.code, 2, ended.stderr)
    t.regex(ended.stderr, message)
    t.is(ended.stderr.trim().split('\n').length, 1)
  })
}
