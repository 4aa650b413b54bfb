// Payments out on TRON from an approved order to an irreversible transaction: payment loop, signer's code, sender and
// follower together on the development node. What was paid is what the books say, once, whatever happens on the way.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CHAIN_ID } from '../sandbox/tron/genesis.ts'
import { type Clock, minutes, systemClock } from '../src/base/clock.ts'
import { type Database, openDatabase } from '../src/base/database.ts'
import { createLog } from '../src/base/log.ts'
import { orderChecks } from '../src/domain/audit-book.ts'
import { hotAddress } from '../src/domain/chain/house-address.ts'
import { type Advancer, createAdvancer } from '../src/domain/chain-payment/advance-payments.ts'
import type { Actor, Bank } from '../src/domain/context.ts'
import { readContact } from '../src/domain/people/contact.ts'
import { createPerson } from '../src/domain/people/people.ts'
import { withdrawalPayments } from '../src/domain/withdrawal/follow-payment.ts'
import { placeWithdrawal } from '../src/domain/withdrawal/submit-withdrawal.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { createTronSender } from '../src/providers/tron-sender.ts'
import { readLimits } from '../src/signer/limits.ts'
import { openRecord } from '../src/signer/own-record.ts'
import { type Signer, serveWaiting } from '../src/signer/serve-requests.ts'
import { accountPath } from '../src/signer/wallet-address.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { draws } from './harness/ledger.ts'
import { signerKeystore } from './harness/signer-process.ts'
import { startTronTestChain, type TronTestChain, tronAccount } from './harness/tron-chain.ts'
import { startTronProxy, type TronProxy } from './harness/tron-proxy.ts'
import { actorOf, type Watched, watched, watchedBank } from './harness/watched.ts'

const LAG = 4
/** The chain's clock goes fast, as ends of transactions are waited for. */
const blocksOf = (count: number) => 2 * count
const million = (whole: number) => BigInt(whole) * 1_000_000n

let base: TestDatabase
let chain: TronTestChain
let proxy: TronProxy
let bank: Bank
let tron: Watched
let loop: Advancer
let customer: Actor
let signer: Signer
let signerDb: Database
let hot = ''
let nextAddress = 0

before(async () => {
  ;[base, chain] = await Promise.all([
    createTestDatabase(),
    startTronTestChain({ confirmations: LAG, blockTime: minutes(0.5) }),
  ])
  proxy = await startTronProxy(chain.url)
  // the bank's time and the chain's are one, as in life
  const clock: Clock = { now: () => new Date(Math.max(systemClock.now().getTime(), chain.node.head().time)) }
  const parameters = { chainId: CHAIN_ID, contract: chain.usdt.address, confirmations: 3, reviewAbove: '10000000' }
  const watching = watchedBank(base, { TRX: { ...parameters, reviewCoinAbove: '10000000', blockTime: 300 } })
  const HOT_XPUB_TRON = signerKeystore.publicKeyAt(accountPath.tron.hot)
  bank = { ...watching, clock, config: { ...watching.config, HOT_XPUB_TRON } }
  tron = watched(bank, 'TRX', chain.url)
  await tron.catchUp()
  hot = hotAddress(bank, 1, 'tron') ?? ''
  await base.owner.query(
    '',
    `insert into house_addresses (book_id, family, address, purpose) values (1, 'tron', $1, 'hot')`,
    [hot],
  )
  customer = await newCustomer()
  const address = await tron.address(customer.personNo)
  await chain.send(chain.usdt, 'transfer', [hot, million(100_000)])
  await chain.sendTrx(hot, million(50_000))
  await chain.send(chain.usdt, 'transfer', [address, million(100_000)])
  await chain.sendTrx(address, million(20_000))
  await settle(LAG + 1)
  loop = createAdvancer({
    bank,
    bookId: 1,
    network: tron.network,
    sender: createTronSender({ ...tron.network, rpc: proxy.url, timeout: 400, pauses: [] }),
    orders: { withdrawal: withdrawalPayments(bank) },
  })
  signerDb = openDatabase({ url: base.url, role: 'unipay_signer', max: 4 })
  signer = {
    db: signerDb,
    clock,
    log: createLog('silent', 'signer'),
    keys: signerKeystore.keys,
    networks: bank.networks,
    limits: readLimits(bank.config, bank.networks),
    cold: { evm: '', tron: '' },
    approvalKey: bank.keys.withdrawalApproval,
    record: openRecord(),
  }
})

after(async () => {
  const report = await verifyLedger(base.owner, { bookId: 1, orders: orderChecks })
  const fees = await feesOnChain()
  const expense = await house('expense', 'TRX')
  await proxy?.close()
  await chain?.stop()
  await signerDb?.close()
  await base?.drop()
  assert.deepEqual(report.faults, [])
  assert.equal(-expense, fees, 'each fee is booked once')
})

