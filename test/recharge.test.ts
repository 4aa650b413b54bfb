// 充值 over HTTP, with the watchers running on real chains; and the live stream that goes with it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { createEvmReader } from '../src/providers/evm.ts'
import { type Watchers, watchChains } from '../src/workers/watch-chains.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { type EventStream, openStream } from './harness/event-stream.ts'
import { testXpub } from './harness/watched.ts'

const CONFIRMATIONS = 4
const usdt = (whole: number) => BigInt(whole) * 1_000_000n

let world: World
let chain: Chain
let token: Token
let watchers: Watchers
let alice: Customer
let bob: Customer

before(async () => {
  chain = await startChain(31_031)
  token = await chain.deploy('EthUsdt', usdt(1_000_000))
  const shared = { chainId: 31_031, contract: token.address, confirmations: CONFIRMATIONS, blockTime: 300 }
  world = await startWorld({
    NETWORKS: JSON.stringify({ ETH: { ...shared, explorer: 'https://scan.example/tx/{tx}' } }),
    RPC_ETH: chain.url,
    DEPOSIT_XPUB_EVM: testXpub,
  })
  watchers = watchChains(world.bank, [1], (network) => (network.rpc === '' ? undefined : createEvmReader(network)))
  alice = await signUp(world)
  bob = await signUp(world)
  for (let waited = 0; waited < 10_000; waited += 50) {
    if ((await addressOf(alice)).code === 0) break
    await sleep(50)
  }
})

after(async () => {
  await watchers?.stop()
  await world?.close()
  chain?.stop()
})

type Order = Record<
  'id' | 'status' | 'chain' | 'tx_hash' | 'amount_received' | 'amount_credited' | 'explorer_url' | 'created_at',
  string
> & { confirmations: number; confirmations_required: number; credited_at: string | null }

const addressOf = (who: Customer, name = 'ETH') =>
  world.call<{ chain: string; address: string; qr_code_payload: string; min_deposit_usdt: string }>(
    'GET',
    `/api/recharge/address?chain=${name}`,
    undefined,
    { token: who.access },
  )
const ordersOf = async (who: Customer, query = '') =>
  (await world.call<{ items: Order[] }>('GET', `/api/recharge/orders${query}`, undefined, { token: who.access })).data
    .items

async function payTo(who: Customer, whole: number): Promise<string> {
  return chain.send(token, 'transfer', [(await addressOf(who)).data.address, usdt(whole)])
}

async function untilOrder(who: Customer, what: (order: Order) => boolean): Promise<Order> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    const found = (await ordersOf(who)).find(what)
    if (found) return found
    await sleep(50)
  }
  throw new Error(`no such order: ${JSON.stringify(await ordersOf(who))}`)
}

test('the address: one for all EVM chains, EIP-55, by GET and POST; unknown, missing and closed networks are refused', async () => {
  const { data, code } = await addressOf(alice)
  assert.equal(code, 0)
  assert.match(data.address, /^0x[0-9a-fA-F]{40}$/)
  assert.notEqual(data.address, data.address.toLowerCase())
  assert.deepEqual([data.chain, data.qr_code_payload, data.min_deposit_usdt], ['ETH', data.address, '1'])
  const posted = await world.call<{ address: string }>(
    'POST',
    '/api/recharge/address',
    { chain: 'ETH' },
    { token: alice.access },
  )
  assert.equal(posted.data.address, data.address)
  assert.notEqual((await addressOf(bob)).data.address, data.address)
  assert.deepEqual(
    [(await addressOf(alice, 'TRX')).name, (await addressOf(alice, 'TRX')).status],
    ['NetworkUnavailable', 503],
  )
  assert.equal((await addressOf(alice, 'BSC')).name, 'NetworkUnavailable', 'nobody watches it here')
  assert.deepEqual(
    [(await addressOf(alice, 'DOGE')).name, (await addressOf(alice, 'eth')).name],
    ['NetworkUnknown', 'NetworkUnknown'],
  )
  const missing = await world.call('GET', '/api/recharge/address', undefined, { token: alice.access })
  assert.deepEqual([missing.status, missing.code], [400, 900003])
  const extra = await world.call(
    'POST',
    '/api/recharge/address',
    { chain: 'ETH', person: 'U10001' },
    { token: alice.access },
  )
  assert.deepEqual([extra.status, extra.code], [400, 900003])
  assert.equal((await world.call('GET', '/api/recharge/address?chain=ETH')).status, 401)
})

