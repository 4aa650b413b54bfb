// Books against chains: no alarm at any step of an honest day, and every planted break named with what and how much, in one
// run. On real development chains, with 6 and with 18 decimals, and TRON.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../src/base/ids.ts'
import { type BreakRow, breaks } from '../src/domain/reconciliation/break.ts'
import { type Reconciled, reconcile } from '../src/domain/reconciliation/reconcile.ts'
import { moneyOutStopped } from '../src/domain/setting.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { adjustment } from '../src/ledger/journals.ts'
import { post } from '../src/ledger/post.ts'
import { startVault, usdt, type Vault } from './harness/vault.ts'

const vaults = {} as Record<'ETH' | 'BSC' | 'TRX', Vault>
let nextPerson = 10_001n

before(async () => {
  const [ETH, BSC, TRX] = await Promise.all([
    startVault({ code: 'ETH', chainId: 31_091 }),
    startVault({ code: 'BSC', chainId: 31_092 }),
    startVault({ code: 'TRX', hotCoin: 1_000_000 }),
  ])
  Object.assign(vaults, { ETH, BSC, TRX })
})
after(async () => {
  await Promise.all(Object.values(vaults).map((vault) => vault.close()))
})

async function run(code: keyof typeof vaults): Promise<Reconciled> {
  const vault = vaults[code]
  const done = await reconcile(vault.bank, 1, (network) => (network.code === code ? vault.sender : undefined))
  assert.equal(done.length, 1)
  return done[0] ?? assert.fail()
}
const agrees = async (code: keyof typeof vaults, when: string) => {
  const { outcome, breaks: found, note } = await run(code)
  assert.deepEqual([outcome, found, note], ['agrees', [], ''], `${code}, ${when}`)
}
const open = (vault: Vault): Promise<BreakRow[]> => breaks(vault.bank.db, 1, { openOnly: true, offset: 0, size: 100 })
const stopped = (vault: Vault, code: string) => moneyOutStopped(vault.bank.db, 1, code)

for (const code of ['ETH', 'BSC', 'TRX'] as const) {
  test(`${code}: no alarm at any step of deposits and sweeps, half-way or done`, async () => {
    const vault = vaults[code]
    await agrees(code, 'empty')
    await vault.deposit(nextPerson++, usdt(100))
    await agrees(code, 'a deposit')
    const loops = vault.loops()
    const address = await vault.watch.address(nextPerson++)
    await vault.send(address, usdt(77))
    for (let step = 0; step < 8; step++) {
      await vault.mine(1)
      if (step % 2 === 0) await vault.watch.catchUp()
      if (step % 3 === 0) await loops.run()
      await vault.sign()
      const { outcome, breaks: found } = await run(code)
      assert.notEqual(outcome, 'breaks', `step ${step}: ${found[0]?.detail}`)
    }
    await vault.finish(loops)
    assert.ok((await vault.statuses('sweep')).every((status) => status === 'done'))
    await agrees(code, 'all swept')
    assert.equal(await stopped(vault, code), undefined)
  })
}

test('a payment that we never signed is named by its transaction, and stops money out at once', async () => {
  const vault = vaults.ETH
  const { chain, token, hot } = vault
  const thief = `0x${'7'.repeat(40)}`
  await chain.rpc('anvil_impersonateAccount', hot)
  const hash = await chain.send(token, 'transfer', [thief, 1_000_001n], {
    from: hot,
    gas: 200_000,
  })
  await vault.mine(1)
  await vault.watch.catchUp()
  const [first] = await open(vault)
  assert.deepEqual([first?.kind, first?.subject, first?.found], ['unknown_payment', `${hash} ${hot}`, '1000001'])
  assert.match((await stopped(vault, 'ETH')) ?? '', /unknown_payment/)
  await vault.mine(6)
  await vault.watch.catchUp()
  const { outcome, breaks: found } = await run('ETH')
  assert.equal(outcome, 'breaks')
  const total = found.find(({ kind }) => kind === 'total')
  assert.equal((total?.expected ?? 0n) - (total?.found ?? 0n), 1_000_001n)
  assert.deepEqual(
    found
      .filter(({ kind }) => kind === 'address')
      .map(({ subject, expected, found: has }) => [subject, expected - has]),
    [[hot, 1_000_001n]],
  )
  await chain.rpc('anvil_stopImpersonatingAccount', hot)
})

