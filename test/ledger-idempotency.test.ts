// The same movement asked for many times happens once: twins at once, in two processes, after a changed body, a refusal,
// a restart, a lost connection. And what goes wrong with one posting of a batch is that posting's trouble alone.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sha256 } from '../src/base/crypto.ts'
import { isRefusal, Refusal } from '../src/base/errors.ts'
import { newId } from '../src/base/ids.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { deposit } from '../src/ledger/journals.ts'
import { createPoster } from '../src/ledger/poster.ts'
import type { Outcome, Posting } from '../src/ledger/posting.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { expectSound, fund, main, moneyOf, pay, processes } from './harness/ledger.ts'

let base: TestDatabase
let banks: ReturnType<typeof processes>
before(async () => {
  base = await createTestDatabase()
  banks = processes(base, 2)
})
after(async () => {
  await expectSound(base.db)
  await banks.close()
  await base.drop()
})

const bank = (i: number) => banks[i % 2] ?? assert.fail()
const submit = (i: number, posting: Posting) => bank(i).poster.submit(posting)
let nextPerson = 10_001n
const pair = (): [bigint, bigint] => [nextPerson++, nextPerson++]

/** A payment under a request's key, answered with its order's id. */
function keyed(
  from: bigint,
  to: bigint,
  amount: bigint,
  key: string,
  scope = `test:${from}`,
): Posting & { id: string } {
  const requestHash = sha256(`${to} ${amount}`)
  const posting = pay(from, to, amount, { idempotency: { scope, key, requestHash } })
  return { ...posting, answer: { id: posting.id } }
}

const balances = async (...people: bigint[]) =>
  Promise.all(people.map(async (no) => (await moneyOf(base.db, no)).balance))
const codeOf = (outcome: Outcome | undefined) => (outcome?.ok === false ? outcome.refusal.code : 'ok')

for (const count of [1, 2]) {
  test(`32 twins at once in ${count === 1 ? 'one process' : 'two processes'} are one payment with one answer`, async () => {
    for (let round = 0; round < 10; round++) {
      const [from, to] = pair()
      await fund(bank(0).poster, from, 1_000n)
      const outcomes = await Promise.all(
        Array.from({ length: 32 }, (_, i) => submit(i % count, keyed(from, to, 7n, 'once'))),
      )
      assert.deepEqual(await balances(from, to), [993n, 7n])
      const answers = outcomes.map((o) => (o.ok ? o.answer.id : undefined))
      assert.equal(new Set(answers).size, 1)
      assert.equal(typeof answers[0], 'string')
      assert.equal(outcomes.filter((o) => !o.replayed).length, 1)
    }
  })
}

test('a key with another body is refused and moves nothing', async () => {
  const [from, to] = pair()
  await fund(bank(0).poster, from, 1_000n)
  const at = (i: number, amount: bigint) => submit(i, keyed(from, to, amount, 'k'))
  assert.equal(codeOf(await at(0, 10n)), 'ok')
  assert.equal(codeOf(await at(0, 11n)), 'IdempotencyKeyReused')
  assert.equal(codeOf(await at(1, 12n)), 'IdempotencyKeyReused')
  const again = await at(1, 10n)
  assert.deepEqual([codeOf(again), again.replayed], ['ok', true])
  assert.deepEqual(await balances(from, to), [990n, 10n])
})

test('two bodies under one key at once, even from two payers: one of them is paid', async () => {
  for (let round = 0; round < 60; round++) {
    const [a, b] = pair()
    const [to, neighbour] = pair()
    await Promise.all([a, b, neighbour].map((no) => fund(bank(0).poster, no, 100n)))
    const poison = round % 2 === 0 ? [poisons['one leg']?.(neighbour, to) ?? assert.fail()] : []
    const batches = [a, b].map((payer, i) => [
      pay(neighbour, a, 1n),
      keyed(payer, to, 5n + BigInt(i), 'shared', `round:${round}`),
      ...poison, // makes the batch run again, in parts
      pay(neighbour, b, 1n),
    ])
    const settled = await Promise.allSettled(batches.flatMap((batch, i) => batch.map((posting) => submit(i, posting))))
    assert.equal(settled.filter((s) => s.status === 'rejected').length, poison.length * 2)
    const codes = settled.flatMap((s) => (s.status === 'fulfilled' ? [codeOf(s.value)] : []))
    assert.deepEqual(
      codes.filter((code) => code !== 'ok'),
      ['IdempotencyKeyReused'],
    )
    assert.ok([5n, 6n].includes((await moneyOf(base.db, to)).balance))
    assert.deepEqual(await balances(neighbour), [96n])
  }
})

