// Topping a card up and using it, over HTTP against the sandbox's issuer: every end of a top-up, cards and their states, the
// page with the number, and payments that come by message or by statement alone.

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { amountText } from '../src/api/app/wire.ts'
import { parseAmount } from '../src/base/money.ts'
import { cardTransitions } from '../src/domain/card/card.ts'
import { cardChecks } from '../src/domain/card/card-checks.ts'
import { topupTransitions } from '../src/domain/card/topup.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { type Carding, startCarding, usdt } from './harness/carding.ts'
import { until } from './harness/vendors.ts'

let carding: Carding
before(async () => {
  carding = await startCarding()
})
after(() => carding?.close())
beforeEach(() => {
  carding.uqpay.server.faults.length = 0
})

type Payer = Awaited<ReturnType<Carding['payer']>>
const pin = ({ pin: payment_password }: Payer) => ({ payment_password })
const topups = (payer: Payer) =>
  carding.world.database.owner.query<{ from_account: string; status: string; amount: bigint }>(
    '',
    'select from_account, status, amount from card_topups where person_no = $1 order by id',
    [payer.no],
  )
const simulate = (what: string, body: Record<string, unknown>) =>
  carding.uqpay.server.simulate(what, body) as { transaction_id: string }
const issuerBalance = async (issuerCard: string) => {
  const { available = '' } = (await carding.world.bank.cardIssuer.card(issuerCard)) ?? {}
  return amountText(parseAmount(available, 6))
}

async function opened(funds = usdt(1_000)): Promise<Payer> {
  const payer = await carding.payer(funds)
  await carding.ask(payer, 'POST', '/api/card/account', carding.form())
  await carding.decide(payer, 'GREEN')
  await until('account open', async () => (await carding.account(payer)).status === 'success')
  return payer
}

describe('a top-up', () => {
  test('before there is a card waits on the account, and is put onto the first card', async () => {
    const payer = await opened()
    assert.equal((await carding.ask(payer, 'POST', '/api/card/cards', pin(payer))).name, 'CardTopupNeeded')
    const { data } = await carding.topUp(payer, '50')
    assert.match(data.transfer_id, /^t-/)
    assert.equal((await carding.account(payer)).card_balance, '50.00')
    const asked = await carding.ask<{ card_id: string; status: string }>(payer, 'POST', '/api/card/cards', pin(payer))
    assert.equal(asked.data.status, 'pending')
    await until('loaded', async () => (await topups(payer))[1]?.status === 'completed')
    const [card] = await carding.cards(payer)
    assert.deepEqual([card?.id, card?.status, card?.card_limit], [asked.data.card_id, 'active', '50.00'])
    assert.match(card?.masked_pan ?? '', /^\*{4}\d{4}$/)
    assert.equal(await issuerBalance(await carding.issuerCard(payer)), '50.00')
    assert.equal((await carding.ask(payer, 'POST', '/api/card/cards', pin(payer))).name, 'CardExists')
    assert.deepEqual(await carding.money(payer, 'main'), { balance: usdt(950), held: 0n })
  })

  test('onto a card is held until the issuer has done it; the same key is one top-up', async () => {
    const holder = await carding.holder('50')
    const key = { 'idempotency-key': 'one' }
    const [first, second] = [await carding.topUp(holder, '25.5', {}, key), await carding.topUp(holder, '25.5', {}, key)]
    assert.deepEqual(second.data, first.data)
    assert.equal(second.headers.get('idempotent-replayed'), 'true')
    assert.equal((await carding.topUp(holder, '26', {}, key)).name, 'IdempotencyKeyReused')
    await until('done', async () => (await topups(holder))[2]?.status === 'completed')
    assert.equal(await issuerBalance(holder.issuerCard), '75.50')
    assert.equal((await carding.account(holder)).card_balance, '75.50')
  })

  test('that the issuer fails comes back, and the customer is told', async () => {
    const holder = await carding.holder('50')
    await carding.topUp(holder, '10.13') // the sandbox fails what ends so
    await until('an end', async () => (await topups(holder))[2]?.status === 'failed')
    assert.deepEqual(await carding.money(holder, 'main'), { balance: usdt(950), held: 0n })
    const inbox = await carding.ask<{ type: string }[]>(holder, 'GET', '/api/inbox')
    assert.ok(inbox.data.some(({ type }) => type === 'card_topup_failed'))
  })

  test('of which nobody knows is uncertain, and asked again until it is one recharge', async () => {
    const holder = await carding.holder('50')
    carding.uqpay.server.faults.push({ kind: 'error-after', on: '/recharge', times: 50 })
    await carding.topUp(holder, '30')
    await until('uncertain', async () => (await topups(holder))[2]?.status === 'uncertain')
    assert.deepEqual(await carding.money(holder, 'main'), { balance: usdt(950), held: usdt(30) })
    carding.uqpay.server.faults.length = 0
    await carding.poll(['card top-ups'])
    await until('done', async () => (await topups(holder))[2]?.status === 'completed')
    assert.equal(await issuerBalance(holder.issuerCard), '80.00')
  })

  test('is booked although its owner was frozen meanwhile, and refused to one who is', async () => {
    const holder = await carding.holder('50')
    carding.uqpay.server.faults.push({ kind: 'error-after', on: '/recharge', times: 50 })
    await carding.topUp(holder, '30')
    await until('uncertain', async () => (await topups(holder))[2]?.status === 'uncertain')
    await setPersonStatus(carding.world.bank, 1, holder.id, 'frozen')
    carding.uqpay.server.faults.length = 0
    await carding.poll(['card top-ups'])
    await until('done', async () => (await topups(holder))[2]?.status === 'completed')
    assert.deepEqual(await carding.money(holder, 'card'), { balance: usdt(80), held: 0n })
  })

  for (const [what, amount, change, name] of [
    ['finer than a cent', '10.001', {}, 'InvalidAmount'],
    ['less than the least', '9.99', {}, 'AmountBelowMinimum'],
    ['more than the most', '10000.01', {}, 'AmountAboveMaximum'],
    ['more than there is', '5000', {}, 'InsufficientBalance'],
    ['with another PIN', '20', { payment_password: '908172' }, 'PaymentPasswordWrong'],
    ['to anywhere else', '20', { to: 'main' }, 'InvalidParams'],
    ['from the card', '20', { from: 'card' }, 'InvalidParams'],
  ] as const) {
    test(`${what} is refused`, async () => {
      const payer = await opened()
      assert.equal((await carding.topUp(payer, amount, change)).name, name)
      assert.deepEqual(await topups(payer), [])
    })
  }

  test('without an account is refused', async () => {
    assert.equal((await carding.topUp(await carding.payer(usdt(100)), '20')).name, 'CardAccountNotOpen')
  })
})

