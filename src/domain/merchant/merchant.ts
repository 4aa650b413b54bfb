// Merchants as rows: who runs UniPay under a brand of their own, and whether they may at present.
// Must stay true: the app_id says its book, so that it is found without asking every book; a merchant that is stopped is as
// unknown to its requests as one that never was.

import { randomToken } from '../../base/crypto.ts'
import { brokenKey, type Queries, type Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { bookOfKey, newKeyName } from '../../base/key-text.ts'
import type { Bank } from '../context.ts'

export interface Merchant {
  bookId: number
  /** `app_id` on the wire. */
  id: string
  name: string
  /** For customers whom no customer of the merchant's invited. */
  inviteCode: string
  demo: boolean
  createdAt: Date
  stoppedAt: Date | null
}

interface Row {
  id: string
  name: string
  invite_code: string
  demo: boolean
  created_at: Date
  stopped_at: Date | null
}

const COLUMNS = 'id, name, invite_code, demo, created_at, stopped_at'
const merchantOf = (bookId: number, row: Row): Merchant => ({
  bookId,
  id: row.id,
  name: row.name,
  inviteCode: row.invite_code,
  demo: row.demo,
  createdAt: row.created_at,
  stoppedAt: row.stopped_at,
})

/** By what a request names; undefined for what is no name, nobody's, or of somebody who is stopped. */
export async function findActiveMerchant(q: Queries, appId: string): Promise<Merchant | undefined> {
  const bookId = bookOfKey(appId)
  const found = bookId === undefined ? undefined : await findMerchant(q, bookId, appId)
  return found?.stoppedAt ? undefined : found
}

async function findMerchant(q: Queries, bookId: number, id: string): Promise<Merchant | undefined> {
  const [row] = await q.query<Row>('merchant', `select ${COLUMNS} from merchants where book_id = $1 and id = $2`, [
    bookId,
    id,
  ])
  return row && merchantOf(bookId, row)
}

/** Refuses `NotFound`. */
export async function merchantById(q: Queries, bookId: number, id: string): Promise<Merchant> {
  const found = await findMerchant(q, bookId, id)
  if (!found) throw new Refusal('NotFound')
  return found
}

/** Newest first. */
export async function merchants(
  q: Queries,
  bookId: number,
  page: { offset: number; size: number },
): Promise<Merchant[]> {
  const rows = await q.query<Row>(
    'merchants',
    `select ${COLUMNS} from merchants where book_id = $1 order by created_at desc, id limit $2 offset $3`,
    [bookId, page.size, page.offset],
  )
  return rows.map((row) => merchantOf(bookId, row))
}

/** The sandbox's own, once it is made. */
export async function findDemoMerchant(q: Queries, bookId: number): Promise<Merchant | undefined> {
  const [row] = await q.query<Row>('merchant-demo', `select ${COLUMNS} from merchants where book_id = $1 and demo`, [
    bookId,
  ])
  return row && merchantOf(bookId, row)
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
/** `MCH` and ten letters: told from a customer's code at a look. */
const newInviteCode = () =>
  `MCH${[...Buffer.from(randomToken(10), 'base64url')].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`

/** One spelling of a merchant's name. Refuses `InvalidParams`. */
export function readMerchantName(given: string, pointer = '/name'): string {
  const name = given.normalize('NFC').replace(/\s+/g, ' ').trim()
  if (name === '' || [...name].length > 60)
    throw new Refusal('InvalidParams', { pointer, reason: '1 to 60 characters' })
  return name
}

export async function insertMerchant(
  bank: Bank,
  tx: Tx,
  bookId: number,
  { name, demo = false }: { name: string; demo?: boolean },
): Promise<Merchant> {
  const id = newKeyName(bank.config.UNIPAY_MODE === 'live' ? 'live' : 'test', bookId)
  const [row] = await tx.query<Row>(
    'merchant-insert',
    `insert into merchants (book_id, id, name, invite_code, demo, created_at) values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
    [bookId, id, readMerchantName(name), newInviteCode(), demo, bank.clock.now()],
  )
  if (!row) throw new Error('no row came back')
  return merchantOf(bookId, row)
}

/** That the sandbox's merchant was made by another process meanwhile. */
export const demoIsThere = (error: unknown): boolean => brokenKey(error) === 'merchants_demo'

/** Stops a merchant's requests, or lets them in again. Refuses `NotFound`, and `Outdated` what is so already. */
export async function setStopped(bank: Bank, tx: Tx, bookId: number, id: string, stopped: boolean): Promise<Merchant> {
  const before = await merchantById(tx, bookId, id)
  if ((before.stoppedAt !== null) === stopped) throw new Refusal('Outdated', { stopped })
  const at = stopped ? bank.clock.now() : null
  await tx.query('merchant-stop', 'update merchants set stopped_at = $3 where book_id = $1 and id = $2', [
    bookId,
    id,
    at,
  ])
  return { ...before, stoppedAt: at }
}

/** Keeps a merchant from other changes until the transaction ends. */
export const lockMerchant = (tx: Tx, bookId: number, id: string): Promise<unknown> =>
  tx.query('merchant-lock', 'select 1 from merchants where book_id = $1 and id = $2 for no key update', [bookId, id])
