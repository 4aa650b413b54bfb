// The treasury on TRON: energy and bandwidth instead of gas, an account that a first payment of coin activates, and the coin
// itself, which customers hold as well. Each test ends with the books proven, and equal to the chain to the last unit.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { personAccount } from '../src/ledger/accounts.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { startVault, usdt, type Vault } from './harness/vault.ts'

const trx = usdt // 6 decimals as well

let vault: Vault
let nextPerson = 10_001n
const someone = () => nextPerson++

before(async () => {
  vault = await startVault({ code: 'TRX', hotCoin: 20_000_000 })
})
after(() => vault?.close())

const coinHeldBy = async (personNo: bigint) => {
  const account = personAccount(personNo, 'main', 'TRX')
  return (await balancesOf(vault.base.db, 1, [account]))(account).balance
}

test('coin that came to the hot wallet is found and booked', async () => {
  assert.equal(await vault.booked('custody', true), trx(20_000))
  assert.equal(await vault.booked('capital', true), trx(20_000))
  await vault.prove()
})

test('a full cycle: the address is activated and topped up, swept, the hot wallet emptied and filled again (31)', async () => {
  const who = someone()
  await vault.set('hotTarget', '50')
  await vault.set('hotCeiling', '60')
  await vault.set('hotFloor', '0')
  const address = await vault.deposit(who, usdt(100))
  assert.equal(await vault.coinOf(address), 0n)
  await vault.finish()
  assert.deepEqual(
    [await vault.statuses('top_up'), await vault.statuses('sweep'), await vault.statuses('cold_move')],
    [['done'], ['done'], ['done']],
  )
  assert.equal(await vault.tokensOf(address), 0n)
  assert.deepEqual([await vault.booked('hot'), await vault.booked('cold')], [usdt(50), usdt(50)])
  await vault.prove()
  await vault.send(vault.cold, usdt(5))
  await vault.mine()
  await vault.send(vault.hot, usdt(8))
  await vault.mine()
  assert.deepEqual([await vault.booked('hot'), await vault.booked('cold')], [usdt(58), usdt(55)])
  assert.equal(await vault.watch.balance(who), usdt(100))
  assert.equal(await coinHeldBy(who), 0n, 'a top-up is nobody’s deposit')
  await vault.prove()
})

test('customers’ coin is swept as well, and what the next sweep of tokens takes stays', async () => {
  const who = someone()
  const address = await vault.watch.address(who)
  await vault.sendCoin(address, trx(700))
  await vault.mine()
  assert.equal(await coinHeldBy(who), trx(700))
  const hot = await vault.coinOf(vault.hot)
  await vault.finish()
  const [sweep] = (await vault.orders('sweep')).filter(({ asset }) => asset === 'coin')
  assert.deepEqual([sweep?.status, sweep?.from_address, sweep?.journal_id], ['done', address, null])
  const left = await vault.coinOf(address)
  assert.ok(left >= trx(40) && left < trx(45), `${left} stays`)
  assert.equal(await vault.coinOf(vault.hot), hot + (sweep?.value ?? 0n))
  assert.equal(await coinHeldBy(who), trx(700), 'the customer has what was paid in')
  await vault.prove()
  await vault.deposit(who, usdt(90))
  const before = (await vault.orders('top_up')).length
  await vault.finish()
  assert.equal((await vault.orders('top_up')).length, before, 'what stayed paid for it')
  assert.equal(await vault.tokensOf(address), 0n)
  await vault.prove()
})

test('a paused token: no energy is burnt, an alert is raised, it is tried again (44)', async () => {
  const address = await vault.deposit(someone(), usdt(70))
  await vault.tokenCall('pause')
  await vault.mine()
  const loops = vault.loops()
  const spent = await vault.booked('expense', true)
  await loops.run()
  const sweepsOf = async () => (await vault.orders('sweep')).filter(({ from_address }) => from_address === address)
  const [failed] = await sweepsOf()
  assert.equal(failed?.status, 'failed')
  assert.match(failed?.reason ?? '', /would fail/)
  assert.ok((await vault.openAlerts()).some(({ kind }) => kind === 'sweep_failed'))
  await vault.tokenCall('unpause')
  await vault.mine()
  assert.equal(await vault.booked('expense', true), spent)
  await vault.mine(23) // eleven minutes of the chain's
  await vault.finish(loops)
  assert.equal((await sweepsOf()).at(-1)?.status, 'done')
  await vault.prove()
})