describe('a card', () => {
  test('shows its number on the issuer’s page, once, to its owner alone, after the PIN', async () => {
    const [holder, stranger] = [await carding.holder('50'), await carding.holder('50')]
    const path = `/api/card/cards/${holder.card}/secure-token`
    assert.equal((await carding.ask(stranger, 'POST', path, pin(stranger))).name, 'NotFound')
    assert.equal((await carding.ask(holder, 'POST', path, { payment_password: '908172' })).name, 'PaymentPasswordWrong')
    const { data, headers, text } = await carding.ask<{ iframe_url: string; expires_at: string }>(
      holder,
      'POST',
      path,
      pin(holder),
    )
    assert.ok(data?.iframe_url, text)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.ok(Date.parse(data.expires_at) - carding.world.clock.now().getTime() <= 60_000)
    const page = await fetch(data.iframe_url)
    assert.match(await page.text(), /4096/)
    assert.notEqual((await fetch(data.iframe_url)).status, 200, 'a second look is refused')
  })

  test('is frozen, takes no top-up, and is let go again', async () => {
    const holder = await carding.holder('50')
    const path = (what: string) => `/api/card/cards/${holder.card}/${what}`
    assert.equal((await carding.ask(holder, 'POST', path('freeze'))).code, 0)
    await until('frozen', async () => (await carding.cards(holder))[0]?.status === 'frozen')
    assert.equal((await carding.topUp(holder, '20')).name, 'CardNotUsable')
    assert.equal((await carding.ask(holder, 'POST', path('secure-token'), pin(holder))).name, 'CardNotUsable')
    const declined = simulate('authorization', {
      card_id: holder.issuerCard,
      transaction_amount: '5',
      transaction_currency: 'USD',
    })
    assert.equal((await carding.ask(holder, 'POST', path('unfreeze'), pin(holder))).code, 0)
    await until('active', async () => (await carding.cards(holder))[0]?.status === 'active')
    const list = await until('the decline', async () => {
      const { data } = await carding.ask<{ items: { transaction_id: string; status: string; reason: string }[] }>(
        holder,
        'GET',
        '/api/card/transactions',
      )
      return data.items.find(({ transaction_id }) => transaction_id === declined.transaction_id)
    })
    assert.deepEqual([list.status, list.reason], ['DECLINED', '卡已冻结或暂停使用'])
  })

  test('of which the issuer’s answer is lost is made once', async () => {
    const payer = await opened()
    await carding.topUp(payer, '50')
    carding.uqpay.server.faults.push({ kind: 'error-after', on: 'POST /v1/issuing/cards', times: 50 })
    await carding.ask(payer, 'POST', '/api/card/cards', pin(payer))
    await until('asked', async () => {
      const [row] = await carding.world.database.owner.query<{ status: string }>(
        '',
        'select status from cards where person_no = $1',
        [payer.no],
      )
      return row?.status === 'uncertain'
    })
    assert.equal((await carding.cards(payer))[0]?.status, 'pending')
    carding.uqpay.server.faults.length = 0
    await carding.poll(['cards'])
    await until('active', async () => (await carding.cards(payer))[0]?.status === 'active')
    await until('loaded', async () => (await carding.cards(payer))[0]?.card_limit === '50.00')
  })
})

