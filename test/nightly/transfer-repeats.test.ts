// The same money request again and again, over HTTP: at once, later, after a restart, in two processes, with TOTP on.
// One effect, one answer; a key belongs to one customer, one operation and one body.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { hours, sleep } from '../../src/base/clock.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { type ApiProcess, startApi } from '../harness/api-process.ts'
import { faultOfRefusal } from '../harness/app-contract.ts'
import { logIn } from '../harness/customers.ts'
import { type Hosted, type Payer, startHosted } from '../harness/hosted.ts'
import { type Client, exchange, openClient, type Reply, readReplies } from '../harness/http-client.ts'
import { fund } from '../harness/ledger.ts'

const FUNDS = 1_000_000_000n // 1,000 USDT

let hosted: Hosted
let second: ApiProcess
let clients: [Client, Client]
let payee: Payer

before(async () => {
  hosted = await startHosted()
  second = await startApi(hosted.env)
  clients = [hosted.client, openClient(second.url)]
  payee = await hosted.payer()
})
after(async () => {
  clients?.[1].close()
  await second?.stop()
  await hosted?.close()
})

let serial = 0
const freshKey = () => `key-${process.pid}-${serial++}`

const moves = {
  '/api/transfer': (amount: string, pin: string) => ({
    to_user_id: payee.id,
    amount,
    payment_password: pin,
    memo: 'x',
  }),
  '/api/account/transfer-internal': (amount: string, pin: string) => ({
    from: 'main',
    to: 'node',
    amount,
    payment_password: pin,
  }),
}
type Path = keyof typeof moves
const paths = Object.keys(moves) as Path[]

interface Order {
  payer: Payer
  path: Path
  amount: string
  key?: string
  totp?: string
  change?: object
  client?: Client
}

const place = ({ payer, path, amount, key, totp, change, client = hosted.client }: Order) =>
  client.ask({
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${payer.access}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify({ ...moves[path](amount, payer.pin), ...(totp ? { totp_code: totp } : {}), ...change }),
  })

const nameOf = ({ json }: Reply) => (json as { name?: string }).name ?? 'ok'
const idOf = ({ json }: Reply) => (json as { data?: { transfer_id: string } }).data?.transfer_id

async function mainBalance(payer: Payer): Promise<string> {
  const { json } = await hosted.ask('GET', '/api/account/balance', undefined, payer.access)
  return (json as { data: { main: { balance: string } } }).data.main.balance
}

/** All are the same success; all but one say that they are a repeat. */
function assertOne(replies: readonly Reply[]): string {
  const told = replies.map((reply) => reply.text)
  assert.deepEqual([...new Set(told)], [told[0]])
  assert.equal(nameOf(replies[0] as Reply), 'ok', told[0])
  const repeats = replies.filter((reply) => reply.headers['idempotent-replayed'] === 'true')
  assert.equal(repeats.length, replies.length - 1)
  return told[0] ?? ''
}

/** Switches TOTP on and answers with codes of this step and the next; the one before was used for that. */
async function withTotp(payer: Payer): Promise<[now: string, next: string]> {
  const token = payer.access
  const set = await hosted.ask('POST', '/api/security/2fa/setup', { login_password: payer.password }, token)
  const { secret } = (set.json as { data: { secret: string } }).data
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const left = 30_000 - (Date.now() % 30_000)
  if (left < 5_000) await sleep(left + 50) // the step before is taken for so long only
  const at = Date.now()
  const codeAt = (timestamp: number) => totp.generate({ timestamp })
  const on = await hosted.ask('POST', '/api/security/2fa/confirm', { code: codeAt(at - 30_000) }, token)
  assert.equal(on.text, '{"code":0}')
  return [codeAt(at), codeAt(at + 30_000)]
}

