import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../bin/everlearn.mjs', import.meta.url))

export interface Ended {
  /** Exit code, or null when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
}

/** Starts `everlearn` as a process of its own. */
export function startCommand(
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const { NODE_OPTIONS: _, ...environment } = process.env
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd,
    env: { ...environment, ...options.env },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (data) => {
    output.stdout += data
  })
  child.stderr?.on('data', (data) => {
    output.stderr += data
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, ...output }))
  })
  return { child, ended }
}

export const runCommand = (...parameters: Parameters<typeof startCommand>): Promise<Ended> =>
  startCommand(...parameters).ended
