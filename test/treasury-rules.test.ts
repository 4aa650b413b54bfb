// What the treasury decides, as tables; its states, which the database enforces; and which wallets are the house's.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { minutes } from '../src/base/clock.ts'
import type { Tx } from '../src/base/database.ts'
import { newId } from '../src/base/ids.ts'
import { houseAddresses } from '../src/domain/chain/house-address.ts'
import {
  coinMissing,
  coinShort,
  coinSweepAmount,
  coinToSpare,
  hotDecision,
  pauseAfter,
  RESERVE,
  sweepAmount,
  sweepDestination,
} from '../src/domain/treasury/decide-moves.ts'
import { houseReason } from '../src/domain/treasury/house-transfers.ts'
import { noteWallets } from '../src/domain/treasury/note-wallets.ts'
import { moveOrder, planOrder, treasuryTransitions } from '../src/domain/treasury/treasury-order.ts'
import { accountPath } from '../src/signer/wallet-address.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { signerKeystore } from './harness/signer-process.ts'
import { watchedBank } from './harness/watched.ts'

let base: TestDatabase
before(async () => {
  base = await createTestDatabase()
})
after(() => base?.drop())

const settings = { hotFloor: 100n, hotTarget: 500n, hotCeiling: 1_000n }

test('the hot wallet: too much, too little, or fine', () => {
  const table: [balance: bigint, committed: bigint, arriving: bigint, is: string, amount?: bigint][] = [
    [1_001n, 0n, 0n, 'high', 501n],
    [1_000n, 0n, 0n, 'fine'],
    [1_200n, 200n, 0n, 'fine'], // what is promised counts as gone
    [1_201n, 200n, 0n, 'high', 501n],
    [900n, 0n, 500n, 'fine'], // what arrives is not moved on before it is there
    [100n, 0n, 0n, 'fine'],
    [99n, 0n, 0n, 'low', 401n],
    [99n, 0n, 1n, 'fine'],
    [300n, 250n, 0n, 'low', 450n],
    [10n, 250n, 0n, 'low', 740n],
    [10n, 250n, 90n, 'low', 650n],
  ]
  for (const [balance, committed, arriving, is, amount] of table) {
    const expected = amount === undefined ? { is } : { is, amount }
    assert.deepEqual(
      hotDecision(settings, { balance, committed, arriving }),
      expected,
      `${balance} ${committed} ${arriving}`,
    )
  }
})

test('sweeps fill the hot wallet up to its target, then the cold one, where there is one', () => {
  const table: [balance: bigint, committed: bigint, arriving: bigint, hasCold: boolean, to: string][] = [
    [0n, 0n, 0n, true, 'hot'],
    [499n, 0n, 0n, true, 'hot'],
    [500n, 0n, 0n, true, 'cold'],
    [500n, 1n, 0n, true, 'hot'],
    [200n, 0n, 300n, true, 'cold'],
    [9_999n, 0n, 0n, false, 'hot'],
  ]
  for (const [balance, committed, arriving, hasCold, to] of table)
    assert.equal(sweepDestination(settings, { balance, committed, arriving }, hasCold), to, `${balance} ${committed}`)
})

test('no more is swept than the books have and the chain shows twice, and nothing that is not worth it', () => {
  const table: [booked: bigint, final: bigint, latest: bigint, amount: bigint][] = [
    [100n, 100n, 100n, 100n],
    [100n, 150n, 150n, 100n], // the rest waits or is in review
    [100n, 60n, 100n, 60n],
    [100n, 100n, 60n, 60n],
    [100n, 100n, 49n, 0n],
    [49n, 100n, 100n, 0n],
    [-5n, 100n, 100n, 0n],
  ]
  for (const [booked, final, latest, amount] of table)
    assert.equal(sweepAmount({ booked, final, latest }, 50n), amount, `${booked} ${final} ${latest}`)
  assert.equal(sweepAmount({ booked: 0n, final: 0n, latest: 0n }, 0n), 0n, 'nothing is never swept')
})

