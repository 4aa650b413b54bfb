// Keys that customers make for their programs, at rest: what each may do, from where, until when; its secret sealed.
// Must stay true: a secret is shown when it is made and never read out again but to check a signature; a key that was
// revoked never comes back.

import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { loaderByBook } from '../per-bank.ts'
import type { SealedColumn } from '../sealed-column.ts'

/** `read` looks, `transfer` moves between own accounts, `withdraw` sends money away: off the books, or to others here. */
export const apiKeyScopes = ['read', 'transfer', 'withdraw'] as const
export type ApiKeyScope = (typeof apiKeyScopes)[number]

export type RevokeReason = 'by_customer' | 'password_reset' | 'by_operator'

export interface ApiKey {
  id: string
  personNo: bigint
  personId: string
  name: string
  scopes: readonly ApiKeyScope[]
  /** Addresses and networks; empty for any. */
  ips: readonly string[]
  /** When the secret before the last rotation stops. */
  previousUntil: Date | null
  createdAt: Date
  rotatedAt: Date | null
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
  lastUsedIp: string | null
}

interface Row {
  id: string
  person_no: bigint
  person_id: string
  name: string
  scopes: ApiKeyScope[]
  ips: string[]
  previous_until: Date | null
  created_at: Date
  rotated_at: Date | null
  expires_at: Date | null
  revoked_at: Date | null
  last_used_at: Date | null
  last_used_ip: string | null
}
interface SecretRow extends Row {
  secret_sealed: Buffer
  previous_sealed: Buffer | null
}

const COLUMNS = `id, person_no, person_id, name, scopes, ips, previous_until, created_at, rotated_at, expires_at, revoked_at,
  last_used_at, last_used_ip`

// one context for both columns: a rotation moves the sealed value from the one to the other
const context = (bookId: number, id: string) => `api key ${bookId} ${id}`
export const sealedApiKeys: readonly SealedColumn[] = ['secret_sealed', 'previous_sealed'].map((column) => ({
  table: 'api_keys',
  column,
  key: { id: 'text' },
  context,
}))

const keyOf = (row: Row): ApiKey => ({
  id: row.id,
  personNo: row.person_no,
  personId: row.person_id,
  name: row.name,
  scopes: row.scopes,
  ips: row.ips,
  previousUntil: row.previous_until,
  createdAt: row.created_at,
  rotatedAt: row.rotated_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
  lastUsedIp: row.last_used_ip,
})

// --- reading ---

