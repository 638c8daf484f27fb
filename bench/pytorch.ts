import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Peer {
  /** Loss of the batch without dropout. */
  loss(): Promise<number>
  /** Milliseconds of each of `count` training steps. */
  run(count: number): Promise<number[]>
  close(): void
}

export interface PeerOptions {
  /** Beside this file; pytorch_step.py by default. */
  script?: string
  python: string
  model: string
  batch: string
  precision: string
  /** `cpu` (default) or `cuda`. */
  device?: string
  threads: number
  /** `--gather`, `--compile` or both. */
  flags: string[]
}

/** Starts the PyTorch side; it waits, without using a core, between commands. */
export function startPeer({
  script: name = 'pytorch_step.py',
  python,
  model,
  batch,
  precision,
  device = 'cpu',
  threads,
  flags,
}: PeerOptions): Peer {
  const script = new URL(name, import.meta.url).pathname
  const where = device === 'cpu' ? [] : ['--device', device]
  const options = ['--precision', precision, '--threads', String(threads), ...where, ...flags]
  const child: ChildProcessWithoutNullStreams = spawn(python, [script, model, batch, ...options], {
    env: { ...process.env, HF_HUB_OFFLINE: '1', GOMP_SPINCOUNT: '5000' },
  })
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2000)
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async <T>(command: string): Promise<T> => {
    child.stdin.write(`${command}\n`)
    const { value, done } = await answers.next()
    if (done) throw new Error(`${name} ended: ${complaint}`)
    return JSON.parse(value) as T
  }
  return {
    loss: () => ask<number>('loss'),
    run: (count) => ask<number[]>(`run ${count}`),
    close: () => child.stdin.end(),
  }
}
