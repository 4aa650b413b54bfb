// The daily yield: whose, how much and for which day; run twice, late, at once and killed at every step; and what later
// changes of rates and levels do not change.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { after as later } from '../src/base/clock.ts'
import { accrueYields } from '../src/domain/earn/accrue-yields.ts'
import { dayAfter, dayOf, startOf } from '../src/domain/earn/utc-day.ts'
import { personById, setPersonStatus } from '../src/domain/people/people.ts'
import { openSession } from '../src/domain/sign-in/session.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { type Buyer, type Earning, startEarning, usdt } from './harness/earning.ts'
import { inLanes } from './harness/ledger.ts'
import { Killed, mortalDatabase } from './harness/mortal.ts'
import { printTables } from './harness/tables.ts'

let bank: Earning
before(async () => {
  bank = await startEarning()
  await bank.stock([10_000, '100'])
})
after(() => bank?.close())

interface Yield {
  day: string
  amount: string
  rate: string
  principal_usdt: string
  level: number
}

/** Access tokens do not last for days; what customers see is asked for with a fresh one. */
async function yieldsOf(buyer: Buyer): Promise<Yield[]> {
  const rows = await bank.world.database.owner.query<Yield>(
    '',
    `select day::text as day, amount::text as amount, rate::text as rate, principal::text as principal_usdt, level
     from node_yields where person_no = $1 order by node_yields.day`,
    [buyer.no],
  )
  return rows
}
const amountsOf = async (buyer: Buyer) => (await yieldsOf(buyer)).map(({ day, amount }) => [day, amount])

const today = () => dayOf(bank.world.clock.now())
/** To this long after the next midnight, UTC. */
function nextDay(past = 60_000): void {
  const { clock } = bank.world
  clock.advance(later(startOf(dayAfter(today())), past).getTime() - clock.now().getTime())
}

test('a node earns from the day after it was bought; the day is explained on the statement, told and listed', async () => {
  // everything happens well before midnight
  nextDay()
  const bought = today()
  const anna = await bank.buyer(usdt(1_000))
  await bank.buy(anna, 2, '200')
  assert.equal(await bank.yields(), 0)
  nextDay()
  assert.equal(await bank.yields(), 0) // the day it was bought on is over, and was no whole day
  nextDay()
  const first = dayAfter(bought)
  assert.equal(await bank.yields(), 1)
  assert.equal(await bank.yields(), 0)
  assert.deepEqual(await yieldsOf(anna), [
    { day: first, amount: '100000', rate: '500', principal_usdt: '200000000', level: 1 },
  ])
  const fresh = await freshAccess(anna)
  const { items } = await bank.get<{ items: Record<string, unknown>[] }>(fresh, '/api/node/yields')
  const { id, created_at: _, ...shown } = items[0] ?? {}
  assert.match(`${id}`, /^y-/)
  assert.deepEqual(shown, { day: first, amount: '0.10', rate: '0.0005', principal_usdt: '200.00', level: 1 })
  const ledger = await bank.get<{ items: Record<string, unknown>[] }>(fresh, '/api/account/ledger?account=node')
  assert.deepEqual(
    ledger.items.map(({ biz_type, amount, memo }) => [biz_type, amount, memo]),
    [['node_yield', '0.10', `节点收益 · ${first}: 200 × 0.0005`]],
  )
  const inbox = await bank.get<{ type: string; body: string }[]>(fresh, '/api/inbox')
  const told = inbox.find(({ type }) => type === 'node_yield')
  assert.equal(told?.body, `${first} 的节点收益 0.1 USDT 已存入您的节点账户`)
  const expense = houseAccount('expense')
  assert.equal((await balancesOf(bank.world.bank.db, 1, [expense]))(expense).balance, -100_000n)
  await bank.expectSound()
})

/** Another session, as tokens of days ago have expired. */
async function freshAccess(buyer: Buyer): Promise<Pick<Buyer, 'access'>> {
  const { bank: whole } = bank.world
  const person = await personById(whole, 1, buyer.id)
  assert.ok(person)
  const origin = { ip: '127.0.0.1', userAgent: 'test', locale: 'zh' } as const
  const session = await whole.db.transaction((tx) => openSession(whole, tx, person, origin))
  return { access: session.accessToken }
}

