import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  checkPlan,
  type Evaluation,
  type Method,
  type Plan,
  pretrain,
  resume,
  showProgress,
} from '../../lib/index.ts'
import type { Settings } from './settings.ts'

/** What came of pre-training with one method and seed. */
export interface Pretrained {
  method: Method
  seed: number
  steps: number
  /** Real tokens. */
  tokens: number
  /** The model's folder. */
  checkpoint: string
  /** Of every task after every stage. */
  evaluations: Evaluation[]
}

/** Trains with a method and a seed, or goes on where that was interrupted. */
export async function pretrainWith(
  method: Method,
  seed: number,
  settings: Settings,
  { corpus, out, quiet }: { corpus: string; out: string; quiet: boolean },
): Promise<Pretrained> {
  const directory = path.join(out, 'runs', `${method}-seed-${seed}`)
  const begun = existsSync(path.join(directory, 'plan.json'))
  const run = begun
    ? await resume(directory)
    : await pretrain(checkPlan(planOf(method, seed, settings, corpus), out), directory)
  const { trainer } = run
  if (!quiet) showProgress(trainer.events)
  const stop = () => trainer.stop()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const { step, stopped, checkpoint } = await trainer.run()
    if (stopped) throw new Interrupted(`stopped after step ${step} of ${directory}`)
    const { tokens, evaluations } = trainer.session.state
    return { method, seed, steps: step, tokens, checkpoint: path.relative(out, checkpoint), evaluations }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    run.close()
  }
}

/** Somebody asked the experiment to stop; what is done is kept. */
export class Interrupted extends Error {}

function planOf(method: Method, seed: number, settings: Settings, corpus: string): Plan {
  const { tasks, iterations, plan } = settings
  return {
    ...plan,
    name: `${method}, seed ${seed}`,
    seed,
    tasks,
    method,
    iterations,
    corpora: { text: path.join(corpus, 'train') },
    heldOut: { text: path.join(corpus, 'held-out') },
  }
}
