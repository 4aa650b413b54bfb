// The keys of merchants: our pair for each, theirs by its public half, the secret of the plain form.
// Must stay true: our private keys and the secrets stand sealed; a secret is shown once; what is rotated out counts until its
// end, so that neither side has to change over in the same instant.

import type { KeyObject } from 'node:crypto'
import { after, hours } from '../../base/clock.ts'
import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { newKeySecret } from '../../base/key-text.ts'
import type { Bank } from '../context.ts'
import { perBank } from '../per-bank.ts'
import type { SealedColumn } from '../sealed-column.ts'
import { newKeyPair, privateKeyOf, publicKeyOf, readPublicKey } from '../signature/platform.ts'
import { forgetUsedWith } from '../signature/use-once.ts'
import { lockMerchant } from './merchant.ts'

export type KeySide = 'platform' | 'merchant' | 'plain'

interface Row {
  id: string
  side: KeySide
  public_key: string | null
  private_sealed: Buffer | null
  shown_at: Date | null
  created_at: Date
  ends_at: Date | null
}

const COLUMNS = 'id, side, public_key, private_sealed, shown_at, created_at, ends_at'
const context = (bookId: number, id: string) => `merchant key ${bookId} ${id}`
export const sealedMerchantKeys: SealedColumn = {
  table: 'merchant_keys',
  column: 'private_sealed',
  key: { id: 'uuid' },
  context,
}

/** What can be shown of a key at any time. */
export interface KeyView {
  id: string
  side: KeySide
  publicKey: string | null
  shown: boolean
  createdAt: Date
  endsAt: Date | null
}

// --- reading ---

/** Those that count at an instant, the current ones first. */
const keysAt = (q: Queries, bookId: number, merchantId: string, at: Date): Promise<Row[]> =>
  q.query<Row>(
    'merchant-keys',
    `select ${COLUMNS} from merchant_keys where book_id = $1 and merchant_id = $2 and (ends_at is null or ends_at > $3)
     order by ends_at desc nulls first, id desc`,
    [bookId, merchantId, at],
  )

export async function keyViews(q: Queries, bookId: number, merchantId: string, at: Date): Promise<KeyView[]> {
  const rows = await keysAt(q, bookId, merchantId, at)
  return rows.map((row) => ({
    id: row.id,
    side: row.side,
    publicKey: row.public_key,
    shown: row.shown_at !== null,
    createdAt: row.created_at,
    endsAt: row.ends_at,
  }))
}

export interface MerchantKeys {
  /** Ours: opens what is sent to us and signs what we answer. */
  platform: { id: string; key: KeyObject }[]
  /** Theirs: verifies what they send and encrypts what we answer. */
  merchant: { id: string; key: KeyObject }[]
  /** Secrets of the plain form. */
  plain: string[]
}

/** Keys made ready: to read one costs as much as to use it. A row never changes its key, so its id says all. */
const ready = perBank(() => new Map<string, KeyObject>())
const MOST_READY = 1_000

function makeReady(bank: Bank, row: Row, make: () => KeyObject): { id: string; key: KeyObject } {
  const known = ready(bank)
  let key = known.get(row.id)
  if (!key) {
    key = make()
    if (known.size >= MOST_READY) known.clear()
    known.set(row.id, key)
  }
  return { id: row.id, key }
}

const opened = (bank: Bank, bookId: number, { id, private_sealed }: Row): string => {
  if (!private_sealed) throw new Error('there is nothing sealed in this key')
  return unseal(bank.keys.personal, private_sealed, context(bookId, id))
}

export async function merchantKeys(bank: Bank, bookId: number, merchantId: string): Promise<MerchantKeys> {
  const rows = await keysAt(bank.db, bookId, merchantId, bank.clock.now())
  const of = (side: KeySide) => rows.filter((row) => row.side === side)
  return {
    platform: of('platform').map((row) => makeReady(bank, row, () => privateKeyOf(opened(bank, bookId, row)))),
    merchant: of('merchant').map((row) => makeReady(bank, row, () => publicKeyOf(row.public_key ?? ''))),
    plain: of('plain').map((row) => opened(bank, bookId, row)),
  }
}

