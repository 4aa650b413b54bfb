// The customer's inbox. Rows hold what happened (type and parameters); words are found when it is read.
// Written with the thing that it tells of, in the same transaction; read and marked by its owner only.

import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { type Row, rowTable } from '../../ledger/rows.ts'
import type { Actor, Bank, Locale } from '../context.ts'
import { type InboxParams, type InboxType, inboxWords } from './inbox-text.ts'
import { mayBeMailed } from './notice-choice.ts'

export type { InboxParams, InboxType } from './inbox-text.ts'

type InboxRow = {
  book_id: number
  person_no: bigint
  type: string
  params: object
  created_at: Date
  mail_due: boolean
}

const inboxTable = rowTable<InboxRow>('inbox', {
  book_id: 'integer',
  person_no: 'bigint',
  type: 'text',
  params: 'jsonb',
  created_at: 'timestamptz',
  mail_due: 'boolean',
})

/**
 * A message as a row of a posting, written in the transaction of the money that it tells of. `mail`: whether it may go out
 * by mail as well, which a job finds out; the hot path says no where it knows that nobody asked for it.
 */
export const inboxRow = <T extends InboxType>(
  bookId: number,
  personNo: bigint,
  type: T,
  params: InboxParams[T],
  at: Date,
  mail = mayBeMailed(type),
): Row => inboxTable.row({ book_id: bookId, person_no: personNo, type, params, created_at: at, mail_due: mail })

/** Writes a message in the caller's transaction. */
export async function putInInbox<T extends InboxType>(
  tx: Queries,
  bookId: number,
  personNo: bigint,
  type: T,
  params: InboxParams[T],
  at: Date,
): Promise<void> {
  await tx.query(
    'inbox-put',
    'insert into inbox (book_id, person_no, type, params, created_at, mail_due) values ($1, $2, $3, $4::jsonb, $5, $6)',
    [bookId, personNo, type, JSON.stringify(params), at, mayBeMailed(type)],
  )
}

/** A message that may go out by mail, once: whoever takes it sends it in this transaction, or nobody does. */
export async function takeDueMessage(
  tx: Tx,
  bookId: number,
  personNo: bigint,
  id: string,
): Promise<{ type: InboxType; params: object; created_at: Date } | undefined> {
  const [row] = await tx.query<{ type: InboxType; params: object; created_at: Date }>(
    'inbox-take-due',
    `update inbox set mail_due = false where book_id = $1 and person_no = $2 and id = $3 and mail_due
     returning type, params, created_at`,
    [bookId, personNo, id],
  )
  return row
}

export interface InboxMessage {
  id: number
  type: string
  title: string
  body: string
  read: boolean
  createdAt: Date
}

export async function readInbox(
  bank: Bank,
  actor: Actor,
  page: { offset: number; size: number },
  locale: Locale,
): Promise<InboxMessage[]> {
  const rows = await bank.db.query<{ id: number; type: string; params: object; read: boolean; created_at: Date }>(
    'inbox-read',
    `select id::float8 as id, type, params, read_at is not null as read, created_at from inbox
     where book_id = $1 and person_no = $2 order by inbox.id desc limit $3 offset $4`,
    [actor.bookId, actor.personNo, page.size, page.offset],
  )
  return rows.map(({ id, type, params, read, created_at }) => ({
    id,
    type,
    ...inboxWords(type, params, locale),
    read,
    createdAt: created_at,
  }))
}

export async function unreadCount(bank: Bank, actor: Actor): Promise<number> {
  const [row] = await bank.db.query<{ count: number }>(
    'inbox-unread',
    'select count(*)::int as count from inbox where book_id = $1 and person_no = $2 and read_at is null',
    [actor.bookId, actor.personNo],
  )
  return row?.count ?? 0
}

export interface InboxMark {
  /** Of the newest message, 0 without any. */
  newest: number
  /** At most 100: nobody is shown more than "99+". */
  unread: number
}

/** Where many inboxes stand, cheap enough to ask again and again. */
export async function inboxMarks(
  q: Queries,
  bookId: number,
  people: readonly bigint[],
): Promise<Map<bigint, InboxMark>> {
  const rows = await q.query<{ no: bigint } & InboxMark>(
    'inbox-marks',
    `select p.no, coalesce(n.id, 0)::float8 as newest, u.unread::int as unread
     from unnest($2::bigint[]) p (no)
     left join lateral (select id from inbox where book_id = $1 and person_no = p.no order by id desc limit 1) n on true
     cross join lateral (select count(*) as unread from (
       select from inbox where book_id = $1 and person_no = p.no and read_at is null limit 100) x) u`,
    [bookId, people],
  )
  return new Map(rows.map(({ no, newest, unread }) => [no, { newest, unread }]))
}

/** Marks one message. Somebody else's is as absent as one that does not exist. */
export async function markRead(bank: Bank, actor: Actor, messageId: string): Promise<void> {
  if (!/^[1-9]\d{0,17}$/.test(messageId)) throw new Refusal('NotFound')
  const found = await bank.db.query(
    'inbox-mark',
    `update inbox set read_at = coalesce(read_at, $4::timestamptz)
     where book_id = $1 and person_no = $2 and id = $3 returning 1`,
    [actor.bookId, actor.personNo, messageId, bank.clock.now()],
  )
  if (found.length === 0) throw new Refusal('NotFound')
}

export async function markAllRead(bank: Bank, actor: Actor): Promise<void> {
  await bank.db.query(
    'inbox-mark-all',
    'update inbox set read_at = $3::timestamptz where book_id = $1 and person_no = $2 and read_at is null',
    [actor.bookId, actor.personNo, bank.clock.now()],
  )
}
