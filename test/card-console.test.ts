// What operators see of cards and do about them, over HTTP against the sandbox's issuer: lists and one card whole, freezing
// that its holder cannot undo, ending a card and giving back what was left on it, the issuer's fees, the house's money there,
// and what is late.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hours } from '../src/base/clock.ts'
import { cardChecks } from '../src/domain/card/card-checks.ts'
import { watchIssuerDeadline } from '../src/domain/card/issuer-deadline.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { type Carding, startCarding, usdt } from './harness/carding.ts'
import {
  check,
  consoleCall,
  joinOperator,
  ok,
  outcome,
  propose,
  signInAs,
  type TestOperator,
} from './harness/operators.ts'
import { bare } from './harness/remitting.ts'
import { until } from './harness/vendors.ts'

let carding: Carding
let rita: TestOperator
let rob: TestOperator
let fay: TestOperator
let finn: TestOperator
type Holder = Awaited<ReturnType<Carding['holder']>>

before(async () => {
  carding = await startCarding()
  rita = await joinOperator(carding.world, ['risk'], 'Rita')
  rob = await joinOperator(carding.world, ['risk'], 'Rob')
  fay = await joinOperator(carding.world, ['finance'], 'Fay')
  finn = await joinOperator(carding.world, ['finance'], 'Finn')
})
after(() => carding?.close())

interface Whole {
  status: string
  house_wish: string | null
  left: string
  taken: string
  loaded: string
  releases: { id: string; amount: string }[]
  issuer: { status: string; available: string | null } | null
  timeline: { to: string }[]
}
const whole = (holder: Holder) => ok<Whole>(carding.world, rita, 'GET', `/cards/${holder.card}`)
const becomes = (holder: Holder, status: string) =>
  until(`the card is ${status}`, async () => (await carding.cards(holder))[0]?.status === status)
const simulate = (what: string, body: Record<string, unknown>) =>
  carding.uqpay.server.simulate(what, body) as { transaction_id: string }
const agree = async (kind: string, payload: object, maker: TestOperator, checker: TestOperator) => {
  const id = await propose(carding.world, maker, kind, payload)
  const checked = await check(carding.world, checker, id)
  assert.equal(checked.status, 200, checked.text)
  return id
}
const house = async (kind: 'float' | 'issuer' | 'expense' | 'capital') => {
  const account = houseAccount(kind)
  return (await balancesOf(carding.world.bank.db, 1, [account]))(account).balance
}
const alerts = async (kind: string) =>
  (
    await ok<{ items: { kind: string; data: Record<string, unknown> }[] }>(
      carding.world,
      rita,
      'GET',
      '/alerts?size=100',
    )
  ).items.filter((alert) => alert.kind === kind)
async function expectSound(): Promise<void> {
  const { faults } = await verifyLedger(carding.world.bank.db, { bookId: 1, orders: cardChecks })
  assert.deepEqual(faults, [])
}

test('what the house froze its holder cannot let go; two operators can', async () => {
  const holder = await carding.holder('50')
  const path = (what: string) => `/api/card/cards/${holder.card}/${what}`
  const freeze = (who: TestOperator) =>
    outcome(carding.world, who, 'POST', `/cards/${holder.card}/freeze`, { reason: 'a stolen phone' })
  assert.equal(await freeze(fay), 'Forbidden')
  assert.equal(await freeze(rita), 'ok')
  await becomes(holder, 'frozen')
  assert.equal(await freeze(rob), 'Outdated')
  const refused = await carding.ask(holder, 'POST', path('unfreeze'), { payment_password: holder.pin })
  assert.equal(refused.name, 'CardNotUsable', refused.text)
  assert.equal((await whole(holder)).house_wish, 'frozen')
  // whoever lets it go at the issuer itself finds it frozen again
  await carding.world.bank.cardIssuer.setStatus(
    { orderId: bare(holder.card), step: 'behind our back' },
    holder.issuerCard,
    'ACTIVE',
    '',
  )
  await until('frozen again', async () => {
    await carding.poll(['cards'])
    return carding.uqpay.server.issuing.cardOf(holder.issuerCard).status === 'FROZEN'
  })

  const id = await propose(carding.world, rita, 'card_decision', { card: bare(holder.card), decision: 'unfreeze' })
  assert.equal((await check(carding.world, rita, id)).error, 'OwnApproval')
  assert.equal((await check(carding.world, rob, id)).status, 200)
  await becomes(holder, 'active')
  await until('its holder decides again', async () => {
    await carding.poll(['cards'])
    return (await whole(holder)).house_wish === null
  })
  assert.equal((await carding.ask(holder, 'POST', path('freeze'))).code, 0)
  await becomes(holder, 'frozen')
  assert.equal((await carding.ask(holder, 'POST', path('unfreeze'), { payment_password: holder.pin })).code, 0)
})

