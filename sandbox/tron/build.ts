// Builds the transactions that clients ask a TRON node for, ready to be signed.
// Must stay true: they refer to a solid block, as on TRON, so that no reorganisation makes them invalid.

import type { TronChain } from './chain.ts'
import type { contractTypes, Fields } from './protobuf.ts'
import { type Query, whole } from './query.ts'
import { draft, readTransaction, type Transaction, transactionToJson } from './transaction.ts'

const LIFE = 60_000

export function build(
  chain: TronChain,
  given: { type: keyof typeof contractTypes; contract: Fields; query: Query },
): Transaction {
  const { type, contract, query } = given
  const memo = String(query.extra_data ?? '')
  const raw = draft({
    type,
    contract,
    refBlock: chain.solid(),
    expiration: chain.head().time + LIFE,
    timestamp: Date.now(),
    feeLimit: BigInt(whole(query, 'fee_limit') ?? 0),
    permission: whole(query, 'Permission_id') ?? 0,
    memo: query.visible === true ? Buffer.from(memo).toString('hex') : memo,
  })
  return readTransaction(raw, [])
}

export const printDraft = (transaction: Transaction, visible: boolean) => ({
  visible,
  ...transactionToJson(transaction, visible),
})
