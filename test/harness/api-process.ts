// The API as a process of its own (src/main/api.ts) on a test database: for tests that kill or stop it, run two of them,
// or measure it without their own work in the same event loop.

import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { freePort } from '../../sandbox/free-port.ts'

const root = path.join(import.meta.dirname, '../..')

export interface ApiProcess {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly process: ChildProcess
  /** What it wrote on stdout and stderr. */
  output(): string
  /** Exit code, once it has ended; null after a signal. */
  readonly ended: Promise<number | null>
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** `env` is all that it gets of configuration. Resolves when it serves. */
export async function startApi(env: Record<string, string>): Promise<ApiProcess> {
  const port = env.PORT ? Number(env.PORT) : await freePort()
  const child = spawn(process.execPath, ['src/main/api.ts'], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      process.removeListener('exit', kill)
      resolve(code)
    }),
  )
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    void ended.then((code) => reject(new Error(`the API ended with ${code}:\n${output}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    process: child,
    output: () => output,
    ended,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}
