// The treasury as operators see it over HTTP: wallets, orders with their timeline, and a run asked for.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { moveOrder, planOrder } from '../src/domain/treasury/treasury-order.ts'
import { noteSeen } from '../src/domain/treasury/treasury-state.ts'
import { accountPath } from '../src/signer/wallet-address.ts'
import { startWorld, type World } from './harness/customers.ts'
import { request } from './harness/hosted.ts'
import { type Client, openClient } from './harness/http-client.ts'
import { joinOperator } from './harness/operators.ts'
import { signerKeystore } from './harness/signer-process.ts'
import { followNetworks } from './harness/withdrawing.ts'

const COLD = `0x${'c0'.repeat(20)}`

let world: World
let client: Client
let token = ''

before(async () => {
  world = await startWorld({
    HOT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.hot),
    COLD_ADDRESS_EVM: COLD,
  })
  await followNetworks(world.database)
  client = openClient(world.url)
  token = (await joinOperator(world, ['finance'], 'Finance')).token
})
after(async () => {
  client?.close()
  await world?.close()
})

async function ask<D>(method: string, place: string, body?: object): Promise<D> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const reply = await client.ask(request(method, `/console/api/treasury${place}`, text, token))
  assert.equal(reply.status, 200, reply.text)
  return (reply.json as { data: D }).data
}

interface Wallets {
  network: string
  wallets: { where: string; address: string | null; books: string; chain: string | null }[]
  block: number | null
  hot: { status: string; missing: string }
  note: string
}

test('wallets: what the books and the chain say, and what the hot wallet lacks', async () => {
  await ask('POST', '/run', { network: 'BSC' }) // its row is there from here on
  await noteSeen(
    world.database.db,
    1,
    'BSC',
    {
      block: 990,
      hotToken: `${12n * 10n ** 18n}`,
      hotCoin: `${10n ** 17n}`,
      coldToken: '0',
      latestHotToken: `${12n * 10n ** 18n}`,
      latestHotCoin: `${10n ** 17n}`,
    },
    new Date(),
  )
  const all = await ask<Wallets[]>('GET', '/wallets')
  assert.deepEqual(
    all.map(({ network }) => network),
    ['ETH', 'BSC', 'TRX'],
  )
  const bsc = all[1]
  assert.deepEqual(
    bsc?.wallets.map(({ where, books, chain }) => [where, books, chain]),
    [
      ['deposit addresses', '0', null],
      ['hot', '0', '12'],
      ['cold', '0', '0'],
    ],
  )
  assert.equal(bsc?.wallets[2]?.address?.toLowerCase(), COLD)
  assert.deepEqual([bsc?.block, bsc?.hot.status, bsc?.hot.missing], [990, 'low', '19988'])
  const tron = all[2]
  assert.equal(tron?.wallets[1]?.address, null, 'the signer has said no key')
})

test('orders: listed by kind and state, one with its timeline; what is not there is not found', async () => {
  const { db } = world.database
  const order = {
    kind: 'sweep' as const,
    network: 'BSC',
    asset: 'token' as const,
    from_address: `0x${'ab'.repeat(20)}`,
    from_index: 3,
    to_address: COLD,
    to_purpose: 'cold' as const,
    amount: 61_500_000n,
    value: 615n * 10n ** 17n,
  }
  const id = (await planOrder(db, 1, order, new Date())) ?? ''
  await db.transaction((tx) => moveOrder(tx, 1, id, 'planned', 'failed', { reason: 'paused', at: new Date() }))
  type Line = { id: string; status: string; amount: string; asset: string; to: string }
  const { items } = await ask<{ items: Line[] }>('GET', '/orders?kind=sweep&status=failed&network=BSC')
  assert.deepEqual(
    items.map(({ id: one, status, amount, asset, to }) => [one, status, amount, asset, to]),
    [[id, 'failed', '61.50', 'USDT', 'cold']],
  )
  assert.deepEqual((await ask<{ items: Line[] }>('GET', '/orders?kind=top_up')).items, [])
  const one = await ask<{ timeline: { to: string; reason: string }[]; payment: null }>('GET', `/orders/${id}`)
  assert.deepEqual(
    one.timeline.map(({ to, reason }) => `${to} ${reason}`),
    ['planned ', 'failed paused'],
  )
  assert.equal(one.payment, null)
  const absent = await client.ask(
    request('GET', '/console/api/treasury/orders/00000000-0000-7000-8000-000000000000', undefined, token),
  )
  assert.equal(absent.status, 404)
})

test('a run that is asked for is noted for every network, and in the audit log', async () => {
  await ask('POST', '/run', {})
  const rows = await world.database.owner.query<{ network: string }>(
    '',
    'select network from treasury_states where asked_at is not null order by network',
  )
  assert.deepEqual(
    rows.map(({ network }) => network),
    ['BSC', 'ETH', 'TRX'],
  )
  const log = await world.database.owner.query<{ subject: string }>(
    '',
    `select subject from audit_log where action = 'treasury.asked' order by no`,
  )
  assert.deepEqual(
    log.map(({ subject }) => subject),
    ['treasury:BSC', 'treasury:ALL'],
  )
  const unknown = await client.ask(request('POST', '/console/api/treasury/run', '{"network":"XYZ"}', token))
  assert.notEqual(unknown.status, 200)
})
