// The spot API's WebSocket, by a client written from its document: every frame signed, in either of the two forms; what goes
// wrong, limits, and the push of what happens.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { sign } from './harness/spot-client.ts'
import { done, listAddresses, makeTrader, type Trader } from './harness/trading.ts'
import { startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
let alice: Trader
before(async () => {
  bank = await startWithdrawing()
  alice = await makeTrader(bank, { amount: usdt(5_000) })
})
after(() => bank?.close())

interface Message {
  id?: unknown
  code?: string
  msg?: string
  data?: unknown
  event?: string
  ts?: number
}

class Line {
  readonly #socket: WebSocket
  readonly messages: { text: string; json: Message }[] = []
  #waiting: (() => void)[] = []
  closed: Promise<{ code: number; reason: string }>

  constructor(path = '/ws-api/v1') {
    this.#socket = new WebSocket(bank.world.url.replace('http', 'ws') + path)
    this.#socket.addEventListener('message', ({ data }) => {
      this.messages.push({ text: String(data), json: JSON.parse(String(data)) as Message })
      for (const go of this.#waiting.splice(0)) go()
    })
    this.closed = new Promise((resolve) =>
      this.#socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason })),
    )
  }

  open(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', resolve)
      this.#socket.addEventListener('error', reject)
    })
  }

  send(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** The first message that fits, from the one with this number on. */
  async find(fits: (message: Message) => boolean, from = 0): Promise<{ text: string; json: Message }> {
    for (const until = Date.now() + 8_000; Date.now() < until; ) {
      const found = this.messages.slice(from).find(({ json }) => fits(json))
      if (found) return found
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        setTimeout(resolve, 200)
      })
    }
    throw new Error(`nothing like that came: ${JSON.stringify(this.messages)}`)
  }

  async ask(frame: { id: unknown }): Promise<{ text: string; json: Message }> {
    const from = this.messages.length
    this.send(frame)
    return this.find(({ id }) => id === frame.id, from)
  }

  close(): void {
    this.#socket.close()
  }
}

/** A signed frame; `old` signs all parameters but `sign`. */
function frame(id: unknown, method: string, more: Record<string, string> = {}, { old = false, change = {} } = {}) {
  const nonce = randomBytes(16).toString('hex')
  const timestamp = String(bank.world.clock.now().getTime())
  const { apiKey } = alice.key
  const all: Record<string, string> = old ? { ...more, nonce, timestamp, apiKey } : more
  const text = Object.keys(all)
    .sort()
    .map((name) => name + all[name])
    .join('')
  const params = { ...more, nonce, timestamp, apiKey, sign: sign(alice.key, nonce, timestamp, text, ''), ...change }
  return { id, method, params }
}

async function line(path?: string): Promise<Line> {
  const one = new Line(path)
  await one.open()
  return one
}

