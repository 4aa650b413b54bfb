// Going on with an account, a card or a top-up from where it stands, whoever asks: a job, the issuer's message, or time.
// Must stay true: any of them may ask at once and again; each step is recorded once, under its row's lock.

import type { Bank } from '../context.ts'
import { advanceCard } from './card.ts'
import { advanceCardAccount } from './card-account.ts'
import type { CardWork } from './card-job.ts'
import { fulfilWish } from './house-wish.ts'
import { advanceTopup, loadWaiting } from './topup.ts'

/** Throws when the issuer did not say: then it is asked again. */
export async function advance(bank: Bank, bookId: number, what: CardWork, id: string): Promise<void> {
  if (what === 'account') return advanceCardAccount(bank, bookId, BigInt(id))
  if (what === 'topup') return advanceTopup(bank, bookId, id)
  await advanceCard(bank, bookId, id, (tx, card) => loadWaiting(bank, tx, bookId, card))
  await fulfilWish(bank, bookId, id)
}
