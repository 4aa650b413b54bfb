// The house's hot wallets: one per book and family of networks, from which withdrawals are paid.
// Must stay true: an address is derived from the signer's extended public key, never looked up, so nobody who writes to the
// database can make the bank pay from, or believe in, another wallet.

import type { Config } from '../../base/config.ts'
import { deriveAddress, type Family } from './address.ts'

/** Canonical; undefined while the signer's key is not known here. */
export function hotAddress(
  { config }: { config: Pick<Config, 'HOT_XPUB_EVM' | 'HOT_XPUB_TRON'> },
  bookId: number,
  family: Family,
): string | undefined {
  const xpub = family === 'evm' ? config.HOT_XPUB_EVM : config.HOT_XPUB_TRON
  return xpub === '' ? undefined : deriveAddress(family, xpub, bookId, 0)
}
