// Deposits on real development chains: what counts, what does not, and when. Letters in brackets are the attacks of
// docs/deposits.md.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isRefusal } from '../src/base/errors.ts'
import { approveDeposit, rejectDeposit } from '../src/domain/deposit/decide-deposit.ts'
import { depositChecks, transitions } from '../src/domain/deposit/deposit.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type Watched, watched, watchedBank } from './harness/watched.ts'

const CONFIRMATIONS = 3
const usdt = (whole: number) => BigInt(whole) * 1_000_000n
const wei = (whole: number) => BigInt(whole) * 10n ** 18n

let base: TestDatabase
let ethChain: Chain
let bscChain: Chain
let ethUsdt: Token
let bscUsdt: Token
let multisend: Token
let eth: Watched
let bsc: Watched
let nextPerson = 10_001n

before(async () => {
  ;[base, ethChain, bscChain] = await Promise.all([createTestDatabase(), startChain(31_001), startChain(31_002)])
  ethUsdt = await ethChain.deploy('EthUsdt', usdt(1_000_000_000))
  multisend = await ethChain.deploy('Multisend')
  bscUsdt = await bscChain.deploy('BscUsdt', wei(1_000_000_000))
  const bank = watchedBank(base, {
    ETH: { chainId: 31_001, contract: ethUsdt.address, confirmations: CONFIRMATIONS, reviewAbove: '5000' },
    BSC: { chainId: 31_002, contract: bscUsdt.address, confirmations: CONFIRMATIONS },
  })
  eth = watched(bank, 'ETH', ethChain.url)
  bsc = watched(bank, 'BSC', bscChain.url)
  await Promise.all([eth.catchUp(), bsc.catchUp()])
})

after(async () => {
  const { faults } = await verifyLedger(base.owner, { bookId: 1, orders: depositChecks })
  ethChain?.stop()
  bscChain?.stop()
  await base?.drop()
  assert.deepEqual(faults, [])
})

const someone = () => nextPerson++

/** Mines until what is in the pool now is final, and settles it. */
async function finalise(chain: Chain, watch: Watched) {
  await chain.mine(CONFIRMATIONS)
  await watch.catchUp()
}

const house = async (kind: 'custody' | 'suspense' | 'dust', sub = 0) => {
  const id = houseAccount(kind, 'USDT', sub)
  return (await balancesOf(base.db, 1, [id]))(id).balance
}

const states = async (watch: Watched, who: bigint) =>
  (await watch.deposits(who)).map((row) => `${row.class} ${row.status} ${row.amount_received}`)

test('credits at the configured confirmations, not one block earlier (25)', async () => {
  const who = someone()
  await ethChain.send(ethUsdt, 'transfer', [await eth.address(who), usdt(100)])
  await eth.catchUp()
  assert.deepEqual(await eth.deposits(who), [], 'a transaction in the pool is nothing')
  const seen: string[] = []
  for (let i = 0; i < CONFIRMATIONS + 1; i++) {
    await ethChain.mine()
    await eth.catchUp()
    const [row] = await eth.deposits(who)
    seen.push(`${row?.status} ${row?.amount_credited} ${await eth.balance(who)}`)
  }
  assert.deepEqual(seen, ['pending 0 0', 'pending 0 0', 'credited 100000000 100000000', 'credited 100000000 100000000'])
})

test('a failed transaction, and one that succeeds without a log, credit nothing (a)', async () => {
  const who = someone()
  const address = await eth.address(who)
  const [, poor = ''] = ethChain.accounts
  const failed = await ethChain.send(ethUsdt, 'transfer', [address, usdt(500)], { from: poor })
  const silent = await ethChain.deploy('FalseToken', usdt(1_000))
  await ethChain.send(silent, 'transfer', [address, usdt(500)])
  await finalise(ethChain, eth)
  const receipt = await ethChain.rpc<{ status: string }>('eth_getTransactionReceipt', failed)
  assert.equal(receipt.status, '0x0')
  assert.deepEqual(await eth.deposits(who), [])
})