test('a freeze that the issuer does not answer is asked for again; one that it refuses is told', async () => {
  const holder = await carding.holder('50')
  carding.uqpay.server.faults.push({ kind: 'error', on: '/status', times: 30 })
  assert.equal(await outcome(carding.world, rita, 'POST', `/cards/${holder.card}/freeze`, { reason: 'fraud' }), 'ok')
  assert.equal((await whole(holder)).house_wish, 'frozen')
  await until('asked', () => carding.uqpay.server.faults.every(({ times }) => times < 30))
  assert.equal((await carding.cards(holder))[0]?.status, 'active')
  carding.uqpay.server.faults.length = 0
  await carding.poll(['cards'])
  await becomes(holder, 'frozen')
})

test('a card that is ended gives back what was left on it, when finance agrees, and no more', async () => {
  const holder = await carding.holder('80')
  const { transaction_id } = simulate('authorization', {
    card_id: holder.issuerCard,
    transaction_amount: '30',
    transaction_currency: 'USD',
  })
  simulate('capture', { transaction_id, amount: '12.50', final: true })
  await until('booked', async () => (await carding.money(holder, 'card')).balance === 67_500_000n)
  const early = await consoleCall(carding.world, fay.token, 'POST', '/approvals/card_release', {
    payload: { card: bare(holder.card) },
    reason: 'too early',
  })
  assert.equal(early.error, 'Outdated')

  await agree('card_decision', { card: bare(holder.card), decision: 'cancel' }, rita, rob)
  await becomes(holder, 'cancelled')
  await carding.poll()
  const ended = await whole(holder)
  assert.deepEqual([ended.left, ended.loaded, ended.taken], ['67.50', '80.00', '12.50'])
  assert.equal(ended.issuer?.status, 'CANCELLED')
  assert.deepEqual(
    (await alerts('card_disagrees')).filter(({ data }) => data.card === bare(holder.card)),
    [],
  )

  const main = (await carding.money(holder, 'main')).balance
  const more = await consoleCall(carding.world, fay.token, 'POST', '/approvals/card_release', {
    payload: { card: bare(holder.card), amount: '67.51' },
    reason: 'greedy',
  })
  assert.deepEqual([more.error, more.details.left], ['InsufficientBalance', '67.50'])
  await agree('card_release', { card: bare(holder.card), amount: '17.50' }, fay, finn)
  const id = await agree('card_release', { card: bare(holder.card) }, fay, finn)
  assert.deepEqual(await carding.money(holder, 'main'), { balance: main + 67_500_000n, held: 0n })
  assert.deepEqual(await carding.money(holder, 'card'), { balance: 0n, held: 0n })
  const after = await whole(holder)
  assert.deepEqual([after.left, after.releases.map(({ amount }) => amount)], ['0', ['50.00', '17.50']])
  const order = await ok<{ kind: string; people: string[] }>(carding.world, rita, 'GET', `/orders/${id}`)
  assert.deepEqual([order.kind, order.people], ['card_release', [holder.uid]])
  const inbox = await carding.ask<{ type: string; body: string }[]>(holder, 'GET', '/api/inbox')
  assert.match(inbox.data.find(({ type }) => type === 'card_released')?.body ?? '', /50\.00 USDT/)

  // a refund that comes late is on the card account, and can be given back as well
  simulate('refund', { transaction_id, amount: '2.50' })
  await until('refunded', async () => (await carding.money(holder, 'card')).balance === 2_500_000n)
  await agree('card_release', { card: bare(holder.card) }, fay, finn)
  assert.deepEqual(await carding.money(holder, 'card'), { balance: 0n, held: 0n })
  await expectSound()
})

test('what the issuer charges is the house’s cost, booked once with its statement', async () => {
  const holder = await carding.holder('50')
  await carding.poll() // what others have told
  const [expense, float] = [await house('expense'), await house('float')]
  simulate('force-post', { card_id: holder.issuerCard, amount: '10', fee: '0.35' })
  await until('told', async () => (await carding.money(holder, 'card')).balance === usdt(40))
  assert.equal(await house('expense'), expense, 'a message alone books no fee')
  for (let i = 0; i < 3; i++) await carding.poll()
  assert.equal((await house('expense')) - expense, -350_000n)
  assert.equal((await house('float')) - float, usdt(10) + 350_000n)
  assert.equal(await house('issuer'), 0n)
  const { items } = await ok<{ items: { fee: string; fee_booked: string; amount: string }[] }>(
    carding.world,
    fay,
    'GET',
    `/card-transactions?uid=${holder.uid}`,
  )
  assert.deepEqual(
    items.map(({ amount, fee, fee_booked }) => [amount, fee, fee_booked]),
    [['10.00', '0.35', '0.35']],
  )
  await expectSound()
})

