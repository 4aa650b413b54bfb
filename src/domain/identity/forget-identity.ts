// Forgetting what need not be known any longer: pictures that were never handed in, checks that were turned away, and the
// checks of customers who left, after as long as the law wants them kept (a setting).
// Must stay true: the books, the person's number, and that a check was made and how it ended, stay; a second run is harmless.

import { after, days } from '../../base/clock.ts'
import type { Bank } from '../context.ts'
import { settingsOf } from '../setting.ts'
import { eraseCheck, forgettableChecks } from './identity-check.ts'
import { eraseFiles, removeErased, unusedFiles } from './identity-file.ts'

const UNUSED = days(2)
const BATCH = 200

export async function forgetIdentity(bank: Bank, bookId: number): Promise<void> {
  const now = bank.clock.now()
  const kept = (await settingsOf(bank, bookId)).units('identity.keptDays')
  const before = after(now, -days(Number(kept)))
  for (let found = BATCH; found === BATCH; ) {
    const unused = await unusedFiles(bank.db, bookId, after(now, -UNUSED), BATCH)
    await eraseFiles(bank, bookId, unused)
    found = unused.length
  }
  for (let found = BATCH; found === BATCH; ) {
    const checks = await forgettableChecks(bank.db, bookId, before, BATCH)
    const files = checks
      .flatMap((check) => [check.front_file, check.back_file, check.third_file])
      .filter((id) => id !== null)
    for (const check of checks) await eraseCheck(bank.db, bookId, check.id, now)
    await eraseFiles(bank, bookId, files)
    found = checks.length
  }
  while ((await removeErased(bank, bookId, BATCH)) === BATCH);
}
