import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { EverlearnError } from '../../lib/index.ts'
import { kept } from './kept.ts'
import { type Pretrained, pretrainWith } from './pretraining.ts'
import { type Probed, type Way, wayNames, ways } from './probing.ts'
import { methods, type Settings } from './settings.ts'
import { prepareText } from './text.ts'
import { untrainedEncoder } from './untrained.ts'

/** Everything that was measured of one seed. */
export interface SeedFigures {
  seed: number
  pretrained: Pretrained[]
  /** By method, and `none` for an encoder that was not pre-trained; by the way it was judged. */
  probed: Record<string, Record<Way, Probed[]>>
}

interface Options {
  /** Folder of text and probes, as this project's `shared/data`. */
  data: string
  /** Folder in which everything that is made is kept. */
  out: string
  /** Only these, of the seeds of the settings: several processes can share a folder and the work. */
  seeds?: readonly number[]
  /** Shows no progress. */
  quiet?: boolean
}

/** Encoders that the probes judge. */
const encoders = [...methods, 'none' as const]

const resultFile = (out: string, encoder: string, seed: number, ...more: string[]): string =>
  path.join(out, 'results', `${[`${encoder}-seed-${seed}`, ...more].join('-')}.json`)

/**
 * Runs the experiment, seed by seed; what an earlier, interrupted one did in the same folder is not done again. After
 * each seed gives all that are done in the folder, those of other processes too.
 *
 * @throws EverlearnError `OUT_EXISTS` where the folder belongs to other settings
 */
export async function* runExperiment(
  settings: Settings,
  { data, out, seeds = settings.seeds, quiet = false }: Options,
): AsyncGenerator<SeedFigures[]> {
  const say = (what: string) => {
    if (!quiet) console.error(what)
  }
  const probeAll = async (encoder: string, seed: number, folder: () => Promise<string>) => {
    for (const way of wayNames) {
      for (const probe of settings.probes) {
        const { name } = probe.task
        await kept(resultFile(out, encoder, seed, name, way), async () => {
          say(`${encoder}, seed ${seed}: ${name}, ${way}`)
          return ways[way](probe, { seed, settings, data, from: await folder() })
        })
      }
    }
  }
  const before = await kept(path.join(out, 'settings.json'), async () => settings)
  if (!isDeepStrictEqual(before, JSON.parse(JSON.stringify(settings)))) {
    throw new EverlearnError(
      'OUT_EXISTS',
      `${out} holds an experiment with other settings; choose another --out, or give the --scale it was begun with`,
    )
  }
  const corpus = await prepareText(settings, data, out, say)
  for (const seed of seeds) {
    for (const method of methods) {
      const { checkpoint } = await kept(resultFile(out, method, seed), () => {
        say(`${method}, seed ${seed}: pre-training`)
        return pretrainWith(method, seed, settings, { corpus, out, quiet })
      })
      await probeAll(method, seed, async () => path.join(out, checkpoint))
    }
    await probeAll('none', seed, () => untrainedEncoder(seed, settings, { corpus, out }))
    yield settings.seeds.flatMap((each) => readSeed(each, settings, out) ?? [])
  }
}

/** What was measured of a seed; null while something is missing. */
function readSeed(seed: number, { probes }: Settings, out: string): SeedFigures | null {
  const read = (encoder: string, ...more: string[]) => {
    const file = resultFile(out, encoder, seed, ...more)
    return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8'))] : []
  }
  const pretrained: Pretrained[] = methods.flatMap((method) => read(method))
  const probedBy = (encoder: string, way: Way): Probed[] =>
    probes.flatMap(({ task }) => read(encoder, task.name, way))
  const probed = encoders.map((encoder): [string, Record<Way, Probed[]>] => [
    encoder,
    { linear: probedBy(encoder, 'linear'), 'fine-tuned': probedBy(encoder, 'fine-tuned') },
  ])
  const complete =
    pretrained.length === methods.length &&
    probed.every(([, found]) => wayNames.every((way) => found[way].length === probes.length))
  return complete ? { seed, pretrained, probed: Object.fromEntries(probed) } : null
}