test('lists: of everybody or one customer, by state; every look is logged', async () => {
  const holder = await carding.holder('50')
  const rows = async (path: string) =>
    (await ok<{ items: Record<string, unknown>[] }>(carding.world, rita, 'GET', path)).items
  assert.deepEqual(
    (await rows(`/card-accounts?uid=${holder.uid}`)).map(({ uid, status }) => [uid, status]),
    [[holder.uid, 'success']],
  )
  assert.deepEqual(
    (await rows(`/cards?uid=${holder.uid}&status=active`)).map(({ id }) => id),
    [bare(holder.card)],
  )
  assert.deepEqual(await rows(`/cards?uid=${holder.uid}&status=frozen`), [])
  const topups = await rows(`/card-topups?uid=${holder.uid}`)
  assert.deepEqual(
    topups.map(({ from, status }) => [from, status]),
    [
      ['card', 'completed'],
      ['main', 'completed'],
    ],
  )
  for (const { id } of topups) {
    const order = await ok<{ kind: string; steps: unknown[] }>(carding.world, rita, 'GET', `/orders/${id}`)
    assert.deepEqual([order.kind, order.steps.length > 0], ['card_topup', true])
  }
  simulate('force-post', { card_id: holder.issuerCard, amount: '60' })
  const debt = await until('owed', async () => (await rows('/card-debts')).find(({ uid }) => uid === holder.uid))
  assert.equal(debt.owed, '10.00')
  const money = await ok<{ kind: string; status: string; journals: unknown[] }>(
    carding.world,
    rita,
    'GET',
    `/orders/${debt.order}`,
  )
  assert.deepEqual([money.kind, money.status, money.journals.length > 0], ['card_payment', 'owed', true])
  assert.equal(await outcome(carding.world, rita, 'GET', '/cards?uid=U99999'), 'NotFound')
  assert.equal(await outcome(carding.world, rita, 'GET', '/cards/00000000-0000-7000-8000-000000000000'), 'NotFound')
  assert.equal(await outcome(carding.world, rita, 'GET', '/cards?status=melted'), 'InvalidParams')
  const logged = await ok<{ items: { action: string }[] }>(carding.world, rita, 'GET', '/audit-log?size=100')
  for (const action of ['card.listed', 'card.frozen', 'card.cancelled', 'card.released', 'card.seen'])
    assert.ok(
      logged.items.some((row) => row.action === action) ||
        (await carding.world.database.owner.query('', 'select 1 from audit_log where action = $1 limit 1', [action]))
          .length > 0,
      action,
    )
})

test('the house’s money at the issuer is told to the books by two of finance', async () => {
  const [float, capital] = [await house('float'), await house('capital')]
  const payload = { direction: 'in', amount: '5000', reference: 'wire 4711' }
  assert.equal(
    await outcome(carding.world, rita, 'POST', '/approvals/issuer_funding', { payload, reason: 'x' }),
    'Forbidden',
  )
  const id = await agree('issuer_funding', payload, fay, finn)
  assert.deepEqual([(await house('float')) - float, (await house('capital')) - capital], [-usdt(5_000), usdt(5_000)])
  await agree('issuer_funding', { direction: 'out', amount: '1000', reference: 'wire 4712' }, fay, finn)
  assert.equal((await house('float')) - float, -usdt(4_000))
  const order = await ok<{ kind: string; journals: unknown[] }>(carding.world, fay, 'GET', `/orders/${id}`)
  assert.deepEqual([order.kind, order.journals.length], ['issuer_funding', 1])
  const shown = await ok<{ float: string; issuer_available: string }>(carding.world, fay, 'GET', '/issuer')
  assert.match(shown.issuer_available, /^\d+(\.\d+)?$/)
  carding.uqpay.server.faults.push({ kind: 'error', on: '/balances', times: 9 })
  assert.equal(
    (await ok<{ issuer_available: string }>(carding.world, fay, 'GET', '/issuer')).issuer_available,
    'unknown',
  )
  carding.uqpay.server.faults.length = 0
})

test('what the statement does not show in time, and top-ups that take too long, are told until they are over', async () => {
  const holder = await carding.holder('50')
  await carding.poll()
  assert.equal(await watchIssuerDeadline(carding.world.bank, 1), 0)
  simulate('force-post', { card_id: holder.issuerCard, amount: '5' })
  await until('told', async () => (await carding.money(holder, 'card')).balance === usdt(45))
  carding.world.clock.advance(hours(25))
  rita = { ...rita, token: (await signInAs(carding.world, rita)).data.token }
  assert.equal(await watchIssuerDeadline(carding.world.bank, 1), 1)
  const [alert] = await alerts('issuer_overdue')
  assert.deepEqual([alert?.data.transactions, alert?.data.topups, alert?.data.amount], [1, 0, '5.00'])
  await carding.poll()
  assert.equal(await watchIssuerDeadline(carding.world.bank, 1), 0)
  assert.deepEqual(await alerts('issuer_overdue'), [])
})
