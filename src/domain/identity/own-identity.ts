// A customer's own identity checks and pictures, and what others ask before they do something for a customer.
// Must stay true: a check is shown without what was said in it; a picture to its sender alone.

import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import { ownPerson } from '../people/people.ts'
import { type KycLevel, kycLevels } from '../setting-definitions.ts'
import { type IdentityCheck, newestChecks, type Stage } from './identity-check.ts'
import { fileByName, openFile } from './identity-file.ts'

/** The newest check of each stage. */
export const ownChecks = (bank: Bank, actor: Actor): Promise<Partial<Record<Stage, IdentityCheck>>> =>
  newestChecks(bank.db, actor.bookId, actor.personId)

/** The actor's own picture. Anybody else's is `NotFound`. */
export async function ownPicture(bank: Bank, actor: Actor, name: string): Promise<Buffer> {
  const file = await fileByName(bank.db, actor.bookId, actor.personId, name)
  if (!file) throw new Refusal('NotFound')
  return openFile(bank, actor.bookId, file)
}

/** Refuses `IdentityRequired` below a level. */
export async function requireLevel(
  bank: Bank,
  actor: { bookId: number; personId: string },
  needed: Exclude<KycLevel, 'none'>,
): Promise<void> {
  const { kycLevel } = await ownPerson(bank, actor)
  if (kycLevels.indexOf(kycLevel) < kycLevels.indexOf(needed)) throw new Refusal('IdentityRequired', { level: needed })
}
