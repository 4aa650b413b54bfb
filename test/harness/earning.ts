// A bank whose customers buy nodes over HTTP, with the jobs of the node programme run when a test says so: by the same verbs
// as the worker's tasks.

import assert from 'node:assert/strict'
import { newId } from '../../src/base/ids.ts'
import type { Bank, Origin } from '../../src/domain/context.ts'
import { accrueYields } from '../../src/domain/earn/accrue-yields.ts'
import { earnChecks } from '../../src/domain/earn/earn-checks.ts'
import { recomputeAll } from '../../src/domain/earn/level.ts'
import { payCommissions } from '../../src/domain/earn/pay-commissions.ts'
import { hashPin, storePin } from '../../src/domain/payment-proof/pin.ts'
import { readContact } from '../../src/domain/people/contact.ts'
import { createPerson } from '../../src/domain/people/people.ts'
import { joinTeam } from '../../src/domain/people/referral.ts'
import { openSession } from '../../src/domain/sign-in/session.ts'
import { transferChecks } from '../../src/domain/transfer.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { type Answer, type CallOptions, freshEmail, startWorld, type World } from './customers.ts'
import { PIN } from './hosted.ts'
import { fund, inLanes } from './ledger.ts'

export const usdt = (whole: number | bigint) => BigInt(whole) * 1_000_000n

/** A customer with a PIN, made by the bank's own verbs without the mail. */
export interface Buyer {
  id: string
  no: bigint
  uid: string
  access: string
}

export interface Bought {
  order_id: string
  quantity: number
  total_usdt: string
  upt_granted: number
  status: string
}

export interface Earning {
  readonly world: World
  /** Somebody with this much USDT (units), below an inviter where one is named. */
  buyer(amount?: bigint, inviter?: Pick<Buyer, 'no'>): Promise<Buyer>
  buyers(count: number, amount: bigint, inviter?: Pick<Buyer, 'no'>): Promise<Buyer[]>
  get<D>(buyer: Pick<Buyer, 'access'>, path: string): Promise<D>
  buy(buyer: Buyer, quantity: number, total: string, options?: CallOptions, change?: object): Promise<Answer<Bought>>
  /** The balance and what is held of it, as the customer sees them. */
  money(buyer: Buyer): Promise<{ main: string; node: string }>
  /** As operators change it, when two of them agree. */
  set(name: string, scope: string, value: string): Promise<void>
  /** A price list of the test's own, nothing of it sold: units and price in USDT, tier by tier. */
  stock(...tiers: [units: number, price: string][]): Promise<void>
  commissions(): Promise<number>
  yields(): Promise<number>
  levels(): Promise<void>
  /** The books are whole, and every order has what it must. */
  expectSound(): Promise<void>
  close(): Promise<void>
}

export async function startEarning(env: Record<string, string> = {}): Promise<Earning> {
  const world = await startWorld(env)
  const { bank, database } = world
  const get = async <D>(buyer: Pick<Buyer, 'access'>, path: string): Promise<D> => {
    const answer = await world.call<D>('GET', path, undefined, { token: buyer.access })
    assert.equal(answer.status, 200, `${path}: ${answer.text}`)
    return answer.data
  }
  return {
    world,
    async buyer(amount = 0n, inviter) {
      const made = await makeBuyer(bank, inviter)
      if (amount > 0n) await fund(bank.poster, made.no, amount)
      return made
    },
    async buyers(count, amount, inviter) {
      const made: Buyer[] = []
      await inLanes(count, 8, async () => void made.push(await makeBuyer(bank, inviter)))
      await Promise.all(made.map(({ no }) => fund(bank.poster, no, amount))) // one commit for many
      return made
    },
    get,
    buy: (buyer, quantity, total, options = {}, change = {}) =>
      world.call<Bought>(
        'POST',
        '/api/node/buy',
        { quantity, expected_total_usdt: total, payment_password: PIN, ...change },
        { token: buyer.access, ...options },
      ),
    async money(buyer) {
      const { main, node } = await get<Record<'main' | 'node', { balance: string }>>(buyer, '/api/account/balance')
      return { main: main.balance, node: node.balance }
    },
    async set(name, scope, value) {
      await database.owner.query(
        '',
        `insert into setting_changes (book_id, no, name, scope, value, before, reason, made_by, checked_by, approval_id, changed_at)
         select 1, 1 + coalesce(max(no), 0), $1, $2, $3, '', 'test', $4, array[$5::uuid], $6, $7 from setting_changes`,
        [name, scope, value, newId(), newId(), newId(), world.clock.now()],
      )
      await new Promise((resolve) => setTimeout(resolve, 1_050)) // values are believed for a second
    },
    async stock(...tiers) {
      for (const [i, [units, price]] of tiers.entries()) {
        await database.owner.query(
          '',
          `insert into node_tiers (book_id, tier, units, price) values (1, $1, $2, $3::numeric * 1000000)
           on conflict (book_id, tier) do update set units = node_tiers.sold + excluded.units, price = excluded.price`,
          [i + 1, units, price],
        )
      }
      await database.owner.query('', 'update node_tiers set units = sold where tier > $1', [tiers.length])
    },
    commissions: () => payCommissions(bank, 1),
    yields: () => accrueYields(bank, 1),
    levels: () => recomputeAll(bank, 1),
    async expectSound() {
      const { faults } = await verifyLedger(database.owner, { bookId: 1, orders: [...earnChecks, ...transferChecks] })
      assert.deepEqual(faults, [])
    },
    close: () => world.close(),
  }
}

async function makeBuyer(bank: Bank, inviter?: Pick<Buyer, 'no'>): Promise<Buyer> {
  const origin: Origin = { ip: '127.0.0.1', userAgent: 'test', locale: 'en' }
  const contact = readContact(bank, { contact: freshEmail(), kind: 'email' })
  const made = await bank.db.transaction(async (tx) => {
    const person = await createPerson(bank, tx, { bookId: 1, contact, passwordHash: null, locale: 'en' })
    const actor = { ...origin, bookId: 1, personId: person.id, personNo: person.no, sessionId: newId() }
    await storePin(tx, actor, null, hashPin(bank, actor, PIN))
    if (inviter) await joinTeam(tx, 1, person.no, inviter.no, bank.clock.now())
    return { person, access: (await openSession(bank, tx, person, origin)).accessToken }
  })
  const { id, no, uid } = made.person
  return { id, no, uid, access: made.access }
}
