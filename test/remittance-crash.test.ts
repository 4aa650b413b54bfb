// Workers that are killed at every step of a payout, as processes of their own: before the vendor is told, after it has
// accepted, while that is recorded, after it, while the end is booked. The next one carries on; each order is paid once.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seconds } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { parseAmount } from '../src/base/money.ts'
import { askToPay } from '../src/domain/remittance/remittance-job.ts'
import { personAccount } from '../src/ledger/accounts.ts'
import { type HeldVendor, holdVendor, type MortalWorker, mortalWorker } from './harness/held-vendor.ts'
import type { Payer } from './harness/hosted.ts'
import { bare, type Remitting, startRemitting } from './harness/remitting.ts'

let bank: Remitting
let vendor: HeldVendor
let worker: MortalWorker

before(async () => {
  bank = await startRemitting()
  bank.uqpay.tell('') // nothing is told: what is found out is found out by asking
  vendor = await holdVendor(bank.uqpay.env.UQPAY_URL ?? '')
  worker = mortalWorker(bank.world, { ...bank.uqpay.env, UQPAY_URL: vendor.url })
})
after(async () => {
  await vendor?.close()
  await bank?.close()
})

const usdt = (text: string) => parseAmount(text, 6)
const rowOf = async (id: string) => {
  const [row] = await bank.world.database.owner.query<{
    status: string
    payout_id: string | null
    told_at: Date | null
  }>('', 'select status, payout_id, told_at from remittances where id = $1', [bare(id)])
  assert.ok(row)
  return row
}

/** The vendor's own list of payouts for an order. */
async function payoutsFor(id: string): Promise<{ payout_id: string; payout_status: string }[]> {
  const given = await fetch(`${bank.uqpay.env.UQPAY_URL}/v1/connect/token`, {
    method: 'POST',
    headers: { 'x-client-id': 'test-client', 'x-api-key': 'test-key' },
  })
  const { auth_token: token } = (await given.json()) as { auth_token: string }
  const answer = await fetch(`${bank.uqpay.env.UQPAY_URL}/v1/payouts?page_size=100&page_number=1`, {
    headers: { 'x-auth-token': `Bearer ${token}`, 'x-idempotency-key': newId() },
  })
  const { data } = (await answer.json()) as {
    data: { payout_id: string; payout_status: string; payout_reference: string }[]
  }
  return data.filter((one) => one.payout_reference === bare(id))
}

/** As the poll does when its time has come. */
const ask = (id: string) => askToPay(bank.world.bank.db, 1, bare(id))

async function submitted(): Promise<{ payer: Payer; id: string }> {
  const payer = await bank.payer(1_000)
  const { data, text } = await bank.submit(payer, await bank.recipient(payer), '100')
  assert.ok(data, text)
  return { payer, id: data.id }
}

/** Told to the vendor and recorded, by a worker that lives. */
async function processing() {
  const order = await submitted()
  await worker.carryOn()
  assert.equal((await rowOf(order.id)).status, 'processing')
  return { ...order, payout: await bank.payoutOf(order.id) }
}

type Place = () => Promise<(() => Promise<void>) | undefined>
interface CrashPoint {
  /** An order, and the way to where the worker dies. */
  begin(): Promise<{ payer: Payer; id: string; place: Place }>
  /** What is left: our state, and how many payouts the vendor has. */
  left: [status: string, payouts: number]
  end: 'completed' | 'failed'
}

const held =
  (call: RegExp, where: 'before' | 'after'): Place =>
  async () => {
    await vendor.hold(call, where)
    return undefined
  }
const waiting =
  (payer: Payer): Place =>
  async () => {
    const { waited, letGo } = await worker.lockAccount(personAccount(payer.no, 'main'))
    await waited
    return letGo
  }