test('a refusal is the answer for ever, a new key is a new request', async () => {
  const [from, to] = pair()
  const refused = await submit(0, keyed(from, to, 50n, 'first'))
  assert.deepEqual([codeOf(refused), refused.replayed], ['InsufficientBalance', false])
  await fund(bank(0).poster, from, 100n)
  const again = await submit(1, keyed(from, to, 50n, 'first'))
  assert.deepEqual([codeOf(again), again.replayed], ['InsufficientBalance', true])
  assert.equal(codeOf(await submit(1, keyed(from, to, 50n, 'second'))), 'ok')
  assert.deepEqual(await balances(from, to), [50n, 50n])
})

test('answers outlive the process', async () => {
  const [from, to] = pair()
  const first = processes(base, 1)
  await fund(first[0]?.poster ?? assert.fail(), from, 100n)
  const before = await first[0]?.poster.submit(keyed(from, to, 30n, 'k'))
  await first.close()
  const second = processes(base, 1)
  const after = await second[0]?.poster.submit(keyed(from, to, 30n, 'k'))
  await second.close()
  assert.ok(before?.ok && after?.ok && after.replayed)
  assert.deepEqual(after.answer, before.answer)
  assert.deepEqual(await balances(from, to), [70n, 30n])
})

test('an order and a key make a movement happen once', async () => {
  const [no] = pair()
  const id = newId()
  const credit = (key: string) => ({
    bookId: 1,
    journal: deposit({ id, key, networkNo: 1, personNo: no, amount: 9n }),
  })
  const outcomes = await Promise.all(Array.from({ length: 32 }, (_, i) => submit(i, credit('credited'))))
  assert.deepEqual(new Set(outcomes.map(codeOf)), new Set(['ok']))
  assert.equal(outcomes.filter((o) => !o.replayed).length, 1)
  assert.deepEqual(await balances(no), [9n])
  assert.equal(codeOf(await submit(0, credit('credited again'))), 'ok')
  assert.deepEqual(await balances(no), [18n])
})

test('a movement that is in the books already spoils nobody else in the batch', async () => {
  const [from, to] = pair()
  await fund(bank(0).poster, from, 1_000n)
  const done = pay(from, to, 1n)
  assert.equal(codeOf(await submit(0, done)), 'ok')
  const batch = Array.from({ length: 100 }, (_, i) => (i === 61 ? done : pay(from, to, 1n)))
  const outcomes = await Promise.all(batch.map((posting) => submit(0, posting)))
  assert.deepEqual(new Set(outcomes.map(codeOf)), new Set(['ok']))
  assert.deepEqual(
    outcomes.flatMap((o, i) => (o.replayed ? [i] : [])),
    [61],
  )
  assert.deepEqual(await balances(from, to), [900n, 100n])
})

