// Making a merchant, changing its keys, stopping it: from a shell, or as approvals apply it.
// Must stay true: whatever happens is in the audit log, by what it is called and never with a secret; what a shell asks for makes
// key pairs before its transaction, for RSA takes its time.

import type { Tx } from '../../base/database.ts'
import { assert } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { type AuditActor, logAudit } from '../operator/audit-log.ts'
import { newKeyPair } from '../signature/platform.ts'
import { demoIsThere, findDemoMerchant, insertMerchant, type Merchant, merchantById, setStopped } from './merchant.ts'
import {
  type KeySide,
  keyViews,
  type NewKey,
  openCurrentKey,
  ourKey,
  plainKey,
  putKey,
  showSecretOnce,
  theirKey,
} from './merchant-key.ts'

export interface NewMerchant {
  name: string
  /** PEM, or DER in Base64. */
  publicKey: string
}

/** In the caller's transaction, with our pair made before. */
export async function makeMerchantIn(
  bank: Bank,
  tx: Tx,
  by: AuditActor,
  { name, keys, demo = false }: { name: string; keys: readonly NewKey[]; demo?: boolean },
): Promise<Merchant> {
  const { bookId } = by
  const merchant = await insertMerchant(bank, tx, bookId, { name, demo })
  for (const key of keys) await putKey(bank, tx, bookId, merchant.id, key)
  await logAudit(bank, tx, by, {
    action: 'merchant.made',
    subject: `merchant:${merchant.id}`,
    data: { name: merchant.name },
  })
  return merchant
}

export interface MadeMerchant {
  merchant: Merchant
  /** Ours, X.509: what the merchant encrypts with and verifies by. */
  platformKey: string
  /** Of the plain form; shown this once. */
  secret: string
}

/** For a shell of the installation, which is trusted. Refuses `InvalidParams`. */
export async function makeMerchant(
  bank: Bank,
  bookId: number,
  { name, publicKey }: NewMerchant,
): Promise<MadeMerchant> {
  const keys = [theirKey(publicKey), await ourKey(), plainKey(bank)]
  return bank.db.transaction(async (tx) => {
    const merchant = await makeMerchantIn(bank, tx, { bookId }, { name, keys })
    const secret = await showSecretOnce(bank, tx, bookId, merchant.id)
    return { merchant, platformKey: keys[1]?.publicKey ?? '', secret }
  })
}

/** Puts a new key in place of a merchant's current one. */
export async function changeKeyIn(
  bank: Bank,
  tx: Tx,
  by: AuditActor,
  merchant: Merchant,
  key: NewKey,
  overlap: number,
): Promise<void> {
  await putKey(bank, tx, by.bookId, merchant.id, key, overlap)
  await logAudit(bank, tx, by, {
    action: 'merchant.key_changed',
    subject: `merchant:${merchant.id}`,
    data: { side: key.side, overlapHours: overlap / 3_600_000 },
  })
}

/** A new key of a side: theirs as it was given, ours made here. */
export async function newKeyOf(bank: Bank, side: KeySide, publicKey: string | undefined): Promise<NewKey> {
  if (side === 'merchant') return theirKey(publicKey ?? '')
  return side === 'platform' ? ourKey() : plainKey(bank)
}

export async function stopIn(bank: Bank, tx: Tx, by: AuditActor, id: string, stopped: boolean, reason: string) {
  const merchant = await setStopped(bank, tx, by.bookId, id, stopped)
  const action = stopped ? 'merchant.stopped' : 'merchant.resumed'
  await logAudit(bank, tx, by, { action, subject: `merchant:${id}`, data: { reason } })
  return merchant
}

/** For an operator, at once: it takes nothing from anybody's customers. */
export const stopMerchant = (bank: Bank, by: AuditActor, id: string, reason: string): Promise<Merchant> =>
  bank.db.transaction((tx) => stopIn(bank, tx, by, id, true, reason))

/** For a shell. Answers what is to be told of the new key: ours and theirs by the public half, a secret this once. */
export async function rotateKey(
  bank: Bank,
  bookId: number,
  id: string,
  { side, publicKey, overlap }: { side: KeySide; publicKey: string | undefined; overlap: number },
): Promise<string> {
  const key = await newKeyOf(bank, side, publicKey)
  return bank.db.transaction(async (tx) => {
    await changeKeyIn(bank, tx, { bookId }, await merchantById(tx, bookId, id), key, overlap)
    return side === 'plain' ? showSecretOnce(bank, tx, bookId, id) : (key.publicKey ?? '')
  })
}

/** The current secret of the plain form, once. Refuses `NotFound`, `Outdated`. */
export const revealSecret = (bank: Bank, by: AuditActor, id: string): Promise<string> =>
  bank.db.transaction(async (tx) => {
    await merchantById(tx, by.bookId, id)
    const secret = await showSecretOnce(bank, tx, by.bookId, id)
    await logAudit(bank, tx, by, { action: 'merchant.secret_shown', subject: `merchant:${id}` })
    return secret
  })

// --- the sandbox's own ---

export interface DemoMerchant {
  appId: string
  inviteCode: string
  /** The merchant's own, PKCS#8: in the sandbox the bank plays both sides. */
  merchantPrivateKey: string
  merchantPublicKey: string
  platformPublicKey: string
  secret: string
}

/** The merchant that a sandbox tries the platform API with; made when it is asked for first, and the same from then on. */
export async function demoMerchant(bank: Bank, bookId: number): Promise<DemoMerchant> {
  assert(bank.config.UNIPAY_MODE === 'sandbox', 'a live bank has no demonstration')
  const merchant = (await findDemoMerchant(bank.db, bookId)) ?? (await makeDemo(bank, bookId))
  const views = await keyViews(bank.db, bookId, merchant.id, bank.clock.now())
  const publicOf = (side: KeySide) => views.find((key) => key.side === side && key.endsAt === null)?.publicKey ?? ''
  return {
    appId: merchant.id,
    inviteCode: merchant.inviteCode,
    merchantPrivateKey: await openCurrentKey(bank, bookId, merchant.id, 'merchant'),
    merchantPublicKey: publicOf('merchant'),
    platformPublicKey: publicOf('platform'),
    secret: await openCurrentKey(bank, bookId, merchant.id, 'plain'),
  }
}

async function makeDemo(bank: Bank, bookId: number): Promise<Merchant> {
  const { publicKey, privateKey } = await newKeyPair()
  const keys: NewKey[] = [{ side: 'merchant', publicKey, secret: privateKey }, await ourKey(), plainKey(bank)]
  try {
    return await bank.db.transaction((tx) => makeMerchantIn(bank, tx, { bookId }, { name: 'Demo', keys, demo: true }))
  } catch (error) {
    const there = demoIsThere(error) && (await findDemoMerchant(bank.db, bookId))
    if (there) return there
    throw error
  }
}
