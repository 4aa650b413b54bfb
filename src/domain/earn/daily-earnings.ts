// What customers earned on a day with nodes and by commissions, told once the day is over: in the inbox, and by mail to
// those who want it. Must stay true: a customer is told of a day once; what is told is what rows of that day say.

import { after, days } from '../../base/clock.ts'
import type { Queries } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Bank } from '../context.ts'
import { putInInbox } from '../notice/inbox.ts'

interface Earned {
  person_no: bigint
  commissions: bigint
  yields: bigint
}

const AT_ONCE = 500
const { scale } = assets.USDT
const textOf = (units: bigint) => (units === 0n ? '' : formatAmount(units, scale, 2))

/** The next people that earned something on that day and were not told, in order of their numbers. */
const untold = (q: Queries, bookId: number, day: string, afterNo: bigint): Promise<Earned[]> =>
  q.query<Earned>(
    'earnings-untold',
    `select person_no, sum(commissions)::bigint as commissions, sum(yields)::bigint as yields from (
       (select person_no, amount as commissions, 0 as yields from commission_days c
        where book_id = $1 and day = $2::text::date and person_no > $3 and amount > 0 and not exists (
          select from notice_digests d where d.book_id = $1 and d.day = c.day and d.person_no = c.person_no)
        order by person_no limit $4)
       union all
       (select person_no, 0, amount from node_yields y
        where book_id = $1 and day = $2::text::date and person_no > $3 and not exists (
          select from notice_digests d where d.book_id = $1 and d.day = y.day and d.person_no = y.person_no)
        order by person_no limit $4)) e
     group by person_no order by person_no limit $4`,
    [bookId, day, afterNo, AT_ONCE],
  )

/** Tells of the day before this one. Answers how many people. */
export async function tellEarnings(bank: Bank, bookId: number): Promise<number> {
  const at = bank.clock.now()
  const day = after(at, -days(1)).toISOString().slice(0, 10)
  let told = 0
  for (let last = 0n; ; ) {
    const people = await untold(bank.db, bookId, day, last)
    for (const { person_no: personNo, commissions, yields } of people) {
      await bank.db.transaction(async (tx) => {
        const first = await tx.query(
          'earnings-told',
          `insert into notice_digests (book_id, person_no, day) values ($1, $2, $3::text::date)
           on conflict do nothing returning 1`,
          [bookId, personNo, day],
        )
        if (first.length === 0) return
        const words = { day, commissions: textOf(commissions), yields: textOf(yields) }
        const amount = formatAmount(commissions + yields, scale, 2)
        await putInInbox(tx, bookId, personNo, 'earnings_daily', { ...words, amount }, at)
        told++
      })
      last = personNo
    }
    if (people.length < AT_ONCE) return told
  }
}

/** Forgets of which days people were told: only yesterday is ever looked up. */
export const forgetTold = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('earnings-told-forget', 'delete from notice_digests where book_id = $1 and day < $2::timestamptz::date', [
    bookId,
    before,
  ])
