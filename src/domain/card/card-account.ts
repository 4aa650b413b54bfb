// A customer as the issuer's cardholder: applied for with what the issuer asks, checked by it, and told by it how it went.
// Must stay true: what was filled in is sealed, goes to the issuer, and is gone as soon as the issuer has it or refused it;
// the issuer is asked with no transaction open and under the application's own id; only its answer changes the state.

import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { post } from '../../ledger/post.ts'
import type { Actor, Bank } from '../context.ts'
import { outboxRow } from '../notice/outbox.ts'
import type { IssuedCardholder, NewCardholder } from '../ports.ts'
import type { SealedColumn } from '../sealed-column.ts'
import { queueCard } from './card-job.ts'

export const accountTransitions = {
  /** With the issuer, or on its way there. */
  applying: ['incomplete', 'success', 'failed'],
  /** The customer has to prove who they are, behind the issuer's link. */
  incomplete: ['applying', 'success', 'failed'],
  success: [],
  failed: ['applying', 'success'],
} as const satisfies Record<string, readonly string[]>
export type CardAccountStatus = keyof typeof accountTransitions

export interface CardAccount {
  id: string
  person_no: bigint
  status: CardAccountStatus
  reason: string
  cardholder_id: string | null
  application_sealed: Buffer | null
  idv_url_sealed: Buffer | null
  idv_expires_at: Date | null
  round: number
}

const columns =
  'id, person_no, status, reason, cardholder_id, application_sealed, idv_url_sealed, idv_expires_at, round'

const place = (bookId: number, personNo: bigint) => `card account ${bookId} ${personNo}`

export const sealedCardAccounts: readonly SealedColumn[] = ['application_sealed', 'idv_url_sealed'].map((column) => ({
  table: 'card_accounts',
  column,
  key: { person_no: 'bigint' },
  context: (bookId, personNo = '') => place(bookId, BigInt(personNo)),
}))

export async function findCardAccount(q: Queries, bookId: number, personNo: bigint): Promise<CardAccount | undefined> {
  const [row] = await q.query<CardAccount>(
    'card-account-find',
    `select ${columns} from card_accounts where book_id = $1 and person_no = $2`,
    [bookId, personNo],
  )
  return row
}

/** The issuer's link, while it is good. */
export function idvOf(bank: Bank, bookId: number, account: CardAccount): { url: string; until: Date } | undefined {
  const { idv_url_sealed: sealed, idv_expires_at: until } = account
  if (!sealed || !until || until <= bank.clock.now()) return undefined
  return { url: unseal(bank.keys.personal, sealed, place(bookId, account.person_no)), until }
}

/**
 * Applies, or applies again after a failure or when the link ran out. Refuses `CardAccountExists` while an application is
 * under way or an account is open, and what reading the form refuses. The job asks the issuer.
 */
export async function openCardAccount(bank: Bank, actor: Actor, read: () => Promise<NewCardholder>): Promise<void> {
  const { bookId, personNo } = actor
  const before = await findCardAccount(bank.db, bookId, personNo)
  const isOver =
    !before || before.status === 'failed' || (before.status === 'incomplete' && !idvOf(bank, bookId, before))
  if (!isOver) throw new Refusal('CardAccountExists')
  const sealed = seal(bank.keys.personal, JSON.stringify(await read()), place(bookId, personNo))
  await bank.db.transaction(async (tx) => {
    const [made] = await tx.query<{ done: boolean }>(
      'card-account-apply',
      'select card_account_apply($1, $2, $3, $4, $5) as done',
      [bookId, personNo, newId(), sealed, bank.clock.now()],
    )
    if (!made?.done) throw new Refusal('CardAccountExists')
    await queueCard(tx, bookId, 'account', `${personNo}`)
  })
}

