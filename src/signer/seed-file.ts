// The seed of every key, on disk: 24 words of BIP-39, sealed with AES-256-GCM under a key that Argon2id makes of the
// passphrase. Made once. Must stay true: it is never overwritten but by a change of the passphrase, and then the file
// before it stays until the new one was opened; a wrong passphrase or a changed byte is refused.

import { argon2Sync } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { randomToken, seal, unseal } from '../base/crypto.ts'

export class KeystoreError extends Error {}

interface Kdf {
  name: 'argon2id'
  memory: number
  passes: number
  parallelism: number
  nonce: string
}

interface SeedFile {
  version: 1
  kdf: Kdf
  sealed: string
  made_at: string
}

const CONTEXT = 'unipay keystore'
/** A third of a second and 128 MiB a guess. A file says its own, so that this can be raised. */
const usualCost = { memory: 131_072, passes: 3, parallelism: 1 }
const LEAST = 12

const fileIn = (dir: string) => path.join(dir, 'seed.json')
/** What a change of the passphrase leaves until the new file was opened. */
const formerIn = (dir: string) => path.join(dir, 'seed.former.json')

export const hasSeed = (dir: string): boolean => fs.existsSync(fileIn(dir))

/** Writes a new file; refuses when there is one. */
export function storeWords(dir: string, passphrase: string, words: string, now: Date, cost = usualCost): void {
  requireStrength(passphrase)
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (!writeOnce(fileIn(dir), contentOf(passphrase, words, now, cost))) {
    throw new KeystoreError(`${fileIn(dir)} is there already; a seed is never overwritten`)
  }
}

export function readWords(dir: string, passphrase: string): string {
  requireStrength(passphrase)
  const words = unsealFile(fileIn(dir), passphrase)
  fs.rmSync(formerIn(dir), { force: true })
  return words
}

/** The same words, which it answers with, under another passphrase. A crash leaves the old file or the new one, whole. */
export function changePassphrase(dir: string, before: string, after: string, now: Date): string {
  requireStrength(after)
  const file = fileIn(dir)
  const words = unsealFile(file, before)
  const next = `${file}.next`
  fs.rmSync(next, { force: true }) // a crash's
  writeOnce(next, contentOf(after, words, now, usualCost))
  if (unsealFile(next, after) !== words) throw new KeystoreError('the new file does not hold the same words')
  fs.rmSync(formerIn(dir), { force: true })
  fs.linkSync(file, formerIn(dir))
  fs.renameSync(next, file)
  syncFolder(dir)
  return words
}

const requireStrength = (passphrase: string) => {
  if (passphrase.length < LEAST) throw new KeystoreError(`the passphrase must have at least ${LEAST} characters`)
}

function contentOf(passphrase: string, words: string, now: Date, cost: typeof usualCost): string {
  const kdf: Kdf = { name: 'argon2id', ...cost, nonce: randomToken(16) }
  const key = keyOf(passphrase, kdf)
  const content: SeedFile = {
    version: 1,
    kdf,
    sealed: seal(key, words, CONTEXT).toString('base64'),
    made_at: now.toISOString(),
  }
  key.fill(0)
  return `${JSON.stringify(content, null, 2)}\n`
}

function unsealFile(file: string, passphrase: string): string {
  let content: SeedFile
  try {
    content = JSON.parse(fs.readFileSync(file, 'utf8')) as SeedFile
  } catch {
    throw new KeystoreError(`${file} cannot be read`)
  }
  if (content.version !== 1 || content.kdf?.name !== 'argon2id') {
    throw new KeystoreError(`${file} is of another version; start the release that made it`)
  }
  try {
    const key = keyOf(passphrase, content.kdf)
    const words = unseal(key, Buffer.from(content.sealed, 'base64'), CONTEXT)
    key.fill(0)
    return words
  } catch {
    throw new KeystoreError(
      `${file} does not open with this passphrase (KEYSTORE_PASSPHRASE); it was sealed on ${content.made_at}`,
    )
  }
}

const keyOf = (passphrase: string, { memory, passes, parallelism, nonce }: Kdf): Buffer =>
  argon2Sync('argon2id', {
    message: passphrase.normalize('NFKC'),
    nonce: Buffer.from(nonce, 'base64url'),
    memory,
    passes,
    parallelism,
    tagLength: 32,
  })

/** The passphrase that a sandbox makes for itself, in a file for its owner only. */
export function ownPassphrase(dir: string): string {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = path.join(dir, 'passphrase')
  if (!fs.existsSync(file)) writeOnce(file, `${randomToken(32)}\n`)
  return fs.readFileSync(file, 'utf8').trim()
}

/** Whole, on disk, and only if nobody was first (then false): what stands counts. */
function writeOnce(file: string, text: string): boolean {
  const half = `${file}.${process.pid}.new`
  const fd = fs.openSync(half, 'w', 0o600)
  try {
    fs.writeFileSync(fd, text)
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
  try {
    fs.linkSync(half, file) // unlike a rename, this fails when the file is there
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    fs.rmSync(half)
    syncFolder(path.dirname(file))
  }
}

function syncFolder(dir: string): void {
  const folder = fs.openSync(dir, 'r')
  fs.fsyncSync(folder)
  fs.closeSync(folder)
}
