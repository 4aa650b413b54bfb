// Card payments: whatever the issuer tells, in any order, any number of times, by message or by statement, the customer's
// card account comes to the issuer's statement. Against a model of the issuer that decides one after the other.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readConfig } from '../src/base/config.ts'
import { newId } from '../src/base/ids.ts'
import { cardChecks } from '../src/domain/card/card-checks.ts'
import { noteTransaction } from '../src/domain/card/card-transaction.ts'
import { lockCardBalance, settleCard } from '../src/domain/card/settle-card.ts'
import type { Bank } from '../src/domain/context.ts'
import type { IssuerTransaction } from '../src/domain/ports.ts'
import { houseAccount, personAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { cardTopup } from '../src/ledger/card-journals.ts'
import { post } from '../src/ledger/post.ts'
import { compose } from '../src/main/compose.ts'
import { IssuerModel } from './harness/card-issuer-model.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type Draws, draws, fund, inLanes } from './harness/ledger.ts'

const SEQUENCES = Number(process.env.CARD_SEQUENCES ?? 100)
const CENT = 10_000n

let base: TestDatabase
let bank: Bank
before(async () => {
  base = await createTestDatabase()
  const config = readConfig({ MASTER_KEY: '11'.repeat(32), LOG_LEVEL: 'fatal' })
  bank = compose(config, 'test', { db: base.db }).bank
})
after(async () => {
  await bank?.poster.drain()
  await base?.drop()
})

interface Holder {
  personNo: bigint
  cardId: string
  issuerCardId: string
}

let nextPerson = 10_001n
async function holder(): Promise<Holder> {
  const personNo = nextPerson++
  const [cardId, issuerCardId] = [newId(), newId()]
  await base.owner.query(
    '',
    `insert into cards (book_id, id, person_no, status, cardholder_id, product_id, currency, issuer_card_id, created_at, changed_at)
     values (1, $1, $2, 'active', 'ch', 'p', 'USD', $3, now(), now())`,
    [cardId, personNo, issuerCardId],
  )
  return { personNo, cardId, issuerCardId }
}

/** Money arrives on the card, as at the end of a top-up. */
async function load({ personNo }: Holder, cents: bigint): Promise<void> {
  const amount = cents * CENT
  await fund(bank.poster, personNo, amount)
  const id = newId()
  await base.db.transaction(async (tx) => {
    const balance = await lockCardBalance(tx, 1, personNo)
    const journal = cardTopup({ id, personNo, from: 'main', amount, fee: 0n })
    await post(tx, { bookId: 1, journal })
    await settleCard(tx, 1, personNo, balance)
    await tx.query('', `select card_topup_submit(1, $1, $2, 'main', null, $3, 0, null, $4, now())`, [
      id,
      personNo,
      amount,
      journal.id,
    ])
  })
}

const note = (of: Holder, told: IssuerTransaction, statementAt: Date | null = null) =>
  noteTransaction(bank, 1, of, told, statementAt)

async function moneyOf({ personNo }: Holder) {
  const account = personAccount(personNo, 'card')
  const { balance, held } = (await balancesOf(base.db, 1, [account]))(account)
  const [row] = await base.owner.query<{ owed: bigint; open: bigint }>(
    '',
    'select owed, open from card_balances where book_id = 1 and person_no = $1',
    [personNo],
  )
  return { balance, held, owed: row?.owed ?? 0n, open: row?.open ?? 0n }
}

const least = (a: bigint, b: bigint) => (a < b ? a : b)

async function expectStatement(of: Holder, issuer: IssuerModel, seen: string): Promise<void> {
  const { balance, held, owed, open } = await moneyOf(of)
  const net = issuer.balance * CENT
  assert.deepEqual(
    { balance, owed, open, held },
    {
      balance: net > 0n ? net : 0n,
      owed: net < 0n ? -net : 0n,
      open: issuer.open * CENT,
      held: least(issuer.open * CENT, net > 0n ? net : 0n),
    },
    seen,
  )
}

async function expectSoundCards(): Promise<void> {
  const { faults } = await verifyLedger(base.db, { bookId: 1, orders: cardChecks })
  assert.deepEqual(faults, [])
}

const houseBalance = async (kind: 'issuer' | 'float') => {
  const account = houseAccount(kind)
  return (await balancesOf(base.db, 1, [account]))(account).balance
}

function shuffled<T>(draw: Draws, items: readonly T[]): T[] {
  const rest = [...items]
  return items.map(() => rest.splice(draw.below(rest.length), 1)[0] as T)
}

test(`${SEQUENCES} random lives of a card, told in any order and repeatedly, come to the issuer's statement`, async (t) => {
  const { seed } = draws((line) => t.diagnostic(line))
  await inLanes(SEQUENCES, 6, async (i) => {
    const draw = seeded(seed + i)
    const of = await holder()
    const issuer = new IssuerModel(of.issuerCardId)
    const deeds: (() => Promise<unknown>)[] = []
    const steps = 4 + draw.below(14)
    for (let step = 0; step < steps; step++) {
      if (step === 0 || draw.below(6) === 0) {
        const cents = BigInt(100 + draw.below(9_000))
        issuer.load(cents)
        deeds.push(() => load(of, cents))
      }
      issuer.step(draw)
    }
    for (const told of issuer.statement) {
      const by = draw.below(4)
      if (by !== 0) for (let copies = 0; copies < by; copies++) deeds.push(() => note(of, told))
      if (by === 3) deeds.push(() => note(of, { ...told, status: 'PENDING' })) // also after it was final
      if (by < 2) deeds.push(() => note(of, told, new Date(1_800_000_000_000)))
    }
    for (const deed of shuffled(draw, deeds)) await deed()
    await expectStatement(of, issuer, `sequence ${i}: as told so far`)
    for (const told of shuffled(draw, issuer.statement)) await note(of, told, new Date(1_800_000_001_000))
    await expectStatement(of, issuer, `sequence ${i}: after the whole statement`)
  })
  await expectSoundCards()
  assert.equal(await houseBalance('issuer'), 0n, 'the clearing account is back at zero')
})

function seeded(seed: number): Draws {
  let state = seed
  const below = (count: number) => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * count)
  }
  return { seed, below, pick: (from) => from[below(from.length)] ?? from[0] }
}

