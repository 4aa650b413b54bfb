// Sweeps that do not go well: a paused token, a blocked address, fees that rise, a signer that refuses, blocks that leave the
// chain. Nothing is booked that did not happen, somebody is told, and it is tried again.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { minutes } from '../src/base/clock.ts'
import { pauseAfter } from '../src/domain/treasury/decide-moves.ts'
import { startVault, usdt, type Vault } from './harness/vault.ts'

let vault: Vault
let nextPerson = 10_001n
const someone = () => nextPerson++

before(async () => {
  vault = await startVault({ code: 'ETH', chainId: 31_085 })
})
after(() => vault?.close())

const token = (fn: string, ...args: unknown[]) => vault.chain.send(vault.token, fn, args)
const sweepsOf = async (address: string) =>
  (await vault.orders('sweep')).filter(({ from_address }) => from_address === address)
const alert = async (kind: string) => (await vault.openAlerts()).find((one) => one.kind === kind)

test('a paused token: no fee is spent, an alert is raised, and it is tried again ever more rarely (44)', async () => {
  const before = { custody: await vault.booked('custody'), hot: await vault.booked('hot') }
  const address = await vault.deposit(someone(), usdt(100))
  await token('pause')
  await vault.mine(1)
  const loops = vault.loops()
  const spent = await vault.booked('expense', true)
  await loops.run()
  for (const pause of [10, 20, 40]) {
    const tried = (await sweepsOf(address)).length
    vault.pass(minutes(pause) - 5_000)
    await loops.run()
    assert.equal((await sweepsOf(address)).length, tried, `not before ${pause} minutes`)
    vault.pass(5_001)
    await loops.run()
    assert.equal((await sweepsOf(address)).length, tried + 1, 'but then')
  }
  const sweeps = await sweepsOf(address)
  assert.deepEqual(
    sweeps.map(({ status, attempt, reason }) => `${status} ${attempt} ${reason}`),
    [1, 2, 3, 4].map((n) => `failed ${n} the chain says that it would fail: paused`),
  )
  assert.equal((await alert('sweep_failed'))?.data.reason, 'the chain says that it would fail: paused')
  assert.equal(await vault.booked('expense', true), spent)
  assert.deepEqual(
    { custody: await vault.booked('custody'), hot: await vault.booked('hot') },
    { custody: before.custody + usdt(100), hot: before.hot },
  )
  await vault.prove()

  await token('unpause')
  await vault.mine(1)
  vault.pass(pauseAfter(4))
  await vault.finish(loops)
  assert.equal((await sweepsOf(address)).at(-1)?.status, 'done')
  assert.equal(await alert('sweep_failed'), undefined, 'the alert ends by itself')
  await vault.prove()
})

test('a token that is paused after the transfer was sent: it fails on chain, and only its fee is booked (44)', async () => {
  const address = await vault.deposit(someone(), usdt(60))
  const loops = vault.loops()
  const custody = await vault.booked('custody')
  for (let i = 0; i < 40; i++) {
    await loops.run()
    await loops.advancer.advance()
    await vault.sign()
    const [sweep] = await vault.base.owner.query<{ status: string }>(
      '',
      `select status from chain_payments where order_kind = 'sweep' and from_address = $1`,
      [address],
    )
    if (sweep?.status === 'signed') break
    await loops.advancer.advance()
    await vault.mine(1)
  }
  await token('addBlackList', address)
  await vault.mine(1)
  await loops.advancer.advance() // sent: it stands in the next block and reverts there
  await vault.mine()
  await vault.finish(loops, 6)
  const [failed] = await sweepsOf(address)
  assert.deepEqual([failed?.status, failed?.reason, failed?.journal_id], ['failed', 'the chain refused it', null])
  assert.equal(await vault.booked('custody'), custody)
  assert.equal((await alert('sweep_failed'))?.data.address, address)
  await vault.prove()

  vault.pass(minutes(11))
  await loops.run()
  assert.match((await sweepsOf(address)).at(-1)?.reason ?? '', /would fail: sender is blocked/)
  await token('removeBlackList', address)
  await vault.mine(1)
  vault.pass(minutes(21))
  await vault.finish(loops)
  assert.equal((await sweepsOf(address)).at(-1)?.status, 'done')
  await vault.prove()
})

