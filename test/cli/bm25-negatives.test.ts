import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { main } from '../../lib/cli/main.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

test.serial('rows are kept and those that were shown added', async (t) => {
  const folder = temporaryFolder(t)
  const [rows, out] = ['rows.tsv', 'out.tsv'].map((name) => path.join(folder, name))
  writeFileSync(rows, 'q\tt\nshock waves\tshock waves\nheat\theat of shock waves\n')
  const command = ['bm25-negatives', rows, '--columns', 'first=q,second=t', '--out', out]
  t.is(await main(command), 0)
  t.is(
    readFileSync(out, 'utf8'),
    'query\ttitle\tlabel\nshock waves\tshock waves\tclicked\nheat\theat of shock waves\tclicked\n' +
      'shock waves\theat of shock waves\tshown\n',
  )
  // It replaces only what it made, and only when told.
  t.is(await main(command), 2)
  t.is(await main([...command, '--force']), 0)
  t.is(await main(['bm25-negatives', out, '--out', rows, '--force']), 2)
})

test.serial('nothing is written where something is wrong', async (t) => {
  const folder = temporaryFolder(t)
  const [rows, out] = ['rows.tsv', 'out.tsv'].map((name) => path.join(folder, name))
  writeFileSync(rows, 'first\tsecond\tlabel\na\tb\tclicked\nc\n')
  t.is(await main(['bm25-negatives', rows, '--columns', 'first=first,second=second', '--out', out]), 2)
  t.is(await main(['bm25-negatives', rows, '--out', out, '--per-query', '0']), 2)
  for (const columns of [
    'second=second',
    'first=first,second=second,third=label',
    'first=first,first=second',
  ])
    t.is(await main(['bm25-negatives', rows, '--columns', columns, '--skip-bad-lines', '--out', out]), 2)
  t.is(await main(['bm25-negatives', path.join(folder, 'none.tsv'), '--out', out]), 2)
  t.false(existsSync(out))
  t.deepEqual(readdirSync(folder), ['rows.tsv'])
})
