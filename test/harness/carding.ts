// A bank with its card issuer: the sandbox's UQPAY on a port, its messages on their way to the bank, the worker that goes on
// with what they tell; and the steps that every cardholder goes through.

import assert from 'node:assert/strict'
import { Logger, run } from 'graphile-worker'
import sharp from 'sharp'
import { ADVANCE_CARD } from '../../src/domain/card/card-job.ts'
import { cardPolls } from '../../src/domain/card/hear-issuer.ts'
import type { Bank } from '../../src/domain/context.ts'
import { HANDLE_VENDOR_EVENT } from '../../src/domain/vendor-event/vendor-event.ts'
import { advanceCardTask } from '../../src/workers/advance-card.ts'
import { handleVendorEventTask } from '../../src/workers/handle-vendor-event.ts'
import { type Answer, startWorld, type World } from './customers.ts'
import { makePayer, type Payer } from './hosted.ts'
import { startTestUqpay, type TestUqpay, until } from './vendors.ts'

export const usdt = (whole: number | bigint) => BigInt(whole) * 1_000_000n

export interface AccountAnswer {
  status: string
  card_balance: string
  cardholder_id: string
  idv_url: string
  idv_expires_at: string
  next_step: string
}
export interface CardAnswer {
  id: string
  status: string
  currency: string
  card_limit: string
  masked_pan: string
}

