// Orders, holds, journals and payments that do not agree with each other, as breaks: the proofs of the books that concern
// money on its way to and from chains. Must stay true: the same statements as in the proof of the books (audit-book.ts).

import type { Bank } from '../context.ts'
import { depositChecks } from '../deposit/deposit.ts'
import { treasuryChecks } from '../treasury/treasury-checks.ts'
import { withdrawalChecks } from '../withdrawal/withdrawal-checks.ts'
import type { Break } from './break.ts'

const TOLD = 20

export async function orderFaults(bank: Bank, bookId: number): Promise<Break[]> {
  return bank.db.transaction(
    async (tx) => {
      await tx.query('', 'set local enable_seqscan = on')
      const faults: Break[] = []
      for (const { name, sql } of [...depositChecks, ...withdrawalChecks, ...treasuryChecks]) {
        const rows = await tx.query<{ detail: string }>('', sql, [bookId])
        for (const { detail } of rows.slice(0, TOLD)) {
          const subject = `${name}: ${detail}`.slice(0, 500)
          faults.push({ kind: 'order', subject, asset: '', expected: 0n, found: 0n, block: null, detail })
        }
      }
      return faults
    },
    { mode: 'isolation level repeatable read read only' },
  )
}