describe('frames', () => {
  let open: Line
  before(async () => {
    open = await line()
  })
  after(() => open.close())

  test('are answered by their ids, signed in either form', async () => {
    assert.equal((await open.ask(frame(1, 'ping'))).text, '{"id":1,"code":"0","msg":"success","data":"pong"}')
    assert.equal(
      (await open.ask(frame('a', 'user.account', {}, { old: true }))).text,
      '{"id":"a","code":"0","msg":"success","data":[{"coin":"USDT","balance":5000,"balanceLocked":0},{"coin":"TRX","balance":0,"balanceLocked":0}]}',
    )
    assert.ok(
      (await open.ask(frame(null, 'user.info'))).text.startsWith(
        `{"id":null,"code":"0","msg":"success","data":{"uid":${alice.payer.no}}`,
      ),
    )
    const numeric = frame(3, 'ping')
    open.send(
      JSON.stringify(numeric)
        .replace(/"timestamp":"(\d+)"/, '"timestamp":$1')
        .replace('"id":3', '"id":9007199254740993'),
    )
    const exact = await open.find(({ data }) => data === 'pong', 3)
    assert.ok(exact.text.startsWith('{"id":9007199254740993,'), exact.text)
    for (const method of ['common.rate.list', 'common.coin.coin_network.list'])
      assert.ok(Array.isArray((await open.ask(frame(method, method))).json.data))
    const elsewhere = await line('/ws-api/v1/spot')
    assert.equal((await elsewhere.ask(frame(5, 'ping'))).json.data, 'pong')
    elsewhere.close()
  })

  test('are refused with the codes of the API, and the connection goes on', async () => {
    const used = frame('used', 'ping')
    assert.equal((await open.ask(used)).json.code, '0')
    const cases: [{ id: unknown; method?: unknown; params?: unknown }, string][] = [
      [used, '100009'],
      [frame('b', 'user.account', {}, { change: { sign: '0'.repeat(64) } }), '100005'],
      [frame('c', 'user.account', {}, { change: { extra: '1' } }), '100005'],
      [frame('d', 'user.account', { symbol: 'BTC' }), '2'],
      [frame('e', 'user.account', {}, { change: { timestamp: '1744185294000' } }), '100008'],
      [frame('f', 'user.account', {}, { change: { apiKey: 'pk_test_none' } }), '100004'],
      [frame('g', 'order.place_order'), '404'],
      [frame('h', 'constructor'), '404'],
      [{ id: 'i', method: 'ping' }, '100003'],
      [{ id: 'j', method: 'ping', params: [] }, '2'],
      [{ id: 'k', method: 7, params: {} }, '2'],
      [{ id: 'l', method: 'ping', params: { nonce: {} } }, '2'],
      [{ ...frame('m', 'ping'), more: 1 } as { id: unknown }, '2'],
    ]
    for (const [asked, code] of cases) assert.equal((await open.ask(asked)).json.code, code, JSON.stringify(asked))
    for (const text of ['{', '[]', '""', '{"id":1,"id":2}', '{"id":{}}', '{"id":-1.5,"method":"ping"}']) {
      const from = open.messages.length
      open.send(text)
      const { json } = await open.find(() => true, from)
      assert.deepEqual([json.id, json.code, json.data], [text.includes('"id":1') ? json.id : null, '2', null], text)
    }
    assert.equal((await open.ask(frame('n', 'ping'))).json.code, '0')
  })

  test('ten a second of one method', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    const answers = await Promise.all(Array.from({ length: 11 }, (_, i) => open.ask(frame(`r${i}`, 'user.info'))))
    assert.deepEqual(answers.map(({ json }) => json.code).sort(), [...Array.from({ length: 10 }, () => '0'), '110041'])
  })

  test('that are too large or no text end the connection; other addresses have no sockets', async () => {
    const large = await line()
    large.send(`{"id":"${'x'.repeat(20_000)}"}`)
    assert.equal((await large.closed).code, 1009)
    const wrong = new Line('/api/spot/v1/user/account')
    await assert.rejects(wrong.open())
    const plain = await fetch(`${bank.world.url}/ws-api/v1`)
    assert.equal(plain.status, 404)
    const upgrade = await fetch(`${bank.world.url}/healthz`)
    assert.equal(upgrade.status, 200)
  })
})

describe('the push', () => {
  test('tells balances, withdrawals and deposits as they happen, until the key ends', async () => {
    const [to = ''] = await listAddresses(bank.world, alice.payer, ['BSC'])
    const open = await line()
    assert.deepEqual((await open.ask(frame(1, 'user.subscribe', { channels: 'balance,nothing' }))).json.code, '2')
    assert.deepEqual((await open.ask(frame(2, 'user.subscribe'))).json.data, ['balance', 'deposit', 'withdrawal'])
    const id = done(await alice.post('/withdraw', { coin: 'USDT', network: 'BSC', address: to, amount: 20 }))
    const told = await open.find(({ event }) => event === 'withdrawal')
    const record = told.json.data as Record<string, unknown>
    assert.deepEqual([record.id, record.amount, record.type], [id, '19.00000000', 'withdraw'])
    assert.ok(Number.isInteger(told.json.ts))
    const balance = await open.find(({ event }) => event === 'balance')
    assert.ok(balance.text.includes('{"coin":"USDT","balance":4980,"balanceLocked":20}'), balance.text)

    const revoked = await bank.world.call('DELETE', `/api/api-keys/${alice.key.apiKey}`, undefined, {
      token: alice.payer.access,
    })
    assert.equal(revoked.text, '{"code":0}')
    await open.find(({ event }) => event === 'end')
    assert.equal((await open.ask(frame(3, 'ping'))).json.code, '100004')
    open.close()
  })
})
