// From a key to an address, worked out here and nowhere looked up: EVM in lower case, TRON in base58 with its checksum.
// Must stay true: the signer pays from and to addresses of the house only when this file derives them from its own keys.

import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak256 } from 'viem/utils'
import { tronAddress, tronAddressHex } from '../base/tron-address.ts'
import type { KeyPort } from './key-port.ts'

export type Family = 'evm' | 'tron'

/**
 * An account's path ends in a hardened step, so that nothing below it leads back up. Below the accounts for deposits come
 * `<book − 1>/<index>`, below the hot wallets' `<book − 1>/0`. `cold` is the sandbox's alone: a real one is kept elsewhere.
 */
export const accountPath = {
  evm: { deposit: "m/44'/60'/0'", hot: "m/44'/60'/1'", cold: "m/44'/60'/2'" },
  tron: { deposit: "m/44'/195'/0'", hot: "m/44'/195'/1'", cold: "m/44'/195'/2'" },
} as const

/** The key of a deposit address, or of a book's hot wallet (index 0). */
export const keyPath = (family: Family, purpose: 'deposit' | 'hot', bookId: number, index: number): string =>
  `${accountPath[family][purpose]}/${bookId - 1}/${index}`

/** A public key's address in canonical form. */
export function addressOf(family: Family, publicKey: Uint8Array): string {
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false)
  const last20 = keccak256(point.subarray(1)).slice(-40)
  return family === 'evm' ? `0x${last20}` : tronAddress(last20)
}

/** The 20 bytes that both families make an address of, in hex; undefined when it is none in the family's canonical form. */
export function addressHex(family: Family, address: string): string | undefined {
  if (family === 'tron') return tronAddressHex(address)
  return /^0x[0-9a-f]{40}$/.test(address) ? address.slice(2) : undefined
}

export const addressAt = async (keys: KeyPort, family: Family, path: string): Promise<string> =>
  addressOf(family, await keys.publicKey(path))