async function newCustomer(): Promise<Actor> {
  const contact = readContact(bank, { contact: 'payer@example.com', kind: 'email' })
  const person = await bank.db.transaction((tx) =>
    createPerson(bank, tx, { bookId: 1, contact, passwordHash: 'none', locale: 'en' }),
  )
  await base.owner.query('', `update people set kyc_level = 'full' where no = $1`, [person.no])
  return { ...actorOf(person.no), personId: person.id }
}

async function settle(blocks: number) {
  await chain.mine(blocks)
  await tron.catchUp()
}

const fresh = () => tronAccount(`receiver ${++nextAddress}`).address
const house = async (kind: 'expense' | 'custody' | 'hot', asset: 'USDT' | 'TRX') => {
  const id = houseAccount(kind, asset, tron.network.no)
  return (await balancesOf(base.db, 1, [id]))(id).balance
}

async function withdraw(
  amount: string,
  asset: 'USDT' | 'TRX' = 'USDT',
  to = fresh(),
): Promise<{ id: string; to: string }> {
  const { answer } = await placeWithdrawal(
    bank,
    customer,
    { network: 'TRX', asset, to, amount, expectedFee: undefined, confirmLookalike: true, idempotency: undefined },
    { prove: async () => {}, usesCode: false },
  )
  return { id: String(answer.id), to }
}

interface Line {
  status: string
  reason: string
  value: string
  order_status: string
}
async function paymentOf(order: string): Promise<Line> {
  const [row] = await base.owner.query<Line>(
    '',
    `select p.status, p.reason, p.value, w.status as order_status
     from chain_payments p join withdrawals w on w.book_id = p.book_id and w.id = p.order_id where p.order_id = $1`,
    [order],
  )
  assert.ok(row)
  return row
}
const transactionsOf = (order: string) =>
  base.owner.query<{ tx_hash: string; status: string; fee_paid: string | null; success: boolean | null }>(
    '',
    `select t.tx_hash, t.status, t.fee_paid, t.success from chain_transactions t
     join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id where p.order_id = $1 order by t.signed_at`,
    [order],
  )
/** Sun that the chain took from the hot wallet for all that it ever sent. */
async function feesOnChain(): Promise<bigint> {
  const rows = await base.owner.query<{ tx_hash: string }>('', 'select tx_hash from chain_transactions')
  return rows.reduce((sum, { tx_hash }) => sum + BigInt(chain.node.mined(tx_hash)?.mined.receipt.fee ?? 0), 0n)
}

/** Ready, signed, handed to the node. */
async function send() {
  await loop.advance()
  await serveWaiting(signer)
  await loop.advance()
}
async function finish(rounds = 30) {
  for (let i = 0; i < rounds; i++) {
    await send().catch(() => {})
    await settle(1)
    const open = await base.owner.query(
      '',
      `select 1 from chain_payments where status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined')`,
    )
    if (open.length === 0) return
  }
}

test('USDT and TRX are paid to the last unit, and fees booked to the sun', async () => {
  const before = {
    hot: await house('hot', 'USDT'),
    trx: chain.trx(hot),
    usdt: await tron.balance(customer.personNo),
    coin: await tron.coinBalance(customer.personNo),
  }
  const [token, coin] = [await withdraw('123.456789'), await withdraw('77.5', 'TRX')]
  await finish()
  const [one, two] = [await paymentOf(token.id), await paymentOf(coin.id)]
  assert.deepEqual(
    [one.status, one.order_status, two.status, two.order_status],
    Array(2).fill(['confirmed', 'confirmed']).flat(),
  )
  assert.equal(await chain.balance(chain.usdt, token.to), BigInt(one.value))
  assert.equal(chain.trx(coin.to), BigInt(two.value))
  assert.equal(before.usdt - (await tron.balance(customer.personNo)), 123_456_789n)
  assert.equal(before.coin - (await tron.coinBalance(customer.personNo)), 77_500_000n)
  assert.equal((await house('hot', 'USDT')) - before.hot, BigInt(one.value))
  const fees = await Promise.all([transactionsOf(token.id), transactionsOf(coin.id)])
  const paid = fees.flat().reduce((sum, { fee_paid }) => sum + BigInt(fee_paid ?? 0), 0n)
  assert.equal(before.trx - chain.trx(hot), paid + BigInt(two.value))
})

test('one that fails on chain gives the money back, and its fee is ours', async () => {
  const before = await tron.balance(customer.personNo)
  const { id, to } = await withdraw('10')
  await loop.advance()
  await serveWaiting(signer)
  await chain.send(chain.usdt, 'addBlackList', [hot])
  await chain.mine()
  await finish()
  const [failed] = await transactionsOf(id)
  assert.deepEqual([(await paymentOf(id)).status, failed?.status, failed?.success], ['failed', 'final', false])
  assert.ok(BigInt(failed?.fee_paid ?? 0) > 0n)
  assert.equal(await tron.balance(customer.personNo), before)
  assert.equal(await chain.balance(chain.usdt, to), 0n)
  // as long as the chain says beforehand that it would fail, nothing is signed
  const { id: waiting } = await withdraw('11')
  await send()
  assert.match((await paymentOf(waiting)).reason, /would fail: sender is blocked/)
  await chain.send(chain.usdt, 'removeBlackList', [hot])
  await settle(1)
  await finish()
  assert.equal((await paymentOf(waiting)).status, 'confirmed')
})

