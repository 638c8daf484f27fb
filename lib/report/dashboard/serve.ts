import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EverlearnError } from '../../error.ts'
import type { RunsFolder } from '../run/runs-folder.ts'
import { pageAssets } from './assets.ts'
import { refusalOf, safeHeaders } from './guard.ts'
import { mainHtml, page } from './page.ts'
import { type WatchedRuns, watchRuns } from './watched-runs.ts'

export interface Dashboard {
  /** Where it is. */
  url: string
  close(): Promise<void>
}

const mostFollowers = 64
const quietest = 15_000

/**
 * Serves a page that follows the runs of a folder.
 *
 * @param options.port 0: any that is free
 * @param options.poll milliseconds between looks at the files while somebody looks on
 * @throws EverlearnError `PORT_IN_USE`, `HOST_UNKNOWN`
 */
export async function serveDashboard(
  folder: RunsFolder,
  { host = '127.0.0.1', port = 0, poll = 1000 }: { host?: string; port?: number; poll?: number } = {},
): Promise<Dashboard> {
  const runs = watchRuns(folder)
  const followers = new Set<ServerResponse>()
  const policy = `${pageAssets().policy}; frame-ancestors 'none'`

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = refusalOf(request, host)
    if (refusal) return send(response, refusal.status, 'text/plain', `${refusal.reason}\n`)
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://dashboard')
    const wanted = searchParams.getAll('run')
    if (pathname === '/') return send(response, 200, 'text/html', page(await runs.look(wanted)))
    if (pathname === '/live')
      return send(response, 200, 'text/html', mainHtml(await runs.look(wanted)).markup)
    if (pathname === '/events' && followers.size < mostFollowers) return follow(response, wanted)
    return send(response, pathname === '/events' ? 503 : 404, 'text/plain', 'there is nothing here\n')
  }

  const send = (response: ServerResponse, status: number, type: string, body: string): void => {
    response.writeHead(status, {
      ...safeHeaders,
      'Content-Security-Policy': policy,
      'Content-Type': `${type}; charset=utf-8`,
    })
    response.end(body)
  }

  const follow = (response: ServerResponse, wanted: string[]): void => {
    followers.add(response)
    response.writeHead(200, { ...safeHeaders, 'Content-Type': 'text/event-stream' })
    response.write('retry: 2000\n\n')
    const stop = followChanges(runs, wanted, poll, (text) => response.write(text))
    response.on('close', () => {
      followers.delete(response)
      stop()
    })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy()
      else send(response, 500, 'text/plain', `${error.message}\n`)
    })
  })
  await listen(server, host, port)
  const { port: own } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${own}/`,
    async close() {
      for (const response of followers) response.end()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Writes an event when a file of a run has changed; a comment now and then shows whether anybody still listens. */
function followChanges(
  runs: WatchedRuns,
  wanted: string[],
  poll: number,
  write: (text: string) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let seen: string | null = null
  let quiet = 0
  const look = async () => {
    const { version } = await runs.look(wanted)
    if (stopped) return
    const changed = seen !== null && version !== seen
    seen = version
    quiet += poll
    if (!changed && quiet < quietest) return
    write(changed ? 'event: change\ndata:\n\n' : ': still here\n\n')
    quiet = 0
  }
  const again = () => {
    look()
      .catch(() => {})
      .finally(() => {
        if (!stopped) timer = setTimeout(again, poll)
      })
  }
  again()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE' || cause.code === 'EACCES'
          ? new EverlearnError(
              'PORT_IN_USE',
              `cannot listen on port ${port} of ${host}: ${cause.message}; choose another --port, or 0 for any that is free`,
              { cause },
            )
          : new EverlearnError(
              'HOST_UNKNOWN',
              `cannot listen on ${host}: ${cause.message}; --host is an address or name of this machine`,
              { cause },
            ),
      )
    })
    server.listen(port, host, resolve)
  })
}
