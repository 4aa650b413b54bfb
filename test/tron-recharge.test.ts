// 充值 on TRON over HTTP, with a watcher running: the address, orders in USDT and in TRX, live events, inbox, balances and
// statement. What the document shows for USDT stays as it is.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TronWeb } from 'tronweb'
import { CHAIN_ID } from '../sandbox/tron/genesis.ts'
import { sleep } from '../src/base/clock.ts'
import { readerOf } from '../src/main/chain-nodes.ts'
import { type Watchers, watchChains } from '../src/workers/watch-chains.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { openStream } from './harness/event-stream.ts'
import { startTronTestChain, type TronTestChain } from './harness/tron-chain.ts'
import { testTronXpub, testXpub } from './harness/watched.ts'

const CONFIRMATIONS = 4
const million = (whole: number) => BigInt(whole) * 1_000_000n

let world: World
let chain: TronTestChain
let watchers: Watchers
let alice: Customer

before(async () => {
  chain = await startTronTestChain({ confirmations: 3 })
  const parameters = { chainId: CHAIN_ID, contract: chain.usdt.address, confirmations: CONFIRMATIONS, blockTime: 300 }
  world = await startWorld({
    NETWORKS: JSON.stringify({ TRX: { ...parameters, explorer: 'https://scan.example/#/transaction/{tx}' } }),
    RPC_TRX: chain.url,
    DEPOSIT_XPUB_EVM: testXpub,
    DEPOSIT_XPUB_TRON: testTronXpub,
  })
  watchers = watchChains(world.bank, [1], readerOf)
  alice = await signUp(world)
  for (let waited = 0; waited < 10_000; waited += 50) {
    if ((await get('/api/recharge/address?chain=TRX')).code === 0) break
    await sleep(50)
  }
})

after(async () => {
  await watchers?.stop()
  await world?.close()
  await chain?.stop()
})

interface Holdings {
  balance: string
  frozen: string
  available: string
}
interface Answers {
  address: string
  coin?: { asset: string; min_deposit: string }
  min_deposit_usdt: string
  contract: string
  items: Record<string, string>[]
  main: Holdings
  total: string
  coins: { TRX: Holdings }
}
const get = (path: string, token = alice.access) => world.call<Answers>('GET', path, undefined, { token })

test('the address is base58, and says that it takes TRX in as well', async () => {
  const { data } = await get('/api/recharge/address?chain=TRX')
  assert.ok(TronWeb.isAddress(data.address))
  assert.deepEqual(
    [data.min_deposit_usdt, data.contract, data.coin],
    ['1', chain.usdt.address, { asset: 'TRX', min_deposit: '1' }],
  )
})

test('orders in USDT and TRX, told live, counted, credited, and found in balances, inbox and statement', async () => {
  const { address } = (await get('/api/recharge/address?chain=TRX')).data
  const stream = await openStream(world.url, alice.access)
  const [usdt, trx] = [
    await chain.send(chain.usdt, 'transfer', [address, million(100)]),
    await chain.sendTrx(address, 12_345_678n),
  ]
  await chain.mine()
  for (let n = 1; n <= CONFIRMATIONS; n++) {
    await stream.until(`${n}`, () => stream.of('deposit.confirming').length >= Math.min(2 * n, 2 * CONFIRMATIONS - 2))
    if (n < CONFIRMATIONS) await chain.mine()
  }
  await stream.until('credited', () => stream.of('deposit.credited').length === 2)
  const orders = (await get('/api/recharge/orders')).data.items
  const line = (order: Record<string, string> | undefined) =>
    order && [order.chain, order.asset, order.status, order.amount_received, order.amount_credited, order.tx_hash]
  const of = (hash: string) => orders.find((order) => order.tx_hash === hash)
  assert.deepEqual(line(of(usdt)), ['TRX', 'USDT', 'credited', '100.00', '100.00', usdt])
  assert.deepEqual(line(of(trx)), ['TRX', 'TRX', 'credited', '12.345678', '12.345678', trx])
  assert.equal(of(usdt)?.explorer_url, `https://scan.example/#/transaction/${usdt}`)
  for (const type of ['deposit.detected', 'deposit.confirming', 'deposit.credited']) {
    const told = new Set(stream.of(type).map(({ data }) => `${data.asset} ${data.amount}`))
    assert.deepEqual([...told].sort(), ['TRX 12.345678', 'USDT 100.00'], type)
  }
  stream.close()

  const { main, total, coins } = (await get('/api/account/balance')).data
  assert.deepEqual([main.balance, total, coins.TRX.available], ['100.00', '100.00', '12.345678'])
  const [usdtLines, trxLines] = [
    (await get('/api/account/ledger')).data.items,
    (await get('/api/account/ledger?asset=TRX')).data.items,
  ]
  const lines = [...usdtLines, ...trxLines].map((each) => `${each.asset} ${each.biz_type} ${each.amount} ${each.memo}`)
  assert.deepEqual(lines, ['USDT recharge 100.00 USDT 充值', 'TRX recharge 12.345678 TRX 充值'])
  assert.equal((await get('/api/account/ledger?asset=GAS')).status, 400)
  const inbox = JSON.stringify((await get('/api/inbox')).data)
  assert.match(inbox, /您的充值 12\.345678 TRX 已到账/)
  assert.match(inbox, /您的充值 100 USDT 已到账/)
})