test('an order from the first sight on, its confirmations counting up, then credited; told live, each count once', async () => {
  const stream = await openStream(world.url, alice.access)
  const others = await openStream(world.url, bob.access)
  assert.equal(stream.status, 200)
  assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/)
  const hash = await payTo(alice, 100)
  await chain.mine()
  const seen = [await untilOrder(alice, (order) => order.tx_hash === hash)]
  await stream.until('confirming', () => stream.of('deposit.confirming').length === 1)
  for (let n = 2; n < CONFIRMATIONS; n++) {
    await chain.mine()
    seen.push(await untilOrder(alice, (order) => order.tx_hash === hash && order.confirmations === n))
    await stream.until('confirming', () => stream.of('deposit.confirming').length === n)
  }
  await chain.mine()
  seen.push(await untilOrder(alice, (order) => order.status === 'credited'))
  await stream.until('credited', () => stream.of('deposit.credited').length === 1)
  await stream.until('inbox', () => stream.of('inbox').at(-1)?.data.unread === 1)
  assert.deepEqual(
    seen.map(
      (order) => `${order.status} ${order.confirmations}/${order.confirmations_required} ${order.amount_credited}`,
    ),
    ['pending 1/4 0', 'pending 2/4 0', 'pending 3/4 0', 'credited 4/4 100.00'],
  )
  const order = seen.at(-1)
  assert.match(order?.id ?? '', /^r-[0-9a-f-]{36}$/)
  assert.deepEqual(
    [order?.chain, order?.amount_received, order?.explorer_url],
    ['ETH', '100.00', `https://scan.example/tx/${hash}`],
  )
  assert.ok(order?.credited_at && order.credited_at >= order.created_at)
  const one = await world.call<Order>('GET', `/api/recharge/orders/${order?.id}`, undefined, { token: alice.access })
  assert.deepEqual(one.data, order)

  const told = stream.events.filter((event) => event.type.startsWith('deposit.'))
  const steps = told.map((event) => `${event.type} ${event.data.confirmations ?? ''}`.trim())
  assert.deepEqual(
    steps.filter((step) => step !== `deposit.confirming ${CONFIRMATIONS}`), // the last may be seen just before the credit
    ['deposit.detected', ...[1, 2, 3].map((n) => `deposit.confirming ${n}`), 'deposit.credited'],
  )
  assert.ok(told.every((event) => event.data.id === order?.id && event.data.amount === '100.00'))
  assert.deepEqual(
    others.events.map((event) => event.type),
    ['ready', 'inbox'],
    'nobody hears of another person',
  )
  stream.close()
  others.close()
})

test("another person's order is as absent as one that does not exist; the list filters by known states only", async () => {
  const [order] = await ordersOf(alice)
  const get = (id: string, who = bob) =>
    world.call('GET', `/api/recharge/orders/${id}`, undefined, { token: who.access })
  const answers = await Promise.all([
    get(order?.id ?? ''),
    get(`r-${newId()}`),
    get('r-1'),
    get('x'),
    get(`t-${order?.id.slice(2)}`),
  ])
  for (const { status, code, name } of answers) assert.deepEqual([status, code, name], [404, 900001, 'NotFound'])
  assert.deepEqual(await ordersOf(bob), [])
  assert.equal((await ordersOf(alice, '?status=credited')).length, 1)
  assert.equal((await ordersOf(alice, '?status=pending')).length, 0)
  for (const query of ['?status=below_minimum', '?status=x', '?status=', '?page=0', '?size=-1', '?colour=red']) {
    const refused = await world.call('GET', `/api/recharge/orders${query}`, undefined, { token: alice.access })
    assert.deepEqual([query, refused.status, refused.code], [query, 400, 900003])
  }
})

test('below the minimum and foreign tokens are neither orders nor news', async () => {
  const clone = await chain.deploy('EthUsdt', usdt(1_000))
  const { address } = (await addressOf(bob)).data
  const stream = await openStream(world.url, bob.access)
  await chain.send(token, 'transfer', [address, 999_999n])
  await chain.send(clone, 'transfer', [address, usdt(500)])
  await chain.mine(CONFIRMATIONS)
  for (let waited = 0; waited < 8_000; waited += 50) {
    const rows = await world.database.owner.query(
      '',
      `select 1 from deposits where person_no = $1 and status <> 'pending'`,
      [bob.no],
    )
    if (rows.length === 2) break
    await sleep(50)
  }
  await sleep(400)
  assert.deepEqual(await ordersOf(bob), [])
  assert.deepEqual(
    stream.events.map((event) => event.type),
    ['ready', 'inbox'],
  )
  stream.close()
})

