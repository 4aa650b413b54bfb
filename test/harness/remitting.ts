// A bank whose customers send remittances over HTTP: the sandbox's UQPAY and rate source behind it, operators who look at
// recipients, and the queue's jobs run when a test says so.

import assert from 'node:assert/strict'
import { freePort } from '../../sandbox/free-port.ts'
import { type RateServer, startRates } from '../../sandbox/rates.ts'
import { advanceRemittance } from '../../src/domain/remittance/advance-remittance.ts'
import { remittanceChecks } from '../../src/domain/remittance/remittance-checks.ts'
import { sharedToken } from '../../src/domain/vendor-event/shared-token.ts'
import { handleVendorEvent } from '../../src/domain/vendor-event/vendor-event.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { createUqpay } from '../../src/providers/uqpay-http.ts'
import { uqpayPayouts } from '../../src/providers/uqpay-payouts.ts'
import { type Answer, startWorld, type World } from './customers.ts'
import { makePayer, type Payer } from './hosted.ts'
import { check, joinOperator, type TestOperator } from './operators.ts'
import { startTestUqpay, type TestUqpay } from './vendors.ts'

export interface Shown {
  id: string
  status: string
  principal_usdt: string
  fee_usdt: string
  total_debit: string
  rate: string
  amount_cnh: string
  account_number: string
  reason: string
  next_step: string
  timeline: { status: string; reason: string }[]
}
export interface ShownRecipient {
  id: string
  account_number: string
  account_holder: string
  bank_name: string
  nickname: string
  review_status: string
  review_reason: string
}
export interface Preview {
  quote_id: string
  principal: string
  recipient_cnh: string
  rate: string
  fee_usdt: string
  total_debit: string
  display_fee_cny: string
}

export interface Remitting {
  world: World
  uqpay: TestUqpay
  rates: RateServer
  risk: TestOperator
  finance: TestOperator
  /** Somebody with a PIN, this much USDT (whole), and identity checks passed. */
  payer(whole?: number, kyc?: string): Promise<Payer>
  call<D>(
    payer: Payer,
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer<D>>
  /** A recipient that operators have approved; answers its id. */
  recipient(payer: Payer): Promise<string>
  submit(
    payer: Payer,
    recipient: string,
    amount: string,
    change?: object,
    headers?: Record<string, string>,
  ): Promise<Answer<Shown>>
  order(payer: Payer, id: string): Promise<Shown>
  /** Runs the order's job once; answers the error's words when it fails. */
  advance(id: string): Promise<string>
  /** Works on all that the vendor told so far. */
  hear(): Promise<void>
  payoutOf(id: string): Promise<string>
  money(payer: Payer): Promise<{ balance: bigint; held: bigint }>
  clearing(): Promise<bigint>
  expectSound(): Promise<void>
  close(): Promise<void>
}

let accounts = 0
export const someRecipient = (change: object = {}) => ({
  account_holder: 'ZHANG SAN',
  account_number: `62220212345${String(++accounts).padStart(8, '0')}`,
  bank_name: 'ICBC',
  id_number: '11010519491231002X',
  msisdn: '13800138000',
  email: 'mother@example.com',
  account_currency_code: 'CNH',
  nickname: '母亲',
  ...change,
})

export const bare = (id: string) => id.replace(/^[a-z]+-/, '')

export async function startRemitting(): Promise<Remitting> {
  let clock = () => new Date()
  const uqpay = await startTestUqpay({ now: () => clock() })
  const ratePort = await freePort()
  const rates = await startRates(ratePort, () => clock())
  const world = await startWorld({ ...uqpay.env, RATE_URL: `http://127.0.0.1:${ratePort}` })
  clock = () => world.clock.now()
  uqpay.tell(`${world.url}/webhooks/uqpay`)
  const { database } = world
  // the same wire with less patience, so that a vendor which never answers holds nobody up
  const { config, db, clock: bankClock, keys } = world.bank
  const wire = createUqpay({
    url: config.UQPAY_URL,
    clientId: config.UQPAY_CLIENT_ID,
    apiKey: config.UQPAY_API_KEY,
    token: sharedToken({ db, clock: bankClock }, () => keys.vendor, config.DEFAULT_BOOK, 'uqpay'),
    timeout: 300,
    pauses: [20],
  })
  const bank = { ...world.bank, payouts: uqpayPayouts(wire) }
  const risk = await joinOperator(world, ['risk'], 'Rita')
  const finance = await joinOperator(world, ['finance'], 'Finn')
  const one = async <R extends Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<R | undefined> =>
    (await database.owner.query<R>('', sql, values))[0]

  const remitting: Remitting = {
    world,
    uqpay,
    rates,
    risk,
    finance,
    async payer(whole = 10_000, kyc = 'full') {
      const payer = await makePayer(world, BigInt(whole) * 1_000_000n)
      await database.owner.query('', 'update people set kyc_level = $2 where id = $1', [payer.id, kyc])
      return payer
    },
    call: (payer, method, path, body, headers = {}) => world.call(method, path, body, { token: payer.access, headers }),
    async recipient(payer) {
      const made = await remitting.call<ShownRecipient>(payer, 'POST', '/api/remittance/recipients', someRecipient())
      assert.ok(made.data, made.text)
      const row = await one<{ approval_id: string }>(
        'select approval_id from remittance_recipients where id = $1',
        bare(made.data.id),
      )
      const checked = await check(world, risk, row?.approval_id ?? '')
      assert.equal(checked.status, 200, checked.text)
      return made.data.id
    },
    submit: (payer, recipient_id, amount, change = {}, headers = {}) =>
      remitting.call(
        payer,
        'POST',
        '/api/remittance/submit',
        { recipient_id, amount, payment_password: payer.pin, ...change },
        headers,
      ),
    async order(payer, id) {
      const { data, text } = await remitting.call<Shown>(payer, 'GET', `/api/remittance/orders/${id}`)
      assert.ok(data, text)
      return data
    },
    async advance(id) {
      try {
        await advanceRemittance(bank, 1, bare(id))
        return ''
      } catch (error) {
        return error instanceof Error ? error.message : 'failed'
      }
    },
    async hear() {
      const told = await database.owner.query<{ event_id: string }>(
        '',
        `select event_id from vendor_events where vendor = 'uqpay' and status in ('received', 'failed') order by received_at`,
      )
      for (const { event_id } of told) await handleVendorEvent(bank, 1, 'uqpay', event_id)
    },
    async payoutOf(id) {
      const row = await one<{ payout_id: string }>('select payout_id from remittances where id = $1', bare(id))
      assert.ok(row?.payout_id, 'there is a payout')
      return row.payout_id
    },
    money: async (payer) =>
      (await one<{ balance: bigint; held: bigint }>(
        'select balance, held from accounts where book_id = 1 and id = ($1::bigint << 16) + 257',
        payer.no,
      )) ?? { balance: 0n, held: 0n },
    async clearing() {
      const row = await one<{ sum: bigint }>(
        'select coalesce(sum(balance), 0)::bigint as sum from accounts where id >> 16 < 10000 and id >> 8 & 255 = 140',
      )
      return row?.sum ?? 0n
    },
    async expectSound() {
      const report = await verifyLedger(database.db, { bookId: 1, orders: remittanceChecks })
      assert.deepEqual(report.faults, [])
    },
    async close() {
      await world.close()
      await rates.stop()
      await uqpay.stop()
    },
  }
  return remitting
}
