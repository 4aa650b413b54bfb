// Payments between customers, and between a customer's own accounts. Source: app document, 站内转账 and 账户.
// One posting each: limits, ledger, order, inbox, outbox and stored answer commit together, in a batch with others.

import type { Queries } from '../base/database.ts'
import { Refusal } from '../base/errors.ts'
import { isId, newId } from '../base/ids.ts'
import { formatAmount, parsePositiveAmount } from '../base/money.ts'
import { assets, personAccount } from '../ledger/accounts.ts'
import { transfer, transferInternal } from '../ledger/journals.ts'
import type { IdempotencyKey, Posting } from '../ledger/posting.ts'
import { type Row, rowTable } from '../ledger/rows.ts'
import type { Actor, Bank } from './context.ts'
import { type Answered, onceByKey } from './idempotency.ts'
import { limits } from './limits.ts'
import { inboxRow } from './notice/inbox.ts'
import { waysOf } from './notice/notice-choice.ts'
import { outboxRow } from './notice/outbox.ts'
import { byCustomer, byCustomerOut, type PaymentProof, type Proving } from './payment-proof/authorize-payment.ts'
import { ownPerson, type Person, personById, personByUid } from './people/people.ts'
import { settingsOf } from './setting.ts'

type TransferRow = {
  book_id: number
  id: string
  from_no: bigint
  to_no: bigint
  to_person: string
  amount: bigint
  fee: bigint
  memo: string
  created_at: Date
}
type InternalTransferRow = {
  book_id: number
  id: string
  person_no: bigint
  from_account: string
  to_account: string
  amount: bigint
  created_at: Date
}

const transfersTable = rowTable<TransferRow>('transfers', {
  book_id: 'integer',
  id: 'uuid',
  from_no: 'bigint',
  to_no: 'bigint',
  to_person: 'uuid',
  amount: 'bigint',
  fee: 'bigint',
  memo: 'text',
  created_at: 'timestamptz',
})
const internalTransfersTable = rowTable<InternalTransferRow>('internal_transfers', {
  book_id: 'integer',
  id: 'uuid',
  person_no: 'bigint',
  from_account: 'text',
  to_account: 'text',
  amount: 'bigint',
  created_at: 'timestamptz',
})

const scale = assets.USDT.scale

/** Finds a recipient by UID. Anyone who cannot receive is as absent as one who does not exist. */
export async function lookUpRecipient(bank: Bank, actor: Actor, uid: string): Promise<Person> {
  const person = await personByUid(bank, actor.bookId, uid)
  if (person?.status !== 'active') throw new Refusal('RecipientUnavailable')
  return person
}

/** Rows that are written with an order. */
export type Beside = (order: { id: string; at: Date }) => Row[]

export interface TransferTerms {
  toPersonId: string
  amount: string
  memo: string
  idempotency: IdempotencyKey | undefined
  beside?: Beside
  /** Asked for by a program: less may be sent in 24 hours. */
  byProgram?: true
}

/** Sends USDT, proved by payment password and TOTP. See `placeTransfer`. */
export const sendTransfer = (
  bank: Bank,
  actor: Actor,
  input: TransferTerms & { proof: PaymentProof },
): Promise<Answered> => placeTransfer(bank, actor, input, byCustomerOut(bank, actor, input.proof))

/**
 * Sends USDT from the actor's main account to another customer's. Answers `{id, amount, fee, created_at}`.
 * Refuses: what `proving` refuses, IdempotencyKeyReused, InvalidAmount, AmountBelowMinimum, AmountAboveMaximum, SelfTransfer, RecipientUnavailable,
 * LimitExceeded, InsufficientBalance, AccountClosed.
 */
export async function placeTransfer(
  bank: Bank,
  actor: Actor,
  input: TransferTerms,
  proving: Proving,
): Promise<Answered> {
  const amount = parsePositiveAmount(input.amount, scale)
  if (amount < limits.transfer.min)
    throw new Refusal('AmountBelowMinimum', { minimum: formatAmount(limits.transfer.min, scale) })
  if (amount > limits.transfer.max)
    throw new Refusal('AmountAboveMaximum', { maximum: formatAmount(limits.transfer.max, scale) })
  if (input.toPersonId === actor.personId) throw new Refusal('SelfTransfer')
  if (!isId(input.toPersonId)) throw new Refusal('RecipientUnavailable')

  return onceByKey(bank, actor.bookId, input.idempotency, proving, async () => {
    const [recipient, sender, settings] = await Promise.all([
      personById(bank, actor.bookId, input.toPersonId),
      ownPerson(bank, actor),
      settingsOf(bank, actor.bookId),
      proving.prove(),
    ])
    if (recipient?.status !== 'active') throw new Refusal('RecipientUnavailable')
    const fee = settings.units('transfer.fee')
    const ofLevel = settings.units('transfer.perDay', sender.kycLevel)
    const ofProgram = input.byProgram ? settings.units('transfer.programPerDay') : ofLevel
    const perDay = ofProgram < ofLevel ? ofProgram : ofLevel
    // the many small payments cost no more than a message in the inbox
    const mails = {
      sender: waysOf(settings, sender.noticeChoices, 'transfer_sent', amount).length > 0,
      recipient: waysOf(settings, recipient.noticeChoices, 'transfer_received', amount).length > 0,
    }
    return submit(bank, transferPosting(actor, recipient, { amount, fee, perDay, mails }, input, bank.clock.now()))
  })
}

