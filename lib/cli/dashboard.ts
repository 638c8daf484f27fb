import { constants } from 'node:os'
import type { Argv } from 'yargs'
import { EverlearnError } from '../error.ts'
import { isLoopback } from '../report/dashboard/guard.ts'
import { serveDashboard } from '../report/dashboard/serve.ts'
import { openRunsFolder } from '../report/run/runs-folder.ts'
import type { Command } from './command.ts'

interface Options {
  runs: string
  host: string
  port: number
}

export const dashboardCommand: Command<Options> = {
  command: 'dashboard <runs>',
  describe: 'Serve a page that follows the runs of a folder, for this machine only',
  builder: (yargs) =>
    yargs
      .positional('runs', {
        describe: 'Folder that runs are in, or a run',
        type: 'string',
        demandOption: true,
      })
      .option('port', { describe: 'Port to listen on; 0: any that is free', type: 'number', default: 6047 })
      .option('host', {
        describe: 'Address to listen on; any but 127.0.0.1 shows the runs to others',
        type: 'string',
        default: '127.0.0.1',
      }) as Argv<Options>,

  async run({ runs, host, port }) {
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new EverlearnError('USAGE', `--port is ${port}; a whole number from 0 to 65535 is wanted`)
    const signalled = new Promise<NodeJS.Signals>((resolve) => {
      process.once('SIGINT', resolve).once('SIGTERM', resolve)
    })
    const dashboard = await serveDashboard(openRunsFolder(runs), { host, port })
    if (!isLoopback(host))
      process.stderr.write(
        `everlearn: whoever reaches ${host} can see these runs, without a password and unencrypted; better: ssh -L\n`,
      )
    console.log(`${dashboard.url} shows the runs of ${runs}; Ctrl-C ends it`)
    const signal = await signalled
    await dashboard.close()
    return 128 + constants.signals[signal]
  },
}
