import { spawnSync } from 'node:child_process'
import test from 'ava'

const script = new URL('./fixtures/lives.mjs', import.meta.url).pathname

const cases: { life: string; status: number; output?: string }[] = [
  { life: 'end', status: 0 },
  { life: 'exit', status: 7 },
  { life: 'throw', status: 1 },
  { life: 'read unawaited', status: 7 },
  { life: 'closed while reading', status: 0, output: 'STREAM_CLOSED' },
  { life: 'compute', status: 0, output: '512' },
  { life: 'worker', status: 0, output: '512' },
  { life: 'main and worker', status: 0, output: '512 512' },
  { life: 'terminated workers', status: 0 },
]

for (const { life, status, output } of cases)
  test(`a process with work queued: ${life}`, (t) => {
    const ended = spawnSync(process.execPath, [script, life], { encoding: 'utf8', timeout: 120_000 })
    t.is(ended.signal, null, ended.stderr)
    t.is(ended.status, status, ended.stderr)
    if (output !== undefined) t.is(ended.stdout.trim(), output)
  })
