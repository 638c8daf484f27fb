import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { runCommand, startCommand } from '../helpers/command-line.ts'
import { scratch } from '../helpers/directory.ts'
import { wholeRun, writeRun } from '../helpers/written-run.ts'

const directory = scratch(test)

test('report writes one page of several runs, or JSON, and replaces only what it is told to', async (t) => {
  const cwd = directory()
  for (const name of ['a', 'b']) writeRun(path.join(cwd, 'runs', name)).append(...wholeRun())
  const first = await runCommand(['report', 'runs/a', 'runs/b', '--out', 'pages/report.html'], { cwd })
  t.deepEqual(first, { code: 0, stdout: 'pages/report.html: a, b\n', stderr: '' })
  const page = readFileSync(path.join(cwd, 'pages/report.html'), 'utf8')
  t.true(page.startsWith('<!doctype html>') && page.includes('Training of 2 runs'))
  const again = await runCommand(['report', 'runs/a', '--out', 'pages/report.html'], { cwd })
  t.is(again.code, 2)
  t.regex(again.stderr, /^everlearn: pages\/report\.html exists;.*--force/)
  t.is((await runCommand(['report', 'runs/a', '--out', 'pages/report.html', '--force'], { cwd })).code, 0)
  t.true(readFileSync(path.join(cwd, 'pages/report.html'), 'utf8').includes('Training of a'))
  writeFileSync(path.join(cwd, 'notes.txt'), 'mine')
  const { code, stdout } = await runCommand(['report', 'runs/a', '--json'], { cwd })
  t.is(code, 0)
  t.like(JSON.parse(stdout)[0], { name: 'a', state: 'finished', step: 140 })
  const foreign = await runCommand(['report', 'runs/a', '--out', 'notes.txt', '--force'], { cwd })
  t.is(foreign.code, 2)
  t.is(readFileSync(path.join(cwd, 'notes.txt'), 'utf8'), 'mine')
})

test('what is no run, and too many of them, are refused', async (t) => {
  const cwd = directory()
  mkdirSync(path.join(cwd, 'empty'))
  const said = await Promise.all(
    [
      ['report', 'empty'],
      ['report', ...'abcdefg'],
      ['dashboard', 'nowhere'],
      ['dashboard', 'empty', '--port', '99999'],
    ].map((args) => runCommand(args, { cwd })),
  )
  t.deepEqual(
    said.map(({ code }) => code),
    [2, 2, 2, 2],
  )
  const [none, many, nowhere, port] = said.map(({ stderr }) => stderr)
  t.regex(none, /^everlearn: empty is no run/)
  t.regex(many, /7 runs were given/)
  t.regex(nowhere, /cannot read the folder nowhere/)
  t.regex(port, /--port is 99999/)
})

test('dashboard serves this machine until it is stopped', async (t) => {
  t.timeout(180_000)
  const cwd = directory()
  writeRun(path.join(cwd, 'runs/a')).append(...wholeRun())
  symlinkSync('/etc', path.join(cwd, 'runs/etc'))
  const { child, ended } = startCommand(['dashboard', 'runs', '--port', '0'], { cwd })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (data) => resolve(/^http:\S+/.exec(String(data))?.[0] ?? ''))
    ended.then(({ stderr }) => reject(new Error(stderr)))
  })
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+\/$/)
  const answer = await fetch(url)
  t.true((await answer.text()).includes('knowledge-masking'))
  child.kill('SIGINT')
  const { code, stderr } = await ended
  t.is(code, 130)
  t.is(stderr, '')
})

test('a dashboard for others says what that means', async (t) => {
  const cwd = directory()
  const { child, ended } = startCommand(['dashboard', cwd, '--port', '0', '--host', '0.0.0.0'])
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  child.kill('SIGTERM')
  const { code, stderr } = await ended
  t.is(code, 143)
  t.regex(stderr, /whoever reaches 0\.0\.0\.0 can see these runs, without a password/)
})
