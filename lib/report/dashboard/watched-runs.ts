import { openRunReader, type RunReader } from '../run/read-run.ts'
import type { RunReport } from '../run/run-report.ts'
import type { RunsFolder } from '../run/runs-folder.ts'
import type { PageContent } from './page.ts'

/** The runs of a folder as they are now, each log read once however many look on. */
export interface WatchedRuns {
  /**
   * What a page shows.
   *
   * @param wanted names of runs; those that are not in the folder are left out. Where none is named, the last ones.
   */
  look(wanted: readonly string[]): Promise<PageContent & { version: string }>
}

const mostShown = 6
const shownAtFirst = 3

export function watchRuns(folder: RunsFolder): WatchedRuns {
  const readers = new Map<string, RunReader>()
  const versions = new WeakMap<RunReport, number>()
  let version = 0
  let reading: Promise<unknown> = Promise.resolve()

  const readAll = async (): Promise<RunReport[]> => {
    const names = folder.runs()
    for (const gone of [...readers.keys()].filter((name) => !names.includes(name))) readers.delete(gone)
    const reports: RunReport[] = []
    for (const name of names) {
      const reader = readers.get(name) ?? openRunReader(folder, name)
      readers.set(name, reader)
      reports.push(await reader.read())
    }
    return reports
  }

  const versionOf = (report: RunReport): number => {
    const known = versions.get(report) ?? ++version
    versions.set(report, known)
    return known
  }

  return {
    async look(wanted) {
      // One after the other: two readers of the same log would each get a part of it.
      const turn = reading.then(readAll, readAll)
      reading = turn
      const reports = await turn
      const named = reports.filter(({ name }) => wanted.includes(name))
      const runs = wanted.length > 0 ? named.slice(0, mostShown) : reports.slice(0, shownAtFirst)
      return {
        title: 'Training runs',
        source: folder.given,
        runs: runs.sort((a, b) => (a.name < b.name ? -1 : 1)),
        choices: reports.map(({ name, state, step, steps }) => ({ name, state, step, steps })),
        version: reports.map((report) => `${report.name} ${versionOf(report)}`).join('\n'),
      }
    },
  }
}
