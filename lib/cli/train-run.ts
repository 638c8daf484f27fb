import { constants } from 'node:os'
import { streamEvents } from '../report/progress/event-stream.ts'
import { type Progress, showProgress } from '../report/progress/show-progress.ts'
import { summaryOf } from '../train/evaluation/summary.ts'
import type { OpenRun } from '../train/pretrain.ts'
import type { WatchOptions } from './watch-options.ts'

/** Trains an open run to its end, or until a signal; shows how it goes, and what came of it. Returns the exit code. */
export async function trainRun(run: OpenRun, options: WatchOptions): Promise<number> {
  const { trainer } = run
  const { directory, session } = trainer
  const progress = watch(run, options)
  const signals = stopOnSignal(() => trainer.stop(), progress.say)
  try {
    const { step, stopped, checkpoint, tokensPerSecond } = await trainer.run()
    const signal = signals.received()
    if (stopped) {
      process.stderr.write(`stopped after step ${step}; go on with: everlearn resume ${directory}\n`)
      return signal ? 128 + constants.signals[signal] : 0
    }
    if (options.json) return 0
    const summary = summaryOf(session.state.evaluations)
    if (summary) console.log(`${summary}\n`)
    if (tokensPerSecond > 0) console.log(`${Math.round(tokensPerSecond)} tokens/s`)
    console.log(`model: ${checkpoint}`)
    return 0
  } finally {
    progress.close()
    signals.end()
    run.close()
  }
}

function watch({ trainer }: OpenRun, { quiet, json }: WatchOptions): Progress {
  if (json) streamEvents(trainer.directory, trainer.events, lineWriter(process.stdout))
  if (!quiet && !json) return showProgress(trainer.events)
  return { say: (line) => process.stderr.write(`${line}\n`), close() {} }
}

/** Writes lines until nobody reads them any more: training goes on without. */
function lineWriter(stream: NodeJS.WriteStream): (line: string) => void {
  let isRead = true
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    isRead = false
  })
  return (line) => {
    if (isRead) stream.write(line)
  }
}

/** The first SIGINT or SIGTERM stops in order, the second at once. */
function stopOnSignal(
  stop: () => void,
  say: (line: string) => void,
): { received(): NodeJS.Signals | null; end(): void } {
  let first: NodeJS.Signals | null = null
  const listener = (signal: NodeJS.Signals) => {
    if (first) process.exit(128 + constants.signals[signal])
    first = signal
    say('finishing the micro-batch and writing a checkpoint; once more to leave at once')
    stop()
  }
  process.on('SIGINT', listener).on('SIGTERM', listener)
  return {
    received: () => first,
    end: () => process.off('SIGINT', listener).off('SIGTERM', listener),
  }
}
