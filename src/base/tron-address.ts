// TRON's addresses: 20 bytes behind the prefix 0x41, written in Base58 with a checksum (T…). That text is the canonical form
// everywhere in the bank; hex is used only towards nodes and the virtual machine.
// Must stay true: what does not read back to exactly the same text is no address.

import { createBase58check } from '@scure/base'
import { sha256 } from './crypto.ts'

const base58 = createBase58check(sha256)

/** The address of 20 bytes, given as hex with or without 0x. */
export function tronAddress(hex20: string): string {
  const hex = hex20.replace(/^0x/, '')
  if (!/^[0-9a-fA-F]{40}$/.test(hex)) throw new Error('an address is made of 20 bytes')
  return base58.encode(Buffer.from(`41${hex}`, 'hex'))
}

/** Its 20 bytes as lower-case hex without 0x; nothing when the text is no TRON address. */
export function tronAddressHex(text: string): string | undefined {
  if (!/^T[1-9A-HJ-NP-Za-km-z]{33}$/.test(text)) return undefined
  try {
    const bytes = Buffer.from(base58.decode(text))
    return bytes.length === 21 && bytes[0] === 0x41 ? bytes.subarray(1).toString('hex') : undefined
  } catch {
    return undefined // the checksum is another one
  }
}
