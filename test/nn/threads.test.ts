import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test from 'ava'

const script = new URL('../helpers/print-training.ts', import.meta.url).pathname

async function train(
  dtype: string,
  encoder: string,
  threads: number,
): Promise<{ threads: number; hash: string }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', script, dtype, encoder], {
    env: { ...process.env, EVERLEARN_THREADS: String(threads) },
  })
  return JSON.parse(stdout)
}

for (const [encoder, dtype] of [
  ['transformer', 'float32'],
  ['transformer', 'bfloat16'],
  ['transformer', 'float16'],
  ['lstm', 'float32'],
])
  test.serial(
    `weights and moments are the same to the bit with one thread and with two, ${encoder} in ${dtype}`,
    async (t) => {
      const [one, two] = [await train(dtype, encoder, 1), await train(dtype, encoder, 2)]
      t.is(one.threads, 1)
      t.is(two.threads, 2)
      t.is(two.hash, one.hash)
    },
  )
