// 返佣: how a fee is split up the payer's team, over HTTP and against a plain model; each once, whatever is killed or runs
// twice; taken back with the fee; and never more than the fee, also at the database.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { Logger, runOnce } from 'graphile-worker'
import { days } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { splitFee } from '../src/domain/earn/commission.ts'
import { RECOMPUTE_LEVELS } from '../src/domain/earn/level.ts'
import { PAY_COMMISSIONS, payCommissions } from '../src/domain/earn/pay-commissions.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { houseAccount, personAccount } from '../src/ledger/accounts.ts'
import { balancesOf, journalsOfOrder, reverseJournal } from '../src/ledger/balances.ts'
import { cardTopup } from '../src/ledger/card-journals.ts'
import { withdrawal } from '../src/ledger/journals.ts'
import { remittance } from '../src/ledger/remittance-journals.ts'
import { payCommissionsTask } from '../src/workers/pay-commissions.ts'
import { recomputeLevelsTask } from '../src/workers/recompute-levels.ts'
import { logIn, signUp } from './harness/customers.ts'
import { type Buyer, type Earning, startEarning, usdt } from './harness/earning.ts'
import { openStream } from './harness/event-stream.ts'
import { PIN } from './harness/hosted.ts'
import { draws, fund } from './harness/ledger.ts'
import { Killed, mortalDatabase } from './harness/mortal.ts'

let bank: Earning
before(async () => {
  bank = await startEarning()
})
after(() => bank?.close())

interface Reward {
  id: string
  source_biz_type: string
  amount: string
  layer: number
  base: string
  rate: string
  status: string
}
type Items<D> = { items: D[] }

const rewardsOf = async (buyer: Pick<Buyer, 'access'>) =>
  (await bank.get<Items<Reward>>(buyer, '/api/commission/rewards')).items
const summaryOf = (buyer: Pick<Buyer, 'access'>) =>
  bank.get<{ total: string; today: string }>(buyer, '/api/commission/me/summary')
const micro = (text: string) => {
  const [whole = '', decimals = ''] = text.split('.')
  return BigInt(whole) * 1_000_000n + BigInt(decimals.padEnd(6, '0'))
}

/** People each of whom invited the next. */
async function chainOf(length: number): Promise<Buyer[]> {
  const chain: Buyer[] = []
  for (let i = 0; i < length; i++) chain.push(await bank.buyer(0n, chain.at(-1)))
  return chain
}

const pay = (from: Buyer, to: Buyer, amount: string) =>
  bank.world.call<{ fee: string }>(
    'POST',
    '/api/transfer',
    { to_user_id: to.id, amount, payment_password: PIN },
    { token: from.access },
  )