/** What an issuer tells of a payment, by hand. */
function told(
  of: Holder,
  id: string,
  type: string,
  amount: string,
  more: Partial<IssuerTransaction> = {},
): IssuerTransaction {
  return {
    transactionId: `${of.issuerCardId}-${id}`,
    cardId: of.issuerCardId,
    type,
    status: 'APPROVED',
    billing: { amount, currency: 'USD' },
    transaction: { amount, currency: 'USD' },
    fee: { amount: '0', currency: 'USD' },
    availableAfter: '0',
    description: '',
    at: new Date('2026-06-26T01:48:00Z'),
    ...more,
  }
}

describe('one payment', () => {
  const of = (holding: Holder, id: string) => ({ originalId: `${holding.issuerCardId}-${id}` })
  const usd = (whole: bigint) => whole * 100n * CENT

  test('an authorisation holds, a part capture takes its part, a reversal lets the rest go', async () => {
    const card = await holder()
    await load(card, 10_000n)
    await note(card, told(card, 'a', 'AUTHORIZATION', '30.00'))
    assert.deepEqual(await moneyOf(card), { balance: usd(100n), held: usd(30n), owed: 0n, open: usd(30n) })
    await note(card, told(card, 'b', 'SETTLEMENT_DEBIT', '10.00', of(card, 'a')))
    assert.deepEqual(await moneyOf(card), { balance: usd(90n), held: usd(20n), owed: 0n, open: usd(20n) })
    await note(card, told(card, 'c', 'REVERSAL', '20.00', of(card, 'a')))
    assert.deepEqual(await moneyOf(card), { balance: usd(90n), held: 0n, owed: 0n, open: 0n })
  })

  test('told before the top-up that it was paid from, it is held when the money is there', async () => {
    const card = await holder()
    await note(card, told(card, 'a', 'AUTHORIZATION', '30.00'))
    assert.deepEqual(await moneyOf(card), { balance: 0n, held: 0n, owed: 0n, open: usd(30n) })
    await load(card, 2_000n)
    assert.deepEqual(await moneyOf(card), { balance: usd(20n), held: usd(20n), owed: 0n, open: usd(30n) })
    await load(card, 2_000n)
    assert.deepEqual(await moneyOf(card), { balance: usd(40n), held: usd(30n), owed: 0n, open: usd(30n) })
  })

  test('what was forced beyond the balance is owed, told to operators, and paid by the next top-up', async () => {
    const card = await holder()
    await load(card, 1_000n)
    await note(card, told(card, 'f', 'SETTLEMENT_DEBIT', '25.00'))
    assert.deepEqual(await moneyOf(card), { balance: 0n, held: 0n, owed: usd(15n), open: 0n })
    const alerts = await base.owner.query<{ data: { owed: string } }>(
      '',
      'select data from alerts where key = $1 and closed_at is null',
      [`card_short:${card.personNo}`],
    )
    assert.equal(alerts[0]?.data.owed, '15.00')
    await load(card, 2_000n)
    assert.deepEqual(await moneyOf(card), { balance: usd(5n), held: 0n, owed: 0n, open: 0n })
    await expectSoundCards()
  })

  test('50 copies at once are one payment', async () => {
    const card = await holder()
    await load(card, 10_000n)
    const capture = told(card, 'x', 'SETTLEMENT_DEBIT', '7.44')
    await Promise.all(Array.from({ length: 50 }, () => note(card, capture)))
    assert.equal((await moneyOf(card)).balance, usd(100n) - 744n * CENT)
  })

  test('where messages and statement disagree, the statement is booked and operators are told', async () => {
    const card = await holder()
    await load(card, 10_000n)
    await note(card, told(card, 'x', 'SETTLEMENT_DEBIT', '7.00'))
    await note(card, told(card, 'x', 'SETTLEMENT_DEBIT', '8.00'))
    assert.equal((await moneyOf(card)).balance, usd(93n), 'the first message holds')
    await note(card, told(card, 'x', 'SETTLEMENT_DEBIT', '8.00'), new Date())
    assert.equal((await moneyOf(card)).balance, usd(92n))
    await note(card, told(card, 'x', 'SETTLEMENT_DEBIT', '7.00'))
    assert.equal((await moneyOf(card)).balance, usd(92n), 'no message outweighs the statement')
    await note(card, told(card, 'x', 'SETTLEMENT_DEBIT', '8.00', { status: 'DECLINED' }), new Date(Date.now() + 1000))
    assert.equal((await moneyOf(card)).balance, usd(100n))
    const alerts = await base.owner.query('', `select from alerts where kind = 'card_disagrees' and key like $1`, [
      `card_transaction:${card.issuerCardId}%`,
    ])
    assert.equal(alerts.length, 1)
    await expectSoundCards()
  })

  test('another currency, and a kind that nobody knows, move nothing and are told', async () => {
    const card = await holder()
    await load(card, 10_000n)
    await note(card, told(card, 'eur', 'SETTLEMENT_DEBIT', '7.00', { billing: { amount: '7.00', currency: 'EUR' } }))
    await note(card, told(card, 'odd', 'MYSTERY', '7.00'))
    assert.deepEqual(await moneyOf(card), { balance: usd(100n), held: 0n, owed: 0n, open: 0n })
    const alerts = await base.owner.query(
      '',
      `select from alerts where kind = 'card_transaction_unread' and key like $1`,
      [`card_transaction:${card.issuerCardId}%`],
    )
    assert.equal(alerts.length, 2)
  })
})

test('the database lets what was final change only by a statement, and no statement by an older one', async () => {
  const card = await holder()
  await load(card, 10_000n)
  await note(card, told(card, 'x', 'SETTLEMENT_DEBIT', '7.00'), new Date('2026-07-01'))
  const id = `${card.issuerCardId}-x`
  const change = (set: string) =>
    base.db.query('', `update card_transactions set ${set} where transaction_id = $1`, [id])
  await assert.rejects(change(`status = 'PENDING'`), /cannot go from APPROVED to PENDING/)
  await assert.rejects(change(`status = 'DECLINED', statement_at = null`), /only the statement/)
  await assert.rejects(change(`statement_at = '2026-06-01'`), /older statement/)
})