// --- the stream itself ---

const numbersOf = (stream: EventStream) => stream.of('test.happened').map((event) => event.data.n)
const insert = `insert into outbox (book_id, id, person_no, type, data) values (1, $1, $2, 'test.happened', $3)`
const happen = (n: number, id = newId()) =>
  world.database.owner.query('', insert, [id, alice.no, JSON.stringify({ n })])

test('a listener who comes back gets what was missed, once, also what committed late', async () => {
  const first = await openStream(world.url, alice.access)
  await first.until('ready', (events) => events.length > 0)
  const slow = newId() // the id is given now, the commit comes after later ones
  await sleep(5)
  await happen(1)
  await happen(2)
  await first.until('two', () => numbersOf(first).length === 2)
  await happen(0, slow)
  await first.until('the late one', () => numbersOf(first).length === 3)
  assert.deepEqual(numbersOf(first), [1, 2, 0])
  const late = newId()
  await happen(3)
  await first.until('three', () => numbersOf(first).length === 4)
  const place = first.events.at(-1)?.id
  first.close()
  await happen(4)
  await happen(5, late) // began before the listener left, committed after
  await happen(6)
  const second = await openStream(world.url, alice.access, place)
  await happen(7)
  await second.until('the rest', () => numbersOf(second).length >= 4)
  await sleep(600)
  assert.deepEqual([...numbersOf(second)].sort(), [4, 5, 6, 7])
  second.close()
  const fresh = await openStream(world.url, alice.access)
  await happen(8)
  await fresh.until('only what is new', () => numbersOf(fresh).length > 0)
  assert.deepEqual(numbersOf(fresh), [8])
  fresh.close()
  const strange = await openStream(world.url, alice.access, 'no such place')
  await happen(9)
  await strange.until('what is new', () => numbersOf(strange).length > 0)
  assert.deepEqual(numbersOf(strange), [9])
  strange.close()
})

test('who was away for long gets it all, or is told to read again when it is too much', async () => {
  const anHourAgo = (Date.now() - 3_600_000).toString(36)
  await world.database.owner.query('', 'delete from outbox where person_no = $1', [alice.no])
  const idAt = (ms: number, n: number) =>
    `${ms
      .toString(16)
      .padStart(12, '0')
      .replace(/^(.{8})/, '$1-')}-7000-8000-${n.toString(16).padStart(12, '0')}`
  for (let n = 0; n < 20; n++) await happen(n, idAt(Date.now() - 1_800_000 + n, n))
  const back = await openStream(world.url, alice.access, anHourAgo)
  await back.until('all of it', () => numbersOf(back).length === 20)
  assert.deepEqual(
    numbersOf(back),
    Array.from({ length: 20 }, (_, n) => n),
  )
  back.close()
  await world.database.owner.query(
    '',
    `insert into outbox (book_id, id, person_no, type, data)
     select 1, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1, 'test.happened', '{}' from generate_series(1, 600) n`,
    [alice.no],
  )
  const late = await openStream(world.url, alice.access, '0lqxxxxx')
  await late.until('reset', () => late.of('reset').length === 1)
  await happen(99)
  await late.until('what comes next', () => numbersOf(late).length === 1)
  assert.deepEqual(numbersOf(late), [99])
  late.close()
})

test('a person may have eight streams; all end with the session', async () => {
  const carol = await signUp(world)
  const streams = await Promise.all(Array.from({ length: 8 }, () => openStream(world.url, carol.access)))
  assert.deepEqual(new Set(streams.map((stream) => stream.status)), new Set([200]))
  const ninth = await world.call('GET', '/api/events', undefined, { token: carol.access })
  assert.deepEqual([ninth.status, ninth.code], [429, 100007])
  streams.pop()?.close()
  for (let waited = 0; waited < 3_000; waited += 50) {
    const again = await openStream(world.url, carol.access)
    if (again.status === 200) {
      streams.push(again)
      break
    }
    await sleep(50)
  }
  assert.equal(streams.length, 8)
  await world.call('POST', '/api/auth/logout', {}, { token: carol.access })
  await Promise.all(streams.map((stream) => stream.until('the end', () => stream.ended, 5_000)))
  assert.ok(streams.every((stream) => stream.events.at(-1)?.type === 'end'))
  assert.equal((await world.call('GET', '/api/events', undefined, { token: carol.access })).status, 401)
})
