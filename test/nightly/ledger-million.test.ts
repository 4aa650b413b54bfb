// A million entries: sealed and proven within a minute each, whatever the machine is doing besides. Prints how fast they
// were posted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { createPoster } from '../../src/ledger/poster.ts'
import { createTestDatabase } from '../harness/database.ts'
import { draws, fund, pay, workers } from '../harness/ledger.ts'
import { freshPlace, seal } from '../harness/sealed-books.ts'

const JOURNALS = 500_000
const PEOPLE = 20_000
const MINUTE = 60_000

test('a million entries are sealed and proven within a minute each', { timeout: 20 * MINUTE }, async (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const base = await createTestDatabase()
  const place = freshPlace()
  const poster = createPoster(base.db)
  const person = (i: number) => 100_000n + BigInt(i % PEOPLE)
  await Promise.all(Array.from({ length: PEOPLE }, (_, i) => fund(poster, person(i), 1_000_000n)))
  const took = async (name: string, work: () => Promise<unknown>) => {
    const since = performance.now()
    await work()
    const milliseconds = performance.now() - since
    t.diagnostic(`${name}: ${(milliseconds / 1_000).toFixed(1)} s`)
    return milliseconds
  }
  await took(`${JOURNALS - PEOPLE} payments`, async () => {
    let left = JOURNALS - PEOPLE
    await workers(1_500, async () => {
      while (left-- > 0) {
        const from = below(PEOPLE)
        assert.ok((await poster.submit(pay(person(from), person(from + 1 + below(PEOPLE - 1)), 1n))).ok)
      }
    })
  })
  const sealing = await took('sealing', async () => assert.equal((await seal(base, place)).sealed, JOURNALS))
  const proving = await took('proving', async () => {
    const report = await verifyLedger(base.db, { bookId: 1, anchors: await place.all(1) })
    assert.deepEqual(report.faults, [])
    assert.deepEqual([report.journals, report.entries, report.sealed], [JOURNALS, 2 * JOURNALS, JOURNALS])
    for (const check of report.checks) t.diagnostic(`${check.milliseconds} ms  ${check.invariant}`)
  })
  await base.drop()
  assert.ok(sealing < MINUTE && proving < MINUTE)
})
