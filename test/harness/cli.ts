// Runs the command line as people do, as a program of its own, and gives back what it printed and how it ended.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { workers } from './ledger.ts'

const root = path.join(import.meta.dirname, '../..')

export interface Ran {
  code: number | null
  out: string
  said: string
  json: Record<string, unknown>
}

export interface RunOptions {
  program?: string[]
  /** What it is given on stdin. */
  input?: string
}

/** `env` is all that it gets of the environment, besides PATH. */
export function runCli(
  args: string[],
  env: Record<string, string>,
  { program = [process.execPath, 'src/main/cli.ts'], input }: RunOptions = {},
): Promise<Ran> {
  const [command = '', ...first] = program
  const child = spawn(command, [...first, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {}) // it may end without reading
  child.stdin.end(input ?? '')
  let out = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  return new Promise((resolve, reject) =>
    child.once('close', (code) => {
      try {
        assert.doesNotMatch(out + said, /\n {4}at /, 'no stack trace')
      } catch (error) {
        reject(error)
      }
      resolve({
        code,
        out,
        said,
        get json() {
          return JSON.parse(out) as Record<string, unknown>
        },
      })
    }),
  )
}

/** Programs take long to start and little to run: a few at a time. */
export async function eachOf<T>(cases: readonly T[], look: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...cases]
  await workers(3, async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await look(one)
  })
}
