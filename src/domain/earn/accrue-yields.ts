// The daily yield: for each day (UTC) that is over, everybody who held nodes when it began gets their level's rate of what
// they paid for them, into the node account.
//
// A day is a row that says up to whom it is paid; the place moves in the transaction that pays. So the job may run twice,
// late, or be killed half-way: nobody is paid twice and nobody is left out. What is paid does not depend on when it runs:
// holdings count from the day's beginning, level and rates as they were at its end, and missed days are caught up in order.

import type { Queries, Tx } from '../../base/database.ts'
import { assert, isRefusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import { nodeYield } from '../../ledger/node-journals.ts'
import type { Posting } from '../../ledger/posting.ts'
import type { Bank } from '../context.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { settingsAsOf } from '../setting.ts'
import { levels } from './fee-source.ts'
import { levelsAsOf } from './level.ts'
import { productText, shareOf } from './rate.ts'
import { dayAfter, dayOf, startOf } from './utc-day.ts'

const AT_ONCE = 200
const { scale } = assets.USDT

/** Pays every day that is over and not paid, `atOnce` people in a transaction. Answers how many days that were. */
export async function accrueYields(bank: Bank, bookId: number, atOnce = AT_ONCE): Promise<number> {
  let days = 0
  for (;;) {
    const day = await firstDue(bank.db, bookId)
    if (day === undefined || day >= dayOf(bank.clock.now())) return days
    await accrueDay(bank, bookId, day, atOnce)
    days++
  }
}

/** The oldest day that is not paid: the one after the last that is, or after the first purchase. */
async function firstDue(q: Queries, bookId: number): Promise<string | undefined> {
  const [row] = await q.query<{ open: string | null; last: string | null; first: Date | null }>(
    'yield-first-due',
    `select (select min(day)::text from yield_runs where book_id = $1 and finished_at is null) as open,
            (select max(day)::text from yield_runs where book_id = $1) as last,
            (select created_at from node_orders where book_id = $1 order by id limit 1) as first`,
    [bookId],
  )
  const before = row?.last ?? (row?.first ? dayOf(row.first) : undefined)
  return row?.open ?? (before === undefined ? undefined : dayAfter(before))
}

async function accrueDay(bank: Bank, bookId: number, day: string, atOnce: number): Promise<void> {
  const end = startOf(dayAfter(day))
  const settings = await settingsAsOf(bank.db, bookId, end)
  const top = levels.length - 1
  const rateOf = (level: number) => settings.units('yield.rate', `${level < top ? level : top}`)
  for (let more = true; more; )
    more = await bank.db.transaction((tx) => accrueNext(bank, tx, bookId, { day, rateOf, atOnce }))
}

interface Run {
  reached: bigint
  finished_at: Date | null
}

interface Holder {
  person_no: bigint
  nodes: number
  principal: bigint
}

/** The next people of a day, in one transaction. True when there may be more. */
async function accrueNext(
  bank: Bank,
  tx: Tx,
  bookId: number,
  { day, rateOf, atOnce }: { day: string; rateOf: (level: number) => bigint; atOnce: number },
): Promise<boolean> {
  const at = bank.clock.now()
  const [run] = await tx.query<Run>(
    'yield-begin',
    'select reached, finished_at from yield_begin($1, $2::text::date, $3)',
    [bookId, day, at],
  )
  assert(run, 'a day that is begun has its row')
  if (run.finished_at) return false
  const holders = await holdersAt(tx, bookId, startOf(day), run.reached, atOnce)
  const people = holders.map((one) => one.person_no)
  const levelOf = await levelsAsOf(tx, bookId, people, startOf(dayAfter(day)))
  const earned = holders.flatMap((holder) => {
    const level = levelOf.get(holder.person_no) ?? 0
    const rate = rateOf(level)
    const amount = shareOf(holder.principal, rate)
    return amount > 0n ? [{ ...holder, id: newId(), level, rate, amount }] : []
  })
  const outcomes = await applyBatch(
    tx,
    bookId,
    earned.map((one): Posting => {
      const amount = formatAmount(one.amount, scale)
      return {
        bookId,
        journal: nodeYield({
          id: one.id,
          personNo: one.person_no,
          amount: one.amount,
          memo: `${day}: ${productText(one.principal, one.rate)}`,
        }),
        rows: [
          inboxRow(bookId, one.person_no, 'node_yield', { amount, day }, at),
          outboxRow(bookId, one.person_no, 'yield.paid', { id: one.id, amount, day }, at),
        ],
      }
    }),
    false,
  )
  const paid = earned.filter((_, i) => {
    const outcome = outcomes[i]
    if (outcome && !outcome.ok && !isRefusal(outcome.refusal, 'AccountClosed')) throw outcome.refusal
    return outcome?.ok
  })
  const done = holders.length < atOnce
  await tx.query(
    'yield-record',
    `select yield_record($1, $2::text::date, $3, $4, $5, $6::uuid[], $7::bigint[], $8::integer[], $9::bigint[], $10::smallint[],
       $11::bigint[], $12::bigint[], $13)`,
    [
      bookId,
      day,
      run.reached,
      people.at(-1) ?? run.reached,
      done,
      paid.map((one) => one.id),
      paid.map((one) => one.person_no),
      paid.map((one) => one.nodes),
      paid.map((one) => one.principal),
      paid.map((one) => one.level),
      paid.map((one) => one.rate),
      paid.map((one) => one.amount),
      at,
    ],
  )
  return !done
}

/** Who held nodes at an instant, in order of their numbers from after this one. */
const holdersAt = (tx: Tx, bookId: number, at: Date, after: bigint, limit: number): Promise<Holder[]> =>
  tx.query<Holder>(
    'yield-holders',
    `select person_no, sum(quantity)::integer as nodes, sum(total)::bigint as principal from node_orders
     where book_id = $1 and person_no > $2 and created_at < $3 group by person_no order by person_no limit $4`,
    [bookId, after, at, limit],
  )
