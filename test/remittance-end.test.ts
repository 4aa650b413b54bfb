// Remittances of which the vendor says two things, or nothing for too long: operators have the last word, two of them, and
// the money goes the way that it always goes; what is late is told; what was not told to the vendor waits for a frozen sender.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hours, minutes } from '../src/base/clock.ts'
import { parseAmount } from '../src/base/money.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import type { PayoutState } from '../src/domain/ports.ts'
import { watchPayoutDeadline } from '../src/domain/remittance/payout-deadline.ts'
import { recordState } from '../src/domain/remittance/settle-remittance.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import type { Payer } from './harness/hosted.ts'
import { check, consoleCall, joinOperator, ok, propose, signInAs, type TestOperator } from './harness/operators.ts'
import { bare, type Remitting, startRemitting } from './harness/remitting.ts'

let bank: Remitting
let fay: TestOperator
let payer: Payer
let recipient: string
before(async () => {
  bank = await startRemitting()
  bank.uqpay.tell('')
  fay = await joinOperator(bank.world, ['finance'], 'Fay')
  payer = await bank.payer(10_000)
  recipient = await bank.recipient(payer)
})
after(() => bank?.close())

const usdt = (text: string) => parseAmount(text, 6)
async function sent(): Promise<{ id: string; payoutId: string }> {
  const { data, text } = await bank.submit(payer, recipient, '100')
  assert.ok(data, text)
  await bank.advance(data.id)
  return { id: data.id, payoutId: await bank.payoutOf(data.id) }
}
const says = (id: string, state: PayoutState) => recordState(bank.world.bank, 1, bare(id), state)
const statusOf = async (id: string) => {
  const [row] = await bank.world.database.owner.query<{ status: string }>(
    '',
    'select status from remittances where id = $1',
    [bare(id)],
  )
  return row?.status
}
const alertsOf = async (id: string) =>
  (
    await bank.world.database.owner.query(
      '',
      `select 1 from alerts where kind = 'payout_contradiction' and closed_at is null and data->>'remittance' = $1`,
      [bare(id)],
    )
  ).length
const end = (id: string, outcome: string, more: object = {}, maker = bank.finance) =>
  consoleCall<{ id: string }>(bank.world, maker.token, 'POST', '/approvals/remittance_end', {
    payload: { remittance: bare(id), outcome, ...more },
    reason: 'the bank said so by telephone',
  })
async function decide(id: string, outcome: string, more: object = {}): Promise<string> {
  const made = await end(id, outcome, more)
  assert.equal(made.status, 200, made.text)
  assert.equal((await check(bank.world, bank.finance, made.data.id)).error, 'OwnApproval')
  const checked = await check(bank.world, fay, made.data.id)
  assert.equal(checked.status, 200, checked.text)
  return made.data.id
}
const house = async (kind: 'expense' | 'remitted') => {
  const account = kind === 'remitted' ? houseAccount('remitted', 'USDT', 1) : houseAccount(kind)
  return (await balancesOf(bank.world.bank.db, 1, [account]))(account).balance
}

test('one whose amount is contradicted ends as paid, and the same answer is not brought up again', async () => {
  const { id, payoutId } = await sent()
  const wrong = { payoutId, status: 'COMPLETED', amount: '719.99', currency: 'CNH' } as const
  await says(id, wrong)
  assert.deepEqual([await statusOf(id), await alertsOf(id)], ['uncertain', 1])
  assert.equal((await end(id, 'returned')).error, 'Outdated')
  const { balance } = await bank.money(payer)
  await decide(id, 'paid')
  assert.deepEqual([await statusOf(id), await alertsOf(id)], ['completed', 0])
  await says(id, wrong)
  assert.equal(await alertsOf(id), 0)
  assert.equal((await bank.money(payer)).balance, balance)
  assert.equal(await bank.clearing(), 0n)
  await bank.expectSound()
  // another answer is news
  await says(id, { payoutId, status: 'FAILED' })
  assert.deepEqual([await statusOf(id), await alertsOf(id)], ['completed', 1])
  const back = await end(id, 'returned', { amount: '100.01' })
  assert.deepEqual([back.error, back.details.pointer], ['InvalidParams', '/payload/amount'])
  await decide(id, 'returned', { amount: '60' })
  assert.deepEqual([await statusOf(id), await alertsOf(id)], ['returned', 0])
  assert.equal((await bank.money(payer)).balance, balance + usdt('60'))
  await bank.expectSound()
})