const load = loaderByBook<string, SecretRow>(async (bank, bookId, ids) => {
  const rows = await bank.db.query<SecretRow>(
    'api-keys-by-id',
    `select ${COLUMNS}, secret_sealed, previous_sealed from api_keys where book_id = $1 and id = any ($2::text[])`,
    [bookId, ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
})

/** A key with the secrets that count at an instant. Asked anew every time: a revoked key stops at once, everywhere. */
export async function keyWithSecrets(
  bank: Bank,
  bookId: number,
  id: string,
  at: Date,
): Promise<{ key: ApiKey; secrets: string[] } | undefined> {
  const row = await load(bank, bookId, id)
  if (!row) return undefined
  const open = (sealed: Buffer) => unseal(bank.keys.personal, sealed, context(bookId, id))
  const secrets = [open(row.secret_sealed)]
  if (row.previous_sealed && row.previous_until && row.previous_until > at) secrets.push(open(row.previous_sealed))
  return { key: keyOf(row), secrets }
}

/** A customer's that are not revoked, newest first. */
export async function apiKeysOf(q: Queries, bookId: number, personNo: bigint): Promise<ApiKey[]> {
  const rows = await q.query<Row>(
    'api-keys-of',
    `select ${COLUMNS} from api_keys where book_id = $1 and person_no = $2 and revoked_at is null
     order by created_at desc, id`,
    [bookId, personNo],
  )
  return rows.map(keyOf)
}

/** One of a customer's, kept from others until the transaction ends. Another's is as absent as none: `NotFound`. */
export async function lockApiKey(tx: Tx, bookId: number, personNo: bigint, id: string): Promise<ApiKey> {
  if (!/^[!-~]{1,80}$/.test(id)) throw new Refusal('NotFound') // PostgreSQL takes no NUL, whoever asks with one
  const [row] = await tx.query<Row>(
    'api-key-lock',
    `select ${COLUMNS} from api_keys where book_id = $1 and person_no = $2 and id = $3 and revoked_at is null
     for no key update`,
    [bookId, personNo, id],
  )
  if (!row) throw new Refusal('NotFound')
  return keyOf(row)
}

// --- writing ---

export interface NewApiKey {
  id: string
  personNo: bigint
  personId: string
  name: string
  scopes: readonly ApiKeyScope[]
  ips: readonly string[]
  expiresAt: Date | null
  secret: string
}

export async function insertApiKey(bank: Bank, tx: Tx, bookId: number, key: NewApiKey, at: Date): Promise<ApiKey> {
  const [row] = await tx.query<Row>(
    'api-key-insert',
    `insert into api_keys (book_id, id, person_no, person_id, name, scopes, ips, secret_sealed, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${COLUMNS}`,
    [
      bookId,
      key.id,
      key.personNo,
      key.personId,
      key.name,
      key.scopes,
      key.ips,
      seal(bank.keys.personal, key.secret, context(bookId, key.id)),
      at,
      key.expiresAt,
    ],
  )
  if (!row) throw new Error('no row came back')
  return keyOf(row)
}

/** Gives a key a new secret; the one before counts until `previousUntil`, or no more. */
export async function replaceSecret(
  bank: Bank,
  tx: Tx,
  bookId: number,
  id: string,
  secret: string,
  previousUntil: Date | null,
  at: Date,
): Promise<ApiKey> {
  const [row] = await tx.query<Row>(
    'api-key-rotate',
    `update api_keys set previous_sealed = case when $4::timestamptz is null then null else secret_sealed end,
       previous_until = $4, secret_sealed = $3, rotated_at = $5
     where book_id = $1 and id = $2 returning ${COLUMNS}`,
    [bookId, id, seal(bank.keys.personal, secret, context(bookId, id)), previousUntil, at],
  )
  if (!row) throw new Error('a locked key is there')
  return keyOf(row)
}

export async function updateApiKey(
  tx: Tx,
  bookId: number,
  { id, name, scopes, ips, expiresAt }: Pick<ApiKey, 'id' | 'name' | 'scopes' | 'ips' | 'expiresAt'>,
): Promise<ApiKey> {
  const [row] = await tx.query<Row>(
    'api-key-update',
    `update api_keys set name = $3, scopes = $4, ips = $5, expires_at = $6 where book_id = $1 and id = $2 returning ${COLUMNS}`,
    [bookId, id, name, scopes, ips, expiresAt],
  )
  if (!row) throw new Error('a locked key is there')
  return keyOf(row)
}

/** Ends one of a customer's keys, or all of them. Answers with those that it ended. */
export async function revokeApiKeys(
  q: Queries,
  bookId: number,
  personId: string,
  reason: RevokeReason,
  at: Date,
  only: string | null = null,
): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'api-keys-revoke',
    `update api_keys set revoked_at = $4, revoke_reason = $5, previous_sealed = null, previous_until = null
     where book_id = $1 and person_id = $2 and revoked_at is null and ($3::text is null or id = $3) returning id`,
    [bookId, personId, only, at, reason],
  )
  return rows.map(({ id }) => id)
}

/** Notes that a key was used; by whoever comes first in a minute, from where. */
export const noteUse = (q: Queries, bookId: number, id: string, ip: string, at: Date, but: Date): Promise<unknown> =>
  q.query(
    'api-key-used',
    `update api_keys set last_used_at = $3, last_used_ip = $4
     where book_id = $1 and id = $2 and (last_used_at is null or last_used_at < $5)`,
    [bookId, id, at, ip, but],
  )