/** Takes the application to the issuer, or asks how it stands. Throws when nobody knows. */
export async function advanceCardAccount(bank: Bank, bookId: number, personNo: bigint): Promise<void> {
  const account = await findCardAccount(bank.db, bookId, personNo)
  if (!account || account.status === 'success') return
  if (account.application_sealed) {
    const holder = JSON.parse(
      unseal(bank.keys.personal, account.application_sealed, place(bookId, personNo)),
    ) as NewCardholder
    const key = { orderId: account.id, step: 'cardholder' }
    const answer = await (account.cardholder_id === null
      ? bank.cardIssuer.createCardholder(key, holder)
      : bank.cardIssuer.updateCardholder(key, account.cardholder_id, holder))
    if (answer.result === 'ok') return record(bank, bookId, account, answer.value)
    bank.log.warn({ bookId, application: account.id, code: answer.refusal.code }, 'the issuer refused a cardholder')
    return fail(bank, bookId, account, 'refused')
  }
  if (account.cardholder_id === null || account.status === 'failed') return
  const state = await bank.cardIssuer.cardholder(account.cardholder_id)
  if (!state) throw new Error('the issuer does not know its cardholder')
  await record(bank, bookId, account, state)
}

const stateOf = { PENDING: 'applying', INCOMPLETE: 'incomplete', SUCCESS: 'success', FAILED: 'failed' } as const

async function record(bank: Bank, bookId: number, asked: CardAccount, state: IssuedCardholder): Promise<void> {
  const { person_no: personNo } = asked
  const at = bank.clock.now()
  await bank.db.transaction(async (tx) => {
    const account = await lock(tx, bookId, asked)
    if (!account) return
    const link = state.idvUrl && state.idvExpiresAt
    await tx.query(
      'card-account-answered',
      `update card_accounts set cardholder_id = $3, application_sealed = null, changed_at = $6,
         idv_url_sealed = case when status in ('applying', 'incomplete') then coalesce($4, idv_url_sealed) end,
         idv_expires_at = case when status in ('applying', 'incomplete') then coalesce($5, idv_expires_at) end
       where book_id = $1 and person_no = $2`,
      [
        bookId,
        personNo,
        state.cardholderId,
        link ? seal(bank.keys.personal, state.idvUrl ?? '', place(bookId, personNo)) : null,
        link ? state.idvExpiresAt : null,
        at,
      ],
    )
    await move(tx, bookId, account, stateOf[state.status], state.status === 'FAILED' ? 'rejected' : '', at)
  })
}

const fail = (bank: Bank, bookId: number, asked: CardAccount, reason: string) =>
  bank.db.transaction(async (tx) => {
    const account = await lock(tx, bookId, asked)
    if (account) await move(tx, bookId, account, 'failed', reason, bank.clock.now())
  })

/** Locked, if it is still the application that was asked about. */
async function lock(tx: Tx, bookId: number, asked: CardAccount): Promise<CardAccount | undefined> {
  const [row] = await tx.query<CardAccount>(
    'card-account-lock',
    `select ${columns} from card_accounts where book_id = $1 and person_no = $2 and id = $3 for no key update`,
    [bookId, asked.person_no, asked.id],
  )
  return row
}

async function move(tx: Tx, bookId: number, from: CardAccount, to: CardAccountStatus, reason: string, at: Date) {
  if (from.status === to || !accountTransitions[from.status].some((next) => next === to)) return
  await tx.query('card-account-move', 'select card_account_move($1, $2, $3, $4, $5, $6)', [
    bookId,
    from.person_no,
    from.status,
    to,
    reason,
    at,
  ])
  await post(tx, { bookId, rows: [outboxRow(bookId, from.person_no, 'card.account', { status: to }, at)] })
}

/** By the issuer's id, for its messages. */
export async function personOfCardholder(
  q: Queries,
  bookId: number,
  cardholderId: string,
): Promise<bigint | undefined> {
  const [row] = await q.query<{ person_no: bigint }>(
    'card-account-by-holder',
    'select person_no from card_accounts where book_id = $1 and cardholder_id = $2',
    [bookId, cardholderId],
  )
  return row?.person_no
}

/** Applications that nothing was heard of for a while. */
export async function openCardAccounts(q: Queries, bookId: number, before: Date, limit: number): Promise<string[]> {
  const rows = await q.query<{ person_no: bigint }>(
    'card-accounts-open',
    `select person_no from card_accounts where book_id = $1 and status in ('applying', 'incomplete') and changed_at < $2
     order by changed_at limit $3`,
    [bookId, before, limit],
  )
  return rows.map(({ person_no }) => `${person_no}`)
}
