// Two want what only one can have: the end of a hold, a reversal, the last of a limit, each other's locks.
// Exactly one wins every time, in one process or in two, through the poster or in a transaction.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../src/base/ids.ts'
import { personAccount } from '../src/ledger/accounts.ts'
import { applyBatch } from '../src/ledger/apply.ts'
import { reverseJournal } from '../src/ledger/balances.ts'
import { captureHold, dueHolds, findHold, placeHold, voidHold } from '../src/ledger/holds.ts'
import { post } from '../src/ledger/post.ts'
import type { Posting } from '../src/ledger/posting.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import {
  daily,
  draws,
  expectSound,
  fund,
  inLanes,
  main,
  moneyOf,
  pay,
  processes,
  verdict,
  workers,
} from './harness/ledger.ts'

const RACES = 500

let base: TestDatabase
let banks: ReturnType<typeof processes>
before(async () => {
  base = await createTestDatabase()
  banks = processes(base, 2, { max: 10 })
})
after(async () => {
  await expectSound(base.db)
  await banks.close()
  await base.drop()
})

const bank = (i: number) => banks[i % 2] ?? assert.fail()
const submit = async (i: number, posting: Posting) => {
  const outcome = await bank(i).poster.submit(posting)
  if (!outcome.ok) throw outcome.refusal
}
let nextPerson = 10_001n

const hold = (personNo: bigint, amount: bigint, expiresAt?: Date) =>
  base.db.transaction((tx) =>
    placeHold(tx, {
      bookId: 1,
      account: main(personNo),
      amount,
      orderKind: 'test',
      orderId: newId(),
      ...(expiresAt ? { expiresAt } : {}),
    }),
  )

test(`${RACES} holds, each captured, voided and expired at once: one of the three happens`, async (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const [payer, shop] = [nextPerson++, nextPerson++]
  await fund(bank(0).poster, payer, BigInt(RACES) * 10n)
  const won: Record<string, number> = {}
  let captured = 0n

  await inLanes(RACES, 8, async (race) => {
    const id = await hold(payer, 10n, new Date(Date.now() - 1_000))
    const amount = BigInt(1 + below(10))
    const capture = pay(payer, shop, amount)
    const contenders: Record<string, () => Promise<unknown>> = {
      captured: () =>
        below(2) === 0
          ? bank(race).db.transaction((tx) =>
              captureHold(tx, 1, id, { amount, journal: capture.journal ?? assert.fail() }),
            )
          : submit(race, { ...capture, change: { id, account: main(payer), to: 'captured', captured: amount } }),
      voided: () => bank(race + 1).db.transaction((tx) => voidHold(tx, 1, id)),
      expired: () => submit(race + 1, { bookId: 1, change: { id, account: main(payer), to: 'expired', captured: 0n } }),
    }
    const order = Object.entries(contenders).sort(() => below(3) - 1)
    const verdicts = await Promise.all(order.map(async ([name, run]) => [name, await verdict(run())] as const))
    const winners = verdicts.flatMap(([name, verdict]) => (verdict === 'ok' ? [name] : []))
    assert.equal(winners.length, 1, JSON.stringify(verdicts))
    assert.ok(verdicts.every(([, verdict]) => verdict === 'ok' || verdict === 'HoldNotOpen'))
    const [winner = ''] = winners
    assert.equal((await findHold(base.db, 1, id)).status, winner)
    won[winner] = (won[winner] ?? 0) + 1
    if (winner === 'captured') captured += amount
  })

  t.diagnostic(JSON.stringify(won))
  assert.deepEqual(await moneyOf(base.db, payer), { balance: BigInt(RACES) * 10n - captured, held: 0n })
  assert.deepEqual(await moneyOf(base.db, shop), { balance: captured, held: 0n })
})

test('a hold gives no more than it has, and what is left over comes back', async () => {
  const [payer, shop] = [nextPerson++, nextPerson++]
  await fund(bank(0).poster, payer, 100n)
  const id = await hold(payer, 60n)
  const capture = (amount: bigint, rest: 'kept' | 'released') =>
    verdict(
      base.db.transaction((tx) =>
        captureHold(tx, 1, id, { amount, rest, journal: pay(payer, shop, amount).journal ?? assert.fail() }),
      ),
    )
  assert.equal(await capture(61n, 'released'), 'HoldExceeded')
  assert.equal(await capture(25n, 'kept'), 'ok')
  assert.equal(await capture(36n, 'released'), 'HoldExceeded')
  assert.deepEqual(await moneyOf(base.db, payer), { balance: 75n, held: 35n })
  assert.equal(await capture(10n, 'released'), 'ok')
  assert.deepEqual(await moneyOf(base.db, payer), { balance: 65n, held: 0n })
  assert.equal(await capture(1n, 'released'), 'HoldNotOpen')
})

