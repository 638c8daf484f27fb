import { constants } from 'node:os'
import type { OpenRun } from '../train/pretrain.ts'
import { showProgress } from '../train/progress.ts'
import { summaryOf } from '../train/summary.ts'

/** Trains an open run to its end, or until a signal; shows how it goes, and what came of it. Returns the exit code. */
export async function trainRun(run: OpenRun, { quiet }: { quiet: boolean }): Promise<number> {
  const { trainer } = run
  const { directory, session } = trainer
  if (!quiet) showProgress(trainer.events)
  const signals = stopOnSignal(() => trainer.stop())
  try {
    const { step, stopped, checkpoint, tokensPerSecond } = await trainer.run()
    const signal = signals.received()
    if (stopped) {
      process.stderr.write(`stopped after step ${step}; go on with: everlearn resume ${directory}\n`)
      return signal ? 128 + constants.signals[signal] : 0
    }
    const summary = summaryOf(session.state.evaluations)
    if (summary) console.log(`${summary}\n`)
    if (tokensPerSecond > 0) console.log(`${Math.round(tokensPerSecond)} tokens/s`)
    console.log(`model: ${checkpoint}`)
    return 0
  } finally {
    signals.end()
    run.close()
  }
}

/** The first SIGINT or SIGTERM stops in order, the second at once. */
function stopOnSignal(stop: () => void): { received(): NodeJS.Signals | null; end(): void } {
  let first: NodeJS.Signals | null = null
  const listener = (signal: NodeJS.Signals) => {
    if (first) process.exit(128 + constants.signals[signal])
    first = signal
    process.stderr.write('\nfinishing the step and writing a checkpoint; once more to leave at once\n')
    stop()
  }
  process.on('SIGINT', listener).on('SIGTERM', listener)
  return {
    received: () => first,
    end: () => process.off('SIGINT', listener).off('SIGTERM', listener),
  }
}