test('coin: what is missing, what may be given away, what to bring', () => {
  assert.deepEqual(
    [coinMissing(10n, 0n), coinMissing(10n, 9n), coinMissing(10n, 10n), coinMissing(10n, 11n)],
    [10n, 1n, 0n, 0n],
  )
  const coin = { balance: 1_000n, committed: 100n, fee: 10n }
  assert.equal(coinToSpare(coin), 900n - RESERVE * 10n)
  assert.equal(coinShort(coin), 0n)
  assert.equal(coinShort({ ...coin, balance: 250n }), RESERVE * 10n - 150n)
  assert.equal(coinSweepAmount({ final: 500n, latest: 400n }, 30n, 5n, 100n), 365n)
  assert.equal(coinSweepAmount({ final: 130n, latest: 400n }, 30n, 5n, 100n), 0n)
})

test('after each failure in a row the pause doubles, up to a day', () => {
  const pauses = [1, 2, 3, 4, 8, 9, 50].map((n) => pauseAfter(n) / minutes(1))
  assert.deepEqual(pauses, [10, 20, 40, 80, 1_280, 1_440, 1_440])
})

test('only what comes from outside, and from the cold to the hot wallet, is the house’s to book', () => {
  const parties = [undefined, 10_001n, 'hot', 'cold', 'gas'] as const
  const kept = parties.flatMap((from) =>
    parties.flatMap((to) => {
      const reason = houseReason(from, to)
      return reason === undefined ? [] : [`${from ?? 'nobody'} → ${to}: ${reason}`]
    }),
  )
  assert.deepEqual(kept, [
    'nobody → hot: from outside',
    'nobody → cold: from outside',
    'cold → hot: from the cold wallet',
  ])
})

// --- states ---

const inTx = <T>(work: (tx: Tx) => Promise<T>) => base.db.transaction(work)

const order = (address: string) => ({
  kind: 'sweep' as const,
  network: 'ETH',
  asset: 'token' as const,
  from_address: address,
  from_index: 0,
  to_address: `0x${'11'.repeat(20)}`,
  to_purpose: 'hot' as const,
  amount: 5n,
  value: 5n,
})

test('the table of states is the database’s, and every other step is refused, also from psql (102)', async () => {
  const rows = await base.db.query<{ from_status: string; to_status: string }>(
    'test-transitions',
    'select from_status, to_status from treasury_transitions order by 1, 2',
  )
  const ours = Object.entries(treasuryTransitions).flatMap(([from, tos]) => tos.map((to) => `${from} ${to}`))
  assert.deepEqual(rows.map(({ from_status, to_status }) => `${from_status} ${to_status}`).sort(), ours.sort())

  const states = Object.keys(treasuryTransitions)
  const id = await planOrder(base.db, 1, order(`0x${'22'.repeat(20)}`), new Date())
  for (const from of states) {
    for (const to of states) {
      if (ours.includes(`${from} ${to}`)) continue
      await assert.rejects(
        base.db.query('', 'select treasury_move(1, $1, $2, $3, $4, null, now())', [id, from, to, '']),
        /cannot go from/,
        `${from} → ${to}`,
      )
    }
  }
  for (const sql of [
    `update treasury_orders set status = 'done'`,
    'delete from treasury_orders',
    `insert into treasury_orders select * from treasury_orders`,
    'update address_custody set units = 0',
    "insert into address_custody values (1, 'ETH', 'token', '0x', 1)",
    'update coin_fundings set value = 1',
    'delete from treasury_events',
  ]) {
    await assert.rejects(base.db.query('', sql), /permission denied/, sql)
  }
})

test('a step without what goes with it is refused: payment, top-up, confirmation, journal (102)', async () => {
  const id = (await planOrder(base.db, 1, order(`0x${'33'.repeat(20)}`), new Date())) ?? ''
  const at = new Date()
  await assert.rejects(
    inTx((tx) => moveOrder(tx, 1, id, 'planned', 'moving', { at })),
    /moves with its payment/,
  )
  await assert.rejects(
    inTx((tx) => moveOrder(tx, 1, id, 'planned', 'topping_up', { at })),
    /topped up by a top-up/,
  )
  const pay = (to: string) =>
    base.db.query(
      '',
      `select chain_payment_open(1, $1, 'ETH', 'sweep', $2, 'token', 'deposit', 0, $3, $4, 5, null, now())`,
      [newId(), id, `0x${'33'.repeat(20)}`, to],
    )
  await pay(`0x${'11'.repeat(20)}`)
  assert.equal(await inTx((tx) => moveOrder(tx, 1, id, 'planned', 'moving', { at })), true)
  assert.equal(await inTx((tx) => moveOrder(tx, 1, id, 'planned', 'moving', { at })), false, 'it is there already')
  await assert.rejects(
    inTx((tx) => moveOrder(tx, 1, id, 'moving', 'done', { at })),
    /done when its payment is confirmed/,
  )
  await assert.rejects(
    inTx((tx) => moveOrder(tx, 1, id, 'moving', 'failed', { at })),
    /may still be mined/,
  )
  await base.owner.query('', `update chain_payments set status = 'confirmed' where order_id = $1`, [id])
  await assert.rejects(
    inTx((tx) => moveOrder(tx, 1, id, 'moving', 'done', { at })),
    /move with their journal/,
  )
  await base.owner.query('', `update chain_payments set status = 'void' where order_id = $1`, [id])
  assert.equal(await inTx((tx) => moveOrder(tx, 1, id, 'moving', 'failed', { at, reason: 'a test' })), true)
  const events = await base.db.query<{ to_status: string }>(
    '',
    'select to_status from treasury_events where order_id = $1 order by no',
    [id],
  )
  assert.deepEqual(
    events.map(({ to_status }) => to_status),
    ['planned', 'moving', 'failed'],
  )
})