test('part captures at once never exceed the hold', async () => {
  const [payer, shop] = [nextPerson++, nextPerson++]
  await fund(bank(0).poster, payer, 1_000n)
  const id = await hold(payer, 100n)
  const verdicts = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      verdict(submit(i, { ...pay(payer, shop, 7n), change: { id, account: main(payer), to: 'open', captured: 7n } })),
    ),
  )
  assert.equal(verdicts.filter((v) => v === 'ok').length, 14)
  assert.ok(verdicts.every((v) => v === 'ok' || v === 'HoldExceeded'))
  assert.deepEqual(await moneyOf(base.db, payer), { balance: 902n, held: 2n })
  await base.db.transaction((tx) => voidHold(tx, 1, id))
  assert.deepEqual(await moneyOf(base.db, payer), { balance: 902n, held: 0n })
})

test('holds whose time is over are listed, those that ended or last longer are not', async () => {
  const payer = nextPerson++
  await fund(bank(0).poster, payer, 100n)
  const now = new Date()
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1_000)
  const due = [await hold(payer, 1n, at(-2)), await hold(payer, 1n, at(-1))]
  const ended = await hold(payer, 1n, at(-3))
  await base.db.transaction((tx) => voidHold(tx, 1, ended))
  await hold(payer, 1n, at(60))
  await hold(payer, 1n)
  assert.deepEqual(await dueHolds(base.db, 1, now), due)
  assert.deepEqual(await dueHolds(base.db, 1, now, 1), due.slice(0, 1))
})

test(`${RACES} payments, each reversed twice at once: reversed once, balances as at the start`, async () => {
  const people = Array.from({ length: 10 }, () => nextPerson++)
  for (const no of people) await fund(bank(0).poster, no, 1_000n)
  const before = await Promise.all(people.map((no) => moneyOf(base.db, no)))
  const someone = (i: number) => people[i % people.length] ?? assert.fail()
  const ids = await Promise.all(
    Array.from({ length: RACES }, async (_, i) => {
      const posting = pay(someone(i), someone(i + 1 + (i % 7)), 1n)
      await submit(i, posting)
      return posting.journal?.id ?? ''
    }),
  )
  const verdicts: string[] = []
  await inLanes(RACES, 8, async (i) => {
    const id = ids[i] ?? ''
    const undo = (process: number) => verdict(bank(process).db.transaction((tx) => reverseJournal(tx, 1, id, 'undone')))
    verdicts.push(...(await Promise.all([undo(0), undo(1)])))
  })
  assert.equal(verdicts.filter((v) => v === 'ok').length, RACES)
  assert.equal(verdicts.filter((v) => v === 'AlreadyReversed').length, RACES)
  assert.deepEqual(await Promise.all(people.map((no) => moneyOf(base.db, no))), before)
})

test('a reversal can itself be reversed, once', async () => {
  const [a, b] = [nextPerson++, nextPerson++]
  await fund(bank(0).poster, a, 10n)
  const paid = pay(a, b, 4n)
  await submit(0, paid)
  const undo = (id: string) => verdict(base.db.transaction((tx) => reverseJournal(tx, 1, id, '')))
  assert.equal(await undo(paid.journal?.id ?? ''), 'ok')
  const [row] = await base.db.query<{ id: string }>('', 'select id from journals where reverses = $1', [
    paid.journal?.id,
  ])
  assert.equal(await undo(row?.id ?? ''), 'ok')
  assert.equal(await undo(row?.id ?? ''), 'AlreadyReversed')
  assert.deepEqual(await moneyOf(base.db, a), { balance: 6n, held: 0n })
})

test('payments to and fro, batched and not, never wait for each other in a ring', async (t) => {
  const seconds = process.env.NIGHTLY ? 60 : 4
  const { below } = draws((line) => t.diagnostic(line))
  const [a, b, c, d] = [nextPerson++, nextPerson++, nextPerson++, nextPerson++]
  for (const no of [a, b, c, d]) await fund(bank(0).poster, no, 1_000_000n)
  const latencies: number[] = []
  const until = performance.now() + seconds * 1_000
  await workers(16, async (worker) => {
    while (performance.now() < until) {
      const since = performance.now()
      const [from, to] = worker % 2 === 0 ? [a, b] : [b, a]
      const { db } = bank(worker >> 1)
      const both = worker % 2 === 0 ? [pay(a, b, 1n), pay(c, d, 1n)] : [pay(d, c, 1n), pay(b, a, 1n)]
      const kind = below(10)
      if (kind < 6) await submit(worker >> 1, pay(from, to, 1n))
      else if (kind < 9) await db.transaction((tx) => post(tx, pay(from, to, 1n)))
      else for (const outcome of await db.transaction((tx) => applyBatch(tx, 1, both, true))) assert.ok(outcome.ok)
      latencies.push(performance.now() - since)
    }
  })
  latencies.sort((x, y) => x - y)
  const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? 0
  t.diagnostic(
    JSON.stringify({ payments: latencies.length, p99: Math.round(p99), worst: Math.round(latencies.at(-1) ?? 0) }),
  )
  assert.ok(p99 <= 1_000, `p99 ${p99} ms`)
  const sums = await Promise.all([a, b, c, d].map(async (no) => (await moneyOf(base.db, no)).balance))
  assert.equal(
    sums.reduce((x, y) => x + y, 0n),
    4_000_000n,
  )
})