describe('payments', () => {
  interface Line {
    type: string
    status: string
    billing_amount: string
    available_balance: string
    merchant_name: string
  }
  const lines = async (payer: Payer) =>
    (
      await carding.ask<{ items: Line[]; has_more: boolean; available_balance: string }>(
        payer,
        'GET',
        '/api/card/transactions',
      )
    ).data

  test('authorised, increased, captured in parts, reversed, refunded and forced: books and issuer agree', async () => {
    const holder = await carding.holder('100')
    const card_id = holder.issuerCard
    const { transaction_id } = simulate('authorization', {
      card_id,
      transaction_amount: '30',
      transaction_currency: 'USD',
      merchant_name: 'Alipay',
    })
    simulate('increment', { transaction_id, amount: '10' })
    simulate('capture', { transaction_id, amount: '15' })
    simulate('reversal', { transaction_id, amount: '5' })
    simulate('capture', { transaction_id, amount: '26' })
    simulate('refund', { transaction_id, amount: '6' })
    simulate('force-post', { card_id, amount: '7.44' })
    const last = simulate('authorization', { card_id, transaction_amount: '9', transaction_currency: 'USD' })
    simulate('capture', { transaction_id: last.transaction_id, amount: '1', final: true })
    const { balance } = await until('told', async () => {
      const money = await carding.money(holder, 'card')
      return money.balance === 56_560_000n && money.held === 0n && money
    })
    assert.equal(balance, 56_560_000n)
    assert.equal(await issuerBalance(card_id), '56.56')
    const { items, available_balance } = await until('all of them', async () => {
      const told = await lines(holder)
      return told.items.length === 10 && told.available_balance === '56.56' && told
    })
    assert.equal(available_balance, '56.56')
    assert.ok(items.some(({ merchant_name }) => merchant_name === 'Alipay'))
  })

  test('of which no message came are found in the statement, and the clearing account goes back to zero', async () => {
    const holder = await carding.holder('100')
    carding.uqpay.tell('')
    const { transaction_id } = simulate('authorization', {
      card_id: holder.issuerCard,
      transaction_amount: '30',
      transaction_currency: 'USD',
    })
    simulate('capture', { transaction_id, amount: '20' })
    assert.deepEqual(await carding.money(holder, 'card'), { balance: usdt(100), held: 0n })
    await carding.poll()
    assert.deepEqual(await carding.money(holder, 'card'), { balance: usdt(80), held: usdt(10) })
    simulate('expiry', { transaction_id })
    await carding.poll()
    assert.deepEqual(await carding.money(holder, 'card'), { balance: usdt(80), held: 0n })
    carding.uqpay.tell(`${carding.world.url}/webhooks/uqpay`)
    const account = houseAccount('issuer')
    assert.equal((await balancesOf(carding.world.bank.db, 1, [account]))(account).balance, 0n)
    const open = await carding.world.database.owner.query(
      '',
      `select data from alerts where kind = 'card_disagrees' and closed_at is null`,
    )
    assert.deepEqual(open, [])
  })
})

test('the tables of states are the database’s', async () => {
  for (const [table, ours] of [
    ['card_transitions', cardTransitions],
    ['card_topup_transitions', topupTransitions],
  ] as const) {
    const rows = await carding.world.database.owner.query<{ step: string }>(
      '',
      `select from_status || '>' || to_status as step from ${table}`,
    )
    const expected = Object.entries(ours).flatMap(([from, next]) => next.map((to: string) => `${from}>${to}`))
    assert.deepEqual(rows.map(({ step }) => step).sort(), expected.sort())
  }
  await assert.rejects(carding.world.database.db.query('', `update cards set status = 'active'`), /permission denied/)
})

test('the proof of the books finds nothing', async () => {
  const { faults } = await verifyLedger(carding.world.bank.db, { bookId: 1, orders: cardChecks })
  assert.deepEqual(faults, [])
})
