// The in-transaction form of posting: for verbs whose money moves together with other rows they read and write.
// Hot verbs hand their posting to the poster instead (ledger/poster.ts); both run the same code.

import type { Tx } from '../base/database.ts'
import { applyBatch } from './apply.ts'
import type { Outcome, Posting } from './posting.ts'

/**
 * Posts in the caller's transaction and locks the accounts until it ends. Throws the refusal, so that the caller's
 * transaction rolls back as a whole. A journal key that is in the books already answers `replayed` and changes nothing.
 */
export async function post(tx: Tx, posting: Posting): Promise<Outcome & { ok: true }> {
  const [outcome] = await applyBatch(tx, posting.bookId, [posting], true)
  if (!outcome) throw new Error('a posting has an outcome')
  if (!outcome.ok) throw outcome.refusal
  return outcome
}
