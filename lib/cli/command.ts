import type { Argv } from 'yargs'

/** One command of `everlearn`: an entry of the table in main.ts. */
export interface Command<Options> {
  /** As yargs has it: name, then positional arguments. */
  command: string
  describe: string
  builder(yargs: Argv): Argv<Options>
  /** Returns the exit code. */
  run(options: Options): Promise<number>
}
