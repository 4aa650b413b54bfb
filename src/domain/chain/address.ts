// Addresses: how they are read, compared, shown and derived. Canonical is EVM in lower case, TRON in base58.
// Must stay true: what is read here is exactly an address of the family that was asked for, to the letter, or refused;
// nothing is trimmed, converted or guessed, as money sent to a guess is gone.

import { ECDH } from 'node:crypto'
import { createBase58check } from '@scure/base'
import { HDKey } from '@scure/bip32'
import { publicKeyToAddress } from 'viem/accounts'
import { getAddress } from 'viem/utils'
import { sha256 } from '../../base/crypto.ts'
import { Refusal } from '../../base/errors.ts'
import type { Network } from './network.ts'

export type Family = Network['family']

/** First of a TRON address's 21 bytes. That of its old test network, 0xa0, is another. */
const TRON = 0x41
const base58check = createBase58check(sha256)

/** As customers and explorers write it: EVM addresses with EIP-55's capitals. */
export const showAddress = (network: Pick<Network, 'family'>, address: string): string =>
  network.family === 'evm' ? getAddress(address as `0x${string}`) : address

/** The 20 bytes behind a canonical address, in hex: the same key has the same ones in both families. */
export const addressBytes = (address: string): string =>
  address.startsWith('0x') ? address.slice(2) : Buffer.from(base58check.decode(address)).subarray(1).toString('hex')

/** The address that these 20 bytes make in a family. */
export const addressOfBytes = (family: Family, bytes: string): string =>
  family === 'evm' ? `0x${bytes}` : base58check.encode(Buffer.concat([Buffer.of(TRON), Buffer.from(bytes, 'hex')]))

/** What is wrong with a text as an address of the family; else its canonical form. */
export function parseAddress(family: Family, text: string): { address: string } | { wrong: string } {
  return family === 'evm' ? parseEvm(text) : parseTron(text)
}

function parseEvm(text: string): { address: string } | { wrong: string } {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return { wrong: formOf(text, 'evm') ?? '0x and 40 hexadecimal digits' }
  const digits = text.slice(2)
  const address = text.toLowerCase()
  // one case throughout carries no checksum; mixed case is one, and a letter of the wrong case a wrong address
  const plain = digits === digits.toLowerCase() || digits === digits.toUpperCase()
  if (!plain && getAddress(address as `0x${string}`) !== text) return { wrong: 'its checksum (EIP-55) does not fit' }
  return { address }
}

function parseTron(text: string): { address: string } | { wrong: string } {
  if (!/^T[1-9A-HJ-NP-Za-km-z]{33}$/.test(text)) return { wrong: formOf(text, 'tron') ?? 'T and 33 letters and digits' }
  try {
    const bytes = base58check.decode(text)
    if (bytes.length === 21 && bytes[0] === TRON) return { address: text }
  } catch {
    // another checksum
  }
  return { wrong: 'its checksum does not fit' }
}

/** What it looks like, when that is an address of something else. */
function formOf(text: string, wanted: Family): string | undefined {
  if (wanted !== 'evm' && /^0x[0-9a-fA-F]{40}$/.test(text)) return 'this is an address of an EVM network'
  if (wanted !== 'tron' && /^T[1-9A-HJ-NP-Za-km-z]{33}$/.test(text)) return 'this is a TRON address'
  if (/^(0x)?41[0-9a-fA-F]{40}$/.test(text)) return 'write a TRON address in base58, beginning with T'
  if (/^(bc1|[13])[0-9A-Za-z]{25,62}$/.test(text)) return 'this is a Bitcoin address'
  if (/^XE[0-9]{2}[0-9A-Z]{30,31}$/i.test(text)) return 'write the address with 0x, not as ICAP'
  return undefined
}

/** Refuses (`AddressInvalid`) what is no address of the network, and answers with its canonical form. */
export function readAddress(network: Pick<Network, 'family'>, text: string, pointer = '/to_address'): string {
  const parsed = parseAddress(network.family, text)
  if ('wrong' in parsed) throw new Refusal('AddressInvalid', { pointer, reason: parsed.wrong })
  return parsed.address
}

/** Tokens' contracts on the real networks, also where this installation uses another one. */
const knownContracts = [
  '0xdac17f958d2ee523a2206206994597c13d831ec7',
  '0x55d398326f99059ff775485246999027b3197955',
  'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t',
  '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48', // USDC
  '0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d', // USDC on BSC
  'TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8', // USDC on TRON
].map(addressBytes)
/** What wallets write where a coin stands in the place of a token. */
const placeholders = ['ee'.repeat(20), 'ff'.repeat(20)]

/** Why nobody can have the key of an address, or nothing when somebody may. */
export function nobodysAddress(networks: readonly Network[], address: string): string | undefined {
  const bytes = addressBytes(address)
  // the zero address, precompiled and system contracts, 0x…dEaD: sixteen zero bytes are no hash of a key
  if (bytes.startsWith('0'.repeat(32))) return 'an address of the network itself'
  if (placeholders.includes(bytes)) return 'a placeholder, not an address'
  const isToken =
    knownContracts.includes(bytes) ||
    networks.some(({ family, contract }) => addressOfBytes(family, bytes) === contract)
  return isToken ? 'the contract of a token: what is sent to it is lost' : undefined
}

/** The address m/…/<book − 1>/<index> below an extended public key, canonical. No two books share one. */
export function deriveAddress(family: Family, xpub: string, bookId: number, index: number): string {
  const { publicKey } = branchOf(xpub, bookId).deriveChild(index)
  if (!publicKey) throw new Error('an extended public key has no public key')
  const full = ECDH.convertKey(publicKey, 'secp256k1', undefined, 'hex', 'uncompressed') as string
  return addressOfBytes(family, publicKeyToAddress(`0x${full}`).slice(2).toLowerCase())
}

const branches = new Map<string, HDKey>()
function branchOf(xpub: string, bookId: number): HDKey {
  const name = `${xpub} ${bookId}`
  const branch = branches.get(name) ?? HDKey.fromExtendedKey(xpub).deriveChild(bookId - 1)
  branches.set(name, branch)
  return branch
}
