import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test from 'ava'

const script = new URL('../helpers/forget-tensors.ts', import.meta.url).pathname

test('tensors that were forgotten are freed by the garbage collector', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import=tsx', script])
  const { before, after } = JSON.parse(stdout)
  t.true(before >= 100 * 4000)
  t.true(after < before / 10, `${after} of ${before} bytes are left`)
})
