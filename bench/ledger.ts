// The ledger alone: transfer postings handed to the poster, no HTTP. Accounts are funded by real deposits.

import type { Database } from '../src/base/database.ts'
import { newId } from '../src/base/ids.ts'
import { deposit, transfer } from '../src/ledger/journals.ts'
import { createPoster } from '../src/ledger/poster.ts'
import { closedLoop, drawer, type Result, type Spread } from './load.ts'

export const FIRST = 1_000_000n

export async function fundLedger(db: Database, people: number) {
  const poster = createPoster(db)
  let next = 0
  await Promise.all(
    Array.from({ length: 2_000 }, async () => {
      for (let i = next++; i < people; i = next++) {
        const id = newId()
        const outcome = await poster.submit({
          bookId: 1,
          journal: deposit({ id, key: id, networkNo: 1, personNo: FIRST + BigInt(i), amount: 1_000_000_000_000n }),
        })
        if (!outcome.ok) throw outcome.refusal
      }
    }),
  )
}

export function benchLedger(
  db: Database,
  people: number,
  spread: Spread,
  clients: number,
  seconds: number,
): Promise<Result> {
  const poster = createPoster(db)
  const anyone = drawer('uniform', people)
  const receiver = drawer(spread, people)
  return closedLoop(clients, seconds, async () => {
    const from = anyone()
    let to = receiver()
    if (to === from) to = (to + 1) % people
    const outcome = await poster.submit({
      bookId: 1,
      journal: transfer({
        id: newId(),
        from: { personNo: FIRST + BigInt(from), account: 'main' },
        to: { personNo: FIRST + BigInt(to), account: 'main' },
        amount: 1_000n,
        fee: 0n,
        memo: '',
      }),
    })
    return outcome.ok
  })
}
