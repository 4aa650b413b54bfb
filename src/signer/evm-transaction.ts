// Payments out on EVM chains as signed bytes: EIP-1559, a plain transfer of the coin or the token's transfer(address,uint256).
// Must stay true: the bytes are decoded again and compared with what was meant before anybody gets them; the chain's id is
// in what is signed, so they are worth nothing on another chain.

import { keccak256, parseTransaction, serializeTransaction } from 'viem/utils'
import { assert } from '../base/errors.ts'
import { type KeyPort, signDigest } from './key-port.ts'
import type { EvmTerms } from './read-draft.ts'

type Hex = `0x${string}`

export interface EvmPayment extends EvmTerms {
  chainId: number
  nonce: number
  /** Of the network; used when `asset` is the token. */
  contract: string
  asset: 'token' | 'coin'
  to: string
  value: bigint
}

export interface Signed {
  hash: string
  raw: string
}

const hex = (text: string) => text as Hex
const word = (digits: string) => digits.padStart(64, '0')

/** The call of the token's contract; the same on TRON. `to20`: 20 bytes in hex. */
export const transferCall = (to20: string, value: bigint): Hex =>
  hex(`0xa9059cbb${word(to20)}${word(value.toString(16))}`)

const transactionOf = (payment: EvmPayment) => {
  const { chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = payment
  const common = { type: 'eip1559' as const, chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas }
  return payment.asset === 'coin'
    ? { ...common, to: hex(payment.to), value: payment.value, data: hex('0x') }
    : { ...common, to: hex(payment.contract), value: 0n, data: transferCall(payment.to.slice(2), payment.value) }
}

export async function signEvm(keys: KeyPort, path: string, payment: EvmPayment): Promise<Signed> {
  const transaction = transactionOf(payment)
  const digest = keccak256(serializeTransaction(transaction), 'bytes')
  const { r, s, recovery } = await signDigest(keys, path, digest)
  const part = (n: bigint) => hex(`0x${word(n.toString(16))}`)
  const raw = serializeTransaction(transaction, { r: part(r), s: part(s), yParity: recovery })
  const found = readEvm(raw)
  for (const [name, meant] of Object.entries(transaction)) {
    assert(found[name as keyof EvmFields] === meant, `the signed transaction has another ${name}`)
  }
  return { hash: keccak256(hex(raw)), raw }
}

export interface EvmFields {
  type: string
  chainId: number
  nonce: number
  gas: bigint
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
  to: string
  value: bigint
  data: string
}

/** What a signed transaction says; the decoder leaves out what is zero. */
export function readEvm(raw: string): EvmFields {
  const { type, chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, to, value, data } = parseTransaction(
    hex(raw) as `0x02${string}`,
  )
  return {
    type: type ?? '',
    chainId,
    nonce: nonce ?? 0,
    gas: gas ?? 0n,
    maxFeePerGas: maxFeePerGas ?? 0n,
    maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n,
    to: to ?? '',
    value: value ?? 0n,
    data: data ?? '0x',
  }
}
