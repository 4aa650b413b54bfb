// Remittances and cards against their holds and journals, over HTTP with the sandbox's vendors: no difference at any step of
// an honest order, and every planted break named in one comparison with its id and both amounts.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Bank } from '../src/domain/context.ts'
import { breaks } from '../src/domain/reconciliation/break.ts'
import { reconcileBook } from '../src/domain/reconciliation/reconcile.ts'
import { type Carding, startCarding, usdt } from './harness/carding.ts'
import type { TestDatabase } from './harness/database.ts'
import { isPlanted, type Plant } from './harness/planted-breaks.ts'
import {
  type PlantedCards,
  type PlantedRemittances,
  plantedCards,
  plantedRemittances,
} from './harness/planted-vendors.ts'
import { type Ground, planting } from './harness/planting.ts'
import { briefly } from './harness/reconciling.ts'
import { bare, type Remitting, startRemitting } from './harness/remitting.ts'
import { until } from './harness/vendors.ts'

const VENDOR = 1

const groundOf = (bank: Bank, { owner }: TestDatabase): Ground => ({
  bank,
  plant: (sql, values) => owner.query('', sql, values),
})

async function agrees(bank: Bank, when: string): Promise<void> {
  const { differences } = await reconcileBook(bank, 1)
  assert.deepEqual(differences, [], when)
}

/** A test for each break: named once, over when it is cured. */
function each(bank: () => Bank, plants: readonly Plant[]): void {
  for (const plant of plants) {
    test(`${plant.kind}: named in one comparison with its id and both sides, over when it is cured`, async () => {
      await agrees(bank(), 'before')
      const cure = await plant.make()
      const { differences, opened } = await reconcileBook(bank(), 1)
      assert.equal(differences.filter(isPlanted(plant)).length, 1, differences.map(briefly).join('\n'))
      assert.ok(opened.some(({ kind }) => kind === plant.kind))
      assert.deepEqual((await reconcileBook(bank(), 1)).opened, [], 'a break is opened once')
      await cure()
      await agrees(bank(), 'cured')
      assert.deepEqual(await breaks(bank().db, 1, { open: true, offset: 0, size: 10 }), [])
    })
  }
}

describe('remittances', () => {
  let remitting: Remitting
  const facts: Partial<PlantedRemittances> = {}
  const planter = planting(() => facts.ground ?? assert.fail(), VENDOR)
  after(() => remitting?.close())

  before(async () => {
    remitting = await startRemitting()
    const { world } = remitting
    facts.ground = groundOf(world.bank, world.database)
  })

  test('no difference at any step: held, taken on, paid, returned, refused, unknown', async () => {
    const { world, uqpay } = remitting
    const [ann, bob] = [await remitting.payer(), await remitting.payer(0)]
    Object.assign(facts, { ann: ann.no, bob: bob.no })
    const recipient = await remitting.recipient(ann)
    const send = async (amount: string) => {
      const { data, text } = await remitting.submit(ann, recipient, amount)
      assert.ok(data?.id, text)
      await agrees(world.bank, `${amount} held`)
      return data.id
    }
    const paid = await send('100')
    await remitting.advance(paid)
    await agrees(world.bank, 'taken on')
    uqpay.server.payout(await remitting.payoutOf(paid), 'complete')
    await remitting.advance(paid)
    await agrees(world.bank, 'paid')
    for (const end of [['complete', 'return'], ['fail']] as const) {
      const id = await send('30')
      await remitting.advance(id)
      for (const step of end) {
        uqpay.server.payout(await remitting.payoutOf(id), step)
        await remitting.advance(id)
        await agrees(world.bank, step)
      }
    }
    const unknown = await send('20')
    uqpay.server.faults.push({ kind: 'error-after', on: 'POST /v1/payouts', times: 20 })
    await remitting.advance(unknown)
    uqpay.server.faults.length = 0
    await agrees(world.bank, 'unknown')
    await remitting.advance(unknown)
    uqpay.server.payout(await remitting.payoutOf(unknown), 'complete')
    await remitting.advance(unknown)
    await agrees(world.bank, 'found')
    const underWay = await send('60')
    await remitting.advance(underWay)
    // whoever owns the database gets round its triggers
    await world.database.owner.query('', 'alter table remittances disable trigger user')
    Object.assign(facts, { paid: bare(paid), underWay: bare(underWay), waiting: bare(await send('40')) })
  })

  each(
    () => remitting.world.bank,
    plantedRemittances(() => facts as PlantedRemittances, planter),
  )
})

describe('cards', () => {
  let carding: Carding
  const facts: Partial<PlantedCards> = {}
  const planter = planting(() => facts.ground ?? assert.fail(), VENDOR)
  after(() => carding?.close())

  before(async () => {
    carding = await startCarding()
    const { world } = carding
    facts.ground = groundOf(world.bank, world.database)
  })

  test('no difference at any step: topped up, authorised, captured, told by the statement alone, taken beyond the balance', async () => {
    const { world, uqpay } = carding
    const holder = await carding.holder('50')
    const bob = await carding.payer()
    Object.assign(facts, { ann: holder.no, bob: bob.no })
    await agrees(world.bank, 'topped up')
    const simulate = (what: string, body: Record<string, unknown>) =>
      uqpay.server.simulate(what, body) as { transaction_id: string }
    const authorize = (amount: string, card_id = holder.issuerCard) =>
      simulate('authorization', { card_id, transaction_amount: amount, transaction_currency: 'USD' })
    const card = async (who: typeof holder, balance: bigint, held: bigint) => {
      await until(`${balance} with ${held} held`, async () => {
        await agrees(world.bank, `on the way to ${balance}`)
        const now = await carding.money(who, 'card')
        return now.balance === balance && now.held === held
      })
    }
    const { transaction_id } = authorize('25')
    await card(holder, usdt(50), usdt(25))
    simulate('capture', { transaction_id, amount: '20' })
    await card(holder, usdt(30), usdt(5))
    await carding.poll()
    await agrees(world.bank, 'on the statement')

    const other = await carding.holder('50')
    simulate('force-post', { card_id: other.issuerCard, amount: '70' })
    await carding.poll()
    await card(other, 0n, 0n)
    const [owing] = await world.database.owner.query<{ owed: bigint }>(
      '',
      'select owed from card_balances where person_no = $1',
      [other.no],
    )
    assert.equal(owing?.owed, usdt(20))

    const one = async <R extends Record<string, unknown>>(sql: string) =>
      (await world.database.owner.query<R>('', sql, [holder.no]))[0] ?? assert.fail(sql)
    const { id: money } = await one<{ id: string }>('select id from card_balances where person_no = $1')
    const line = await one<PlantedCards['line']>(
      `select transaction_id, card_id, family from card_transactions where person_no = $1 and kind = 'capture'`,
    )
    const topupFrom = (from: string) =>
      one<{ id: string }>(`select id from card_topups where person_no = $1 and from_account = '${from}'`)
    await world.database.owner.query('', 'alter table card_transactions disable trigger user')
    Object.assign(facts, { money, line, topup: (await topupFrom('main')).id, load: (await topupFrom('card')).id })
  })

  each(
    () => carding.world.bank,
    plantedCards(() => facts as PlantedCards, planter),
  )
})
