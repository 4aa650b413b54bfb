// The ledger against its model (harness/ledger-model.ts): random commands, the same on both, compared after each one.
// A run has a book of its own, so that every account of it is compared, the house's as well.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sha256 } from '../src/base/crypto.ts'
import { newId } from '../src/base/ids.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { reverseJournal } from '../src/ledger/balances.ts'
import { captureHold, placeHold, voidHold } from '../src/ledger/holds.ts'
import { adjustment, deposit, transfer, transferInternal } from '../src/ledger/journals.ts'
import { post } from '../src/ledger/post.ts'
import { createPoster } from '../src/ledger/poster.ts'
import type { Journal, Posting } from '../src/ledger/posting.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { draws, expectSound, verdict } from './harness/ledger.ts'
import { account, type Command, DAILY_LIMIT, emptyModel, newest, people, play } from './harness/ledger-model.ts'

const RUNS = process.env.NIGHTLY ? 5_000 : 300
const COMMANDS = 50
const LANES = 3
const REFUSALS = [
  'InsufficientBalance',
  'AccountClosed',
  'LimitExceeded',
  'HoldNotOpen',
  'HoldExceeded',
  'JournalUnknown',
  'AlreadyReversed',
  'IdempotencyKeyReused',
]

let base: TestDatabase
before(async () => {
  base = await createTestDatabase()
})
after(() => base.drop())

const person = fc.nat(people.length - 1)
const amount = (most: number) => fc.integer({ min: 1, max: most }).map(BigInt)
const back = fc.nat(5)
const payment = { from: person, to: person, amount: amount(45) }

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ kind: fc.constant('deposit'), person, amount: amount(250) }) },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant('transfer'),
      ...payment,
      fee: fc.constantFrom(0n, 1n, 3n),
      limited: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('keyed'), key: fc.nat(2), ...payment, amount: amount(3) }) },
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant('internal'), person, toNode: fc.boolean(), amount: amount(50) }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('hold'), person, amount: amount(40) }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('capture'), hold: fc.nat(2), amount: amount(25), keep: fc.boolean() }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('void'), hold: back }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('expire'), hold: back }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fee'), person, amount: amount(5) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('adjustment'),
      person,
      give: fc.boolean(),
      amount: amount(30),
      daysAgo: fc.nat(3),
    }),
  },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('reversal'), journal: back }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('status'),
      person,
      to: fc.constantFrom('open', 'open', 'open', 'frozen', 'closed'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('burst'),
      payments: fc.array(fc.record(payment), { minLength: 2, maxLength: 8 }),
    }),
  },
)

let lastBook = 1
async function newBook(): Promise<number> {
  const bookId = ++lastBook
  await base.owner.query('', 'insert into books (book_id, name) values ($1, $2)', [bookId, `run ${bookId}`])
  return bookId
}

