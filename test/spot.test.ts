// The spot API over HTTP, by a client written from its document alone: signatures, nonces, limits, the nine endpoints and
// what they refer to, exact digits in and out, the envelope of everything that goes wrong.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hours, minutes } from '../src/base/clock.ts'
import { logIn } from './harness/customers.ts'
import type { Payer } from './harness/hosted.ts'
import { type SpotAnswer, type SpotClient, type SpotKey, spotClient } from './harness/spot-client.ts'
import { freshAddress, startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
let serial = 0
/** Each request from an address of its own: limits are tried where they are meant. */
const fromAnywhere = () => ({ 'x-forwarded-for': `198.18.${(serial >> 8) & 255}.${serial++ & 255}` })

before(async () => {
  bank = await startWithdrawing()
})
after(() => bank?.close())

const V1 = '/api/spot/v1'
const now = () => bank.world.clock.now().getTime()

async function makeKey(payer: Payer, terms: object = {}): Promise<SpotKey> {
  const body = { name: 'bot', scopes: ['read', 'transfer', 'withdraw'], payment_password: payer.pin, ...terms }
  const made = await bank.world.call<{ id: string; secret: string }>('POST', '/api/api-keys', body, {
    token: payer.access,
  })
  assert.equal(made.status, 200, made.text)
  return { apiKey: made.data.id, secret: made.data.secret }
}

interface Trader {
  payer: Payer
  key: SpotKey
  client: SpotClient
  get(path: string, sending?: object): Promise<SpotAnswer>
  post(path: string, body: object | string, sending?: object): Promise<SpotAnswer>
}

async function trader(amount = usdt(1_000), terms: object = {}): Promise<Trader> {
  const payer = await bank.payer(amount)
  const key = await makeKey(payer, terms)
  const client = spotClient(bank.world.url, key, now)
  return {
    payer,
    key,
    client,
    get: (path, sending = {}) => client.get(V1 + path, { headers: fromAnywhere(), ...sending }),
    post: (path, body, sending = {}) => client.post(V1 + path, body, { headers: fromAnywhere(), ...sending }),
  }
}

/** Puts an address on the list and waits until it may be paid. */
async function listAddress(payer: Payer, chain = 'BSC', address = freshAddress()): Promise<string> {
  const body = { chain, address, label: 'listed', payment_password: payer.pin }
  const added = await bank.world.call('POST', '/api/withdrawal/addresses', body, { token: payer.access })
  assert.equal(added.status, 200, added.text)
  bank.world.clock.advance(hours(24) + minutes(1))
  payer.access = (await logIn(bank.world, payer)).data.access_token
  return address
}

const refused = ({ status, code, success, data }: SpotAnswer) => {
  assert.deepEqual([success, data], [false, null])
  return [status, code]
}
const done = (answer: SpotAnswer): string => {
  assert.deepEqual(
    [answer.status, answer.code, answer.msg, answer.success],
    [200, '0', 'result.success', true],
    answer.text,
  )
  return String(answer.data)
}

describe('a signed request', () => {
  let alice: Trader
  before(async () => {
    alice = await trader()
  })

  test('is answered from the books, with exact numbers', async () => {
    const answer = await alice.get('/user/account')
    assert.equal(
      answer.text,
      '{"code":"0","msg":"result.success","data":[{"coin":"USDT","balance":1000,"balanceLocked":0},{"coin":"TRX","balance":0,"balanceLocked":0}],"success":true}',
    )
    assert.equal((await alice.get('/user/info')).text.includes(`"data":{"uid":${alice.payer.no}}`), true)
  })
})

describe('orders', () => {
  test('a withdrawal to a listed address, its record, and the answer to one that is not listed', async () => {
    const bob = await trader()
    const to = await listAddress(bob.payer)
    const order = `{"coin":"USDT","network":"BSC","address":"${to}","amount":20.50}`
    const id = done(await bob.post('/withdraw', order))
    assert.match(id, /^\d{19}$/)
    const [record] = (await bob.post('/withdraw_transfer/page', { id })).data as Record<string, unknown>[]
    assert.deepEqual(
      [record?.id, record?.amount, record?.fee, record?.status],
      [id, '19.50000000', '1.00000000', 'pending'],
    )
    assert.deepEqual(refused(await bob.post('/withdraw', { ...JSON.parse(order), address: freshAddress() })), [
      422,
      '110008',
    ])
  })
})
