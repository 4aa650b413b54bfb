// TRON's addresses: 21 bytes that begin with 0x41, as hexadecimal digits or, for people, in Base58 with a checksum.
// Inside the node an address is its last 20 bytes in lower-case hex, which is what the virtual machine and the logs use.

import { keccak_256 } from '@noble/hashes/sha3.js'
import { createBase58check } from '@scure/base'
import { sha256 } from '../../src/base/crypto.ts'

const base58 = createBase58check(sha256)

export const toBase58 = (address: string): string => base58.encode(Buffer.from(`41${address}`, 'hex'))

/** T…, 41…, and what EVM tools write: 0x and 20 or 21 bytes. Nothing when it is no address. */
export function parseAddress(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  const hex = /^(?:0x)?41([0-9a-fA-F]{40})$/.exec(text)?.[1] ?? /^0x([0-9a-fA-F]{40})$/.exec(text)?.[1]
  if (hex !== undefined) return hex.toLowerCase()
  if (!/^T[1-9A-HJ-NP-Za-km-z]{33}$/.test(text)) return undefined
  try {
    const bytes = Buffer.from(base58.decode(text))
    return bytes.length === 21 && bytes[0] === 0x41 ? bytes.subarray(1).toString('hex') : undefined
  } catch {
    return undefined // another checksum
  }
}

export const keccak = (bytes: Uint8Array): Buffer => Buffer.from(keccak_256(bytes))

/** The address of an uncompressed public key. */
export const addressOfKey = (publicKey: Uint8Array): string => lastTwenty(keccak(publicKey.subarray(1)))

/** Where the contract of a deployment comes to stand: known before it is sent. */
export const contractAddressOf = (transactionId: string, owner: string): string =>
  lastTwenty(keccak(Buffer.from(`${transactionId}41${owner}`, 'hex')))

export const lastTwenty = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(-20)).toString('hex')