test('one that nobody answers for ends as failed, all of it back; what the vendor says later is news', async () => {
  const { id, payoutId } = await sent()
  await says(id, { payoutId, status: 'PENDING', amount: '1.00' })
  assert.equal(await statusOf(id), 'uncertain')
  const { balance } = await bank.money(payer)
  await decide(id, 'failed')
  assert.equal((await bank.order(payer, id)).status, 'failed')
  assert.equal((await bank.money(payer)).balance, balance + usdt('101'))
  assert.equal(await bank.clearing(), 0n)
  await bank.expectSound()

  bank.uqpay.server.payout(payoutId, 'complete')
  bank.world.clock.advance(minutes(1))
  await bank.advance(id)
  assert.equal(await alertsOf(id), 1, 'it was paid after all')
  const [expense, remitted] = [await house('expense'), await house('remitted')]
  const approval = await decide(id, 'paid')
  assert.deepEqual(
    [(await house('expense')) - expense, (await house('remitted')) - remitted],
    [-usdt('100'), usdt('100')],
  )
  assert.equal((await bank.money(payer)).balance, balance + usdt('101'), 'getting it back is another matter')
  assert.equal(await alertsOf(id), 0)
  await bank.advance(id)
  assert.equal(await alertsOf(id), 0)
  assert.equal((await end(id, 'paid')).error, 'Outdated', 'the loss is booked once')
  const order = await ok<{ kind: string; journals: unknown[] }>(bank.world, fay, 'GET', `/orders/${approval}`)
  assert.deepEqual([order.kind, order.journals.length], ['remittance_end', 1])
  const shown = await ok<{ kind: string; steps: { to: string }[] }>(bank.world, fay, 'GET', `/orders/${bare(id)}`)
  assert.deepEqual([shown.kind, shown.steps.at(-1)?.to], ['remittance', 'failed'])
  await bank.expectSound()
})

test('a word on an order that has moved on meanwhile is not applied', async () => {
  const { id, payoutId } = await sent()
  await says(id, { payoutId, status: 'PENDING', amount: '1.00' })
  const proposal = await propose(bank.world, bank.finance, 'remittance_end', {
    remittance: bare(id),
    outcome: 'failed',
  })
  bank.uqpay.server.payout(payoutId, 'complete')
  await bank.advance(id)
  assert.equal(await statusOf(id), 'completed')
  assert.equal((await check(bank.world, fay, proposal)).error, 'Outdated')
  assert.equal((await end('00000000-0000-7000-8000-000000000000', 'paid')).error, 'NotFound')
  assert.equal((await end(id, 'paid', {}, bank.risk)).error, 'Outdated')
  assert.equal((await end(id, 'lost')).error, 'InvalidParams')
  assert.equal(await bank.clearing(), 0n)
  await bank.expectSound()
})

test('what the vendor was not told of waits as long as its sender is frozen', async () => {
  const other = await bank.payer(1_000)
  const { data, text } = await bank.submit(other, await bank.recipient(other), '100')
  assert.ok(data, text)
  await setPersonStatus(bank.world.bank, 1, other.id, 'frozen')
  await bank.advance(data.id)
  assert.equal(await statusOf(data.id), 'queued')
  await setPersonStatus(bank.world.bank, 1, other.id, 'active')
  await bank.advance(data.id)
  assert.equal(await statusOf(data.id), 'processing')
  bank.uqpay.server.payout(await bank.payoutOf(data.id), 'complete')
  await bank.advance(data.id)
  await bank.expectSound()
})

test('payouts that take too long are told to operators until they are over', async () => {
  const { id, payoutId } = await sent()
  assert.equal(await watchPayoutDeadline(bank.world.bank, 1), 0)
  bank.world.clock.advance(hours(49))
  assert.equal(await watchPayoutDeadline(bank.world.bank, 1), 1)
  const rita = { ...bank.risk, token: (await signInAs(bank.world, bank.risk)).data.token }
  const late = async () =>
    (
      await ok<{ items: { kind: string; data: Record<string, unknown> }[] }>(bank.world, rita, 'GET', '/alerts')
    ).items.filter(({ kind }) => kind === 'payout_overdue')
  const [alert] = await late()
  assert.deepEqual([alert?.data.remittances, alert?.data.principal, alert?.data.oldest], [1, '100.00', bare(id)])
  bank.uqpay.server.payout(payoutId, 'complete')
  await bank.advance(id)
  assert.equal(await watchPayoutDeadline(bank.world.bank, 1), 0)
  assert.deepEqual(await late(), [])
})