/** Postings that no correct code makes: the database refuses them, however they got into a batch. */
const poisons: Record<string, (from: bigint, to: bigint) => Posting> = {
  'a NUL in its text': (from, to) => withJournal(from, to, (journal) => ({ ...journal, memo: 'a\0b' })),
  'legs that do not sum to zero': (from, to) =>
    withJournal(from, to, (journal) => ({ ...journal, legs: journal.legs.map((l) => ({ ...l, amount: -1n })) })),
  'one leg': (from, to) => withJournal(from, to, (journal) => ({ ...journal, legs: journal.legs.slice(1) })),
  'a leg of zero': (from, to) =>
    withJournal(from, to, (journal) => ({ ...journal, legs: journal.legs.map((l) => ({ ...l, amount: 0n })) })),
  'legs in two assets': (from, to) =>
    withJournal(from, to, (journal) => ({
      ...journal,
      legs: journal.legs.map((l, i) => (i === 0 ? { ...l, account: houseAccount('custody', 'UPT') } : l)),
    })),
  'more than an account can hold': (from) => ({
    bookId: 1,
    journal: deposit({ id: newId(), key: newId(), networkNo: 1, personNo: from, amount: 9_223_372_036_854_775_807n }),
  }),
  'a day in the future': (from, to) =>
    withJournal(from, to, (journal) => ({ ...journal, valueAt: new Date('2999-01-01') })),
  'an id that is taken': (from, to) => withJournal(from, to, (journal) => ({ ...journal, id: takenId })),
  'a hold of less than nothing': (from) => ({
    bookId: 1,
    place: { id: newId(), account: main(from), amount: -5n, orderKind: 'test', orderId: newId() },
  }),
}

let takenId = newId()

function withJournal(
  from: bigint,
  to: bigint,
  change: (journal: NonNullable<Posting['journal']>) => Posting['journal'],
) {
  const posting = pay(from, to, 1n)
  const journal = posting.journal && change(posting.journal)
  return { ...posting, ...(journal ? { journal } : {}) }
}

for (const [name, poison] of Object.entries(poisons)) {
  test(`a posting with ${name} fails alone in a batch of 100`, async () => {
    const [from, to] = pair()
    await fund(bank(0).poster, from, 1_000n)
    const [row] = await base.db.query<{ id: string }>('', 'select id from journals limit 1')
    takenId = row?.id ?? takenId
    const batch = Array.from({ length: 100 }, (_, i) => (i === 37 ? poison(from, to) : pay(from, to, 1n)))
    const settled = await Promise.allSettled(batch.map((posting) => submit(0, posting)))
    const failed = settled.flatMap((s, i) => (s.status === 'rejected' || !s.value.ok ? [i] : []))
    assert.deepEqual(failed, [37])
    assert.ok(settled[37]?.status === 'rejected' && !isRefusal(settled[37].reason), 'it is a bug, not a refusal')
    assert.deepEqual(await balances(from, to), [901n, 99n])
  })
}

test('connections that break leave nothing lost and nothing doubled', async () => {
  const [from, to] = pair()
  await fund(bank(0).poster, from, 100_000n)
  const [own] = processes(base, 1, { patience: 300 })
  assert.ok(own)
  let breaking = true
  const saboteur = (async () => {
    while (breaking) {
      await base.owner.query(
        '',
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and state <> 'idle' and query ~ 'ledger|commit|idempotency' and pid <> pg_backend_pid()`,
      )
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
  })()
  let unknown = 0
  async function until(key: string): Promise<Outcome> {
    for (;;) {
      try {
        return await (own ?? assert.fail()).poster.submit(keyed(from, to, 1n, key))
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'Unavailable') throw error
        unknown++
      }
    }
  }
  const outcomes: Outcome[] = []
  for (let round = 0; round < 20; round++) {
    outcomes.push(...(await Promise.all(Array.from({ length: 100 }, (_, i) => until(`${round}.${i}`)))))
  }
  breaking = false
  await saboteur
  await own.poster.drain()
  await own.db.close()
  assert.ok(own.poster.stats.retries + unknown > 0, 'some connection broke')
  assert.ok(outcomes.every((o) => o.ok))
  assert.deepEqual(await balances(from, to), [98_000n, 2_000n])
})

test('the queue is finite: what cannot wait is told so at once', async () => {
  const [from, to] = pair()
  await fund(bank(0).poster, from, 1_000n)
  const small = createPoster(base.db, { queue: 50, batch: 10 })
  const settled = await Promise.allSettled(Array.from({ length: 80 }, () => small.submit(pay(from, to, 1n))))
  const busy = settled.filter((s) => s.status === 'rejected' && isRefusal(s.reason, 'Busy')).length
  assert.equal(busy, 30)
  await small.drain()
  assert.equal(small.depth, 0)
  assert.deepEqual(await balances(from, to), [950n, 50n])
})
