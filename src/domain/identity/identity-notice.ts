// Telling a customer what became of an identity check: inbox, mail, live event, with the reason and the next step.
// Must stay true: written in the transaction of what it tells of.

import type { Tx } from '../../base/database.ts'
import { post } from '../../ledger/post.ts'
import type { Bank } from '../context.ts'
import { outboxRow } from '../notice/outbox.ts'
import { tellPerson } from '../notice/security-log.ts'
import type { Person } from '../people/people.ts'
import type { IdentityStatus, Stage } from './identity-check.ts'
import { rejectionWords } from './identity-words.ts'

export async function tellOfCheck(
  bank: Bank,
  tx: Tx,
  person: Person,
  stage: Stage,
  { status, reason }: { status: IdentityStatus; reason: string },
): Promise<void> {
  const at = bank.clock.now()
  const words = rejectionWords(reason)
  if (status === 'approved') await tellPerson(bank, tx, person, 'identity_approved', { stage })
  if (status === 'rejected' && words) {
    await tellPerson(bank, tx, person, 'identity_rejected', { stage, why: words.why, next: words.next })
  }
  const row = outboxRow(person.bookId, person.no, 'kyc.updated', { stage, status }, at)
  await post(tx, { bookId: person.bookId, rows: [row] })
}