/** Plays commands on the real ledger, some in a transaction and some through the poster. */
function realLedger(bookId: number) {
  // one lane: the payments of a burst are decided in the order in which they came
  const poster = createPoster(base.db, { lanes: 1 })
  const holds: string[] = []
  const journals: string[] = []
  let turn = 0

  async function book(posting: Omit<Posting, 'bookId'>): Promise<string> {
    const whole = { bookId, ...posting }
    const work =
      ++turn % 3 === 0 && !posting.idempotency // a refusal is stored by the poster only: elsewhere it rolls back
        ? base.db.transaction((tx) => post(tx, whole))
        : poster.submit(whole).then((outcome) => {
            if (!outcome.ok) throw outcome.refusal
            return outcome
          })
    const said = await verdict(
      work.then((outcome) => {
        if (posting.journal && !outcome.replayed) journals.push(posting.journal.id)
      }),
    )
    return said
  }
  const payer = (person: number, kind: 'main' | 'node' = 'main') => ({ personNo: people[person] ?? 0n, account: kind })
  const paid = (from: number, to: number, amount: bigint, fee = 0n) =>
    transfer({ id: newId(), from: payer(from), to: payer(to), amount, fee, memo: '' })
  const moved = (from: bigint, to: bigint, amount: bigint, valueAt?: Date): Journal =>
    adjustment({ id: newId(), from, to, amount, memo: '', ...(valueAt ? { valueAt } : {}) })

  async function play(command: Command): Promise<string[]> {
    switch (command.kind) {
      case 'deposit': {
        const id = newId()
        const personNo = people[command.person] ?? 0n
        return [await book({ journal: deposit({ id, key: id, networkNo: 1, personNo, amount: command.amount }) })]
      }
      case 'transfer': {
        const { from, to, amount, fee, limited } = command
        const subject = people[from] ?? 0n
        const velocity = { subject, gate: account(from), rule: 'day', amount, max: DAILY_LIMIT }
        return [await book({ journal: paid(from, to, amount, fee), ...(limited ? { velocity } : {}) })]
      }
      case 'keyed': {
        const { key, from, to, amount } = command
        const requestHash = sha256(`${from} ${to} ${amount}`)
        return [
          await book({ journal: paid(from, to, amount), idempotency: { scope: 's', key: `${key}`, requestHash } }),
        ]
      }
      case 'internal': {
        const [from, to] = command.toNode ? (['main', 'node'] as const) : (['node', 'main'] as const)
        const personNo = people[command.person] ?? 0n
        return [await book({ journal: transferInternal({ id: newId(), personNo, from, to, amount: command.amount }) })]
      }
      case 'hold': {
        const held = {
          bookId,
          account: account(command.person),
          amount: command.amount,
          orderKind: 'test',
          orderId: newId(),
        }
        const work = base.db.transaction((tx) => placeHold(tx, held))
        return [await verdict(work.then((id) => holds.push(id)))]
      }
      case 'capture': {
        const id = newest(holds, command.hold) ?? newId()
        const [row] = await base.db.query<{ account_id: bigint }>(
          '',
          'select account_id from holds where book_id = $1 and id = $2',
          [bookId, id],
        )
        const journal = moved(row?.account_id ?? account(0), houseAccount('fees'), command.amount)
        const work = base.db.transaction((tx) =>
          captureHold(tx, bookId, id, { amount: command.amount, journal, rest: command.keep ? 'kept' : 'released' }),
        )
        return [await verdict(work.then(() => journals.push(journal.id)))]
      }
      case 'void':
      case 'expire': {
        const id = newest(holds, command.hold) ?? newId()
        const as = command.kind === 'void' ? 'voided' : 'expired'
        return [await verdict(base.db.transaction((tx) => voidHold(tx, bookId, id, as)))]
      }
      case 'fee':
        return [await book({ journal: moved(account(command.person), houseAccount('fees'), command.amount) })]
      case 'adjustment': {
        const { person, give, amount, daysAgo } = command
        const [from, to] = give
          ? [houseAccount('suspense'), account(person)]
          : [account(person), houseAccount('suspense')]
        const valueAt = daysAgo > 0 ? new Date(Date.now() - daysAgo * 86_400_000) : undefined
        return [await book({ journal: moved(from, to, amount, valueAt), evenIfFrozen: true })]
      }
      case 'reversal': {
        const id = newest(journals, command.journal) ?? newId()
        const said = await verdict(base.db.transaction((tx) => reverseJournal(tx, bookId, id, '')))
        if (said === 'ok') {
          const [row] = await base.db.query<{ id: string }>(
            '',
            'select id from journals where book_id = $1 and reverses = $2',
            [bookId, id],
          )
          journals.push(row?.id ?? '')
        }
        return [said]
      }
      case 'status':
        await base.db.query('', 'select ledger_set_status($1, $2, $3)', [bookId, people[command.person], command.to])
        return ['ok']
      case 'burst': {
        const postings = command.payments.map(({ from, to, amount }) => ({ bookId, journal: paid(from, to, amount) }))
        const outcomes = await Promise.all(postings.map((posting) => poster.submit(posting)))
        outcomes.forEach((outcome, i) => {
          if (outcome.ok) journals.push(postings[i]?.journal.id ?? '')
        })
        return outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.refusal.code))
      }
    }
  }

  async function balances(): Promise<Map<bigint, { balance: bigint; held: bigint }>> {
    const rows = await base.db.query<{ id: bigint; balance: bigint; held: bigint }>(
      'model-state',
      'select id, balance, held from accounts where book_id = $1 and (balance <> 0 or held <> 0)',
      [bookId],
    )
    return new Map(rows.map(({ id, ...money }) => [id, money]))
  }

  const holdStates = async () => {
    const rows = await base.db.query<{ id: string; status: string; captured: bigint }>(
      '',
      'select id, status, captured from holds where book_id = $1',
      [bookId],
    )
    const byId = new Map(rows.map((row) => [row.id, `${row.status} ${row.captured}`]))
    return holds.map((id) => byId.get(id))
  }
  return { play, balances, holdStates }
}

test(`${RUNS} runs of ${COMMANDS} commands come out as in the model`, { timeout: 4 * 3_600_000 }, async (t) => {
  const { seed } = draws((line) => t.diagnostic(line))
  const tried = new Map<string, number>()
  const verdicts = new Map<string, number>()
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1)

  const property = fc.asyncProperty(
    fc.array(command, { minLength: COMMANDS, maxLength: COMMANDS }),
    async (commands) => {
      const bookId = await newBook()
      const model = emptyModel()
      const real = realLedger(bookId)
      for (const [i, command] of commands.entries()) {
        const expected = play(model, command)
        const got = await real.play(command)
        assert.deepEqual(got, expected, `command ${i + 1}`)
        const moneyed = [...model.accounts].filter(([, money]) => money.balance !== 0n || money.held !== 0n)
        assert.deepEqual(await real.balances(), new Map(moneyed), `balances after command ${i + 1}`)
        count(tried, command.kind)
        for (const said of got) count(verdicts, said)
      }
      assert.deepEqual(
        await real.holdStates(),
        model.holds.map((hold) => `${hold.status} ${hold.captured}`),
      )
      await expectSound(base.db, bookId)
    },
  )
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) =>
      fc.assert(property, { seed: seed + lane, numRuns: Math.ceil(RUNS / LANES), endOnFailure: true }),
    ),
  )

  const total = [...tried.values()].reduce((a, b) => a + b, 0)
  const said = [...verdicts.values()].reduce((a, b) => a + b, 0)
  const share = (map: Map<string, number>, of: number) =>
    Object.fromEntries([...map].map(([key, n]) => [key, `${((n / of) * 100).toFixed(1)} %`]))
  t.diagnostic(JSON.stringify(share(tried, total)))
  t.diagnostic(JSON.stringify(share(verdicts, said)))
  assert.ok(total >= RUNS * COMMANDS)
  for (const [kind, n] of tried) assert.ok(n / total >= 0.03, `${kind} is only ${n} of ${total}`)
  for (const code of REFUSALS) assert.ok(verdicts.has(code), `${code} was never seen`)
  const ok = (verdicts.get('ok') ?? 0) / said
  assert.ok(ok >= 0.4 && ok <= 0.8, `${ok} succeed`)
})