test('one order at a time per address; a failed one counts for the next', async () => {
  const address = `0x${'44'.repeat(20)}`
  const at = new Date()
  const made = await Promise.all(Array.from({ length: 8 }, () => planOrder(base.db, 1, order(address), at)))
  const [id, ...more] = made.filter((one) => one !== undefined)
  assert.ok(id)
  assert.deepEqual(more, [])
  await inTx((tx) => moveOrder(tx, 1, id, 'planned', 'failed', { at, reason: 'a test' }))
  await planOrder(base.db, 1, order(address), new Date(at.getTime() + 1))
  const attempts = await base.db.query<{ attempt: number }>(
    '',
    'select attempt from treasury_orders where from_address = $1 order by created_at',
    [address],
  )
  assert.deepEqual(
    attempts.map(({ attempt }) => attempt),
    [1, 2],
  )
})

// --- wallets ---

test('today’s wallets are listed at every start; a hot one that the books do not know is told, and the old one stays', async () => {
  const plain = watchedBank(base, {})
  const config = (hot: string, cold: string) => ({
    ...plain,
    config: { ...plain.config, HOT_XPUB_EVM: hot, HOT_XPUB_TRON: '', COLD_ADDRESS_EVM: cold },
  })
  const first = signerKeystore.publicKeyAt(accountPath.evm.hot)
  const other = signerKeystore.publicKeyAt(accountPath.evm.deposit)
  const alerts = async () => (await base.db.query('', 'select from alerts where closed_at is null')).length
  await noteWallets(config(first, `0x${'AA'.repeat(20)}`), 1)
  await noteWallets(config(first, `0x${'bb'.repeat(20)}`), 1)
  const listed = async () => (await houseAddresses(base.db, 1)).map(({ purpose, address }) => `${purpose} ${address}`)
  const [hot = ''] = (await listed()).filter((line) => line.startsWith('hot'))
  assert.deepEqual(await listed(), [`cold 0x${'aa'.repeat(20)}`, `cold 0x${'bb'.repeat(20)}`, hot])
  assert.equal(await alerts(), 0)
  await noteWallets(config(other, ''), 1)
  assert.equal((await listed()).length, 4)
  assert.ok((await listed()).includes(hot))
  assert.equal(await alerts(), 1)
  await assert.rejects(noteWallets(config(first, hot.slice(4)), 1), /is the hot one already/)
  await assert.rejects(noteWallets(config(first, '0x12'), 1), /is no address/)
})

test('docs/treasury.md has the table of states that the code has', () => {
  const text = fs.readFileSync(path.join(import.meta.dirname, '../docs/treasury.md'), 'utf8')
  const words = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, word = '']) => word)
  const rows = text.split('\n').flatMap((line) => {
    const [, from = '', to = ''] = /^\| (`[^|]+) \| (`[^|]+) \|/.exec(line) ?? []
    return words(from).flatMap((a) => words(to).map((b) => `${a} ${b}`))
  })
  const ours = Object.entries(treasuryTransitions).flatMap(([from, tos]) => tos.map((to) => `${from} ${to}`))
  const states = Object.keys(treasuryTransitions)
  assert.deepEqual(rows.filter((row) => states.includes(row.split(' ')[0] ?? '')).sort(), ours.sort())
})
