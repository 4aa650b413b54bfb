// What a payment is proved by, as one row per person: read on every payment, many persons in one query.
// The person's status is read with it, so that a frozen customer's payment needs no second question.

import { assert } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { PersonStatus } from '../people/people.ts'
import { loaderByBook } from '../per-bank.ts'

export interface Payer {
  bookId: number
  personId: string
}

export interface PaymentFactors {
  status: PersonStatus
  moneyOutHeldUntil: Date | null
  pinHash: Buffer | null
  pinWrong: number
  pinLocks: number
  pinLockedUntil: Date | null
  totpOn: boolean
}

interface FactorsRow {
  person_id: string
  status: PersonStatus
  money_out_held_until: Date | null
  pin_hash: Buffer | null
  pin_wrong: number
  pin_locks: number
  pin_locked_until: Date | null
  totp_on: boolean
}

const load = loaderByBook<string, PaymentFactors>(async (bank, bookId, personIds) => {
  const rows = await bank.db.query<FactorsRow>(
    'payment-factors',
    `select f.person_id, p.status, p.money_out_held_until, f.pin_hash, f.pin_wrong, f.pin_locks, f.pin_locked_until,
       f.totp_confirmed_at is not null as totp_on
     from payment_factors f join people p on p.book_id = f.book_id and p.id = f.person_id
     where f.book_id = $1 and f.person_id = any ($2::uuid[])`,
    [bookId, personIds],
  )
  return new Map(rows.map((row) => [row.person_id, factorsOf(row)]))
})

const factorsOf = (row: FactorsRow): PaymentFactors => ({
  status: row.status,
  moneyOutHeldUntil: row.money_out_held_until,
  pinHash: row.pin_hash,
  pinWrong: row.pin_wrong,
  pinLocks: row.pin_locks,
  pinLockedUntil: row.pin_locked_until,
  totpOn: row.totp_on,
})

/** As they stand now: the query goes out after the call. */
export async function paymentFactors(bank: Bank, { bookId, personId }: Payer): Promise<PaymentFactors> {
  const factors = await load(bank, bookId, personId)
  assert(factors, 'every person has payment factors')
  return factors
}
