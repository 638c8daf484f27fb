import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Argv } from 'yargs'
import { EverlearnError } from '../error.ts'
import { page } from '../report/dashboard/page.ts'
import { openRunReader } from '../report/run/read-run.ts'
import type { RunReport } from '../report/run/run-report.ts'
import { openRunsFolder } from '../report/run/runs-folder.ts'
import type { Command } from './command.ts'
import { checkOutFile, writeOutFile } from './out-file.ts'

interface Options {
  runs: string[]
  out: string
  force: boolean
  json: boolean
}

const mostRuns = 6

export const reportCommand: Command<Options> = {
  command: 'report <runs..>',
  describe: 'Write what the dashboard shows of runs as one page',
  builder: (yargs) =>
    yargs
      .positional('runs', {
        describe: 'Runs to show side by side',
        type: 'string',
        array: true,
        demandOption: true,
      })
      .option('out', { describe: 'Page to write', type: 'string', default: 'report.html' })
      .option('force', { describe: 'Replace the page that is there', type: 'boolean', default: false })
      .option('json', {
        describe: 'Print what is known of the runs as JSON, and write no page',
        type: 'boolean',
        default: false,
      })
      .example('$0 report runs/first runs/second --out report.html', '') as Argv<Options>,

  async run({ runs, out, force, json }) {
    if (runs.length > mostRuns)
      throw new EverlearnError('USAGE', `${runs.length} runs were given; a page shows at most ${mostRuns}`)
    const replacing = { force, mayReplace: isPage }
    if (!json) checkOutFile(out, replacing)
    const names = namesOf(runs)
    const reports: RunReport[] = []
    for (const [index, run] of runs.entries()) reports.push(await readRun(run, names[index]))
    if (json) {
      console.log(JSON.stringify(reports))
      return 0
    }
    const title = reports.length === 1 ? `Training of ${names[0]}` : `Training of ${names.length} runs`
    await writeOutFile(out, page({ title, source: runs.join(', '), runs: reports }), replacing)
    console.log(`${out}: ${names.join(', ')}`)
    return 0
  },
}

/** The names of their folders, with what is above them where two are alike. */
function namesOf(runs: string[]): string[] {
  const short = runs.map((run) => path.basename(path.resolve(run)))
  return short.map((name, index) => (short.indexOf(name) === short.lastIndexOf(name) ? name : runs[index]))
}

async function readRun(directory: string, name: string): Promise<RunReport> {
  const folder = openRunsFolder(directory)
  if (folder.locate('.', 'plan.json') === null)
    throw new EverlearnError(
      'RUN_UNKNOWN',
      `${directory} is no run (it has no plan.json); give the folder named by pretrain's --out`,
    )
  return { ...(await openRunReader(folder, '.').read()), name }
}

function isPage(file: string): boolean {
  return readFileSync(file, 'utf8').startsWith('<!doctype html>')
}
