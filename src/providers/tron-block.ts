// A block of TRON as a node prints it, taken apart and proven: its id by its header's fields, its root by its transactions
// with their results, a transaction's end by block and receipt together.
// Must stay true: what is returned here was recomputed or compared; anything less is thrown.

import type { BlockHeader } from '../domain/ports.ts'
import { list, type Row, row, UnsoundAnswer } from './answer.ts'
import { blockId, hex, isCall, natural, readTransaction, type TronTransaction, transactionsRoot } from './tron-proof.ts'

export const TRANSFER = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** `bloom`: the root of transactions is not recomputed. */
export type Proof = 'header' | 'bloom'

export interface TronBlock extends BlockHeader {
  readonly root: string
  readonly transactions: readonly TronTransaction[]
}

/** A block's header as it is printed, with the id that its fields give. */
export function readTronHeader(value: unknown): BlockHeader & { readonly root: string } {
  const block = row(value, 'block')
  const raw = row(row(block.block_header, 'header').raw_data, 'header')
  const header = {
    number: natural(raw.number, 'block number'),
    hash: hex(block.blockID, 'block id', 32),
    parentHash: hex(raw.parentHash, 'parent hash', 32),
    minedAt: new Date(natural(raw.timestamp, 'block time')),
    root: hex(raw.txTrieRoot ?? '', 'root of transactions'),
  }
  if (blockId(raw) !== header.hash)
    throw new UnsoundAnswer(`block ${header.number} does not have the id that its fields give`)
  return header
}

export function readTronBlock(value: unknown, proof: Proof): TronBlock {
  const header = readTronHeader(value)
  const transactions = list(row(value, 'block').transactions ?? [], 'transactions').map(readTransaction)
  if (proof === 'header' && transactionsRoot(transactions.map(({ leaf }) => leaf)) !== header.root) {
    throw new UnsoundAnswer(
      `the transactions of block ${header.number} are not those that its header sums up. If they cannot be summed up from what nodes print, set proof to "bloom" in NETWORKS`,
    )
  }
  return { ...header, transactions }
}

/** What nodes answer instead of nothing. */
export const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0

/** A transaction is a success when the block says so and its receipt does; when they differ, the node is not sound. */
export function succeeded({ type, result }: TronTransaction, receipt: Row): boolean {
  const told = row(receipt.receipt ?? {}, 'receipt').result
  const agrees = told === undefined ? !isCall(type) || result === '' : told === result
  if (!agrees || (receipt.result === 'FAILED' && result === 'SUCCESS'))
    throw new UnsoundAnswer(`a receipt says ${String(told)}, its block ${result || 'nothing'}`)
  return result === 'SUCCESS'
}