test('a ring that a transaction of several postings does form is run again, unseen', async () => {
  const [a, b, c, d] = [nextPerson++, nextPerson++, nextPerson++, nextPerson++]
  for (const no of [a, b, c, d]) await fund(bank(0).poster, no, 1_000n)
  const before = await deadlocks()
  for (let round = 0; round < 3; round++) {
    await workers(2, async (worker) => {
      const [first, second] = worker === 0 ? [pay(a, b, 1n), pay(c, d, 1n)] : [pay(d, c, 1n), pay(b, a, 1n)]
      await bank(worker).db.transaction(async (tx) => {
        await post(tx, first)
        await new Promise((resolve) => setTimeout(resolve, 50)) // until the other has its first, too
        await post(tx, second)
      })
    })
  }
  assert.ok((await deadlocks()) > before, 'a ring did form')
  assert.ok((await Promise.all([a, b, c, d].map((no) => moneyOf(base.db, no)))).every((m) => m.balance === 1_000n))
})

test('first payments to the same new customers at once: each account opens once, without a deadlock', async () => {
  const start = nextPerson
  nextPerson += 200n
  const before = await deadlocks()
  await Promise.all(Array.from({ length: 2_000 }, (_, i) => fund(bank(i).poster, start + BigInt((i * 7919) % 200), 1n)))
  const balances = await Promise.all(Array.from({ length: 200 }, (_, i) => moneyOf(base.db, start + BigInt(i))))
  assert.ok(balances.every((money) => money.balance === 10n))
  assert.equal(await deadlocks(), before)
})

async function deadlocks(): Promise<bigint> {
  const [row] = await base.owner.query<{ deadlocks: bigint }>(
    '',
    'select deadlocks from pg_stat_database where datname = current_database()',
  )
  return row?.deadlocks ?? 0n
}

test('1,000 times two payments of 60 at once under a daily limit of 100: one of them', async () => {
  await inLanes(1_000, 8, async (trial) => {
    const [person, one, other] = [nextPerson++, nextPerson++, nextPerson++]
    await fund(bank(trial).poster, person, 1_000n)
    const limit = daily(person, 60n, 100n)
    // the second comes out of another account and goes to another person, so that only the gate can make them queue
    const node = personAccount(person, 'node')
    await submit(trial, {
      bookId: 1,
      journal: {
        ...(pay(person, one, 100n).journal ?? assert.fail()),
        legs: [
          { account: main(person), amount: -100n },
          { account: node, amount: 100n },
        ],
      },
    })
    const second = pay(person, other, 60n, limit)
    if (second.journal && trial % 2 === 0)
      second.journal.legs = [
        { account: node, amount: -60n },
        { account: main(other), amount: 60n },
      ]
    const verdicts = await Promise.all([
      verdict(submit(0, pay(person, one, 60n, limit))),
      verdict(trial % 3 === 0 ? bank(1).db.transaction((tx) => post(tx, second)) : submit(1, second)),
    ])
    assert.deepEqual(verdicts.sort(), ['LimitExceeded', 'ok'])
  })
  const [row] = await base.db.query<{ worst: bigint }>(
    '',
    'select max(spent) as worst from (select sum(spent)::bigint as spent from velocity group by subject) x',
  )
  assert.equal(row?.worst, 60n)
})

test('a payment between two hot accounts gets its turn', async () => {
  const [hotA, hotB, ...others] = Array.from({ length: 42 }, () => nextPerson++)
  assert(hotA !== undefined && hotB !== undefined)
  const lone = processes(base, 1, { lanes: 2, batch: 8 })
  const [process] = lone
  assert(process)
  for (const no of [hotA, hotB, ...others]) await fund(process.poster, no, 1_000_000n)
  let over = false
  const load = others.map(async (no, i) => {
    while (!over) await process.poster.submit(pay(no, i % 2 === 0 ? hotA : hotB, 1n))
  })
  const started = performance.now()
  for (let i = 0; i < 20; i++) assert.equal((await process.poster.submit(pay(hotA, hotB, 1n))).ok, true)
  over = true
  await Promise.all(load)
  assert(performance.now() - started < 10_000, 'twenty payments between them in ten seconds')
  await lone.close()
})

test('what arrives together is shared by the lanes, so that one commits while the other is decided', async () => {
  const payers = Array.from({ length: 200 }, () => nextPerson++)
  const lone = processes(base, 1, { lanes: 2 })
  const [process] = lone
  assert(process)
  const { poster } = process
  await Promise.all(payers.map((no) => fund(poster, no, 1_000_000n)))
  const { batches } = poster.stats
  const outcomes = await Promise.all(payers.map((no, i) => poster.submit(pay(no, payers[i ^ 1] ?? no, 1n))))
  assert(outcomes.every((outcome) => outcome.ok))
  assert.equal(poster.stats.batches - batches, 2, 'one batch a lane')
  await lone.close()
})