const points: Record<string, CrashPoint> = {
  'after the vendor has made the beneficiary, and before that is recorded': {
    begin: async () => ({ ...(await submitted()), place: held(/POST .*\/beneficiaries/, 'after') }),
    left: ['queued', 0],
    end: 'completed',
  },
  'before the vendor is told of the payout': {
    begin: async () => ({ ...(await submitted()), place: held(/POST .*\/payouts/, 'before') }),
    left: ['queued', 0],
    end: 'completed',
  },
  'after the vendor has accepted it, and before that is recorded': {
    begin: async () => ({ ...(await submitted()), place: held(/POST .*\/payouts/, 'after') }),
    left: ['queued', 1],
    end: 'completed',
  },
  'while it is recorded': {
    async begin() {
      const { payer, id } = await submitted()
      return { payer, id, place: waiting(payer) }
    },
    left: ['queued', 1],
    end: 'completed',
  },
  'after it is recorded, and before what became of it is known': {
    async begin() {
      const order = await processing()
      bank.uqpay.server.payout(order.payout, 'complete')
      await ask(order.id)
      return { ...order, place: held(/GET .*\/payouts\//, 'after') }
    },
    left: ['processing', 1],
    end: 'completed',
  },
  'while a failure is paid back': {
    async begin() {
      const order = await processing()
      bank.uqpay.server.payout(order.payout, 'fail')
      await ask(order.id)
      return { ...order, place: waiting(order.payer) }
    },
    left: ['processing', 1],
    end: 'failed',
  },
}

for (const [name, { begin, left, end }] of Object.entries(points)) {
  test(`killed ${name}: one payout, an end that is explained`, async () => {
    const { payer, id, place } = await begin()
    await worker.killAt(place)
    vendor.release()
    assert.deepEqual([(await rowOf(id)).status, (await payoutsFor(id)).length], left)
    assert.equal((await bank.money(payer)).held, left[0] === 'queued' ? usdt('101') : 0n)

    await worker.carryOn()
    const [payout] = await payoutsFor(id)
    assert.ok(payout, 'the vendor has it')
    if (payout.payout_status === 'PENDING') bank.uqpay.server.payout(payout.payout_id, 'complete')
    await ask(id)
    await worker.carryOn()
    const shown = await bank.order(payer, id)
    assert.equal(shown.status, end)
    assert.equal((await payoutsFor(id)).length, 1)
    assert.deepEqual(await bank.money(payer), { balance: usdt(end === 'completed' ? '899' : '1000'), held: 0n })
    assert.equal(await bank.clearing(), 0n)
    assert.equal(shown.timeline.at(-1)?.status, end)
    await bank.expectSound()
  })
}

test('a recipient that the vendor refuses after it may have been told is doubt, not failure', async () => {
  const { payer, id } = await submitted()
  await worker.killAt(held(/POST .*\/payouts/, 'after'))
  vendor.release()
  assert.notEqual((await rowOf(id)).told_at, null)
  // meanwhile the customer changes the recipient, so that the vendor is asked about its first version anew, and says no
  const [row] = await bank.world.database.owner.query<{ recipient_id: string }>(
    '',
    'select recipient_id from remittances where id = $1',
    [bare(id)],
  )
  const changed = await bank.call(payer, 'PUT', `/api/remittance/recipients/rc-${row?.recipient_id}`, {
    account_holder: 'ZHANG SI',
  })
  assert.equal(changed.status, 200, changed.text)
  vendor.answer(/POST .*\/beneficiaries/, 400, { type: 'invalid_request_error', message: 'the account is closed' })
  await askThrough(id)
  assert.equal((await rowOf(id)).status, 'uncertain')
  assert.deepEqual(await bank.money(payer), { balance: usdt('1000'), held: usdt('101') })
  const alerts = () =>
    bank.world.database.owner.query(
      '',
      `select 1 from alerts where kind = 'payout_contradiction' and closed_at is null and data->>'remittance' = $1`,
      [bare(id)],
    )
  assert.equal((await alerts()).length, 1, 'operators hear of it')

  await ask(id)
  await worker.carryOn()
  assert.equal((await rowOf(id)).status, 'processing')
  assert.equal((await alerts()).length, 0)
  assert.equal((await payoutsFor(id)).length, 1)
  bank.uqpay.server.payout(await bank.payoutOf(id), 'complete')
  await ask(id)
  await worker.carryOn()
  assert.deepEqual(await bank.money(payer), { balance: usdt('899'), held: 0n })
  assert.equal(await bank.clearing(), 0n)
  await bank.expectSound()
})

/** A worker on the way through the proxy, until it has done what there is. */
async function askThrough(id: string): Promise<void> {
  await ask(id)
  const { status } = await rowOf(id)
  await worker.killAt(async () => {
    for (let waited = 0; waited < 10_000 && (await rowOf(id)).status === status; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50))
    return undefined
  })
}

test('a vendor that pays what it had called failed is told to operators', async () => {
  const { payer, id } = await processing()
  const payout = await bank.payoutOf(id)
  bank.uqpay.server.payout(payout, 'fail')
  await ask(id)
  await worker.carryOn()
  assert.deepEqual([(await rowOf(id)).status, (await bank.money(payer)).balance], ['failed', usdt('1000')])
  const { recordState } = await import('../src/domain/remittance/settle-remittance.ts')
  bank.world.clock.advance(seconds(60))
  for (let i = 0; i < 2; i++) await recordState(bank.world.bank, 1, bare(id), { payoutId: payout, status: 'COMPLETED' })
  const open = await bank.world.database.owner.query(
    '',
    `select data->>'says' as says from alerts where closed_at is null and data->>'remittance' = $1`,
    [bare(id)],
  )
  assert.deepEqual(open, [{ says: 'completed, after the vendor had said that it failed' }])
  assert.deepEqual(await bank.money(payer), { balance: usdt('1000'), held: 0n })
  await bank.expectSound()
})
