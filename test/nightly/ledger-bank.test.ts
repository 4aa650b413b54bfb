// The bank test with Jepsen's numbers: money is sent at random among eight accounts by sixteen workers of two processes
// while the whole state is read. Every read must add up, nothing may go below zero, and what was acknowledged is there.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../src/base/ids.ts'
import { post } from '../../src/ledger/post.ts'
import { createTestDatabase, type TestDatabase } from '../harness/database.ts'
import { draws, expectSound, fund, main, pay, processes, workers } from '../harness/ledger.ts'

const ACCOUNTS = 8
const TOTAL = 100n
const OPERATIONS = process.env.NIGHTLY ? 1_000_000 : 20_000
const FIRST = 10_001n

let base: TestDatabase
before(async () => {
  base = await createTestDatabase()
})
after(() => base.drop())

test(`${OPERATIONS} operations of 16 workers on ${ACCOUNTS} accounts`, async (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const banks = processes(base, 2)
  const people = Array.from({ length: ACCOUNTS }, (_, i) => FIRST + BigInt(i))
  const share = TOTAL / BigInt(ACCOUNTS)
  const expected = new Map(people.map((no, i) => [no, i === 0 ? TOTAL - share * BigInt(ACCOUNTS - 1) : share]))
  for (const [no, amount] of expected) await fund(banks[0]?.poster ?? assert.fail(), no, amount)

  const accounts = people.map(main)
  const seen = { transfers: 0, refused: 0, reads: 0 }
  const acknowledged: string[] = []
  const refused: string[] = []
  let left = OPERATIONS

  await workers(16, async (worker) => {
    const { db, poster } = banks[worker % 2] ?? assert.fail()
    while (left-- > 0) {
      if (below(5) === 0) {
        const rows = await db.query<{ id: bigint; balance: bigint }>(
          'bank-read',
          'select id, balance from accounts where book_id = 1 and id >= $1',
          [main(FIRST)],
        )
        assert.deepEqual(rows.map((row) => row.id).sort(), accounts)
        for (const row of rows) assert.ok(row.balance >= 0n, `${row.id} is at ${row.balance}`)
        assert.equal(
          rows.reduce((sum, row) => sum + row.balance, 0n),
          TOTAL,
        )
        seen.reads++
        continue
      }
      const payer = below(ACCOUNTS)
      const from = people[payer] ?? FIRST
      const to = people[(payer + 1 + below(ACCOUNTS - 1)) % ACCOUNTS] ?? FIRST
      const amount = BigInt(1 + below(5))
      const posting = pay(from, to, amount)
      // every tenth in a transaction of its own, as verbs outside the batch do
      const ok =
        below(10) === 0
          ? await db
              .transaction((tx) => post(tx, posting))
              .then(
                () => true,
                (error: { code?: string }) => {
                  assert.equal(error.code, 'InsufficientBalance')
                  return false
                },
              )
          : (await poster.submit(posting)).ok
      if (ok) {
        seen.transfers++
        acknowledged.push(posting.id)
        expected.set(from, (expected.get(from) ?? 0n) - amount)
        expected.set(to, (expected.get(to) ?? 0n) + amount)
      } else {
        seen.refused++
        refused.push(posting.id)
      }
    }
  })
  t.diagnostic(JSON.stringify({ ...seen, retries: banks.map((bank) => bank.poster.stats.retries) }))
  assert.ok(seen.refused > 0 && seen.reads > OPERATIONS / 10)

  const balances = await base.db.query<{ no: bigint; balance: bigint }>(
    '',
    'select id >> 16 as no, balance from accounts where book_id = 1 and id >= $1',
    [main(FIRST)],
  )
  assert.deepEqual(new Map(balances.map((row) => [row.no, row.balance])), expected)
  const found = async (ids: string[]) => {
    const [row] = await base.db.query<{ n: bigint }>(
      '',
      'select count(*) as n from journals where book_id = 1 and order_id = any ($1::uuid[])',
      [[newId(), ...ids]],
    )
    return Number(row?.n)
  }
  assert.equal(await found(acknowledged), acknowledged.length)
  assert.equal(await found(refused), 0)
  await expectSound(base.db)
  await banks.close()
})