test('a clone, a proxy and a forger of our token credit nothing and leave one row each at most (b, h)', async () => {
  const who = someone()
  const address = await eth.address(who)
  const [owner = ''] = ethChain.accounts
  const clone = await ethChain.deploy('EthUsdt', usdt(10_000_000))
  const forger = await ethChain.deploy('LogForger')
  const proxy = await ethChain.deploy('ProxyToken', forger.address, '0x')
  for (let i = 0; i < 3; i++) await ethChain.send(clone, 'transfer', [address, usdt(1_000_000)])
  await ethChain.send(forger, 'honest', [owner, address, usdt(1_000_000)])
  await ethChain.send({ name: 'LogForger', address: proxy.address }, 'honest', [owner, address, usdt(1_000_000)])
  for (const fn of ['fourTopics', 'shortData', 'longData', 'dirtyAddress', 'twoTopics']) {
    await ethChain.send(forger, fn, [owner, address, usdt(1_000_000)])
  }
  await ethChain.send(forger, 'noData', [owner, address])
  await finalise(ethChain, eth)
  assert.deepEqual(await states(eth, who), Array(3).fill('unsupported unsupported 0'))
  assert.equal(await eth.balance(who), 0n)
})

test('batches: one that reverts at the end pays nobody, an inner revert only the others (c, 28)', async () => {
  const people = Array.from({ length: 10 }, someone)
  const to = await Promise.all(people.map(eth.address))
  const values = people.map(() => usdt(10))
  await ethChain.send(ethUsdt, 'transfer', [multisend.address, usdt(1_000)])
  await ethChain.send(multisend, 'payThenRevert', [ethUsdt.address, to, values])
  await ethChain.send(multisend, 'payWithCaughtRevert', [ethUsdt.address, to, values, 4])
  await finalise(ethChain, eth)
  const balances = await Promise.all(people.map(eth.balance))
  assert.deepEqual(
    balances,
    people.map((_, i) => (i === 4 ? 0n : usdt(10))),
  )
})

test('paid by a contract, by transferFrom: credited in full (d)', async () => {
  const [a, b] = [someone(), someone()]
  const to = [await eth.address(a), await eth.address(b)]
  await ethChain.send(ethUsdt, 'approve', [multisend.address, usdt(100)])
  await ethChain.send(multisend, 'collectAndPay', [ethUsdt.address, to, [usdt(30), usdt(40)]])
  await finalise(ethChain, eth)
  assert.deepEqual([await eth.balance(a), await eth.balance(b)], [usdt(30), usdt(40)])
})

test('50 logs in one transaction, ten equal pairs: 50 credits, also after reading the block ten times more (e, 30)', async () => {
  const people = Array.from({ length: 25 }, someone)
  const addresses = await Promise.all(people.map(eth.address))
  const to = [...addresses, ...addresses]
  const values = to.map((_, i) => (i % 25 < 10 ? usdt(7) : usdt(7) + BigInt(i)))
  await ethChain.send(ethUsdt, 'transfer', [multisend.address, usdt(1_000)])
  await ethChain.mine()
  const before = await ethChain.head()
  await ethChain.send(multisend, 'pay', [ethUsdt.address, to, values])
  await finalise(ethChain, eth)
  const expected = people.map((_, i) => (values[i] ?? 0n) + (values[i + 25] ?? 0n))
  assert.deepEqual(await Promise.all(people.map(eth.balance)), expected)
  for (let i = 0; i < 10; i++) {
    // our place set back by hand, as if the blocks had never been read
    await base.owner.query('', 'delete from chain_blocks where network = $1 and number > $2', ['ETH', before])
    await base.owner.query(
      '',
      `update chain_states s set number = b.number, hash = b.hash from chain_blocks b
       where s.network = 'ETH' and b.network = 'ETH' and b.number = $1`,
      [before],
    )
    await eth.catchUp()
  }
  const rows = (await Promise.all(people.map(eth.deposits))).flat()
  assert.equal(rows.length, 50)
  assert.ok(rows.every((row) => row.status === 'credited'))
  assert.deepEqual(await Promise.all(people.map(eth.balance)), expected)
})

