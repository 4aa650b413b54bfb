// Nodes when many want them at once: five hundred buyers of ten, one buyer in many places, two processes that sell while
// their customers pay each other.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { buyNodes } from '../src/domain/earn/buy-nodes.ts'
import { transferBetweenOwn } from '../src/domain/transfer.ts'
import { actorOn } from './harness/customers.ts'
import { type Buyer, type Earning, startEarning, usdt } from './harness/earning.ts'
import { PIN } from './harness/hosted.ts'
import { draws, inLanes, verdict } from './harness/ledger.ts'

let bank: Earning
before(async () => {
  bank = await startEarning()
})
after(() => bank?.close())

test('five hundred buyers of ten nodes: ten are sold, nobody has more than their limit, all is paid for once', async (t) => {
  await bank.stock([4, '100'], [6, '110'])
  await bank.set('node.perPerson', '', '3')
  t.after(() => bank.set('node.perPerson', '', '10'))
  // a chain of inviters, so that commissions have somewhere to go
  const chain: Buyer[] = [await bank.buyer()]
  for (let i = 0; i < 6; i++) chain.push(await bank.buyer(0n, chain.at(-1)))
  const crowd = await bank.buyers(500, usdt(1_000), chain.at(-1))
  const answers = await Promise.all(
    crowd.map(async (buyer, i) => {
      const quantity = 1 + (i % 3)
      for (let total = `${100 * quantity}`; ; ) {
        const headers = { 'idempotency-key': `${buyer.uid}-${total}` }
        const answer = await bank.buy(buyer, quantity, total, { headers })
        if (answer.name === 'PriceChanged') total = `${answer.details.total_usdt}`
        // a machine that is busy with much else: as careful clients do, the same again
        else if (answer.status === 503) await sleep(200)
        else return answer
      }
    }),
  )
  const refusals = answers.flatMap(({ status, name }) => (status === 200 ? [] : [name]))
  assert.deepEqual([...new Set(refusals)], ['NodesSoldOut'])
  const sold = answers.reduce((count, { status, data }) => count + (status === 200 ? data.quantity : 0), 0)
  const { available_stock: left } = await bank.get<{ available_stock: number }>(
    crowd[0] as Buyer,
    '/api/node/dashboard',
  )
  assert.equal(sold + left, 10)
  // whoever asked for one gets what is left over for those who asked for more
  for (const buyer of crowd.slice(0, left + 3)) await bank.buy(buyer, 1, '110')
  const { owner } = bank.world.database
  const nos = [crowd.map(({ no }) => no)]
  const [totals] = await owner.query<{ nodes: number; paid: bigint; upt: bigint }>(
    '',
    `select sum(quantity)::int as nodes, sum(total)::bigint as paid, sum(upt)::bigint as upt
     from node_orders where person_no = any ($1)`,
    nos,
  )
  assert.deepEqual(totals, { nodes: 10, paid: usdt(4 * 100 + 6 * 110), upt: usdt(10 * 100) })
  const most = await owner.query<{ nodes: number }>(
    '',
    'select max(nodes) as nodes from node_holdings where person_no = any ($1)',
    nos,
  )
  assert.ok((most[0]?.nodes ?? 9) <= 3)

  assert.ok((await bank.commissions()) > 0)
  assert.equal(await bank.commissions(), 0)
  const fees = await owner.query<{ fee: bigint; paid: bigint; layers: number; people: number }>(
    '',
    `select o.fee, sum(r.amount)::bigint as paid, count(*)::int as layers, count(distinct r.person_no)::int as people
     from node_orders o join commission_bases b on b.order_id = o.id join commission_rewards r on r.journal_id = b.journal_id
     where o.person_no = any ($1) group by o.id, o.fee`,
    nos,
  )
  const purchases = answers.filter(({ status }) => status === 200).length
  assert.ok(fees.length >= purchases)
  for (const { fee, paid, layers, people } of fees) {
    assert.ok(paid <= fee)
    assert.deepEqual([layers, people], [3, 3])
  }
  await bank.expectSound()
})

test('one buyer in many places stops at the limit', async () => {
  await bank.stock([100, '1'])
  const bob = await bank.buyer(usdt(1_000))
  const results = await Promise.all(Array.from({ length: 30 }, () => bank.buy(bob, 1, '1')))
  const names = results.map(({ name }) => name || 'ok')
  assert.equal(names.filter((name) => name === 'ok').length, 10)
  assert.equal(names.filter((name) => name === 'NodeLimitReached').length, 20)
  assert.deepEqual(await bank.money(bob), { main: '990.00', node: '0' })
})

test('two processes sell while their customers pay each other: nothing waits in a circle', async (t) => {
  await bank.stock([1_000, '1'])
  const draw = draws((line) => t.diagnostic(line))
  const root = await bank.buyer(usdt(100))
  const middle = await bank.buyer(usdt(100), root)
  const crowd = [root, middle, ...(await bank.buyers(10, usdt(100), middle))] as [Buyer, ...Buyer[]]
  const banks = [bank.world.bank, bank.world.anotherBank()] as const
  const proof = { paymentPassword: PIN }
  const idempotency = undefined
  const began = performance.now()
  let bought = 0
  await inLanes(300, 16, async (i) => {
    const mine = banks[i % 2] ?? banks[0]
    const actor = await actorOn(mine, draw.pick(crowd))
    if (draw.below(3) > 0) {
      const input = { quantity: 1, expectedTotal: '1', proof, idempotency }
      const said = await verdict(buyNodes(mine, actor, input))
      assert.ok(said === 'ok' || said === 'NodeLimitReached', said)
      if (said === 'ok') bought++
    } else {
      const [from, to] = draw.below(2) ? (['main', 'node'] as const) : (['node', 'main'] as const)
      const said = await verdict(transferBetweenOwn(mine, actor, { from, to, amount: '0.01', proof, idempotency }))
      assert.ok(said === 'ok' || said === 'InsufficientBalance', said)
    }
    if (i % 40 === 0) await Promise.all([bank.commissions(), bank.levels()])
  })
  const seconds = (performance.now() - began) / 1_000
  t.diagnostic(`${bought} purchases in ${seconds} s`)
  assert.ok(bought >= 100)
  await bank.expectSound()
})
