// Starts the bank's processes, keeps them up, and ends them in reverse order.
// Must stay true: a child that dies is started again with a growing pause; while we stop, nothing is started again;
// each child leads its own process group, so Ctrl-C in the terminal reaches the launcher alone, which decides the order.

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { sleep } from '../base/clock.ts'
import type { ProgressMessage, ReadyMessage } from './child.ts'
import { showChildLine, step } from './terminal.ts'

export interface ChildSpec {
  name: string
  /** The process's program. */
  file: string
  /** What of the environment it must not see: others' secrets. */
  hides?: readonly string[]
  /** What it alone is given. */
  adds?: Readonly<Record<string, string>>
  /** Options of Node itself. */
  node?: readonly string[]
  /** Milliseconds that it may take to end before it is killed. */
  patience: number
  /** Names that it builds on and so may say anew though the user has set them. What else is set counts as it is. */
  extends?: readonly string[]
}

export class ChildFailed extends Error {}

export interface Supervisor {
  /** Starts children side by side and waits until all of them serve. Answers with what all said of themselves so far. */
  start(specs: readonly ChildSpec[]): Promise<Readonly<Record<string, string>>>
  /** Ends all, the last started first. */
  stop(): Promise<void>
}

export interface SupervisorOptions {
  /** Handed to every child. */
  env: Readonly<Record<string, string | undefined>>
  logs: string
  /** Called when a process has come or gone, or a child has said something new of itself. */
  onChange(pids: ReadonlyMap<string, number>, said: Readonly<Record<string, string>>): void
}

const READY_LIMIT = 90_000
const STEADY = 30_000 // a child that ran so long starts again without delay
const LOG_LIMIT = 50_000_000

interface Child {
  spec: ChildSpec
  group: number
  process: ChildProcess | undefined
  /** Has been ready before. */
  served: boolean
  /** What it said of itself when it was ready. */
  said: Record<string, string>
  /** The last lines it wrote on stderr, for when it does not start. */
  tail: string[]
}

export function createSupervisor({ env, logs, onChange }: SupervisorOptions): Supervisor {
  const children: Child[] = []
  let group = 0
  let stopping = false
  fs.mkdirSync(logs, { recursive: true, mode: 0o700 })

  /** A child hears what those before it said, never itself: it must start again as it did the first time. */
  const heard = (before: number): Record<string, string> =>
    Object.assign({}, ...children.filter((child) => child.group < before).map((child) => child.said))

  const changed = () =>
    onChange(
      new Map(children.flatMap(({ spec, process }) => (process?.pid ? [[spec.name, process.pid] as const] : []))),
      heard(group + 1),
    )

  /** Resolves when the child serves; rejects when it ends first or takes too long. */
  function launch(child: Child): Promise<void> {
    const { spec } = child
    child.tail = []
    const seen = Object.entries({ ...env, ...heard(child.group) }).filter(([name]) => !spec.hides?.includes(name))
    const started = spawn(process.execPath, [...(spec.node ?? []), spec.file], {
      env: { ...Object.fromEntries(seen), ...spec.adds },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    })
    child.process = started
    const write = openLog(path.join(logs, `${spec.name}.log`))
    for (const stream of [started.stdout, started.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        write(line)
        if (stream === started.stderr) child.tail = [...child.tail.slice(-24), line]
        if (child.served || line.startsWith('{')) showChildLine(spec.name, line) // else the tail says it, once
      })
    }
    changed()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new ChildFailed(
            `${spec.name} was not ready after ${READY_LIMIT / 1000} s; see ${path.join(logs, `${spec.name}.log`)}`,
          ),
        )
        started.kill('SIGKILL')
      }, READY_LIMIT)
      started.on('message', (message: Partial<ReadyMessage & ProgressMessage>) => {
        if (message.progress !== undefined) step(message.progress)
        if (!message.ready) return
        clearTimeout(timer)
        child.served = true
        const news = Object.entries(message.env ?? {}).filter(([name]) => !env[name] || spec.extends?.includes(name))
        const differs = news.some(([name, value]) => child.said[name] !== value)
        child.said = Object.fromEntries(news)
        if (differs) {
          changed()
          restartLater(child.group)
        }
        resolve()
      })
      started.once('error', reject)
      started.once('exit', (code, signal) => {
        clearTimeout(timer)
        if (child.process === started) child.process = undefined
        reject(new ChildFailed(`${spec.name} ended with ${signal ?? `exit code ${code}`}`))
      })
    })
  }

  /** From its first time of serving on, a child is kept up. */
  async function keepUp(child: Child): Promise<void> {
    let wait = 100
    for (;;) {
      const current = child.process
      const since = Date.now()
      if (current && current.exitCode === null && current.signalCode === null) {
        const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
          current.once('exit', (...how) => resolve(how)),
        )
        if (stopping) return
        showChildLine(child.spec.name, `ended with ${signal ?? `exit code ${code}`}; starting it again`)
        if (Date.now() - since > STEADY) wait = 100
      }
      if (stopping) return
      await sleep(wait)
      wait = Math.min(wait * 2, 5_000)
      if (stopping) return
      await launch(child).catch((error: unknown) => {
        if (!stopping) showChildLine(child.spec.name, error instanceof Error ? error.message : String(error))
      })
    }
  }

  /** What they were told is no longer true. `keepUp` starts them again. */
  function restartLater(than: number): void {
    for (const child of children) if (child.group > than) child.process?.kill('SIGTERM')
  }

  return {
    async start(specs) {
      group++
      const fresh = specs.map((spec): Child => ({ spec, group, process: undefined, served: false, said: {}, tail: [] }))
      children.push(...fresh)
      await Promise.all(
        fresh.map(async (child) => {
          try {
            await launch(child)
          } catch (error) {
            await sleep(50) // its last words may still be on their way
            const said = child.tail.length > 0 ? `:\n${child.tail.join('\n')}` : ''
            throw new ChildFailed(`${error instanceof Error ? error.message : String(error)}${said}`)
          }
          void keepUp(child)
        }),
      )
      return heard(group + 1)
    },
    async stop() {
      stopping = true
      for (let last = group; last > 0; last--) {
        await Promise.all(children.filter((child) => child.group === last).map(end))
      }
    },
  }
}

async function end(child: Child): Promise<void> {
  const running = child.process
  if (!running || running.exitCode !== null || running.signalCode !== null) return
  const gone = new Promise<void>((resolve) => running.once('exit', () => resolve()))
  running.kill('SIGTERM')
  const timer = setTimeout(() => running.kill('SIGKILL'), child.spec.patience)
  await gone
  clearTimeout(timer)
}

/** Appends lines; a file that has grown too large becomes `.1`, and what was `.1` is gone. */
function openLog(file: string): (line: string) => void {
  let size = fs.existsSync(file) ? fs.statSync(file).size : 0
  return (line) => {
    if (size > LOG_LIMIT) {
      fs.renameSync(file, `${file}.1`)
      size = 0
    }
    size += line.length + 1
    fs.appendFileSync(file, `${line}\n`, { mode: 0o600 })
  }
}
