import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { EverlearnError, openDevice } from '../../lib/index.ts'
import { kept } from './kept.ts'
import { type Pretrained, pretrainWith } from './pretraining.ts'
import { type Probed, probeEncoder } from './probing.ts'
import { methods, type Settings } from './settings.ts'
import { prepareText } from './text.ts'
import { untrainedEncoder } from './untrained.ts'

/** Everything that was measured of one seed. */
export interface SeedFigures {
  seed: number
  pretrained: Pretrained[]
  /** By method, and `none` for an encoder that was not pre-trained. */
  probed: Record<string, Probed[]>
}

/**
 * Runs the experiment, seed by seed; what an earlier, interrupted one did in the same folder is not done again.
 *
 * @param options.data folder of text and probes, as this project's `shared/data`
 * @param options.seeds only these, of those of the settings: several processes can share a folder and the work
 * @throws EverlearnError `OUT_EXISTS` where the folder belongs to other settings
 */
export async function* runExperiment(
  settings: Settings,
  { data, out, seeds = settings.seeds }: { data: string; out: string; seeds?: readonly number[] },
): AsyncGenerator<SeedFigures> {
  const before = await kept(path.join(out, 'settings.json'), async () => settings)
  if (!isDeepStrictEqual(before, JSON.parse(JSON.stringify(settings)))) {
    throw new EverlearnError(
      'OUT_EXISTS',
      `${out} holds an experiment with other settings; choose another --out, or give the --scale it was begun with`,
    )
  }
  const corpus = await prepareText(settings, data, out)
  const result = (name: string) => path.join(out, 'results', `${name}.json`)
  const probesOf = async (name: string, seed: number, from: () => Promise<string>) => {
    const device = await openDevice()
    try {
      const probed: Probed[] = []
      for (const probe of settings.probes) {
        const file = result(`${name}-seed-${seed}-${probe.task.name}`)
        probed.push(
          await kept(file, async () => {
            console.error(`${name}, seed ${seed}: ${probe.task.name}`)
            return probeEncoder(device, probe, { seed, settings, data, from: await from() })
          }),
        )
      }
      return probed
    } finally {
      device.close()
    }
  }

  for (const seed of seeds) {
    const figures: SeedFigures = { seed, pretrained: [], probed: {} }
    for (const method of methods) {
      const pretrained = await kept(result(`${method}-seed-${seed}`), () => {
        console.error(`${method}, seed ${seed}: pre-training`)
        return pretrainWith(method, seed, settings, { corpus, out })
      })
      figures.pretrained.push(pretrained)
      figures.probed[method] = await probesOf(method, seed, async () => path.join(out, pretrained.checkpoint))
    }
    figures.probed.none = await probesOf('none', seed, async () => {
      const device = await openDevice()
      try {
        return await untrainedEncoder(device, seed, settings, { corpus, out })
      } finally {
        device.close()
      }
    })
    yield figures
  }
}
