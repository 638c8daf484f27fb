import test from 'ava'
import { isLoopback, refusalOf } from '../../../lib/report/dashboard/guard.ts'

const status = (host: string | undefined, given = '127.0.0.1') =>
  refusalOf({ method: 'GET', headers: { host } }, given)?.status ?? 200

test('names of this machine are answered, others are not', (t) => {
  for (const host of [
    'localhost',
    'LOCALHOST:6047',
    'runs.localhost:1',
    '127.0.0.1:80',
    '10.0.0.7',
    '[::1]:6047',
  ])
    t.is(status(host), 200, host)
  const others = [
    'evil.example',
    'localhost.evil.example:80',
    '127.0.0.1.nip.io',
    'a@localhost',
    '',
    ' localhost',
  ]
  for (const host of [undefined, ...others, '[evil]', 'localhost:80:80', '127.0.0.1/x', '::1'])
    t.is(status(host), 421, host)
  t.is(status('machine.lan:80', 'machine.lan'), 200)
  t.is(status('other.lan:80', 'machine.lan'), 421)
})

test('only reading is answered, and other sites only when somebody follows their link', (t) => {
  const headers = { host: 'localhost' }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])
    t.is(refusalOf({ method, headers }, '')?.status, 405)
  t.is(refusalOf({ method: 'HEAD', headers }, ''), null)
  const from = (site: string, mode: string) =>
    refusalOf({ method: 'GET', headers: { ...headers, 'sec-fetch-site': site, 'sec-fetch-mode': mode } }, '')
  t.is(from('cross-site', 'no-cors')?.status, 403)
  t.is(from('cross-site', 'navigate'), null)
  t.is(from('same-origin', 'cors'), null)
})

test('addresses of this machine only', (t) => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1']) t.true(isLoopback(host))
  for (const host of ['0.0.0.0', '::', '192.168.1.2', 'localhost.example', '127.0.0.1.example'])
    t.false(isLoopback(host))
})