for (const path of paths) {
  describe(path, () => {
    test('32 at once with one key are one movement', async () => {
      const payer = await hosted.payer(FUNDS)
      const key = freshKey()
      assertOne(await Promise.all(Array.from({ length: 32 }, () => place({ payer, path, amount: '10', key }))))
      assert.equal(await mainBalance(payer), '990.00')
      assertOne([await place({ payer, path, amount: '11', key: freshKey() })])
    })

    test('32 at once with one key, over two processes', async () => {
      const payer = await hosted.payer(FUNDS)
      for (let round = 0; round < 5; round++) {
        const key = freshKey()
        const orders = Array.from({ length: 32 }, (_, i) =>
          place({ payer, path, amount: '1', key, client: clients[i % 2] as Client }),
        )
        assertOne(await Promise.all(orders))
      }
      assert.equal(await mainBalance(payer), '995.00')
    })

    test('32 at once with one key and one TOTP code, in one process and over two', async () => {
      const payer = await hosted.payer(FUNDS)
      for (const [i, totp] of (await withTotp(payer)).entries()) {
        const key = freshKey()
        const via = (n: number) => (i === 0 ? clients[0] : (clients[n % 2] as Client))
        const orders = Array.from({ length: 32 }, (_, n) =>
          place({ payer, path, amount: '10', key, totp, client: via(n) }),
        )
        assertOne(await Promise.all(orders))
        const other = await place({ payer, path, amount: '10', key: freshKey(), totp })
        assert.equal(nameOf(other), 'TOTPWrong', 'the code is used up')
        const again = await place({ payer, path, amount: '10', key, totp: '000000' })
        assert.equal(nameOf(again), 'ok', 'a repeat needs no fresh code')
      }
      assert.equal(await mainBalance(payer), '980.00')
    })

    test('another body with the same key is refused, whichever was first', async () => {
      const payer = await hosted.payer(FUNDS)
      const key = freshKey()
      const replies = await Promise.all(
        Array.from({ length: 32 }, (_, i) =>
          place({ payer, path, amount: `${(i % 4) + 1}`, key, client: clients[i % 2] as Client }),
        ),
      )
      const done = replies.filter((reply) => nameOf(reply) === 'ok')
      assert.equal(new Set(done.map((reply) => reply.text)).size, 1)
      for (const reply of replies.filter((reply) => nameOf(reply) !== 'ok')) {
        assert.deepEqual([reply.status, nameOf(reply)], [422, 'IdempotencyKeyReused'])
        assert.equal(faultOfRefusal(reply), undefined)
      }
      assert.equal(done.length, 8)
      const [amount = ''] = done.map(({ json }) => (json as { data: { amount: string } }).data.amount)
      assert.equal(await mainBalance(payer), `${1000 - Number.parseInt(amount, 10)}.00`)
    })

    test('a key that is none is refused, and nothing moves', async () => {
      const payer = await hosted.payer(FUNDS)
      for (const key of ['', ' ', 'a b', 'k'.repeat(256), 'schlüssel', '\u00a0', 'a\tb']) {
        const reply = await place({ payer, path, amount: '1', key })
        assert.deepEqual([reply.status, nameOf(reply)], [400, 'InvalidParams'], JSON.stringify(key))
        assert.equal(faultOfRefusal(reply), undefined)
      }
      const body = JSON.stringify(moves[path]('1', payer.pin))
      const twice = `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${payer.access}\r\ncontent-type: application/json\r\nidempotency-key: a\r\nidempotency-key: b\r\ncontent-length: ${body.length}\r\n\r\n${body}`
      const [reply] = readReplies(await exchange(hosted.api.url, twice, { replies: 1 }))
      assert.equal(reply?.status, 400, 'two keys are none')
      assert.equal(await mainBalance(payer), '1000.00')
      for (const key of ['k'.repeat(255), '!~"\'\\{}', '0']) {
        assert.equal(nameOf(await place({ payer, path, amount: '1', key })), 'ok', key)
      }
    })

    test('without a key, two are two', async () => {
      const payer = await hosted.payer(FUNDS)
      const replies = await Promise.all(Array.from({ length: 8 }, () => place({ payer, path, amount: '1' })))
      assert.equal(new Set(replies.map(idOf)).size, 8)
      assert.equal(await mainBalance(payer), '992.00')
    })

    test('a refusal for want of money stays, until another key is used', async () => {
      const payer = await hosted.payer(5_000_000n)
      const key = freshKey()
      const refused = await Promise.all(Array.from({ length: 8 }, () => place({ payer, path, amount: '6', key })))
      for (const reply of refused) assert.deepEqual([reply.status, nameOf(reply)], [422, 'InsufficientBalance'])
      await fund(hosted.world.bank.poster, payer.no, 10_000_000n)
      assert.equal(nameOf(await place({ payer, path, amount: '6', key })), 'InsufficientBalance')
      assert.equal(nameOf(await place({ payer, path, amount: '6', key: freshKey() })), 'ok')
    })

    test('what was refused before it began does not use the key up', async () => {
      const payer = await hosted.payer(FUNDS)
      const key = freshKey()
      const wrong = await place({ payer, path, amount: '1', key, change: { payment_password: '000001' } })
      assert.equal(nameOf(wrong), 'PaymentPasswordWrong')
      assert.equal(nameOf(await place({ payer, path, amount: '0', key })), 'InvalidAmount')
      assert.equal(nameOf(await place({ payer, path, amount: '1', key, change: { extra: 1 } })), 'InvalidParams')
      assert.equal(nameOf(await place({ payer, path, amount: '1', key })), 'ok')
    })
  })
}

test('a key belongs to one customer and one operation', async () => {
  const [one, other] = await Promise.all([hosted.payer(FUNDS), hosted.payer(FUNDS)])
  const key = freshKey()
  const ids = []
  for (const payer of [one, other])
    for (const path of paths) ids.push(idOf(await place({ payer, path, amount: '1', key })))
  assert.ok(ids.every((id) => id))
  assert.equal(new Set(ids).size, 4)
})

test('the answer outlives the process, and the day', async () => {
  const payer = await hosted.payer(FUNDS)
  const orders = paths.map((path) => ({ payer, path, amount: '1', key: freshKey() }))
  const first = await Promise.all(orders.map((order) => place(order)))
  await second.stop('SIGKILL')
  second = await startApi(hosted.env)
  clients[1].close()
  clients[1] = openClient(second.url)
  const again = await Promise.all(orders.map((order) => place({ ...order, client: clients[1] })))
  assert.deepEqual(
    again.map(({ text }) => text),
    first.map(({ text }) => text),
  )
  assert.ok(again.every(({ headers }) => headers['idempotent-replayed'] === 'true'))

  const { behind } = hosted
  behind.clock.advance(hours(25))
  const tomorrow = openClient(behind.url)
  const access = (await logIn(behind, payer)).data.access_token
  const later = await Promise.all(
    orders.map((order) => place({ ...order, payer: { ...payer, access }, client: tomorrow })),
  )
  tomorrow.close()
  assert.deepEqual(
    later.map(({ text }) => text),
    first.map(({ text }) => text),
  )
  assert.equal(await mainBalance(payer), '998.00')
})

test('the books are whole', async () => {
  assert.deepEqual((await verifyLedger(hosted.world.database.owner, { bookId: 1 })).faults, [])
})
