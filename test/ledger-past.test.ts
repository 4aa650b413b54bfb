// The books as they were: any past instant equals a replay of the entries, corrections for a past day change today's
// view of that day and never the statement that was closed. And who may not pay, and books side by side.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Database } from '../src/base/database.ts'
import { newId } from '../src/base/ids.ts'
import { houseAccount, personAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balanceAsOf, balancesOf, entriesOf } from '../src/ledger/balances.ts'
import { placeHold, voidHold } from '../src/ledger/holds.ts'
import { adjustment, deposit } from '../src/ledger/journals.ts'
import { createPoster } from '../src/ledger/poster.ts'
import type { Posting } from '../src/ledger/posting.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { draws, expectSound, fund, inLanes, main, moneyOf, pay, verdict } from './harness/ledger.ts'

let base: TestDatabase
before(async () => {
  base = await createTestDatabase()
  await base.owner.query('', `insert into books (book_id, name) values (2, 'second'), (3, 'third')`)
})
after(async () => {
  for (const bookId of [1, 2, 3]) await expectSound(base.db, bookId)
  await base.drop()
})

const DAY = 86_400_000
let nextPerson = 10_001n

const correct = (personNo: bigint, amount: bigint, valueAt?: Date): Posting => ({
  bookId: 1,
  evenIfFrozen: true,
  journal: adjustment({
    id: newId(),
    from: amount < 0n ? main(personNo) : houseAccount('suspense'),
    to: amount < 0n ? houseAccount('suspense') : main(personNo),
    amount: amount < 0n ? -amount : amount,
    memo: 'correction',
    ...(valueAt ? { valueAt } : {}),
  }),
})

test('the balance at 1,000 random instants is the replay of the entries', async (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const poster = createPoster(base.db)
  const people = Array.from({ length: 6 }, () => nextPerson++)
  const someone = () => people[below(people.length)] ?? assert.fail()
  for (const no of people) await fund(poster, no, 10_000n)
  const start = Date.now()
  const earlier = () => new Date(below(2) === 0 ? start - below(DAY) : Date.now() - 50 - below(200))
  await inLanes(600, 8, async () => {
    const [from, to] = [someone(), someone()]
    const kind = below(10)
    if (kind === 0) await poster.submit(correct(from, BigInt(1 + below(50)), earlier()))
    else if (kind === 1) await poster.submit(correct(from, -BigInt(1 + below(50)), earlier()))
    else if (from !== to) await poster.submit(pay(from, to, BigInt(1 + below(20))))
  })
  const end = Date.now()

  // the replay knows the entries as plain rows, times in whole microseconds
  const rows = await base.db.query<{ account_id: bigint; amount: bigint; recorded: bigint; valued: bigint | null }>(
    '',
    `select account_id, amount, (extract(epoch from recorded_at) * 1e6)::bigint as recorded,
            (extract(epoch from value_at) * 1e6)::bigint as valued
     from entries where book_id = 1`,
  )
  const replay = (account: bigint, at: Date, knownAt?: Date) => {
    const micros = (instant: Date) => BigInt(instant.getTime()) * 1000n
    return rows
      .filter((row) => row.account_id === account && (row.valued ?? row.recorded) <= micros(at))
      .filter((row) => knownAt === undefined || row.recorded <= micros(knownAt))
      .reduce((sum, row) => sum + row.amount, 0n)
  }
  let corrected = 0
  await inLanes(1_000, 8, async () => {
    const account = main(someone())
    const at = new Date(start - DAY / 2 + below(end - start + DAY))
    const instant = below(2) === 0 ? new Date(start + below(end - start)) : at
    const knownAt = below(2) === 0 ? new Date(start + below(end - start)) : undefined
    const expected = replay(account, instant, knownAt)
    assert.equal(await balanceAsOf(base.db, 1, account, instant, knownAt), expected)
    if (expected !== replay(account, instant, instant)) corrected++
  })
  assert.ok(corrected > 50, 'corrections made a difference')
})

test('a correction for a past day changes how we see that day, not the statement that was closed', async () => {
  const poster = createPoster(base.db)
  const person = nextPerson++
  await fund(poster, person, 100n)
  await new Promise((resolve) => setTimeout(resolve, 5))
  const closing = new Date()
  const statement = () => balanceAsOf(base.db, 1, main(person), closing, closing)
  const today = () => balanceAsOf(base.db, 1, main(person), closing)
  assert.deepEqual([await statement(), await today()], [100n, 100n])
  await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok((await poster.submit(correct(person, 25n, new Date(closing.getTime() - 60_000)))).ok)
  assert.deepEqual([await statement(), await today()], [100n, 125n])
  assert.deepEqual(await moneyOf(base.db, person), { balance: 125n, held: 0n })
  assert.equal(await balanceAsOf(base.db, 1, main(person), new Date(closing.getTime() - 61_000)), 0n)
  const [newest] = await entriesOf(base.db, 1, [main(person)], { offset: 0, size: 1 })
  assert.deepEqual([newest?.amount, newest?.balance_after, newest?.memo], [25n, 125n, 'correction'])
})