function transferPosting(
  actor: Actor,
  recipient: Person,
  {
    amount,
    fee,
    perDay,
    mails,
  }: { amount: bigint; fee: bigint; perDay: bigint; mails: { sender: boolean; recipient: boolean } },
  input: TransferTerms,
  at: Date,
): Posting {
  const id = newId()
  const text = formatAmount(amount, scale, 2)
  const { bookId } = actor
  return {
    bookId,
    journal: transfer({
      id,
      from: { personNo: actor.personNo, account: 'main' },
      to: { personNo: recipient.no, account: 'main' },
      amount,
      fee,
      memo: input.memo,
    }),
    velocity: {
      subject: actor.personNo,
      gate: personAccount(actor.personNo, 'main'),
      rule: 'transfer',
      amount,
      max: perDay,
    },
    ...(input.idempotency ? { idempotency: input.idempotency } : {}),
    answer: { id, amount: text, fee: formatAmount(fee, scale, 2), created_at: at.toISOString() },
    rows: [
      transfersTable.row({
        book_id: bookId,
        id,
        from_no: actor.personNo,
        to_no: recipient.no,
        to_person: recipient.id,
        amount,
        fee,
        memo: input.memo,
        created_at: at,
      }),
      inboxRow(
        bookId,
        recipient.no,
        'transfer_received',
        { amount: text, from: `U${actor.personNo}`, memo: input.memo },
        at,
        mails.recipient,
      ),
      ...(mails.sender
        ? [inboxRow(bookId, actor.personNo, 'transfer_sent', { amount: text, to: recipient.uid, memo: input.memo }, at)]
        : []),
      outboxRow(
        bookId,
        actor.personNo,
        'transfer.completed',
        { id, direction: 'out', amount: text, to: recipient.uid },
        at,
      ),
      outboxRow(
        bookId,
        recipient.no,
        'transfer.completed',
        { id, direction: 'in', amount: text, from: `U${actor.personNo}` },
        at,
      ),
      ...(input.beside?.({ id, at }) ?? []),
    ],
  }
}

/** Between which a customer may move money; card accounts have ways of their own. */
export type OwnAccount = 'main' | 'node' | 'futures'

export interface InternalTransferTerms {
  from: OwnAccount
  to: OwnAccount
  amount: string
  idempotency: IdempotencyKey | undefined
  beside?: Beside
}

/** Proved by payment password and TOTP. See `moveBetweenOwn`. */
export const transferBetweenOwn = (
  bank: Bank,
  actor: Actor,
  input: InternalTransferTerms & { proof: PaymentProof },
): Promise<Answered> => moveBetweenOwn(bank, actor, input, byCustomer(bank, actor, input.proof))

/** Moves USDT between the actor's own accounts. Answers `{id, from, to, amount, created_at}`. */
export async function moveBetweenOwn(
  bank: Bank,
  actor: Actor,
  input: InternalTransferTerms,
  proving: Proving,
): Promise<Answered> {
  const amount = parsePositiveAmount(input.amount, scale)
  const { from, to } = input
  if (from === to) throw new Refusal('SameAccount')
  return onceByKey(bank, actor.bookId, input.idempotency, proving, async () => {
    await proving.prove()
    const id = newId()
    const at = bank.clock.now()
    const text = formatAmount(amount, scale, 2)
    return submit(bank, {
      bookId: actor.bookId,
      journal: transferInternal({ id, personNo: actor.personNo, from, to, amount }),
      ...(input.idempotency ? { idempotency: input.idempotency } : {}),
      answer: { id, from, to, amount: text, created_at: at.toISOString() },
      rows: [
        internalTransfersTable.row({
          book_id: actor.bookId,
          id,
          person_no: actor.personNo,
          from_account: from,
          to_account: to,
          amount,
          created_at: at,
        }),
        outboxRow(actor.bookId, actor.personNo, 'transfer.internal', { id, from, to, amount: text }, at),
        ...(input.beside?.({ id, at }) ?? []),
      ],
    })
  })
}

