import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { createRandom } from '../../lib/data/random.ts'
import { checkpointPath, findCheckpoint, latestCheckpoint } from '../../lib/train/checkpoint/checkpoint.ts'
import { pretrain } from '../../lib/train/pretrain.ts'
import { temporaryFolder, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

// `npm run test:long` changes 2,000.
const flips = process.env.EVERLEARN_LONG ? 2000 : 200

test('a checkpoint with one byte changed is refused, and the file is named', async (t) => {
  t.timeout(600_000)
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const run = path.join(folder, 'run')
  const opened = await pretrain(
    tinyRunPlan(folder, { ema: 0.9, tokensPerStep: 1000, checkpoint: { every: 0 } }),
    run,
  )
  // The third micro-batch of the first step: gradients are stored as well.
  const { device } = opened.trainer.session
  const ready = device.ready.bind(device)
  let asked = 0
  device.ready = async () => {
    await ready()
    if (++asked === 3) opened.trainer.stop()
  }
  await opened.trainer.run()
  opened.close()
  const directory = checkpointPath(run, latestCheckpoint(run)!)
  const files = readdirSync(directory)
  for (const name of ['model', 'ema', 'optimizer', 'gradients'])
    t.true(files.includes(`${name}.safetensors`), name)

  const random = createRandom(1, 'flips')
  for (let flip = 0; flip < flips; flip++) {
    // Every file equally often, however large it is.
    const name = files[flip % files.length]
    const file = path.join(directory, name)
    const whole = readFileSync(file)
    const changed = Buffer.from(whole)
    const place = random.below(whole.length)
    changed[place] ^= 1 + random.below(255)
    writeFileSync(file, changed)
    const error = await t.throwsAsync(
      findCheckpoint(run),
      { name: 'EverlearnError' },
      `${name}, byte ${place}`,
    )
    t.true(error.message.includes(name), `${name}, byte ${place}: ${error.message}`)
    writeFileSync(file, whole)
  }
  t.truthy(await findCheckpoint(run))
})
