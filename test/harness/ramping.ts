// A bank with ramp partners: the API on a port, the sandbox's rate source behind it, operators who decide, and what the
// ledger says afterwards.

import assert from 'node:assert/strict'
import { freePort } from '../../sandbox/free-port.ts'
import { type RateServer, startRates } from '../../sandbox/rates.ts'
import { orderChecks } from '../../src/domain/audit-book.ts'
import { makePartner, usualTerms } from '../../src/domain/ramp/make-partner.ts'
import type { PartnerTerms } from '../../src/domain/ramp/partner-approval.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { startWorld, type World } from './customers.ts'
import { check, joinOperator, propose, type TestOperator } from './operators.ts'
import { get, type RampKey } from './ramp-client.ts'
import { filesFolder } from './uploads.ts'

export interface Ramping {
  world: World
  rates: RateServer
  finance: TestOperator
  checker: TestOperator
  /** A partner with a key; terms are the usual ones but for the change. */
  partner(name: string, change?: Partial<PartnerTerms>): Promise<RampKey & { id: string }>
  one<R extends Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<R>
  /** The order's id in the bank. */
  idOf(key: { id: string }, orderNo: string): Promise<string>
  /** An operator's yes (or no) to what the bank asked about an order. */
  review(key: { id: string }, orderNo: string, verdict?: 'approve' | 'reject'): Promise<void>
  /** Two operators: one proposes, the other checks. Answers the refusal's code, or `ok`. */
  decide(kind: string, payload: object): Promise<string>
  /** Confirms the fiat of an order. */
  pay(key: { id: string }, orderNo: string, paid: string): Promise<string>
  /** Says that the identity of an account's customer is known. */
  know(key: RampKey & { id: string }, orderNo: string): Promise<bigint>
  money(personNo: bigint): Promise<{ balance: bigint; held: bigint }>
  house(kind: number): Promise<bigint>
  status(key: RampKey, orderNo: string): Promise<string>
  expectSound(): Promise<void>
  close(): Promise<void>
}

export async function startRamping(env: Record<string, string> = {}): Promise<Ramping> {
  let clock = () => new Date()
  const port = await freePort()
  const rates = await startRates(port, () => clock())
  const world = await startWorld({ RATE_URL: `http://127.0.0.1:${port}`, DATA_DIR: filesFolder(), ...env })
  clock = () => world.clock.now()
  const { owner } = world.database
  const finance = await joinOperator(world, ['finance', 'admin'], 'Finn')
  const checker = await joinOperator(world, ['finance', 'risk', 'admin'], 'Cher')
  const one: Ramping['one'] = async <R extends Record<string, unknown>>(sql: string, ...values: unknown[]) => {
    const [row] = await owner.query<R>('', sql, values)
    assert.ok(row, sql)
    return row
  }
  const ramping: Ramping = {
    world,
    rates,
    finance,
    checker,
    one,
    async partner(name, change = {}) {
      const terms = {
        ...usualTerms,
        sources: ['binance'],
        name,
        receive_account: { bankName: 'UniPay Bank', account: '1' },
        ...change,
      }
      const { partner, keyId, secret } = await makePartner(world.bank, 1, terms, 'test')
      return { id: partner.id, base: world.url, apiKey: keyId, secretKey: secret, source: partner.sources[0] ?? '' }
    },
    idOf: async (key, orderNo) =>
      (await one<{ id: string }>('select id from ramp_orders where partner_id = $1 and order_no = $2', key.id, orderNo))
        .id,
    async review(key, orderNo, verdict = 'approve') {
      const { approval_id } = await one<{ approval_id: string }>(
        'select approval_id from ramp_orders where partner_id = $1 and order_no = $2',
        key.id,
        orderNo,
      )
      const { status, text } = await check(world, checker, approval_id, verdict)
      assert.equal(status, 200, text)
    },
    async decide(kind, payload) {
      const id = await propose(world, finance, kind, payload)
      const { status, error } = await check(world, checker, id)
      return status === 200 ? 'ok' : error
    },
    pay: async (key, orderNo, paid) =>
      ramping.decide('ramp_payment', { order: await ramping.idOf(key, orderNo), paid, reference: `bank ${orderNo}` }),
    async know(key, orderNo) {
      const { person_no: no } = await one<{ person_no: bigint }>(
        'select person_no from ramp_orders where partner_id = $1 and order_no = $2',
        key.id,
        orderNo,
      )
      await owner.query('', `update people set kyc_level = 'basic', kyc_status = 'approved' where no = $1`, [no])
      return no
    },
    async money(personNo) {
      const [row] = await owner.query<{ balance: bigint; held: bigint }>(
        '',
        'select balance, held from accounts where book_id = 1 and id = ($1::bigint << 16) + 257',
        [personNo],
      )
      return row ?? { balance: 0n, held: 0n }
    },
    house: async (kind) =>
      (
        await one<{ sum: bigint }>(
          'select coalesce(sum(balance), 0)::bigint as sum from accounts where id >> 16 < 10000 and id >> 8 & 255 = $1',
          kind,
        )
      ).sum,
    async status(key, orderNo) {
      const { data, text } = await get(key, '/transaction/getOrderDetail', { orderNo })
      assert.ok(data, text)
      return String(data.applyStatus)
    },
    async expectSound() {
      assert.deepEqual((await verifyLedger(world.database.db, { bookId: 1, orders: orderChecks })).faults, [])
    },
    async close() {
      await world.close()
      await rates.stop()
    },
  }
  return ramping
}
