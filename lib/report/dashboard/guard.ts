import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** A request that is not answered, and why. */
export interface Refusal {
  status: number
  reason: string
}

/**
 * What may be asked: GET and HEAD, by a page of this server, under a name of this machine. Another site whose name was
 * made to lead here (DNS rebinding) has its own name in the Host header; an address cannot be rebound.
 *
 * @param host as it was given to listen on
 */
export function refusalOf(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  host: string,
): Refusal | null {
  const name = hostName(headers.host ?? '')
  if (
    name === null ||
    !(isIP(name) || name === 'localhost' || name.endsWith('.localhost') || name === host.toLowerCase())
  )
    return { status: 421, reason: 'this dashboard does not answer to that host name' }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, reason: 'only GET and HEAD are answered' }
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate')
    return { status: 403, reason: 'other sites get no answer' }
  return null
}

/** The host of a Host header without its port, null where it is none. */
function hostName(header: string): string | null {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::\d+)?$/i.exec(header)
  return parts ? (parts[1] ?? parts[2]).toLowerCase() : null
}

/** What every answer says to the browser. */
export const safeHeaders: Record<string, string> = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** Whether only this machine can reach a server that listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