test('who is frozen receives and does not pay; who is closed does neither; nothing is written for a refusal', async () => {
  const poster = createPoster(base.db)
  const [frozen, closed, other] = [nextPerson++, nextPerson++, nextPerson++]
  for (const no of [frozen, closed, other]) await fund(poster, no, 100n)
  const hold = (no: bigint) =>
    base.db.transaction((tx) =>
      placeHold(tx, { bookId: 1, account: main(no), amount: 10n, orderKind: 'test', orderId: newId() }),
    )
  const holds = [await hold(frozen), await hold(closed)]
  const setStatus = (no: bigint, status: string) =>
    base.db.query('', 'select ledger_set_status(1, $1, $2)', [no, status])
  await setStatus(frozen, 'frozen')
  await setStatus(closed, 'closed')

  const submit = async (posting: Posting) => {
    const outcome = await poster.submit(posting)
    return outcome.ok ? 'ok' : outcome.refusal.code
  }
  const before = await rowCounts(base.db)
  assert.equal(await submit(pay(frozen, other, 1n)), 'AccountClosed')
  assert.equal(await submit(pay(closed, other, 1n)), 'AccountClosed')
  assert.equal(await submit(pay(other, closed, 1n)), 'AccountClosed')
  assert.equal(await verdict(hold(frozen)), 'AccountClosed')
  assert.equal(await submit(pay(other, other, 101n)), 'InsufficientBalance', 'not even to oneself')
  assert.equal(await submit(pay(other, frozen, 101n)), 'InsufficientBalance')
  assert.deepEqual(await rowCounts(base.db), before)

  assert.equal(await submit(pay(other, frozen, 5n)), 'ok')
  assert.equal(await submit(correct(frozen, -5n)), 'ok', "an operator's correction")
  // what was set aside comes back whatever became of the account: nothing leaves it
  for (const id of holds) assert.equal(await verdict(base.db.transaction((tx) => voidHold(tx, 1, id, 'expired'))), 'ok')
  assert.deepEqual(await moneyOf(base.db, closed), { balance: 100n, held: 0n })
  await setStatus(frozen, 'open')
  assert.equal(await submit(pay(frozen, other, 1n)), 'ok')
})

async function rowCounts(db: Database) {
  const [row] = await db.query<{ journals: bigint; entries: bigint; holds: bigint }>(
    '',
    `select (select count(*) from journals) as journals, (select count(*) from entries) as entries,
            (select count(*) from holds) as holds`,
  )
  return row ?? assert.fail()
}

test('two books at once keep apart: same people, same keys, same orders', async (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const poster = createPoster(base.db)
  const people = Array.from({ length: 4 }, (_, i) => 50_001n + BigInt(i))
  const expected = new Map([2, 3].map((bookId) => [bookId, new Map<bigint, bigint>()]))
  const add = (bookId: number, no: bigint, amount: bigint) => {
    const book = expected.get(bookId)
    book?.set(no, (book.get(no) ?? 0n) + amount)
  }
  for (const no of people) {
    const id = newId()
    for (const bookId of [2, 3]) {
      const amount = BigInt(bookId) * 1_000n
      const outcome = await poster.submit({
        bookId,
        journal: deposit({ id, key: `same:${no}`, networkNo: 1, personNo: no, amount }),
      })
      assert.ok(outcome.ok)
      add(bookId, no, amount)
    }
  }
  await Promise.all(
    Array.from({ length: 2_000 }, async () => {
      const bookId = 2 + below(2)
      const payer = below(people.length)
      const from = people[payer] ?? assert.fail()
      const to = people[(payer + 1 + below(people.length - 1)) % people.length] ?? assert.fail()
      const amount = BigInt(1 + below(200))
      const outcome = await poster.submit(pay(from, to, amount, { bookId }))
      if (!outcome.ok) return assert.equal(outcome.refusal.code, 'InsufficientBalance')
      add(bookId, from, -amount)
      add(bookId, to, amount)
    }),
  )
  for (const [bookId, book] of expected) {
    for (const [no, balance] of book) assert.equal((await moneyOf(base.db, no, bookId)).balance, balance)
    const report = await verifyLedger(base.db, { bookId })
    assert.equal(report.accounts, people.length + 1)
    assert.deepEqual(report.faults, [])
  }
  const elsewhere = await balancesOf(
    base.db,
    1,
    people.map((no) => personAccount(no, 'main')),
  )
  for (const no of people) assert.equal(elsewhere(main(no)).balance, 0n)
})
