import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type Dashboard, serveDashboard } from '../../../lib/report/dashboard/serve.ts'
import { openRunsFolder } from '../../../lib/report/run/runs-folder.ts'
import { temporaryFolder } from '../../helpers/tiny-run.ts'
import {
  stageLine,
  startLine,
  stepsLine,
  type WrittenRun,
  wholeRun,
  writeRun,
} from '../../helpers/written-run.ts'

const secret = 'SECRET-OUTSIDE'

async function served(t: ExecutionContext): Promise<{ dashboard: Dashboard; run: WrittenRun; root: string }> {
  const folder = temporaryFolder(t)
  const root = path.join(folder, 'runs')
  const run = writeRun(path.join(root, 'first'))
  run.append(...wholeRun())
  writeRun(path.join(folder, 'outside'), { name: secret }).append(...wholeRun())
  const dashboard = await serveDashboard(openRunsFolder(root), { poll: 20 })
  t.teardown(() => dashboard.close())
  return { dashboard, run, root }
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** As it stands: fetch would tidy the path up. */
function ask(
  url: string,
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: target, headers, method }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (data) => {
        body += data
      })
      answer.on('end', () => resolve({ status: answer.statusCode as number, headers: answer.headers, body }))
    })
    sent.on('error', reject).end()
  })
}

test('the page has the runs; every answer is kept from other sites', async (t) => {
  const { dashboard } = await served(t)
  t.regex(dashboard.url, /^http:\/\/127\.0\.0\.1:\d+\/$/)
  const { status, headers, body } = await ask(dashboard.url, '/')
  t.is(status, 200)
  t.true(body.includes('first') && body.includes('knowledge-masking'))
  t.regex(
    String(headers['content-security-policy']),
    /^default-src 'none'; script-src 'sha256-.*frame-ancestors 'none'$/,
  )
  t.notRegex(String(headers['content-security-policy']), /unsafe|\*|http/)
  for (const target of ['/', '/live', '/nowhere']) {
    const { headers } = await ask(dashboard.url, target)
    t.is(headers['x-content-type-options'], 'nosniff')
    t.is(headers['x-frame-options'], 'DENY')
    t.is(headers['referrer-policy'], 'no-referrer')
    t.is(headers['cross-origin-resource-policy'], 'same-origin')
    t.is(headers['cache-control'], 'no-store')
    t.is(headers['access-control-allow-origin'], undefined)
  }
})

test('nothing outside the folder can be read', async (t) => {
  const { dashboard, run, root } = await served(t)
  symlinkSync(path.join(root, '../outside'), path.join(root, 'link'))
  symlinkSync(path.join(root, '../outside/plan.json'), path.join(run.directory, 'samples.json'))
  mkdirSync(path.join(root, 'half'))
  writeFileSync(path.join(root, 'half/plan.json'), '{}')
  symlinkSync(path.join(root, '../outside/log.jsonl'), path.join(root, 'half/log.jsonl'))
  const names = [
    '../outside',
    '..%2foutside',
    '%2e%2e%2foutside',
    path.join(root, '../outside'),
    'link',
    'first/../../outside',
    '..\\outside',
    'first%00',
  ]
  const targets = [
    ...names.flatMap((name) => [`/?run=${name}`, `/live?run=${encodeURIComponent(name)}`]),
    '/../outside/plan.json',
    '/%2e%2e/outside/plan.json',
    '/first/plan.json',
    '/..%5coutside%5cplan.json',
    '//outside/plan.json',
    '/etc/passwd',
  ]
  for (const target of targets) {
    const { body, status } = await ask(dashboard.url, target)
    t.false(body.includes(secret), target)
    t.false(body.includes('root:x'), target)
    t.true(status === 404 || /No run is shown|first/.test(body), target)
  }
  const half = await ask(dashboard.url, '/live?run=half')
  t.true(half.body.includes('nothing logged yet'))
})

test('other host names, other methods and broken requests get nothing', async (t) => {
  const { dashboard } = await served(t)
  t.is((await ask(dashboard.url, '/', { Host: 'evil.example' })).status, 421)
  t.is((await ask(dashboard.url, '/events', { Host: 'evil.example:80' })).status, 421)
  t.is((await ask(dashboard.url, '/', {}, 'POST')).status, 405)
  t.is(
    (await ask(dashboard.url, '/', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' })).status,
    403,
  )
  const head = await ask(dashboard.url, '/', {}, 'HEAD')
  t.is(head.status, 200)
  t.is(head.body, '')
  const { hostname, port } = new URL(dashboard.url)
  const raw = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write('GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    )
    socket.once('data', (data) => {
      resolve(String(data))
      socket.destroy()
    })
  })
  t.regex(raw, /^HTTP\/1\.1 [45]/)
  t.is((await ask(dashboard.url, '/')).status, 200)
})

test('whoever looks on is told of what has changed, and gets it', async (t) => {
  const { dashboard, root } = await served(t)
  const answer = await fetch(new URL('/events?run=second', dashboard.url))
  t.is(answer.headers.get('content-type'), 'text/event-stream')
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  const next = async () => {
    for (;;) {
      const { value, done } = await reader.read()
      if (done || value.includes('event: change')) return !done
    }
  }
  const second = writeRun(path.join(root, 'second'))
  second.append(startLine(), stageLine(1, 0, 20))
  t.true(await next())
  second.append(stepsLine(7, 1))
  t.true(await next())
  const { body } = await ask(dashboard.url, '/live?run=second')
  t.true(body.startsWith('<main'))
  t.regex(body, /<dd>7 of 140<\/dd>/)
  await reader.cancel()
})

test('a port that is taken is named', async (t) => {
  const { dashboard, root } = await served(t)
  const port = Number(new URL(dashboard.url).port)
  await t.throwsAsync(serveDashboard(openRunsFolder(root), { port }), {
    code: 'PORT_IN_USE',
    message: new RegExp(String(port)),
  })
})