test('a token that is paused while the transfer waits for its signature: given up without a fee, tried again', async () => {
  const address = await vault.deposit(someone(), usdt(55))
  const loops = vault.loops()
  await loops.run()
  await loops.advancer.advance()
  await vault.sign()
  await loops.advancer.advance()
  await token('pause')
  await vault.mine(4)
  await loops.advancer.advance() // the top-up is final; the transfer cannot be drafted
  await loops.advancer.advance()
  const [sweep] = await sweepsOf(address)
  assert.equal(sweep?.status, 'moving')
  await loops.run()
  assert.deepEqual(
    (await sweepsOf(address)).map(({ status }) => status),
    ['failed'],
  )
  await vault.prove()
  await token('unpause')
  await vault.mine(1)
  vault.pass(minutes(11))
  await vault.finish(loops)
  assert.equal((await sweepsOf(address)).at(-1)?.status, 'done')
  const topUps = (await vault.orders('top_up')).filter(({ to_address }) => to_address === address)
  assert.equal(topUps.length, 1, 'the coin of the first try pays for the second')
  await vault.prove()
})

test('fees that rise after the top-up: topped up once more; fees above the limit: nothing begins', async () => {
  const address = await vault.deposit(someone(), usdt(58))
  const loops = vault.loops()
  await loops.run()
  await loops.advancer.advance()
  await vault.sign()
  await loops.advancer.advance()
  await vault.mine(1)
  const base = await nextBaseFee()
  await vault.chain.rpc('anvil_setNextBlockBaseFeePerGas', `0x${(base * 5n).toString(16)}`)
  await vault.mine(3)
  await vault.finish(loops)
  assert.equal((await sweepsOf(address)).at(-1)?.status, 'done')
  const topUps = (await vault.orders('top_up')).filter(({ to_address }) => to_address === address)
  assert.equal(topUps.length, 2)
  await vault.prove()

  await vault.set('sweepMaxFee', '0.000001')
  const dear = await vault.deposit(someone(), usdt(62))
  const { note } = await loops.run()
  assert.equal(note, 'the network asks for more than a sweep may cost')
  assert.deepEqual(await sweepsOf(dear), [])
  await vault.set('sweepMaxFee', '0.05')
  await vault.finish(loops)
  assert.equal((await sweepsOf(dear)).at(-1)?.status, 'done')
  await vault.prove()
})

const nextBaseFee = async () => {
  const { baseFeePerGas } = await vault.chain.rpc<{ baseFeePerGas: string }>('eth_getBlockByNumber', 'latest', false)
  return BigInt(baseFeePerGas)
}

test('a sweep in a block that leaves the chain after it was final: its journal is undone only if it does not come back', async () => {
  const who = someone()
  const address = await vault.deposit(who, usdt(77))
  await vault.finish()
  const [sweep] = await sweepsOf(address)
  assert.equal(sweep?.status, 'done')
  const hot = await vault.booked('hot')
  // the transfer's block and those above it are replaced by empty ones: the same bytes are sent again
  await vault.chain.reorg(4)
  await vault.mine(5)
  const loops = vault.loops()
  await loops.advancer.advance()
  assert.deepEqual(
    (await sweepsOf(address)).map(({ status }) => status),
    ['moving'],
  )
  assert.equal(await vault.booked('hot'), hot, 'what was booked stands while it may come back')
  await vault.base.owner.query('', 'update chain_states set money_out_paused_at = null, money_out_paused_for = null')
  await vault.finish(loops, 60, 1_000) // bytes are sent again seconds after the last time, not at once
  const [again] = await sweepsOf(address)
  assert.deepEqual([again?.status, again?.journal_id, again?.round], ['done', sweep?.journal_id, 1])
  assert.equal(await vault.booked('hot'), hot)
  await vault.prove()
})

test('the signer refuses a top-up above its own limit: told, nothing moves, and giving it up ends the sweep', async () => {
  const strict = await startVault({ code: 'ETH', chainId: 31_086, maxTopUp: '0.000001' })
  try {
    await strict.deposit(someone(), usdt(51))
    const loops = strict.loops()
    for (let i = 0; i < 3; i++) {
      await loops.run()
      await loops.advancer.advance()
      await strict.sign()
      await strict.mine(1)
    }
    assert.deepEqual([await strict.statuses('sweep'), await strict.statuses('top_up')], [['topping_up'], ['moving']])
    const told = (await strict.openAlerts()).find(({ kind }) => kind === 'sweep_failed')
    assert.match(told?.data.reason ?? '', /the signer refuses: a top-up of more than 0.000001 ETH/)
    await strict.base.owner.query('', `update chain_payments set give_up = 'void'`)
    await strict.finish(loops, 5)
    assert.deepEqual([await strict.statuses('sweep'), await strict.statuses('top_up')], [['failed'], ['failed']])
    await strict.prove()
  } finally {
    await strict.close()
  }
})
