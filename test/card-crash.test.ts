// Workers that are killed at every step of a top-up and of making a card, as processes of their own: before the issuer is
// asked, after it has accepted, while that is recorded, after it, while the end is booked. The next one carries on; what is
// put onto a card is put there once, and there is one card.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cardChecks } from '../src/domain/card/card-checks.ts'
import { queueCard } from '../src/domain/card/card-job.ts'
import { personAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { type Carding, startCarding, usdt } from './harness/carding.ts'
import { type HeldVendor, holdVendor, type MortalWorker, mortalWorker } from './harness/held-vendor.ts'
import { until } from './harness/vendors.ts'

let carding: Carding
let vendor: HeldVendor
let worker: MortalWorker
type Holder = Awaited<ReturnType<Carding['holder']>>
type Payer = Awaited<ReturnType<Carding['payer']>>
const holders: Holder[] = []
const openers: Payer[] = []
const TOPUPS = 5
const CARDS = 4

before(async () => {
  carding = await startCarding()
  const many = (count: number, make: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, make))
  await many(TOPUPS, async () => holders.push(await carding.holder('50')))
  await many(CARDS, async () => {
    const payer = await carding.payer(usdt(1_000))
    await carding.ask(payer, 'POST', '/api/card/account', carding.form())
    await carding.decide(payer, 'GREEN')
    await until('account open', async () => (await carding.account(payer)).status === 'success')
    await carding.topUp(payer, '50')
    openers.push(payer)
  })
  await carding.rest()
  vendor = await holdVendor(carding.uqpay.env.UQPAY_URL ?? '')
  worker = mortalWorker(carding.world, { ...carding.uqpay.env, UQPAY_URL: vendor.url })
})
after(async () => {
  await vendor?.close()
  await carding?.close()
})

const one = async <R extends Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<R> => {
  const [row] = await carding.world.database.owner.query<R>('', sql, values)
  assert.ok(row, sql)
  return row
}
const topupOf = (payer: Payer) =>
  one<{ id: string; status: string }>(
    `select id, status from card_topups where person_no = $1 and from_account = 'main' order by id desc limit 1`,
    payer.no,
  )
const cardOf = (payer: Payer) =>
  one<{ id: string; status: string }>('select id, status from cards where person_no = $1', payer.no)
const onCard = (issuerCard: string) => {
  const { issuing } = carding.uqpay.server
  return issuing.available(issuing.cardOf(issuerCard))
}
/** The issuer's own list of what it was told to put onto a card. */
const recharges = (issuerCard: string) =>
  [...carding.uqpay.server.issuing.orders.all()].filter(
    (order) => order.card_id === issuerCard && order.type === 'RECHARGE',
  ).length

type Place = () => Promise<(() => Promise<void>) | undefined>
const held =
  (call: RegExp, where: 'before' | 'after'): Place =>
  async () => {
    await vendor.hold(call, where)
    return undefined
  }
const waiting =
  (payer: Payer, kind: 'main' | 'card'): Place =>
  async () => {
    const { waited, letGo } = await worker.lockAccount(personAccount(payer.no, kind))
    await waited
    return letGo
  }

async function expectSound(): Promise<void> {
  const { faults } = await verifyLedger(carding.world.bank.db, { bookId: 1, orders: cardChecks })
  assert.deepEqual(faults, [])
}

const ask = async (what: 'card' | 'topup', id: string) => {
  await queueCard(carding.world.bank.db, 1, what, id)
}

/** As the poll does: asks until it is over. */
async function finish(what: 'card' | 'topup', id: string, status: () => Promise<string>, end: string): Promise<void> {
  await until(end, async () => {
    await worker.carryOn()
    const is = await status()
    if (is !== end) await ask(what, id)
    return is === end
  })
}

// --- topping up ---

interface TopupPoint {
  /** The issuer fails what ends in .13. */
  amount?: string
  place(holder: Holder): Place
  /** Whether the issuer has taken it on before: then the worker dies on a second visit. */
  sent?: true
  left: [status: string, recharges: number]
  end: 'completed' | 'failed'
}

const topupPoints: Record<string, TopupPoint> = {
  'before the issuer is asked': {
    place: () => held(/POST .*\/recharge/, 'before'),
    left: ['held', 0],
    end: 'completed',
  },
  'after the issuer has accepted, and before that is recorded': {
    place: () => held(/POST .*\/recharge/, 'after'),
    left: ['held', 1],
    end: 'completed',
  },
  'after it is recorded, and before what became of it is known': {
    place: () => held(/GET .*\/order/, 'after'),
    sent: true,
    left: ['sent', 1],
    end: 'completed',
  },
  'while it is booked': {
    place: (holder) => waiting(holder, 'main'),
    sent: true,
    left: ['sent', 1],
    end: 'completed',
  },
  'while a failure is paid back': {
    amount: '30.13',
    place: (holder) => waiting(holder, 'main'),
    sent: true,
    left: ['sent', 1],
    end: 'failed',
  },
}