test('what our own addresses send is internal, what passes between other people is not ours (f, 31)', async () => {
  const [a, b] = [someone(), someone()]
  const [from, to] = [await eth.address(a), await eth.address(b)]
  const [, , hot = ''] = ethChain.accounts
  await base.owner.query(
    '',
    `insert into house_addresses (book_id, family, address, purpose) values (1, 'evm', $1, 'hot')`,
    [hot.toLowerCase()],
  )
  await ethChain.send(ethUsdt, 'transfer', [from, usdt(50)])
  await ethChain.send(ethUsdt, 'transfer', [hot, usdt(500)])
  await ethChain.mine()
  await ethChain.rpc('anvil_impersonateAccount', from)
  await ethChain.rpc('anvil_setBalance', from, '0xde0b6b3a7640000')
  await ethChain.send(ethUsdt, 'transfer', [hot, usdt(20)], { from, gas: 100_000 }) // a sweep
  await ethChain.send(ethUsdt, 'transfer', [to, usdt(5)], { from, gas: 100_000 })
  await ethChain.send(ethUsdt, 'transfer', [from, usdt(5)], { from, gas: 100_000 }) // to itself
  await ethChain.send(ethUsdt, 'transfer', [to, usdt(9)], { from: hot })
  await finalise(ethChain, eth)
  assert.deepEqual((await states(eth, a)).sort(), ['customer credited 50000000', 'internal internal 5000000'])
  assert.deepEqual(await states(eth, b), ['internal internal 5000000', 'internal internal 9000000'])
  assert.deepEqual([await eth.balance(a), await eth.balance(b)], [usdt(50), 0n])
})

test('zero is nothing; below the minimum is kept aside, unseen by the customer (g, 35)', async () => {
  const who = someone()
  const address = await eth.address(who)
  const kept = await house('suspense')
  await ethChain.send(multisend, 'pay', [ethUsdt.address, Array(200).fill(address), Array(200).fill(0n)])
  await ethChain.send(ethUsdt, 'transfer', [multisend.address, usdt(50)])
  await ethChain.send(multisend, 'pay', [ethUsdt.address, Array(20).fill(address), Array(20).fill(999_999n)])
  await finalise(ethChain, eth)
  assert.deepEqual(await states(eth, who), Array(20).fill('below_minimum below_minimum 999999'))
  assert.equal(await eth.balance(who), 0n)
  assert.equal((await house('suspense')) - kept, 20n * 999_999n)
  const events = await base.owner.query(
    '',
    'select 1 from outbox where person_no = $1 union all select 1 from inbox where person_no = $1',
    [who],
  )
  assert.deepEqual(events, [])
})

test('decimals: one USDT is one on both; what is finer than the books is kept as dust and booked when whole (i, 33)', async () => {
  const [a, b] = [someone(), someone()]
  const address = await bsc.address(b)
  await ethChain.send(ethUsdt, 'transfer', [await eth.address(a), 1_000_000n])
  const chainBefore = await bscChain.balance(bscUsdt, address)
  await bscChain.send(bscUsdt, 'transfer', [address, wei(1)])
  await bscChain.send(bscUsdt, 'transfer', [address, wei(1) + 19n])
  for (const fine of [999_999_999_990n, 5n, 500_000_000_000n, 700_000_000_000n]) {
    await bscChain.send(bscUsdt, 'transfer', [address, wei(2) + fine])
  }
  await bscChain.send(bscUsdt, 'transfer', [address, 999_999_999n]) // less than one unit of the books
  await Promise.all([finalise(ethChain, eth), finalise(bscChain, bsc)])
  assert.deepEqual([await eth.balance(a), await bsc.balance(b)], [1_000_000n, 10_000_000n])
  const [row] = await base.owner.query<{ dust: string }>(
    '',
    `select dust::text from chain_states where network = 'BSC'`,
  )
  const dust = BigInt(row?.dust ?? 0)
  const arrived = (await bscChain.balance(bscUsdt, address)) - chainBefore
  assert.equal(-(await house('custody', 2)) * 10n ** 12n + dust, arrived, 'not a unit of the chain is lost')
  assert.equal(await house('dust'), 2n)
  assert.ok(dust < 10n ** 12n)
})