test('missed days are caught up, each at the level and rate that held then', async () => {
  nextDay()
  const bob = await bank.buyer(usdt(1_000))
  await bank.buy(bob, 1, '100')
  await bank.yields()
  nextDay()
  const [one, two, three, four] = [0, 1, 2, 3].map((n) => {
    let day = today()
    for (let i = 0; i < n; i++) day = dayAfter(day)
    return day
  }) as [string, string, string, string]
  nextDay() // day one is over, nothing runs
  await bank.set('yield.rate', '1', '0.001') // from day two on
  nextDay()
  await bank.buy({ ...bob, ...(await freshAccess(bob)) }, 1, '100') // on day three: counts from day four on
  nextDay()
  await bank.set('yield.rate', '1', '0.002') // on day four: from it on
  nextDay()
  const days = await bank.yields()
  assert.equal(days, 5) // and the day on which bob bought, for anna
  assert.deepEqual(
    (await amountsOf(bob)).filter(([day]) => (day ?? '') <= four),
    [
      [one, '50000'],
      [two, '100000'],
      [three, '100000'],
      [four, '400000'],
    ],
  )
  const runs = await bank.world.database.owner.query<{ day: string }>(
    '',
    'select day::text as day from yield_runs where finished_at is not null order by yield_runs.day',
  )
  for (const [i, { day }] of runs.entries()) if (i > 0) assert.equal(day, dayAfter(runs[i - 1]?.day ?? ''))
  // the level of a past day is the one of that day: somebody who rises later does not earn more for it
  nextDay()
  await bank.yields()
  const before = await printTables(bank.world.database.owner, ['idempotency'])
  await bank.yields()
  assert.deepEqual(await printTables(bank.world.database.owner, ['idempotency']), before)
  await bank.expectSound()
})

test('killed at every step and run by several at once, a day is paid to everybody once', async (t) => {
  nextDay()
  const holders = await bank.buyers(60, usdt(300))
  await inLanes(holders.length, 8, async (i) => {
    const holder = holders[i]
    if (holder) assert.equal((await bank.buy(holder, 1 + (i % 3), `${100 * (1 + (i % 3))}`)).status, 200)
  })
  await setPersonStatus(bank.world.bank, 1, holders[7]?.id ?? '', 'deleted')
  await setPersonStatus(bank.world.bank, 1, holders[8]?.id ?? '', 'frozen')
  await bank.yields()
  nextDay()
  await bank.yields()
  const due = today()
  nextDay()
  const { bank: whole } = bank.world
  let kills = 0
  for (let alive = false; !alive; ) {
    const doomed = mortalDatabase(whole.db, { at: 'step' }, ++kills)
    await accrueYields({ ...whole, db: doomed.db }, 1, 20).catch((error: unknown) => assert.ok(error instanceof Killed))
    alive = !doomed.dead
  }
  t.diagnostic(`killed ${kills - 1} times`)
  assert.ok(kills > 10)
  await Promise.all(
    [whole, bank.world.anotherBank(), bank.world.anotherBank()].map((each) => accrueYields(each, 1, 20)),
  )
  const paid = await bank.world.database.owner.query<{
    person_no: bigint
    amount: bigint
    rate: bigint
    nodes: number
  }>('', 'select person_no, amount, rate, nodes from node_yields where day = $1::text::date', [due])
  const byNo = new Map(paid.map((row) => [row.person_no, row]))
  assert.equal(byNo.size, paid.length)
  for (const [i, { no }] of holders.entries()) {
    const row = byNo.get(no)
    if (i === 7) assert.equal(row, undefined, 'whose accounts are closed')
    else
      assert.deepEqual(
        [row?.nodes, row?.amount],
        [1 + (i % 3), (BigInt(1 + (i % 3)) * 100_000_000n * (row?.rate ?? 0n)) / 1_000_000n],
      )
  }
  // several at once from the beginning
  nextDay()
  const workers = [whole, bank.world.anotherBank(), whole]
  await Promise.all(workers.map((each) => accrueYields(each, 1, 7)))
  const [count] = await bank.world.database.owner.query<{ count: number }>(
    '',
    'select count(*)::int as count from node_yields where day = $1::text::date',
    [dayAfter(due)],
  )
  assert.equal(count?.count, paid.length)
  await bank.expectSound()
})

test('the database pays no day that is not over, and none twice', async () => {
  const { db, owner } = bank.world.database
  const now = bank.world.clock.now()
  const begin = (day: string) => db.query('', 'select * from yield_begin(1, $1::text::date, $2)', [day, now])
  await assert.rejects(begin(dayOf(now)), /when it is over/)
  const [run] = await owner.query<{ day: string; reached: bigint }>(
    '',
    'select day::text as day, reached from yield_runs order by yield_runs.day desc limit 1',
  )
  assert.ok(run)
  const record = (from: bigint) =>
    db.query('', `select yield_record(1, $1::text::date, $2, $2, true, '{}', '{}', '{}', '{}', '{}', '{}', '{}', $3)`, [
      run.day,
      from,
      now,
    ])
  await assert.rejects(record(run.reached), /paid once/)
  await assert.rejects(
    owner.query('', 'insert into node_yields select (y).* from (select y from node_yields y limit 1) x'),
    /node_yields/,
  )
})
