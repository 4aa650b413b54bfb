// The installation's secrets, one per purpose, derived from MASTER_KEY. Changing a purpose's name changes its key.
// Lose MASTER_KEY and what is sealed stays sealed; leak it and all of these are known.

import { deriveKey } from '../base/crypto.ts'

export interface Keys {
  /** Signs access tokens (HMAC). */
  readonly accessToken: Buffer
  /** Pepper of payment PINs. */
  readonly paymentPin: Buffer
  /** Pepper of one-time codes and refresh tokens at rest. */
  readonly oneTimeCode: Buffer
  /** Blind index of contacts: equal contacts meet, nothing else can be read from it. */
  readonly contactIndex: Buffer
  /** Seals contacts, TOTP secrets and other personal columns. */
  readonly personal: Buffer
  /** MAC of an approved withdrawal: known where withdrawals are approved, and to the signer. */
  readonly withdrawalApproval: Buffer
  /** Salts of customers' leaves in proofs of reserves: who knows it can tell whose a leaf is. */
  readonly reserveSalt: Buffer
}

export const deriveKeys = (master: Uint8Array): Keys => ({
  accessToken: deriveKey(master, 'access-token'),
  paymentPin: deriveKey(master, 'payment-pin'),
  oneTimeCode: deriveKey(master, 'one-time-code'),
  contactIndex: deriveKey(master, 'contact-index'),
  personal: deriveKey(master, 'personal'),
  withdrawalApproval: deriveKey(master, 'withdrawal-approval'),
  reserveSalt: deriveKey(master, 'reserve-salt'),
})
