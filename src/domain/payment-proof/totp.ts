// TOTP as a customer's payment factor: set up, confirmed, used up, taken away.
// Must stay true: a step's code counts once, in all processes together; a confirmed secret is never replaced or shown.

import { after, minutes } from '../../base/clock.ts'
import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'
import { newTotpSecret, type TotpSecret, totpStep } from '../totp-code.ts'
import type { Payer } from './payment-factors.ts'

export const TOTP_TRIES = 5
const LOCK = minutes(30)

const context = ({ bookId, personId }: Payer) => `totp ${bookId} ${personId}`
export const sealedTotp: SealedColumn = {
  table: 'payment_factors',
  column: 'totp_sealed',
  key: { person_id: 'uuid' },
  context: (bookId, personId = '') => context({ bookId, personId }),
}

/** Makes a secret to be confirmed. Refuses (`TOTPAlreadyEnabled`) to touch a confirmed one. */
export async function setUpTotp(bank: Bank, actor: Actor): Promise<TotpSecret> {
  const made = newTotpSecret(`U${actor.personNo}`)
  const sealed = seal(bank.keys.personal, made.secret, context(actor))
  const stored = await bank.db.query(
    'totp-set-up',
    `update payment_factors set totp_sealed = $3, totp_last_step = 0
     where book_id = $1 and person_id = $2 and totp_confirmed_at is null returning 1`,
    [actor.bookId, actor.personId, sealed],
  )
  if (stored.length === 0) throw new Refusal('TOTPAlreadyEnabled')
  return made
}

interface TotpRow {
  totp_sealed: Buffer | null
  confirmed: boolean
  totp_wrong: number
  totp_locked_until: Date | null
}

async function readTotp(q: Queries, { bookId, personId }: Payer): Promise<TotpRow | undefined> {
  const [row] = await q.query<TotpRow>(
    'totp-read',
    `select totp_sealed, totp_confirmed_at is not null as confirmed, totp_wrong, totp_locked_until
     from payment_factors where book_id = $1 and person_id = $2`,
    [bookId, personId],
  )
  return row
}

/** A secret that was set up and is not confirmed yet, and the step of a code of it that was used up. */
interface ProvenSetUp {
  sealed: Buffer
  step: bigint
}

/** Uses a code of the secret that was set up. Not in a transaction: the try counts, whatever becomes of the rest. */
export async function proveTotpSetUp(bank: Bank, actor: Actor, code: string): Promise<ProvenSetUp> {
  const row = await readTotp(bank.db, actor)
  if (row?.confirmed) throw new Refusal('TOTPAlreadyEnabled')
  if (!row?.totp_sealed) throw new Refusal('TOTPNotSetUp')
  return { sealed: row.totp_sealed, step: await useStep(bank, actor, row, code) }
}

/** Confirms the very secret that was proven; refuses (`TOTPWrong`) when there is another one or another code by now. */
export async function confirmTotp(bank: Bank, tx: Tx, actor: Actor, { sealed, step }: ProvenSetUp): Promise<void> {
  const confirmed = await tx.query(
    'totp-confirm',
    `update payment_factors set totp_confirmed_at = $4
     where book_id = $1 and person_id = $2 and totp_sealed = $3 and totp_confirmed_at is null and totp_last_step = $5 returning 1`,
    [actor.bookId, actor.personId, sealed, bank.clock.now(), step],
  )
  if (confirmed.length === 0) throw new Refusal('TOTPWrong')
}

/** Uses a code up. Refuses `TOTPNotSetUp`, `TOTPWrong`, and `RateLimited` after too many wrong ones. */
export async function useTotp(bank: Bank, payer: Payer, code: string): Promise<void> {
  const row = await readTotp(bank.db, payer)
  if (!row?.totp_sealed || !row.confirmed) throw new Refusal('TOTPNotSetUp')
  await useStep(bank, payer, row, code)
}

async function useStep(bank: Bank, payer: Payer, row: TotpRow, code: string): Promise<bigint> {
  const now = bank.clock.now()
  // paid for before it is looked at: hundreds of guesses at once get no more tries than one after the other
  await payForTry(bank, payer, now)
  const secret = unseal(bank.keys.personal, row.totp_sealed ?? Buffer.of(), context(payer))
  const step = totpStep(secret, code, now)
  if (step === undefined) throw new Refusal('TOTPWrong')
  const used = await bank.db.query(
    'totp-use',
    `update payment_factors set totp_last_step = $3, totp_wrong = 0, totp_locked_until = null
     where book_id = $1 and person_id = $2 and totp_last_step < $3 and totp_sealed = $4 returning 1`,
    [payer.bookId, payer.personId, step, row.totp_sealed],
  )
  if (used.length > 0) return step
  await giveTryBack(bank, payer) // a repeat of a right code is no guess
  throw new Refusal('TOTPWrong', { used: true, reason: 'this code was already used' })
}

async function payForTry(bank: Bank, { bookId, personId }: Payer, now: Date): Promise<void> {
  const paid = await bank.db.query(
    'totp-try',
    `update payment_factors set
       totp_wrong = case when totp_locked_until is null then totp_wrong + 1 else 1 end,
       totp_locked_until = case when totp_locked_until is null and totp_wrong + 1 >= $4 then $5::timestamptz end
     where book_id = $1 and person_id = $2 and (totp_locked_until is null or totp_locked_until <= $3)
     returning 1`,
    [bookId, personId, now, TOTP_TRIES, after(now, LOCK)],
  )
  if (paid.length > 0) return
  const until = (await readTotp(bank.db, { bookId, personId }))?.totp_locked_until ?? now
  const wait = Math.ceil((until.getTime() - now.getTime()) / 1000)
  throw new Refusal('RateLimited', { retryAfter: Math.max(1, wait), reason: 'too many wrong TOTP codes' })
}

async function giveTryBack(bank: Bank, { bookId, personId }: Payer): Promise<void> {
  await bank.db.query(
    'totp-give-back',
    `update payment_factors set totp_wrong = greatest(totp_wrong - 1, 0), totp_locked_until = null
     where book_id = $1 and person_id = $2`,
    [bookId, personId],
  )
}

/** Takes the second factor away. Refuses (`TOTPNotSetUp`) when there is none. */
export async function removeTotp(tx: Tx, { bookId, personId }: Payer): Promise<void> {
  const removed = await tx.query(
    'totp-remove',
    `update payment_factors set totp_sealed = null, totp_confirmed_at = null, totp_wrong = 0, totp_locked_until = null
     where book_id = $1 and person_id = $2 and totp_confirmed_at is not null returning 1`,
    [bookId, personId],
  )
  if (removed.length === 0) throw new Refusal('TOTPNotSetUp')
}
