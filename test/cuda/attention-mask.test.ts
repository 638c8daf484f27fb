import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'

// The program prints a line for each case that begins with ok or FAILED.
const program = fileURLToPath(new URL('../../cmake-build/attention_mask_test', import.meta.url))
const onGpu = process.env.EVERLEARN_BACKEND?.startsWith('cuda') ? test : test.skip

onGpu("cuDNN's attention is the reference's under the mask that it drew", (t) => {
  t.timeout(300_000) // plans are compiled first
  const lines = execFileSync(program, { encoding: 'utf8' }).split('\n')
  const skipped = lines.find((line) => line.includes('# SKIP'))
  if (skipped) t.log(skipped)
  t.true(lines.some((line) => line.startsWith('ok')))
})
