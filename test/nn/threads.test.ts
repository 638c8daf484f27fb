import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test from 'ava'

const script = new URL('../helpers/print-training.ts', import.meta.url).pathname

async function train(dtype: string, threads: number): Promise<{ threads: number; hash: string }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', script, dtype], {
    env: { ...process.env, EVERLEARN_THREADS: String(threads) },
  })
  return JSON.parse(stdout)
}

for (const dtype of ['float32', 'bfloat16', 'float16'])
  test.serial(
    `weights and moments are the same to the bit with one thread and with two, ${dtype}`,
    async (t) => {
      const [one, two] = [await train(dtype, 1), await train(dtype, 2)]
      t.is(one.threads, 1)
      t.is(two.threads, 2)
      t.is(two.hash, one.hash)
    },
  )