test('a token that keeps a fee credits what arrived, also when its log lies (j, 34)', async () => {
  for (const lies of [false, true]) {
    const own = await startChain(31_003)
    const fresh = await createTestDatabase()
    try {
      const token = await own.deploy('FeeToken', usdt(1_000_000), 6, lies)
      const watch = watched(
        watchedBank(fresh, { ETH: { chainId: 31_003, contract: token.address, confirmations: 1 } }),
        'ETH',
        own.url,
      )
      await watch.catchUp()
      const who = someone()
      const address = await watch.address(who)
      await own.send(token, 'transfer', [address, usdt(1_000)])
      await own.send(token, 'transfer', [address, usdt(500)])
      await own.mine()
      await watch.catchUp()
      assert.equal(await watch.balance(who), (usdt(1_500) * 999n) / 1_000n)
      assert.equal(await own.balance(token, address), await watch.balance(who))
    } finally {
      own.stop()
      await fresh.drop()
    }
  }
})

test('USDT with its fee switched on: the log names what arrived (j)', async () => {
  const who = someone()
  const address = await eth.address(who)
  await ethChain.send(ethUsdt, 'setParams', [10, usdt(50)])
  await ethChain.mine()
  const [, payer = ''] = ethChain.accounts
  await ethChain.send(ethUsdt, 'transfer', [payer, usdt(2_000)])
  await ethChain.mine()
  await ethChain.send(ethUsdt, 'transfer', [address, usdt(1_000)], { from: payer })
  await ethChain.send(ethUsdt, 'setParams', [0, 0])
  await finalise(ethChain, eth)
  assert.equal(await eth.balance(who), 999_000_000n)
  assert.equal(await ethChain.balance(ethUsdt, address), 999_000_000n)
})

test('sped up with both transactions seen: one credit, of the mined one (l, 37)', async () => {
  const who = someone()
  const address = await eth.address(who)
  const [owner = ''] = ethChain.accounts
  const nonce = Number(await ethChain.rpc<string>('eth_getTransactionCount', owner, 'latest'))
  const slow = await ethChain.send(ethUsdt, 'transfer', [address, usdt(10)], { nonce, tip: 10n ** 9n })
  await eth.catchUp()
  const fast = await ethChain.send(ethUsdt, 'transfer', [address, usdt(10)], { nonce, tip: 10n ** 11n })
  await finalise(ethChain, eth)
  const rows = await eth.deposits(who)
  assert.deepEqual(
    rows.map((row) => row.tx_hash),
    [fast],
  )
  assert.notEqual(slow, fast)
  assert.equal(await eth.balance(who), usdt(10))
})

test('off for 5,000 blocks: no gap, no double (n, 39)', async () => {
  const people = Array.from({ length: 8 }, someone)
  const addresses = await Promise.all(people.map(eth.address))
  for (const address of addresses) {
    await ethChain.send(ethUsdt, 'transfer', [address, usdt(3)])
    await ethChain.mine(625)
  }
  await finalise(ethChain, eth)
  assert.deepEqual(
    await Promise.all(people.map(eth.balance)),
    people.map(() => usdt(3)),
  )
})

test('a pending deposit is no money: there is no way out of the table of states (r, 102)', async () => {
  const who = someone()
  await ethChain.send(ethUsdt, 'transfer', [await eth.address(who), usdt(77)])
  await ethChain.mine()
  await eth.catchUp()
  const [row] = await base.owner.query<{ id: string }>('', 'select id from deposits where person_no = $1', [who])
  const { id } = row ?? {}
  assert.equal(await eth.balance(who), 0n)
  // the table in code is the table in the database, and the database refuses everything that is not in it
  const known = await base.owner.query<{ from_status: string; to_status: string }>(
    '',
    'select * from deposit_transitions',
  )
  const coded = Object.entries(transitions).flatMap(([from, tos]) => tos.map((to) => `${from} ${to}`))
  assert.deepEqual(known.map((t) => `${t.from_status} ${t.to_status}`).sort(), coded.sort())
  const all = Object.keys(transitions)
  let refused = 0
  for (const from of all) {
    for (const to of all) {
      if (to !== 'pending' && coded.includes(`${from} ${to}`)) continue
      await assert.rejects(
        base.db.query('', `select deposits_move(1, $1, $2, $3, '', $4, $5, now())`, [[id], from, to, [null], [null]]),
        /a deposit cannot go/,
      )
      refused++
    }
  }
  assert.equal(refused, all.length ** 2 - coded.length + 2) // two lines lead back to pending: only a new sighting walks those
  for (const sql of [
    `update deposits set status = 'credited' where id = $1`,
    'update deposits set amount_received = 1 where id = $1',
    'delete from deposits where id = $1',
    'insert into deposits select * from deposits where id = $1',
    `update deposit_transitions set to_status = 'credited' where from_status <> $1`,
  ]) {
    await assert.rejects(base.db.query('', sql, [id]), /permission denied/)
  }
  await assert.rejects(
    base.db.query('', `select deposits_move(1, $1, 'pending', 'credited', '', $2, $3, now())`, [[id], [null], [null]]),
    /deposits_credited/,
    'a credit without a journal',
  )
  await finalise(ethChain, eth)
  assert.equal(await eth.balance(who), usdt(77))
})