/** The sealed part of a current key, for the sandbox's merchant, whose own pair is ours to show. */
export async function openCurrentKey(bank: Bank, bookId: number, merchantId: string, side: KeySide): Promise<string> {
  const rows = await keysAt(bank.db, bookId, merchantId, bank.clock.now())
  const row = rows.find((one) => one.side === side && one.ends_at === null)
  if (!row) throw new Refusal('NotFound')
  return opened(bank, bookId, row)
}

/** Blocks that were encrypted with a pair of ours that ended cannot be opened any more: their traces are removed. */
export async function forgetEndedKeys(q: Queries, bookId: number, before: Date): Promise<void> {
  const rows = await q.query<{ id: string }>(
    'merchant-keys-ended',
    `select id from merchant_keys where book_id = $1 and side = 'platform' and ends_at < $2`,
    [bookId, before],
  )
  const ids = rows.map(({ id }) => id)
  while (ids.length > 0 && (await forgetUsedWith(q, bookId, 'platform', ids, BATCH)) === BATCH);
}
const BATCH = 10_000

// --- writing ---

/** How long a key that is rotated out still counts. */
export const OVERLAP = hours(24)
export const LONGEST_OVERLAP = hours(24 * 30)

/** A key that is to be put in place, made before any transaction: RSA takes its time. */
export interface NewKey {
  side: KeySide
  publicKey: string | null
  secret: string | null
}

/** Refuses `InvalidParams` what is no RSA-2048 public key. */
export function theirKey(text: string, pointer = '/public_key'): NewKey {
  const publicKey = text.length > 2_000 ? undefined : readPublicKey(text)
  if (!publicKey) {
    throw new Refusal('InvalidParams', { pointer, reason: 'an RSA public key of 2048 bits, as PEM or DER in Base64' })
  }
  return { side: 'merchant', publicKey, secret: null }
}

export async function ourKey(): Promise<NewKey> {
  const { publicKey, privateKey } = await newKeyPair()
  return { side: 'platform', publicKey, secret: privateKey }
}

export const plainKey = (bank: Bank): NewKey => ({
  side: 'plain',
  publicKey: null,
  secret: newKeySecret(bank.config.UNIPAY_MODE === 'live' ? 'live' : 'test'),
})

/**
 * Puts a key in the place of the current one of its side, which ends after the overlap. What was rotated out before ends
 * at once, so that no more than two of a side count.
 */
export async function putKey(
  bank: Bank,
  tx: Tx,
  bookId: number,
  merchantId: string,
  key: NewKey,
  overlap = OVERLAP,
): Promise<string> {
  const at = bank.clock.now()
  await lockMerchant(tx, bookId, merchantId)
  await tx.query(
    'merchant-keys-end',
    `update merchant_keys set ends_at = case when ends_at is null then $5::timestamptz else $4 end
     where book_id = $1 and merchant_id = $2 and side = $3 and (ends_at is null or ends_at > $4::timestamptz)`,
    [bookId, merchantId, key.side, at, after(at, overlap)],
  )
  const id = newId()
  await tx.query(
    'merchant-key-insert',
    `insert into merchant_keys (book_id, id, merchant_id, side, public_key, private_sealed, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      bookId,
      id,
      merchantId,
      key.side,
      key.publicKey,
      key.secret === null ? null : seal(bank.keys.personal, key.secret, context(bookId, id)),
      at,
    ],
  )
  return id
}

/** The current secret of the plain form, to whoever asks first. Refuses `Outdated` when it was shown. */
export async function showSecretOnce(bank: Bank, tx: Tx, bookId: number, merchantId: string): Promise<string> {
  const [row] = await tx.query<Row>(
    'merchant-secret-show',
    `update merchant_keys set shown_at = $3
     where book_id = $1 and merchant_id = $2 and side = 'plain' and ends_at is null and shown_at is null returning ${COLUMNS}`,
    [bookId, merchantId, bank.clock.now()],
  )
  if (!row) throw new Refusal('Outdated', { reason: 'the secret was shown; ask for a new one' })
  return opened(bank, bookId, row)
}