async function submit(bank: Bank, posting: Posting): Promise<Answered> {
  const outcome = await bank.poster.submit(posting)
  if (!outcome.ok) throw outcome.refusal
  return { answer: outcome.answer, replayed: outcome.replayed }
}

export interface TransferOrder {
  id: string
  to_person: string
  from_no: bigint
  to_no: bigint
  amount: bigint
  fee: bigint
  memo: string
  status: 'success'
  created_at: Date
}

/** The actor's payments, sent and received, newest first. */
export async function transferOrders(
  bank: Bank,
  actor: Actor,
  page: { offset: number; size: number },
): Promise<TransferOrder[]> {
  return bank.db.query<TransferOrder>(
    'transfer-orders',
    `select * from (
       (select * from transfers where book_id = $1 and from_no = $2 order by id desc limit $3::int + $4::int)
       union all
       (select * from transfers where book_id = $1 and to_no = $2 order by id desc limit $3::int + $4::int)
     ) t order by id desc limit $3 offset $4`,
    [actor.bookId, actor.personNo, page.size, page.offset],
  )
}

export interface TransferFilter {
  ids?: readonly string[] | undefined
  memo?: string | undefined
  from?: Date | undefined
  until?: Date | undefined
  limit: number
}

/** What a customer sent, or received, newest first. */
export async function transfersFiltered(
  q: Queries,
  bookId: number,
  personNo: bigint,
  direction: 'in' | 'out',
  { ids, memo, from, until, limit }: TransferFilter,
): Promise<TransferOrder[]> {
  const side = direction === 'out' ? 'from_no' : 'to_no'
  return q.query<TransferOrder>(
    `transfers-filtered-${direction}`,
    `select id, to_person, from_no, to_no, amount, fee, memo, status, created_at from transfers
     where book_id = $1 and ${side} = $2 and ($3::uuid[] is null or id = any ($3)) and ($4::text is null or memo = $4)
       and ($5::timestamptz is null or created_at >= $5) and ($6::timestamptz is null or created_at <= $6)
     order by id desc limit $7`,
    [bookId, personNo, ids ?? null, memo ?? null, from ?? null, until ?? null, limit],
  )
}

/** Any payment between customers, for operators. */
export async function transferById(q: Queries, bookId: number, id: string): Promise<TransferOrder | undefined> {
  const [row] = await q.query<TransferOrder>(
    'transfer-by-id',
    'select * from transfers where book_id = $1 and id = $2',
    [bookId, id],
  )
  return row
}

export interface InternalTransferOrder {
  id: string
  person_no: bigint
  from_account: string
  to_account: string
  amount: bigint
  created_at: Date
}

/** Any payment between a customer's own accounts, for operators. */
export async function internalTransferById(
  q: Queries,
  bookId: number,
  id: string,
): Promise<InternalTransferOrder | undefined> {
  const [row] = await q.query<InternalTransferOrder>(
    'internal-transfer-by-id',
    'select * from internal_transfers where book_id = $1 and id = $2',
    [bookId, id],
  )
  return row
}

/** Part of the proof of the books: a payment has exactly its journal, and the other way round. */
export const transferChecks = [
  {
    name: 'a payment between customers has its journal',
    sql: `select 'transfer ' || coalesce(t.id, j.order_id) || ' of ' || coalesce(t.amount::text, 'nothing') || ': journal '
                 || coalesce(j.account_ids::text || ' ' || j.amounts::text, 'none') as detail
          from (select * from transfers where book_id = $1) t
          full join (select * from journals where book_id = $1 and kind = 'transfer') j on j.order_id = t.id
          where t.id is null or j.id is null or j.amounts[1:2] <> array[-t.amount - t.fee, t.amount]
             or j.account_ids[1] >> 16 <> t.from_no or j.account_ids[2] >> 16 <> t.to_no limit 100`,
  },
  {
    name: 'a payment between own accounts has its journal',
    sql: `select 'transfer ' || coalesce(t.id, j.order_id) || ' of ' || coalesce(t.amount::text, 'nothing') || ': journal '
                 || coalesce(j.account_ids::text || ' ' || j.amounts::text, 'none') as detail
          from (select * from internal_transfers where book_id = $1) t
          full join (select * from journals where book_id = $1 and kind = 'transfer_internal') j on j.order_id = t.id
          where t.id is null or j.id is null or j.amounts <> array[-t.amount, t.amount]
             or j.account_ids[1] >> 16 <> t.person_no or j.account_ids[2] >> 16 <> t.person_no limit 100`,
  },
]
