// What the issuer charges the house for transactions: its statement says so line by line, and the house bears it.
// Must stay true: a line's fee is booked once, and again only by what it grew; customers never pay it.

import type { Queries } from '../../base/database.ts'
import { cardCost } from '../../ledger/card-journals.ts'
import { post } from '../../ledger/post.ts'
import type { Bank } from '../context.ts'
import { lockCardBalance } from './settle-card.ts'

interface Unbooked {
  transaction_id: string
  fee: bigint
  fee_booked: bigint
}

const AT_ONCE = 200

/** Fees that the statement shows and the books do not have; `id`: of this transaction alone. */
const feesUnbooked = (q: Queries, bookId: number, cardId: string, id: string | null = null): Promise<Unbooked[]> =>
  q.query<Unbooked>(
    'card-fees-unbooked',
    `select transaction_id, fee, fee_booked from card_transactions
     where book_id = $1 and card_id = $2 and fee > fee_booked and statement_at is not null
       and ($3::text is null or transaction_id = $3) order by at limit $4`,
    [bookId, cardId, id, AT_ONCE],
  )

/** Books what the statement of a card shows of fees and the books do not have. */
export async function bookCosts(bank: Bank, bookId: number, cardId: string, personNo: bigint): Promise<void> {
  for (const { transaction_id: id } of await feesUnbooked(bank.db, bookId, cardId)) {
    await bank.db.transaction(async (tx) => {
      const balance = await lockCardBalance(tx, bookId, personNo)
      const [row] = await feesUnbooked(tx, bookId, cardId, id)
      if (!row) return
      const journal = cardCost({
        id: balance.id,
        key: `card_cost:${id}:${row.fee}`,
        amount: row.fee - row.fee_booked,
        memo: id,
      })
      await post(tx, { bookId, journal })
      await tx.query(
        'card-fee-booked',
        'update card_transactions set fee_booked = $3 where book_id = $1 and transaction_id = $2',
        [bookId, id, row.fee],
      )
    })
  }
}