export interface Carding {
  world: World
  uqpay: TestUqpay
  /** Links to identity checks run out so soon. */
  linkSeconds: number
  payer(amount?: bigint): Promise<Payer>
  form(change?: Record<string, unknown>): Record<string, unknown>
  ask<D = Record<string, unknown>>(
    payer: Payer,
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer<D>>
  account(payer: Payer): Promise<AccountAnswer>
  cards(payer: Payer): Promise<CardAnswer[]>
  topUp(
    payer: Payer,
    amount: string,
    change?: object,
    headers?: Record<string, string>,
  ): Promise<Answer<{ transfer_id: string; status: string }>>
  /** The issuer's decision about who the payer is. */
  decide(payer: Payer, answer: 'GREEN' | 'RED' | 'RETRY'): Promise<void>
  /** An open account, `amount` on its card, and the card active. */
  holder(amount: string, funds?: bigint): Promise<Payer & { card: string; issuerCard: string }>
  issuerCard(payer: Payer): Promise<string>
  /** As the bank does by itself: asks the issuer about whatever is open, statements included. */
  poll(names?: readonly string[]): Promise<void>
  money(payer: Payer, kind: 'main' | 'node' | 'card'): Promise<{ balance: bigint; held: bigint }>
  /** From now on nobody works on jobs here, and the issuer tells nothing. */
  rest(): Promise<void>
  close(): Promise<void>
}

const kinds = { main: 257, node: 513, card: 769 }

/** `parts`: of the bank, e.g. a log that a test reads. */
export async function startCarding({
  listening = true,
  parts = {},
}: {
  listening?: boolean
  parts?: Partial<Bank>
} = {}): Promise<Carding> {
  let world: World
  const uqpay = await startTestUqpay({
    now: () => (world ? world.clock.now() : new Date()),
    openCheck: (id) => ({
      url: `https://in.sumsub.com/websdk/p/${id}`,
      expiresAt: new Date(world.clock.now().getTime() + carding.linkSeconds * 1_000),
    }),
  })
  world = await startWorld(uqpay.env, parts)
  if (listening) uqpay.tell(`${world.url}/webhooks/uqpay`)
  const { bank, database } = world
  const jobs = await run({
    connectionString: database.url,
    taskList: { [ADVANCE_CARD]: advanceCardTask(bank), [HANDLE_VENDOR_EVENT]: handleVendorEventTask(bank) },
    concurrency: 4,
    pollInterval: 50,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
  })
  const front = (
    await sharp({ create: { width: 80, height: 50, channels: 3, background: '#557799' } })
      .png()
      .toBuffer()
  ).toString('base64')
  let serial = 0
  let working = true

  const carding: Carding = {
    world,
    uqpay,
    linkSeconds: 3_600,
    payer: (amount = 0n) => makePayer(world, amount),
    form: (change = {}) => ({
      first_name: 'San',
      last_name: 'Zhang',
      email: `holder${process.pid}x${serial++}@example.com`,
      country_code: 'CN',
      phone_number: '13800001234',
      date_of_birth: '1990-02-28',
      nationality: 'CN',
      id_type: 'PASSPORT',
      id_number: 'E12345678',
      id_front: front,
      addr_country: 'CN',
      addr_state: 'Shanghai',
      addr_city: 'Shanghai',
      addr_line1: '南京路 1 号',
      addr_line_en: '1 Nanjing Road',
      addr_postal_code: '200000',
      ...change,
    }),
    ask: (payer, method, path, body, headers = {}) => world.call(method, path, body, { token: payer.access, headers }),
    async account(payer) {
      const { data, text } = await world.call<AccountAnswer>('GET', '/api/card/account', undefined, {
        token: payer.access,
      })
      assert.ok(data, text)
      return data
    },
    async cards(payer) {
      const { data, text } = await world.call<{ items: CardAnswer[] }>('GET', '/api/card/cards', undefined, {
        token: payer.access,
      })
      assert.ok(data, text)
      return data.items
    },
    topUp(payer, amount, change = {}, headers = {}) {
      const body = { from: 'main', to: 'card', amount, payment_password: payer.pin, ...change }
      return world.call('POST', '/api/card/transfer', body, { token: payer.access, headers })
    },
    async decide(payer, answer) {
      const [row] = await database.owner.query<{ cardholder_id: string }>(
        '',
        'select cardholder_id from card_accounts where person_no = $1',
        [payer.no],
      )
      uqpay.server.issuing.decide(row?.cardholder_id ?? '', answer)
    },
    async holder(amount, funds = usdt(1_000)) {
      const payer = await carding.payer(funds)
      const opened = await carding.ask(payer, 'POST', '/api/card/account', carding.form())
      assert.equal(opened.code, 0, opened.text)
      await carding.decide(payer, 'GREEN')
      await until('account open', async () => (await carding.account(payer)).status === 'success')
      assert.equal((await carding.topUp(payer, amount)).code, 0)
      const asked = await carding.ask<{ card_id: string }>(payer, 'POST', '/api/card/cards', {
        payment_password: payer.pin,
      })
      assert.equal(asked.code, 0, asked.text)
      await until('money on the card', async () => {
        const [loaded] = await database.owner.query(
          '',
          `select from card_topups where person_no = $1 and from_account = 'card' and status = 'completed'`,
          [payer.no],
        )
        return loaded !== undefined
      })
      return { ...payer, card: asked.data.card_id, issuerCard: await carding.issuerCard(payer) }
    },
    async issuerCard(payer) {
      const [row] = await database.owner.query<{ issuer_card_id: string }>(
        '',
        'select issuer_card_id from cards where person_no = $1 order by id desc limit 1',
        [payer.no],
      )
      return row?.issuer_card_id ?? ''
    },
    async poll(names = cardPolls.map(({ name }) => name)) {
      world.clock.advance(180_000)
      for (const poll of cardPolls.filter(({ name }) => names.includes(name))) {
        for (const id of await poll.open(bank, 1, 100)) await poll.ask(bank, 1, id)
      }
    },
    async money(payer, kind) {
      const [row] = await database.owner.query<{ balance: bigint; held: bigint }>(
        '',
        'select balance, held from accounts where book_id = 1 and id = ($1::bigint << 16) + $2::int',
        [payer.no, kinds[kind]],
      )
      return row ?? { balance: 0n, held: 0n }
    },
    async rest() {
      uqpay.tell('')
      if (working) await jobs.stop()
      working = false
    },
    async close() {
      if (working) await jobs.stop()
      await world.close()
      await uqpay.stop()
    },
  }
  return carding
}
