import yargs, { type Argv } from 'yargs'
import { EverlearnError } from '../error.ts'
import { packageVersion } from '../package.ts'
import { knownNames } from '../train/nearest.ts'
import { addTaskCommand } from './add-task.ts'
import { benchCommand } from './bench.ts'
import { bm25Negatives } from './bm25-negatives.ts'
import type { Command } from './command.ts'
import { dashboardCommand } from './dashboard.ts'
import { doctor } from './doctor.ts'
import { evaluateCommand } from './evaluate.ts'
import { inspectCommand } from './inspect.ts'
import { prepareCommand } from './prepare.ts'
import { pretrainCommand } from './pretrain.ts'
import { reportCommand } from './report.ts'
import { resumeCommand } from './resume.ts'
import { retireTaskCommand } from './retire-task.ts'
import { vocabCommand } from './vocab.ts'

const commands = [
  prepareCommand,
  vocabCommand,
  bm25Negatives,
  inspectCommand,
  pretrainCommand,
  resumeCommand,
  evaluateCommand,
  addTaskCommand,
  retireTaskCommand,
  dashboardCommand,
  reportCommand,
  doctor,
  benchCommand,
]

/**
 * The command line: runs what `args` say and returns the exit code. 0: done; 2: something that the user can put right,
 * said in one line on stderr; 1: a fault of ours, with a stack; 130, 143: stopped by SIGINT, SIGTERM.
 */
export async function main(args: string[]): Promise<number> {
  try {
    return await dispatch(args)
  } catch (error) {
    return report(error)
  }
}

async function dispatch(args: string[]): Promise<number> {
  let code = 0
  // yargs loses a lone "-" among the arguments of a command.
  const parser = yargs(args.map((arg) => (arg === '-' ? '/dev/stdin' : arg)))
    .scriptName('everlearn')
    .usage('$0 COMMAND\n\nTrains text encoders the ERNIE 2.0 way.')
    .locale('en')
    .parserConfiguration({ 'camel-case-expansion': false })
    .version(packageVersion())
    .help()
    .alias('help', 'h')
    .strictCommands()
    .strictOptions()
    .demandCommand(1, 'no command was given')
    .check(onceEach)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .fail((message, error) => {
      throw error ?? new EverlearnError('USAGE', explain(message))
    })
  for (const command of commands as Command<unknown>[]) {
    parser.command({
      command: command.command,
      describe: command.describe,
      builder: (each: Argv) => command.builder(each) as Argv,
      handler: async (options) => {
        code = await command.run(options)
      },
    })
  }
  await parser.parseAsync()
  return code
}

/** Arguments of which there may be several, of any command or of one. */
const lists = new Set([
  '_',
  'inputs',
  'size',
  'held-out',
  'phrases',
  'entities',
  'add-task corpus',
  'report runs',
])

function onceEach(options: Record<string, unknown>): true {
  const [command] = options._ as string[]
  for (const [name, value] of Object.entries(options))
    if (Array.isArray(value) && !lists.has(name) && !lists.has(`${command} ${name}`))
      throw new EverlearnError(
        'USAGE',
        `--${name} was given ${value.length} times (${value.join(', ')}); give it once`,
      )
  return true
}

function explain(message: string): string {
  const unknown = /^Unknown command: (\S+)/.exec(message)
  if (!unknown) return `${message}; see everlearn --help`
  const names = commands.map(({ command }) => command.split(' ')[0])
  return `there is no command ${unknown[1]}; ${knownNames(unknown[1], names)}`
}

/** Errors of ours are known by name: a task or plan of the user's may have loaded another copy of this library. */
function report(error: unknown): number {
  if (error instanceof Error && error.name === 'EverlearnError') {
    process.stderr.write(`everlearn: ${error.message.replace(/\s+/g, ' ')}\n`)
    return 2
  }
  process.stderr.write(`everlearn: ${error instanceof Error ? error.stack : String(error)}\n`)
  return 1
}
