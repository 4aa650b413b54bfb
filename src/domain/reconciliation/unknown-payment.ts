// Tokens that left an address of ours in a transaction that we never signed: the worst that custody can see.
// Must stay true: every transaction of ours is stored before it is sent, so an unknown one is not ours at whatever moment
// it is seen. Money out on the network stops at once. What the cold wallet sends is signed elsewhere and is none of these.

import type { Database } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { housePurposes } from '../chain/house-address.ts'
import type { Network } from '../chain/network.ts'
import { unknownTransactions } from '../chain-payment/moved-by-block.ts'
import type { BlockHeader, TokenTransfer } from '../ports.ts'
import { openBreak } from './break.ts'

/** `left`: transfers of the network's token from addresses of ours, as a block has them. */
export async function tellUnknownPayments(
  db: Database,
  bookId: number,
  network: Network,
  block: BlockHeader,
  left: readonly TokenTransfer[],
  at: Date,
): Promise<void> {
  if (left.length === 0) return
  const purposes = await housePurposes(db, bookId, network.family, [...new Set(left.map(({ from }) => from))])
  const ours = left.filter(({ from }) => purposes.get(from) !== 'cold')
  const unknown = new Set(
    await unknownTransactions(db, bookId, network.code, [...new Set(ours.map(({ txHash }) => txHash))]),
  )
  for (const { txHash, from, to, value } of ours) {
    if (!unknown.has(txHash)) continue
    const amount = formatAmount(value, network.decimals)
    await db.transaction((tx) =>
      openBreak(
        tx,
        bookId,
        network.code,
        {
          kind: 'unknown_payment',
          subject: `${txHash} ${from}`,
          asset: 'USDT',
          expected: 0n,
          found: value,
          block: block.number,
          detail: `${amount} USDT went from ${from} to ${to} in ${txHash}, which we did not sign`,
        },
        at,
      ),
    )
  }
}
