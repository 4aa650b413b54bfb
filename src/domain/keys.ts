// The installation's secrets, one per purpose, derived from MASTER_KEY. Changing a purpose's name changes its key.
// Lose MASTER_KEY and what is sealed stays sealed; leak it and all of these are known.

import type { Config } from '../base/config.ts'
import { deriveKey, type KeyRing } from '../base/crypto.ts'

export interface Keys {
  /** Signs access tokens (HMAC). */
  readonly accessToken: Buffer
  /** Pepper of payment PINs. */
  readonly paymentPin: Buffer
  /** Pepper of one-time codes and refresh tokens at rest. */
  readonly oneTimeCode: Buffer
  /** Blind index of contacts: equal contacts meet, nothing else can be read from it. */
  readonly contactIndex: Buffer
  /** Seal contacts, TOTP secrets and other personal columns, and the keys of files. `unipay keys rotate` goes over to another. */
  readonly personal: KeyRing
  /** Blind index of identity documents: the same document meets itself, nothing else can be read from it. */
  readonly identityIndex: Buffer
  /** MAC of an approved withdrawal: known where withdrawals are approved, and to the signer. */
  readonly withdrawalApproval: Buffer
  /** Seals what vendors tell us, and the tokens that they give us. */
  readonly vendor: Buffer
  /** Salts of customers' leaves in proofs of reserves: who knows it can tell whose a leaf is. */
  readonly reserveSalt: Buffer
}

type PersonalKeys = Pick<Config, 'PERSONAL_KEY' | 'PERSONAL_KEYS'>

/** Key 1 comes from the master key, the others are secrets of their own. */
const personalRing = (master: Uint8Array, { PERSONAL_KEY, PERSONAL_KEYS }: PersonalKeys): KeyRing => ({
  current: PERSONAL_KEY,
  keys: new Map<number, Uint8Array>([[1, deriveKey(master, 'personal')], ...PERSONAL_KEYS]),
})

export const deriveKeys = (
  master: Uint8Array,
  personal: PersonalKeys = { PERSONAL_KEY: 1, PERSONAL_KEYS: new Map() },
): Keys => ({
  accessToken: deriveKey(master, 'access-token'),
  paymentPin: deriveKey(master, 'payment-pin'),
  oneTimeCode: deriveKey(master, 'one-time-code'),
  contactIndex: deriveKey(master, 'contact-index'),
  personal: personalRing(master, personal),
  identityIndex: deriveKey(master, 'identity-index'),
  withdrawalApproval: deriveKey(master, 'withdrawal-approval'),
  vendor: deriveKey(master, 'vendor'),
  reserveSalt: deriveKey(master, 'reserve-salt'),
})
