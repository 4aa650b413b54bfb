// What the signer wants to see before it pays a withdrawal: a MAC over everything that matters, made where the withdrawal
// was approved. Must stay true: every field that decides who gets what is in it, each told apart by its length; the key is
// known to those who approve (api, worker) and to the signer, never to the database.

import { createHmac } from 'node:crypto'
import { sameBytes } from '../../base/crypto.ts'

export interface Approved {
  bookId: number
  /** The order. */
  id: string
  network: string
  asset: 'token' | 'coin'
  to: string
  /** Chain units that are sent. */
  value: bigint
  /** Ledger units: what the customer pays, the fee included, and the fee. */
  amount: bigint
  fee: bigint
}

export function approvalMac(key: Uint8Array, of: Approved): Buffer {
  const mac = createHmac('sha256', key)
  const fields = ['unipay withdrawal 1', of.bookId, of.id, of.network, of.asset, of.to, of.value, of.amount, of.fee]
  for (const field of fields.map(String)) mac.update(`${Buffer.byteLength(field)}:${field},`)
  return mac.digest()
}

export const isApproved = (key: Uint8Array, of: Approved, mac: Uint8Array): boolean =>
  sameBytes(approvalMac(key, of), mac)