test('coin that left the hot wallet in no transaction of ours is named', async () => {
  const vault = vaults.BSC
  const { chain, hot } = vault
  const before = BigInt(String(await chain.rpc('eth_getBalance', hot, 'latest')))
  await chain.rpc('anvil_setBalance', hot, `0x${(before - 10n ** 15n).toString(16)}`)
  await vault.mine(6)
  await vault.watch.catchUp()
  const { breaks: found } = await run('BSC')
  assert.deepEqual(
    found.map(({ kind, subject, expected, found: has }) => [kind, subject, expected - has]),
    [['coin', hot, 10n ** 15n]],
  )
  await chain.rpc('anvil_setBalance', hot, `0x${before.toString(16)}`)
  await vault.mine(6)
  await vault.watch.catchUp()
  await agrees('BSC', 'the coin is back')
  assert.deepEqual(await open(vault), [])
  assert.match((await stopped(vault, 'BSC')) ?? '', /coin/, 'operators release it, not time')
})

test('one unit more or less in the books is named; gone, the break closes itself', async () => {
  const vault = vaults.TRX
  const [hot, suspense] = [houseAccount('hot', 'USDT', 3), houseAccount('suspense')]
  const adjust = (from: bigint, to: bigint) =>
    vault.bank.db.transaction((tx) =>
      post(tx, { bookId: 1, journal: adjustment({ id: newId(), from, to, amount: 1n, memo: 'planted' }) }),
    )
  for (const [from, to, difference] of [
    [hot, suspense, 1n],
    [suspense, hot, -1n],
  ] as const) {
    await adjust(from, to)
    const { outcome, breaks: found } = await run('TRX')
    assert.equal(outcome, 'breaks')
    const [total, ...more] = found.filter(({ kind }) => kind !== 'order')
    assert.deepEqual([total?.kind, (total?.expected ?? 0n) - (total?.found ?? 0n), more], ['total', difference, []])
    assert.match(total?.detail ?? '', /the books explain [\d.]+ USDT on TRX, its chain has [\d.]+ USDT/)
    assert.equal((await open(vault)).length, 1)
    await adjust(to, from)
    await agrees('TRX', 'put back')
    assert.deepEqual(await open(vault), [])
  }
  const kept = await breaks(vault.bank.db, 1, { openOnly: false, offset: 0, size: 100 })
  assert.deepEqual(
    kept.map(({ kind, closed_at }) => [kind, closed_at !== null]),
    [
      ['total', true],
      ['total', true],
    ],
  )
})

test('orders without their journals and payments are named', async () => {
  const vault = vaults.TRX
  const [sweep] = await vault.orders('sweep')
  assert.ok(sweep)
  await vault.base.owner.query('', `update treasury_orders set amount = amount + 1 where id = '${sweep.id}'`)
  const { breaks: found } = await run('TRX')
  assert.ok(found.some(({ kind, detail }) => kind === 'order' && detail.includes(sweep.id)))
  await vault.base.owner.query('', `update treasury_orders set amount = amount - 1 where id = '${sweep.id}'`)
  await agrees('TRX', 'mended')
})

test('a node that does not answer, or a watcher that is behind, is waited for and raises nothing', async () => {
  const vault = vaults.TRX
  const [behind] = await reconcile(vault.bank, 1, ({ code }) =>
    code !== 'TRX'
      ? undefined
      : {
          ...vault.sender,
          finalBalances: async (of) => ({ ...(await vault.sender.finalBalances(of)), block: 1_000_000_000 }),
        },
  )
  assert.deepEqual([behind?.outcome, behind?.note], ['waits', 'block 1000000000 is not read yet'])
  const [silent] = await reconcile(vault.bank, 1, ({ code }) =>
    code !== 'TRX'
      ? undefined
      : {
          ...vault.sender,
          finalBalances: () => Promise.reject(new Error('no answer from http://key@node')),
        },
  )
  assert.deepEqual([silent?.outcome, silent?.note], ['waits', 'the node does not answer'])
  assert.deepEqual(await open(vault), [])
})
