// The seed's keys, in memory: the accounts of deposit addresses and hot wallets of both families, and the key port over
// them. Must stay true: the seed itself, the master key and the cold account's key are wiped as soon as these are derived;
// private keys leave this file in no form; what can be shown (public keys, fingerprint) spends nothing.

import { HDKey } from '@scure/bip32'
import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { sha256 } from '../base/crypto.ts'
import { assert } from '../base/errors.ts'
import { type KeyPort, type Signature, signWithKey } from './key-port.ts'
import { hasSeed, KeystoreError, readWords, storeWords } from './seed-file.ts'
import { accountPath, addressOf, type Family } from './wallet-address.ts'

export interface Keystore {
  readonly keys: KeyPort
  /** Extended public key of an account: whoever has it can derive addresses below it, and spend nothing. */
  publicKeyAt(account: string): string
  /** Tells seeds apart and gives nothing away of them. */
  readonly fingerprint: string
  /** The sandbox's cold wallet, which in production is no wallet of this seed. */
  coldAddress(family: Family): string
  /** Wipes the private keys; it cannot sign any more. */
  close(): void
}

/** Opens the keystore in `dir`, making it when there is none. `now` is only noted in a new file. */
export function openKeystore(dir: string, passphrase: string, now: Date): Keystore {
  if (!hasSeed(dir)) {
    try {
      storeWords(dir, passphrase, newWords(), now)
    } catch (error) {
      if (!hasSeed(dir)) throw error // else another process made one just now, and that one counts
    }
  }
  return keystoreOf(readWords(dir, passphrase))
}

export const newWords = (): string => generateMnemonic(wordlist, 256)

/** Words as people type them; refused when they are no 24 words of BIP-39 with the right checksum. */
export function wordsFrom(text: string): string {
  const words = text.normalize('NFKD').trim().toLowerCase().split(/\s+/)
  if (words.length !== 24) throw new KeystoreError(`a backup has 24 words, these are ${words.length}`)
  const unknown = words.findIndex((word) => !wordlist.includes(word))
  if (unknown >= 0) throw new KeystoreError(`word ${unknown + 1} is not in the list of BIP-39`)
  if (!validateMnemonic(words.join(' '), wordlist)) {
    throw new KeystoreError('the checksum is wrong: a word is another one, or two have changed places')
  }
  return words.join(' ')
}

const HARDENED = 0x8000_0000

/** Steps down a path and wipes every key on the way but the first and the last. */
function descend(root: HDKey, path: string): HDKey {
  let key = root
  for (const step of path.replace(/^m\//, '').split('/')) {
    const index = Number.parseInt(step, 10) + (step.endsWith("'") ? HARDENED : 0)
    const next = key.deriveChild(index)
    if (key !== root) key.wipePrivateData()
    key = next
  }
  return key
}

const KEY_PATH = /^(m\/44'\/(?:60|195)'\/[01]')\/(0|[1-9]\d{0,9})\/(0|[1-9]\d{0,9})$/

export function keystoreOf(words: string): Keystore {
  const seed = mnemonicToSeedSync(words)
  const root = HDKey.fromMasterSeed(seed)
  seed.fill(0)
  const families = ['evm', 'tron'] as const
  const cold = new Map<Family, string>()
  const accounts = new Map<string, HDKey>()
  for (const family of families) {
    const { deposit, hot } = accountPath[family]
    for (const account of [deposit, hot]) accounts.set(account, descend(root, account))
    const key = descend(root, `${accountPath[family].cold}/0/0`)
    cold.set(family, addressOf(family, publicKeyOf(key)))
    key.wipePrivateData()
  }
  root.wipePrivateData()

  const accountAt = (path: string): HDKey => {
    const account = accounts.get(path)
    assert(account, `${path} is no account of the keystore`)
    return account
  }
  const publicKeys = new Map<string, Uint8Array>()
  /** Hot wallets sign all the time, and their account's key is here anyway. */
  const hot = new Map<string, HDKey>()
  /** The key at a path, for this one use. */
  function withKey<T>(path: string, use: (key: HDKey) => T): T {
    const [, account = '', book = '', index = ''] = KEY_PATH.exec(path) ?? []
    assert(account !== '', `${path} is no path of a wallet`)
    const known = hot.get(path)
    if (known) return use(known)
    const branch = accountAt(account).deriveChild(Number.parseInt(book, 10))
    const key = branch.deriveChild(Number.parseInt(index, 10))
    branch.wipePrivateData()
    const stays = index === '0' && families.some((family) => accountPath[family].hot === account)
    if (stays) hot.set(path, key)
    try {
      return use(key)
    } finally {
      if (!stays) key.wipePrivateData()
    }
  }
  function publicKey(path: string): Uint8Array {
    const known = publicKeys.get(path) ?? withKey(path, publicKeyOf)
    if (publicKeys.size > 10_000) publicKeys.clear()
    publicKeys.set(path, known)
    return known
  }
  const publicKeyAt = (account: string) => accountAt(account).publicExtendedKey
  const all = [...accounts.keys()].map(publicKeyAt).join('\n')

  return {
    publicKeyAt,
    fingerprint: sha256(all)
      .toString('hex')
      .slice(0, 32)
      .replace(/.{4}(?=.)/g, '$&-'),
    coldAddress: (family) => cold.get(family) ?? '',
    close() {
      for (const key of [...accounts.values(), ...hot.values()]) key.wipePrivateData()
      accounts.clear()
      hot.clear()
    },
    keys: {
      publicKey: async (path) => publicKey(path),
      sign: async (path, digest) => withKey(path, (key) => signWith(key, digest)),
    },
  }
}

function publicKeyOf({ publicKey }: HDKey): Uint8Array {
  assert(publicKey, 'a key has a public half')
  return publicKey
}

function signWith({ privateKey }: HDKey, digest: Uint8Array): Signature {
  assert(privateKey, 'the keystore is closed')
  try {
    return signWithKey(privateKey, digest)
  } finally {
    privateKey.fill(0) // a copy of its own
  }
}
