// The seed of every key, on disk: 24 words of BIP-39, sealed with AES-256-GCM under a key that Argon2id makes of the
// passphrase. Made once, at the first start. Must stay true: it is never overwritten; a wrong passphrase or a changed
// byte is refused; the seed leaves this module only as keys, private ones only inside the signer's process.

import { argon2Sync } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { HDKey } from '@scure/bip32'
import { generateMnemonic, mnemonicToSeedSync } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { randomToken, seal, unseal } from '../base/crypto.ts'

export class KeystoreError extends Error {}

export interface Keystore {
  /** Extended public key at a path: whoever has it can derive addresses below it, and spend nothing. */
  publicKeyAt(path: string): string
}

/**
 * An account's path ends in a hardened step, so that nothing below it leads back up. Below the accounts for deposits come
 * `<book − 1>/<index>`, below the hot wallets' `<book − 1>/0`. `cold` is the sandbox's alone: a real one is kept elsewhere.
 */
export const accountPath = {
  evm: { deposit: "m/44'/60'/0'", hot: "m/44'/60'/1'", cold: "m/44'/60'/2'" },
  tron: { deposit: "m/44'/195'/0'", hot: "m/44'/195'/1'", cold: "m/44'/195'/2'" },
} as const

interface File {
  version: 1
  kdf: { name: 'argon2id'; memory: number; passes: number; parallelism: number; nonce: string }
  sealed: string
  made_at: string
}

const CONTEXT = 'unipay keystore'
/** A third of a second and 128 MiB a guess. */
const cost = { memory: 131_072, passes: 3, parallelism: 1 }

/** Opens the keystore in `dir`, making it when there is none. `now` is only noted in a new file. */
export function openKeystore(dir: string, passphrase: string, now: Date): Keystore {
  if (passphrase.length < 12) throw new KeystoreError('the passphrase must have at least 12 characters')
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = path.join(dir, 'seed.json')
  if (!fs.existsSync(file)) makeKeystore(file, passphrase, now)
  const root = HDKey.fromMasterSeed(mnemonicToSeedSync(unsealWords(file, passphrase)))
  return {
    publicKeyAt: (at) => root.derive(at).publicExtendedKey,
  }
}

function makeKeystore(file: string, passphrase: string, now: Date): void {
  const kdf = { name: 'argon2id' as const, ...cost, nonce: randomToken(16) }
  const words = generateMnemonic(wordlist, 256)
  const content: File = {
    version: 1,
    kdf,
    sealed: seal(keyOf(passphrase, kdf), words, CONTEXT).toString('base64'),
    made_at: now.toISOString(),
  }
  writeOnce(file, `${JSON.stringify(content, null, 2)}\n`)
}

function unsealWords(file: string, passphrase: string): string {
  let content: File
  try {
    content = JSON.parse(fs.readFileSync(file, 'utf8')) as File
  } catch {
    throw new KeystoreError(`${file} cannot be read`)
  }
  if (content.version !== 1 || content.kdf?.name !== 'argon2id') {
    throw new KeystoreError(`${file} is of another version; start the release that made it`)
  }
  try {
    return unseal(keyOf(passphrase, content.kdf), Buffer.from(content.sealed, 'base64'), CONTEXT)
  } catch {
    throw new KeystoreError(`${file} does not open with this passphrase (KEYSTORE_PASSPHRASE)`)
  }
}

const keyOf = (passphrase: string, { memory, passes, parallelism, nonce }: File['kdf']) =>
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

/** Whole, on disk, and only if nobody was first: then what stands counts. */
function writeOnce(file: string, text: string): void {
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
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    fs.rmSync(half)
  }
  const folder = fs.openSync(path.dirname(file), 'r')
  fs.fsyncSync(folder)
  fs.closeSync(folder)
}
