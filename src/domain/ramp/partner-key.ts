// Keys of ramp partners: an id that travels with each request, and a secret that signs. The secret is needed again for
// every request, so it lies sealed; people see it once.
// Must stay true: a new key leaves the older ones a while to be replaced, and none for longer; an id carries a checksum,
// so that a typing error is told from a stranger's key.

import { after, days, minutes } from '../../base/clock.ts'
import { randomToken, seal, sha256, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'
import type { Partner } from './partner.ts'

/** How long older keys go on after a new one was made. */
export const OVERLAP = days(1)
/** How long the secret of a key that operators agreed on waits to be seen. */
const SHOWN_WITHIN = minutes(15)

const context = (bookId: number, keyId: string) => `ramp key ${bookId} ${keyId}`
export const sealedPartnerKeys: SealedColumn = {
  table: 'ramp_partner_keys',
  column: 'secret_sealed',
  key: { key_id: 'text' },
  context,
}

export interface PartnerKey {
  keyId: string
  createdAt: Date
  /** Null as long as no newer key takes over. */
  expiresAt: Date | null
  shownAt: Date | null
}

const checksum = (text: string): string => sha256(text).toString('hex').slice(0, 6)
const newKeyId = (mode: string): string => {
  const body = `rpk_${mode}_${randomToken(15)}`
  return `${body}_${checksum(body)}`
}

/** Whether an id could be one of ours. */
export const isKeyId = (text: string): boolean =>
  /^rpk_(test|live)_[\w-]{20}_[0-9a-f]{6}$/.test(text) && checksum(text.slice(0, -7)) === text.slice(-6)

/** Makes a key; those before it end with the overlap. `madeFor` may see its secret later, once. */
export async function makeKey(
  bank: Bank,
  tx: Tx,
  bookId: number,
  partnerId: string,
  madeFor: string | null,
): Promise<{ keyId: string; secret: string }> {
  const at = bank.clock.now()
  const mode = bank.config.UNIPAY_MODE === 'live' ? 'live' : 'test'
  const keyId = newKeyId(mode)
  const secret = `rsk_${mode}_${randomToken(32)}`
  await tx.query(
    'ramp-keys-overlap',
    `update ramp_partner_keys set expires_at = least(coalesce(expires_at, $3::timestamptz), $3::timestamptz)
     where book_id = $1 and partner_id = $2 and (expires_at is null or expires_at > $3::timestamptz)`,
    [bookId, partnerId, after(at, OVERLAP)],
  )
  await tx.query(
    'ramp-key-insert',
    `insert into ramp_partner_keys (book_id, key_id, partner_id, secret_sealed, made_for, shown_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      bookId,
      keyId,
      partnerId,
      seal(bank.keys.personal, secret, context(bookId, keyId)),
      madeFor,
      madeFor === null ? at : null,
      at,
    ],
  )
  return { keyId, secret }
}

/** What a request that names this key is verified with; undefined when nobody active has it. */
export async function keyInUse(
  bank: Bank,
  q: Queries,
  bookId: number,
  keyId: string,
): Promise<{ partnerId: string; secret: string } | undefined> {
  const [row] = await q.query<{ partner_id: string; secret_sealed: Buffer }>(
    'ramp-key-in-use',
    `select partner_id, secret_sealed from ramp_partner_keys
     where book_id = $1 and key_id = $2 and (expires_at is null or expires_at > $3)`,
    [bookId, keyId, bank.clock.now()],
  )
  return (
    row && {
      partnerId: row.partner_id,
      secret: unseal(bank.keys.personal, row.secret_sealed, context(bookId, keyId)),
    }
  )
}

/** Newest first. */
export const keysOf = (q: Queries, bookId: number, partnerId: string): Promise<PartnerKey[]> =>
  q.query<PartnerKey>(
    'ramp-keys-of',
    `select key_id as "keyId", created_at as "createdAt", expires_at as "expiresAt", shown_at as "shownAt"
     from ramp_partner_keys where book_id = $1 and partner_id = $2 order by created_at desc limit 20`,
    [bookId, partnerId],
  )

/** The secret of a key that operators agreed on, for who asked for it, once. Refuses everybody else: `NotFound`. */
export async function showSecret(
  bank: Bank,
  tx: Tx,
  bookId: number,
  partnerId: string,
  operatorId: string,
): Promise<{ keyId: string; secret: string }> {
  const at = bank.clock.now()
  const [row] = await tx.query<{ key_id: string; secret_sealed: Buffer }>(
    'ramp-key-show',
    `update ramp_partner_keys set shown_at = $4
     where book_id = $1 and partner_id = $2 and made_for = $3 and shown_at is null and created_at > $5
     returning key_id, secret_sealed`,
    [bookId, partnerId, operatorId, at, after(at, -SHOWN_WITHIN)],
  )
  if (!row) throw new Refusal('NotFound')
  return { keyId: row.key_id, secret: unseal(bank.keys.personal, row.secret_sealed, context(bookId, row.key_id)) }
}

/** The newest key of a partner with its secret: for the sandbox's own partner, whose secret is none. */
export async function newestKey(
  bank: Bank,
  q: Queries,
  bookId: number,
  { id }: Pick<Partner, 'id'>,
): Promise<{ keyId: string; secret: string } | undefined> {
  const [row] = await q.query<{ key_id: string; secret_sealed: Buffer }>(
    'ramp-key-newest',
    `select key_id, secret_sealed from ramp_partner_keys
     where book_id = $1 and partner_id = $2 and expires_at is null order by created_at desc limit 1`,
    [bookId, id],
  )
  return (
    row && { keyId: row.key_id, secret: unseal(bank.keys.personal, row.secret_sealed, context(bookId, row.key_id)) }
  )
}