test('no answer is no failure: what the node took all the same is found, and paid once', async () => {
  const { id, to } = await withdraw('20')
  proxy.trouble = ({ path }) => (path === '/wallet/broadcasthex' ? { after: true } : undefined)
  await send()
  proxy.clear()
  const steps = await base.owner.query<{ to_status: string }>(
    '',
    `select to_status from chain_payment_events e join chain_payments p on p.book_id = e.book_id and p.id = e.payment_id
     where p.order_id = $1 order by no`,
    [id],
  )
  assert.ok(steps.some(({ to_status }) => to_status === 'uncertain'))
  await finish()
  const [only, ...more] = await transactionsOf(id)
  assert.deepEqual([(await paymentOf(id)).status, only?.status, more], ['confirmed', 'final', []])
  assert.equal(await chain.balance(chain.usdt, to), BigInt((await paymentOf(id)).value))
})

test('what no node takes is signed anew only when it can never be mined: once its end is irreversible', async () => {
  const { id, to } = await withdraw('30')
  const refusing = () => {
    proxy.trouble = ({ path }) =>
      path === '/wallet/broadcasthex'
        ? { status: 200, body: '{"result":false,"code":"TAPOS_ERROR","message":"Tapos check error."}' }
        : undefined
  }
  refusing()
  for (let i = 0; i < 3; i++) {
    await send()
    await settle(1)
  }
  assert.match((await paymentOf(id)).reason, /TAPOS_ERROR/)
  await settle(blocksOf(10)) // by what is irreversible its life is over, or not quite; the margin is not
  for (let i = 0; i < 3; i++) await send()
  assert.equal((await transactionsOf(id)).length, 1)
  await settle(blocksOf(6))
  proxy.clear()
  await finish()
  const found = await transactionsOf(id)
  assert.deepEqual(
    found.map(({ status }) => status),
    ['dead', 'final'],
  )
  assert.equal((await paymentOf(id)).status, 'confirmed')
  assert.equal(await chain.balance(chain.usdt, to), BigInt((await paymentOf(id)).value))
})

test('reorganised out of the chain: the same bytes again, paid once', async () => {
  const { id, to } = await withdraw('40')
  await send()
  await settle(2)
  await loop.advance()
  assert.equal((await paymentOf(id)).status, 'mined')
  await chain.reorg(2, 'drop')
  await settle(1)
  await loop.advance()
  assert.equal((await paymentOf(id)).status, 'broadcast')
  await finish()
  const [only, ...more] = await transactionsOf(id)
  assert.deepEqual([(await paymentOf(id)).status, only?.status, more], ['confirmed', 'final', []])
  assert.equal(await chain.balance(chain.usdt, to), BigInt((await paymentOf(id)).value))
})

test('forty payments through a node that fails now and then: each is paid once, all alike ones too', async (t) => {
  const random = draws((line) => t.diagnostic(line))
  const troubles = [
    { after: true },
    {},
    { status: 503 },
    { after: true, status: 502 },
    { status: 200, body: '{"Error":"class java.lang.RuntimeException : null"}' },
    { status: 200, body: '{"result":false,"code":"SERVER_BUSY","message":""}' },
  ]
  const same = fresh()
  const orders = await Promise.all(
    Array.from({ length: 40 }, (_, i) => withdraw('15', i % 4 === 3 ? 'TRX' : 'USDT', i % 2 === 0 ? same : fresh())),
  )
  proxy.trouble = () => (random.below(100) < 6 ? troubles[random.below(troubles.length)] : undefined)
  for (let round = 0; round < 12; round++) {
    await send().catch(() => {})
    await chain.mine()
    if (random.below(4) === 0) await chain.reorg(1 + random.below(2), random.below(2) === 0 ? 'drop' : 'keep')
    await tron.catchUp()
  }
  proxy.clear()
  await finish(60)
  const expected = new Map<string, bigint>()
  for (const { id, to } of orders) {
    const { status, value, reason } = await paymentOf(id)
    assert.equal(status, 'confirmed', reason)
    const mined = (await transactionsOf(id)).filter(({ tx_hash }) => chain.node.mined(tx_hash))
    assert.equal(mined.length, 1)
    const asset = orders.findIndex((order) => order.id === id) % 4 === 3 ? 'TRX' : 'USDT'
    expected.set(`${asset} ${to}`, (expected.get(`${asset} ${to}`) ?? 0n) + BigInt(value))
  }
  for (const [key, value] of expected) {
    const [asset, to = ''] = key.split(' ')
    assert.equal(asset === 'TRX' ? chain.trx(to) : await chain.balance(chain.usdt, to), value, key)
  }
})