describe('the split of a fee', () => {
  test('never exceeds it, rounds down, and gives nobody two parts: any rates, any upline, any fee', () => {
    const rate = fc.bigInt({ min: 0n, max: 1_000_000n })
    const upline = fc.uniqueArray(fc.bigInt({ min: 10_000n, max: 10_050n }), { maxLength: 12 })
    const fee = fc.oneof(fc.bigInt({ min: 0n, max: 50n }), fc.bigInt({ min: 0n, max: 10n ** 18n }))
    fc.assert(
      fc.property(
        fee,
        upline,
        fc.array(rate, { maxLength: 8 }),
        fc.func(fc.boolean()),
        (base, above, rates, eligible) => {
          const parts = splitFee(base, above, rates, eligible)
          const total = parts.reduce((sum, part) => sum + part.amount, 0n)
          assert.ok(total <= base)
          assert.equal(new Set(parts.map((part) => part.personNo)).size, parts.length)
          for (const { personNo, layer, rate: own, amount } of parts) {
            assert.equal(above[layer - 1], personNo)
            assert.equal(rates[layer - 1], own)
            assert.ok(amount > 0n && amount * 1_000_000n <= base * own && (amount + 1n) * 1_000_000n > base * own)
          }
          if (rates.reduce((sum, one) => sum + one, 0n) <= 1_000_000n) {
            const due = above.flatMap((personNo, i) =>
              (base * (rates[i] ?? 0n)) / 1_000_000n > 0n && eligible(personNo) ? [personNo] : [],
            )
            assert.deepEqual(
              parts.map((part) => part.personNo),
              due,
            )
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('over HTTP', () => {
  test('a payment’s fee goes three layers up, each explained; who is further up has nothing', async () => {
    await bank.set('transfer.fee', '', '1.000003')
    const chain = await chainOf(5)
    const payer = await bank.buyer(usdt(100), chain.at(-1))
    const payee = await bank.buyer()
    const [, , third, second, first] = chain as [Buyer, Buyer, Buyer, Buyer, Buyer]
    const stream = await openStream(bank.world.url, first.access)
    const sent = await pay(payer, payee, '10')
    assert.equal(sent.data.fee, '1.000003')
    assert.deepEqual(await bank.money(payer), { main: '88.999997', node: '0' })
    assert.deepEqual(await bank.money(payee), { main: '10.00', node: '0' })
    assert.equal(await bank.commissions(), 3)
    assert.equal(await bank.commissions(), 0)
    for (const [i, [buyer, amount, rate]] of (
      [
        [first, '0.20', '0.2'],
        [second, '0.10', '0.1'],
        [third, '0.05', '0.05'],
      ] as const
    ).entries()) {
      const [reward, ...more] = await rewardsOf(buyer)
      assert.deepEqual(more, [])
      assert.match(reward?.id ?? '', /^cr-/)
      const { source_biz_type, layer, status, base } = reward ?? {}
      assert.deepEqual(
        [source_biz_type, layer, status, base, reward?.rate, reward?.amount],
        ['transfer_fee', i + 1, 'paid', '1.000003', rate, amount],
      )
      assert.deepEqual(await summaryOf(buyer), { total: amount, today: amount })
      assert.equal((await bank.money(buyer)).node, amount)
    }
    assert.deepEqual(await rewardsOf(chain[0] as Buyer), [])
    assert.deepEqual(await summaryOf(chain[0] as Buyer), { total: '0', today: '0' })
    const { items } = await bank.get<Items<{ biz_type: string; memo: string; amount: string }>>(
      first,
      '/api/account/ledger?account=node',
    )
    assert.deepEqual(
      items.map((line) => [line.biz_type, line.amount, line.memo]),
      [['commission', '0.20', '团队返佣 · transfer_fee L1: 1.000003 × 0.2']],
    )
    await stream.until('the event', () => stream.of('commission.paid').length === 1)
    assert.equal(stream.of('commission.paid')[0]?.data.amount, '0.20')
    stream.close()
    await bank.expectSound()
  })

  test('today is the day in UTC; pages are pages', async () => {
    const inviter = await signUp(bank.world)
    const payer = await bank.buyer(usdt(100), inviter)
    for (let i = 0; i < 3; i++) await pay(payer, await bank.buyer(), '1')
    await bank.commissions()
    assert.deepEqual(await summaryOf(inviter), { total: '0.60', today: '0.60' })
    bank.world.clock.advance(days(1))
    const later = { access: (await logIn(bank.world, inviter)).data.access_token }
    assert.deepEqual(await summaryOf(later), { total: '0.60', today: '0' })
    const paged = await bank.get<Items<Reward>>(later, '/api/commission/rewards?page=2&size=2')
    assert.equal(paged.items.length, 1)
    bank.world.clock.advance(-days(1))
  })

  test('nodes only, when operators say so; a closed account’s part stays with the house', async () => {
    await bank.stock([100, '10'])
    const chain = (await chainOf(3)) as [Buyer, Buyer, Buyer]
    const payer = await bank.buyer(usdt(100), chain[2])
    await fund(bank.world.bank.poster, chain[1].no, usdt(10))
    assert.equal((await bank.buy(chain[1], 1, '10')).status, 200)
    await bank.commissions()
    await bank.set('commission.nodesOnly', '', 'true')
    await pay(payer, chain[0], '1')
    assert.equal(await bank.commissions(), 1)
    assert.deepEqual(
      (await rewardsOf(chain[1])).map(({ layer, source_biz_type }) => [layer, source_biz_type]),
      [[2, 'transfer_fee']],
    )
    assert.deepEqual(await rewardsOf(chain[2]), [])
    await bank.set('commission.nodesOnly', '', 'false')
    await setPersonStatus(bank.world.bank, 1, chain[2].id, 'deleted')
    await setPersonStatus(bank.world.bank, 1, chain[1].id, 'frozen')
    await pay(payer, chain[0], '1')
    assert.equal(await bank.commissions(), 2)
    // cashback for somebody who is gone: the purchase stands
    assert.equal((await bank.buy(payer, 1, '10')).status, 200)
    await bank.expectSound()
  })
})

test('other fees pay as well: of remittances and of card top-ups', async () => {
  const { poster } = bank.world.bank
  await bank.commissions()
  const inviter = await bank.buyer()
  const payer = await bank.buyer(usdt(100), inviter)
  const { no: personNo } = payer
  for (const journal of [
    remittance({ id: newId(), personNo, vendor: 1, principal: usdt(10), fee: usdt(2) }),
    cardTopup({ id: newId(), personNo, from: 'main', amount: usdt(10), fee: usdt(1) }),
  ])
    assert.ok((await poster.submit({ bookId: 1, journal })).ok)
  assert.equal(await bank.commissions(), 2)
  assert.deepEqual(
    (await rewardsOf(inviter)).map(({ source_biz_type, base, amount }) => [source_biz_type, base, amount]),
    [
      ['card_topup_fee', '1.00', '0.20'],
      ['remittance_fee', '2.00', '0.40'],
    ],
  )
})

test('what was paid on a fee that is given back is taken back; what is spent meanwhile is owed', async () => {
  const { bank: whole, database } = bank.world
  const chain = await chainOf(3)
  const [, second, first] = chain as [Buyer, Buyer, Buyer]
  const payer = await bank.buyer(usdt(100), first)
  const id = newId()
  const posted = await whole.poster.submit({
    bookId: 1,
    journal: withdrawal({ id, networkNo: 1, personNo: payer.no, net: usdt(9), fee: usdt(1) }),
  })
  assert.ok(posted.ok)
  await bank.commissions()
  const [reward] = await rewardsOf(first)
  assert.deepEqual([reward?.source_biz_type, reward?.amount], ['withdrawal_fee', '0.20'])
  // the inviter spends half of it
  const moved = { from: 'node', to: 'main', amount: '0.15', payment_password: PIN }
  const spent = await bank.world.call('POST', '/api/account/transfer-internal', moved, { token: first.access })
  assert.equal(spent.status, 200)
  const receivable = houseAccount('receivable')
  const before = (await balancesOf(whole.db, 1, [receivable]))(receivable).balance
  const [journal] = await journalsOfOrder(whole.db, 1, id)
  await whole.db.transaction((tx) => reverseJournal(tx, 1, journal?.id ?? '', 'the block is gone'))
  assert.equal(await bank.commissions(), 0)
  assert.deepEqual(
    (await rewardsOf(first)).map(({ status, amount }) => [status, amount]),
    [['reversed', '0.20']],
  )
  assert.deepEqual(await summaryOf(first), { total: '0', today: '0' })
  assert.deepEqual(
    [await bank.money(first), await bank.money(second)],
    [
      { main: '0.15', node: '0' },
      { main: '0', node: '0' },
    ],
  )
  assert.equal((await balancesOf(whole.db, 1, [receivable]))(receivable).balance - before, -150_000n)
  // paid again in another block: another fee, another commission
  const again = withdrawal({ id, networkNo: 1, personNo: payer.no, net: usdt(9), fee: usdt(1), round: 2 })
  assert.ok((await whole.poster.submit({ bookId: 1, journal: again })).ok)
  assert.equal(await bank.commissions(), 3)
  assert.deepEqual(
    (await rewardsOf(first)).map(({ status }) => status),
    ['paid', 'reversed'],
  )
  // the fault is planted by whoever owns the database
  await assert.rejects(
    database.owner.query('', `update commission_rewards set status = 'reversed' where person_no = $1`, [second.no]),
    /commission_rewards_reversed/,
  )
  await bank.expectSound()
})

test('what a purchase puts on the queue pays the team and lifts the levels above', async () => {
  const chain = (await chainOf(2)) as [Buyer, Buyer]
  await bank.stock([100, '10'])
  await bank.set('level.teamNodes', '1', '0')
  await bank.set('level.ownNodes', '1', '0')
  await bank.commissions()
  const payer = await bank.buyer(usdt(100), chain[1])
  assert.equal((await bank.buy(payer, 10, '100')).status, 200)
  assert.deepEqual(await rewardsOf(chain[1]), [])
  const { bank: whole, database } = bank.world
  await runOnce({
    connectionString: database.url,
    taskList: { [PAY_COMMISSIONS]: payCommissionsTask(whole), [RECOMPUTE_LEVELS]: recomputeLevelsTask(whole) },
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
  })
  assert.equal((await rewardsOf(chain[1])).length, 1)
  assert.equal((await rewardsOf(chain[0])).length, 1)
  for (const buyer of chain)
    assert.deepEqual(await bank.get(buyer, '/api/user/level'), {
      is_node: false,
      current_effective: 1,
      realtime_system: 1,
      manual_active: false,
    })
  await bank.set('level.ownNodes', '1', '1')
  await bank.levels()
  assert.equal((await bank.get<{ current_effective: number }>(chain[0], '/api/user/level')).current_effective, 0)
})

test('random teams and rates, killed anywhere and run by several at once: each part once, as a plain model says', async (t) => {
  const draw = draws((line) => t.diagnostic(line))
  const { database, bank: whole } = bank.world
  await bank.commissions()
  const rates = Array.from({ length: 5 }, (_, i) => BigInt(draw.below(i === 0 ? 500_000 : 125_000)))
  for (const source of ['transfer_fee', 'node_purchase'])
    for (const [i, rate] of rates.entries())
      await database.owner.query(
        '',
        `insert into setting_changes (book_id, no, name, scope, value, before, reason, made_by, checked_by, approval_id, changed_at)
         select 1, 1 + max(no), 'commission.rate', $1, $2, '', 'test', $3, array[$4::uuid], $5, now() from setting_changes`,
        [`${source}/${i + 1}`, `0.${String(rate).padStart(6, '0')}`, newId(), newId(), newId()],
      )
  await bank.set('transfer.fee', '', '0.123457')
  await bank.stock([1_000, '7.77'])

  const people: Buyer[] = []
  const parents = new Map<bigint, Buyer>()
  for (let i = 0; i < 24; i++) {
    const parent = i > 0 && draw.below(6) > 0 ? people[draw.below(people.length)] : undefined
    const buyer = await bank.buyer(usdt(100), parent)
    if (parent) parents.set(buyer.no, parent)
    people.push(buyer)
  }
  const crowd = people as [Buyer, ...Buyer[]]
  const expected = new Map<bigint, bigint>()
  const due = (payer: Buyer, fee: bigint) => {
    let above = parents.get(payer.no)
    for (const rate of rates) {
      if (!above) return
      expected.set(above.no, (expected.get(above.no) ?? 0n) + (fee * rate) / 1_000_000n)
      above = parents.get(above.no)
    }
  }
  const something = async () => {
    const [payer, payee] = [draw.pick(crowd), draw.pick(crowd)]
    if (draw.below(4) === 0) {
      if ((await bank.buy(payer, 1, '7.77')).status === 200) due(payer, 777_000n)
    } else if (payer !== payee && (await pay(payer, payee, '0.5')).status === 200) due(payer, 123_457n)
  }
  // a worker that dies at its n-th step, for every n, until one lives to the end
  let kills = 0
  for (let alive = false; !alive; kills++) {
    for (let i = 0; i < 3; i++) await something()
    const doomed = mortalDatabase(whole.db, { at: 'step' }, kills + 1)
    await payCommissions({ ...whole, db: doomed.db }, 1).catch((error: unknown) => assert.ok(error instanceof Killed))
    alive = !doomed.dead
  }
  t.diagnostic(`killed ${kills - 1} times`)
  assert.ok(kills > 7)
  for (let i = 0; i < 20; i++) await something()
  const workers = [whole, bank.world.anotherBank(), bank.world.anotherBank(), whole]
  const paid = await Promise.all(workers.map((each) => payCommissions(each, 1)))
  assert.ok(paid.some((count) => count > 0))
  const got = new Map(
    await Promise.all(
      people.map(async (buyer): Promise<[bigint, bigint]> => [buyer.no, micro((await summaryOf(buyer)).total)]),
    ),
  )
  for (const { no } of people) assert.equal(got.get(no), expected.get(no) ?? 0n, `U${no}`)
  const [over] = await database.owner.query<{ count: number }>(
    '',
    `select count(*)::int as count from commission_bases b
     where (select sum(r.amount) from commission_rewards r where r.journal_id = b.journal_id) > b.base`,
  )
  assert.equal(over?.count, 0)
  await bank.commissions()
})

test('the database pays no commission that is none', async () => {
  const { db } = bank.world.database
  const chain = (await chainOf(2)) as [Buyer, Buyer]
  const stranger = await bank.buyer()
  const payer = await bank.buyer(usdt(100), chain[1])
  await pay(payer, stranger, '1')
  const fees = houseAccount('fees')
  const [entry] = await db.query<{ seq: bigint; journal_id: string; order_id: string; amount: bigint }>(
    '',
    `select e.seq, e.journal_id, j.order_id, e.amount from entries e join journals j on j.id = e.journal_id
     where e.account_id = $1 order by e.seq desc limit 1`,
    [fees],
  )
  const [cursor] = await db.query<{ seq: bigint }>('', 'select seq from commission_cursors')
  assert.ok(entry && cursor)
  const record = (change: { base?: bigint; payer?: bigint; person?: bigint; from?: bigint }) => {
    const { base = entry.amount, payer: by = payer.no, person = chain[1].no, from = cursor.seq } = change
    return db.query(
      '',
      `select commission_record(1, $1, $2, array[$3::uuid], array[$2::bigint], '{transfer_fee}', array[$4::uuid], array[$5::bigint],
         array[$6::bigint], array[$7::uuid], array[$3::uuid], array[$8::bigint], '{1}', '{200000}', array[$6::bigint / 5], now())`,
      [from, entry.seq, entry.journal_id, entry.order_id, by, base, newId(), person],
    )
  }
  await assert.rejects(record({ from: 0n }), /from another place/)
  await assert.rejects(record({ base: entry.amount + 1n }), /is paid on a fee/)
  await assert.rejects(record({ payer: stranger.no }), /is paid on a fee/)
  await assert.rejects(record({ person: stranger.no }), /goes up the payer/)
  await assert.rejects(record({}), /goes up the payer/) // right in all but that no journal was posted
  await assert.rejects(
    bank.world.database.owner.query('', 'update commission_bases set paid = base + 1'),
    /commission_bases_paid/,
  )
  const node = personAccount(chain[1].no, 'node')
  assert.equal((await balancesOf(db, 1, [node]))(node).balance, 0n)
})
