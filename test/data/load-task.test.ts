import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { loadTask } from '../../lib/data/load-task.ts'
import type { TokenTask } from '../../lib/data/task.ts'

const parity = new URL('../fixtures/tasks/parity.ts', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'everlearn-load-task-'))

function moduleWith(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, text)
  return path
}

test('built-in tasks are made by name, with options', async (t) => {
  t.is((await loadTask({ task: 'sentence-distance' })).kind, 'sentence')
  const masking = await loadTask({ task: 'knowledge-masking', options: { probability: 0.3 } })
  t.is(masking.name, 'knowledge-masking')
  await t.throwsAsync(loadTask({ task: 'knowledge-masking', options: { probability: 3 } }), {
    code: 'TASK_OPTIONS',
  })
})

test('a task can have another name in a run', async (t) => {
  const task = await loadTask({ task: 'knowledge-masking', name: 'masking-2' })
  t.is(task.name, 'masking-2')
  t.is(typeof (task as TokenTask).annotate, 'function')
})

test('a task of the user is made by the file it is in', async (t) => {
  for (const task of [fileURLToPath(parity), parity.href]) {
    const made = (await loadTask({ task, options: { classes: 5 } })) as TokenTask
    t.is(made.name, 'parity')
    t.is(made.head.kind === 'token-classification' && made.head.classNames.length, 5)
  }
})

test('unknown tasks and files that make none are refused', async (t) => {
  const broken: [string, string, RegExp][] = [
    [moduleWith('empty', 'export const a = 1'), 'TASK_INVALID', /no default export/],
    [moduleWith('throws', 'throw new Error("broken inside")'), 'TASK_UNKNOWN', /cannot load .*broken inside/],
    [moduleWith('nothing', 'export default () => null'), 'TASK_INVALID', /returned null/],
    [moduleWith('nameless', 'export default () => ({ kind: "token" })'), 'TASK_INVALID', /name is missing/],
    [
      moduleWith('kind', 'export default () => ({ name: "a", kind: "words" })'),
      'TASK_INVALID',
      /kind is "words"/,
    ],
    [
      moduleWith('draw', 'export default () => ({ name: "a", kind: "sentence" })'),
      'TASK_INVALID',
      /function draw/,
    ],
    [
      moduleWith(
        'group',
        'export default () => ({ name: "a", kind: "sentence", draw() {}, classNames: ["x", "y"], ' +
          'groups: [{ name: "all", classes: [0, 1] }, { name: "other", classes: [1, 2] }] })',
      ),
      'TASK_INVALID',
      /group "other" is of the classes \[1,2\], of 2/,
    ],
    [
      moduleWith('head', 'export default () => ({ name: "a", kind: "token", annotate() {} })'),
      'TASK_INVALID',
      /head/,
    ],
    [join(folder, 'absent.mjs'), 'TASK_UNKNOWN', /cannot load the task .*absent/],
    ['knowledge-maskng', 'TASK_UNKNOWN', /no task "knowledge-maskng"; built in are knowledge-masking/],
  ]
  for (const [task, code, message] of broken) await t.throwsAsync(loadTask({ task }), { code, message })
})
