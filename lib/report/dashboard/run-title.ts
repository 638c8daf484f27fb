import type { RunReport } from '../run/run-report.ts'

/** What a run is called on a page: its folder, or its plan's name where the folder is the one that is shown. */
export const runTitle = ({ name, settings }: Pick<RunReport, 'name' | 'settings'>): string =>
  name === '.' ? settings.title : name