test('above the review threshold an operator decides; of two at once one does (45)', async () => {
  const [a, b] = [someone(), someone()]
  const kept = await house('suspense')
  await ethChain.send(ethUsdt, 'transfer', [await eth.address(a), usdt(5_001)])
  await ethChain.send(ethUsdt, 'transfer', [await eth.address(b), usdt(6_000)])
  await finalise(ethChain, eth)
  assert.deepEqual(
    [await states(eth, a), await states(eth, b)],
    [['customer review 5001000000'], ['customer review 6000000000']],
  )
  const idOf = async (who: bigint) =>
    (await base.owner.query<{ id: string }>('', 'select id from deposits where person_no = $1', [who]))[0]?.id ?? ''
  const [first, second] = [await idOf(a), await idOf(b)]
  const decisions = await Promise.allSettled([
    approveDeposit(eth.bank, 1, first, 'ann'),
    approveDeposit(eth.bank, 1, first, 'ann'),
    rejectDeposit(eth.bank, 1, first, 'bob', 'no'),
    approveDeposit(eth.bank, 1, first, 'ann'),
  ])
  assert.equal(decisions.filter((d) => d.status === 'fulfilled').length, 1)
  for (const d of decisions) if (d.status === 'rejected') assert.ok(isRefusal(d.reason, 'NotFound'))
  await rejectDeposit(eth.bank, 1, second, 'ann', 'source of funds')
  await assert.rejects(approveDeposit(eth.bank, 1, second, 'bob'), (error) => isRefusal(error, 'NotFound'))
  const credited = await eth.balance(a)
  const aside = (await house('suspense')) - kept
  assert.ok(credited === usdt(5_001) || (credited === 0n && aside === usdt(11_001)))
  assert.equal(credited + aside, usdt(11_001))
  assert.equal(await eth.balance(b), 0n)
})

test('deposits mined in the second their address is made are all credited; every spelling is one owner (s, 42)', async () => {
  const people = Array.from({ length: 100 }, someone)
  const addresses = await Promise.all(people.map(bsc.address))
  assert.equal(new Set(addresses).size, 100)
  const sender = await bscChain.deploy('Multisend')
  await bscChain.send(bscUsdt, 'transfer', [sender.address, wei(1_000)])
  const upper = addresses.map((address) => `0x${address.slice(2).toUpperCase()}`.toLowerCase())
  await bscChain.send(sender, 'pay', [bscUsdt.address, upper, people.map(() => wei(2))])
  await finalise(bscChain, bsc)
  assert.deepEqual(
    await Promise.all(people.map(bsc.balance)),
    people.map(() => usdt(2)),
  )
})

test('the same address on both chains: paid on BSC, credited from BSC only (t)', async () => {
  const who = someone()
  const address = await eth.address(who)
  assert.equal(await bsc.address(who), address)
  const custody = await house('custody', 1)
  await bscChain.send(bscUsdt, 'transfer', [address, wei(12)])
  await Promise.all([finalise(bscChain, bsc), finalise(ethChain, eth)])
  assert.deepEqual(await states(eth, who), [])
  assert.deepEqual(await states(bsc, who), ['customer credited 12000000'])
  assert.equal(await house('custody', 1), custody)
})
