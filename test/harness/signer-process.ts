// The signer as a process of its own (src/main/signer.ts) on a test database, under a login that is only a member of
// unipay_signer, with a keystore made of known words.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { keystoreOf } from '../../src/signer/keystore.ts'
import { storeWords } from '../../src/signer/seed-file.ts'
import type { TestDatabase } from './database.ts'

const root = path.join(import.meta.dirname, '../..')

/** The keystore of every signer in tests. */
export const signerWords = `${'abandon '.repeat(23)}art`
export const signerKeystore = keystoreOf(signerWords)
export const signerPassphrase = 'a passphrase of some length'

export interface SignerProcess {
  readonly process: ChildProcess
  output(): string
  readonly ended: Promise<number | null>
  /** Resolves when it says that it is ready, with what it tells of its keys; rejects when it ends instead. */
  readonly ready: Promise<Record<string, string>>
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Folder with the keystore of the known words, which opens fast. */
export function signerFolder(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-signer-'))
  const cheap = { memory: 1_024, passes: 1, parallelism: 1 }
  storeWords(path.join(dir, 'keystore'), signerPassphrase, signerWords, new Date('2026-01-01T00:00:00Z'), cheap)
  process.once('exit', () => fs.rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A login that is a member of unipay_signer and of nothing else. */
export async function signerLogin({ owner, url }: TestDatabase): Promise<string> {
  const name = `signer_${randomBytes(6).toString('hex')}`
  await owner.query('', `create role ${name} login password '${name}'`)
  await owner.query('', `grant unipay_signer to ${name}`)
  const login = new URL(url)
  login.username = name
  login.password = name
  return login.href
}

/** `env` is all that it gets of configuration. */
export function startSigner(env: Record<string, string>): SignerProcess {
  const child = spawn(process.execPath, ['src/main/signer.ts'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      KEYSTORE_PASSPHRASE: signerPassphrase,
      ...env,
    },
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
  const ready = new Promise<Record<string, string>>((resolve, reject) => {
    child.once('message', (message: { env?: Record<string, string> }) => resolve(message.env ?? {}))
    void ended.then((code) => reject(new Error(`the signer ended with ${code}:\n${output}`)))
  })
  ready.catch(() => {}) // those that wait for the end do not ask
  return {
    process: child,
    output: () => output,
    ended,
    ready,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}
