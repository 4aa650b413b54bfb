// Starts the real launcher, as `npm start` does, in a data folder of its own, and watches what it says.

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../sandbox/free-port.ts'
import { sleep } from '../../src/base/clock.ts'
import { type RunFile, readRunFile } from '../../src/main/claim-folder.ts'

const root = path.join(import.meta.dirname, '../..')

export interface Launcher {
  readonly base: string
  readonly dataDir: string
  readonly pid: number
  output(): string
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>
  /** Resolves when it says that it is up; rejects with its output when it ends instead. */
  readonly up: Promise<void>
  run(): RunFile
  /** As Ctrl-C does. */
  interrupt(): Promise<number | null>
}

/** A temporary data folder. As root, PostgreSQL runs as another user, who must be able to pass. */
export function temporaryFolder(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-start-'))
  fs.chmodSync(dir, 0o711)
  return dir
}

const inherited = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE'].includes(name),
    ),
  )

export async function launch(
  settings: Record<string, string> = {},
  dataDir = temporaryFolder(),
  program = 'src/main/start.ts',
): Promise<Launcher> {
  const port = settings.PORT ?? String(await freePort())
  const child: ChildProcess = spawn(process.execPath, [program], {
    cwd: root,
    env: { ...inherited(), PORT: port, DATA_DIR: dataDir, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const up = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes('UniPay is up.')) resolve()
      })
    }
    void ended.then(() => reject(new Error(`the launcher ended:\n${output}`)))
  })
  up.catch(() => {}) // those that wait for the end do not ask
  return {
    base: `http://127.0.0.1:${port}`,
    dataDir,
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    up,
    run() {
      const run = readRunFile(dataDir)
      if (!run) throw new Error('there is no run.json')
      return run
    },
    interrupt() {
      child.kill('SIGINT')
      return ended
    },
  }
}

export async function launchUp(settings?: Record<string, string>, dataDir?: string): Promise<Launcher> {
  const launcher = await launch(settings, dataDir)
  await launcher.up
  return launcher
}

/** Processes of this data folder that still run: the launcher's children, and theirs. */
export function processesOf(dataDir: string): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && readProc(pid, 'status').includes('VmRSS') && mentions(pid, dataDir))
}

const mentions = (pid: number, text: string) =>
  readProc(pid, 'environ').includes(text) || readProc(pid, 'cmdline').includes(text)

function readProc(pid: number, name: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  patience = 15_000,
): Promise<number> {
  const began = performance.now()
  for (;;) {
    if (
      await Promise.resolve()
        .then(holds)
        .catch(() => false)
    )
      return performance.now() - began
    if (performance.now() - began > patience) throw new Error(`not within ${patience / 1000} s: ${what}`)
    await sleep(50)
  }
}
