import type { Argv } from 'yargs'

/** How a command that trains shows what happens. */
export interface WatchOptions {
  quiet: boolean
  json: boolean
}

export const withWatchOptions = (yargs: Argv): Argv =>
  yargs.option('quiet', { describe: 'Show no progress', type: 'boolean', default: false }).option('json', {
    describe: 'Write every event to stdout, one JSON object a line, and nothing else',
    type: 'boolean',
    default: false,
  })
