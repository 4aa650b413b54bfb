// An operator says that what an address holds is so: tokens that its issuer destroyed, coin that was taken. From then on it
// is compared with that. Must stay true: nothing moves in the books by this; they are corrected by an adjustment of its own,
// and say so as long as they are not.

import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { type Break, breakById } from './break.ts'

/** Refuses `NotFound` what is not open, and `InvalidParams` what cannot be accepted: it has to be put right. */
export async function acceptBreak(bank: Bank, bookId: number, id: string, by: string, reason: string): Promise<Break> {
  if (reason.trim() === '') throw new Refusal('InvalidParams', { pointer: '/reason', reason: 'say why' })
  return bank.db.transaction(async (tx) => {
    const one = isId(id) ? await breakById(tx, bookId, id) : undefined
    if (!one || one.closed_at !== null) throw new Refusal('NotFound')
    if (one.kind !== 'balance_off' && one.kind !== 'coin_short') {
      throw new Refusal('InvalidParams', { pointer: '/id', reason: `${one.kind} has to be put right, not accepted` })
    }
    const column = one.kind === 'coin_short' ? 'coin_accepted' : 'accepted'
    await tx.query(
      `break-accept-${column}`,
      `insert into chain_balances as b (book_id, network, address, owner, ${column}) values ($1, $2, $3, 'hot', $4)
       on conflict (book_id, network, address) do update set ${column} = b.${column} + excluded.${column}`,
      [bookId, one.network, one.subject, one.off],
    )
    await tx.query('break-accept', 'update reconciliation_breaks set accepted = $3 where book_id = $1 and id = $2', [
      bookId,
      id,
      `${by}: ${reason}`,
    ])
    return { ...one, accepted: `${by}: ${reason}` }
  })
}