for (const [name, { amount = '30', place, sent, left, end }] of Object.entries(topupPoints)) {
  test(`a top-up, killed ${name}: once on the card or back`, async () => {
    const holder = holders.pop()
    assert.ok(holder, 'there is a holder for each point')
    const before = recharges(holder.issuerCard)
    assert.equal((await carding.topUp(holder, amount)).code, 0)
    const { id } = await topupOf(holder)
    if (sent) {
      await worker.carryOn()
      assert.equal((await topupOf(holder)).status, 'sent')
      await until('the issuer has done it', () =>
        [...carding.uqpay.server.issuing.orders.all()].every(({ status }) => status !== 'PROCESSING'),
      )
      await ask('topup', id)
    }
    await worker.killAt(place(holder))
    vendor.release()
    assert.deepEqual([(await topupOf(holder)).status, recharges(holder.issuerCard) - before], left)
    const [, cents = '00'] = amount.split('.')
    const units = usdt(30) + BigInt(cents) * 10_000n
    assert.deepEqual(await carding.money(holder, 'main'), { balance: usdt(950), held: units })

    await finish('topup', id, async () => (await topupOf(holder)).status, end)
    assert.equal(recharges(holder.issuerCard) - before, 1)
    assert.equal(onCard(holder.issuerCard), end === 'completed' ? 80_00n : 50_00n)
    const paid = end === 'completed' ? usdt(920) : usdt(950)
    assert.deepEqual(await carding.money(holder, 'main'), { balance: paid, held: 0n })
    assert.deepEqual(await carding.money(holder, 'card'), { balance: usdt(end === 'completed' ? 80 : 50), held: 0n })
    await expectSound()
  })
}

// --- making a card ---

const cardPoints: Record<
  string,
  { place(payer: Payer): Place; pending?: true; left: [status: string, cards: number] }
> = {
  'before the issuer is asked': { place: () => held(/POST .*\/cards$/, 'before'), left: ['requested', 0] },
  'after the issuer has accepted, and before that is recorded': {
    place: () => held(/POST .*\/cards$/, 'after'),
    left: ['requested', 1],
  },
  'after it is recorded, and before it is known to be there': {
    place: () => held(/GET .*\/cards\//, 'after'),
    pending: true,
    left: ['pending', 1],
  },
  'while it becomes active, and the money that waits is put onto it': {
    place: (payer) => waiting(payer, 'card'),
    pending: true,
    left: ['pending', 1],
  },
}

for (const [name, { place, pending, left }] of Object.entries(cardPoints)) {
  test(`a card, killed ${name}: one card, with what was paid in`, async () => {
    const payer = openers.pop()
    assert.ok(payer, 'there is a customer for each point')
    const asked = await carding.ask(payer, 'POST', '/api/card/cards', { payment_password: payer.pin })
    assert.equal(asked.code, 0, asked.text)
    const { id } = await cardOf(payer)
    const { cardholder_id } = await one<{ cardholder_id: string }>(
      'select cardholder_id from card_accounts where person_no = $1',
      payer.no,
    )
    const cards = () =>
      [...carding.uqpay.server.issuing.cards.all()].filter((card) => card.cardholder_id === cardholder_id)
    if (pending) {
      await worker.carryOn()
      assert.equal((await cardOf(payer)).status, 'pending')
      await until('the issuer has made it', () => cards()[0]?.status === 'ACTIVE')
      await ask('card', id)
    }
    await worker.killAt(place(payer))
    vendor.release()
    assert.deepEqual([(await cardOf(payer)).status, cards().length], left)

    await finish('card', id, async () => (await cardOf(payer)).status, 'active')
    const topup = () =>
      one<{ id: string; status: string }>(
        `select id, status from card_topups where person_no = $1 and from_account = 'card'`,
        payer.no,
      )
    await finish('topup', (await topup()).id, async () => (await topup()).status, 'completed')
    const [card] = cards()
    assert.ok(card)
    assert.deepEqual([cards().length, recharges(card.card_id), onCard(card.card_id)], [1, 1, 50_00n])
    assert.deepEqual(await carding.money(payer, 'main'), { balance: usdt(950), held: 0n })
    assert.deepEqual(await carding.money(payer, 'card'), { balance: usdt(50), held: 0n })
    await expectSound()
  })
}
