// The treasury on real development chains: sweeps with their top-ups, the hot wallet between floor and ceiling, what comes
// from outside and from the cold wallet. Each test ends with the books proven, and equal to the chain to the last unit.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startVault, usdt, type Vault } from './harness/vault.ts'

let eth: Vault
let bsc: Vault
let nextPerson = 10_001n
const someone = () => nextPerson++

before(async () => {
  ;[eth, bsc] = await Promise.all([
    startVault({ code: 'ETH', chainId: 31_081 }),
    startVault({ code: 'BSC', chainId: 31_082 }),
  ])
})

after(async () => {
  await Promise.all([eth?.close(), bsc?.close()])
})

test('a deposit is swept: coin for its fee first, then the tokens; nobody is credited by any of it (31)', async () => {
  for (const vault of [eth, bsc]) {
    const who = someone()
    const address = await vault.deposit(who, usdt(100))
    await vault.finish()
    assert.deepEqual(await vault.statuses('sweep'), ['done'])
    assert.deepEqual(await vault.statuses('top_up'), ['done'])
    assert.equal(await vault.chain.balance(vault.token, address), 0n)
    assert.equal(await vault.booked('hot'), usdt(100))
    assert.equal(await vault.watch.balance(who), usdt(100))
    assert.deepEqual(
      (await vault.watch.deposits()).map(({ status }) => status),
      ['credited'],
    )
    await vault.prove()
  }
})

test('several deposits share a sweep; what arrives meanwhile waits for the next; small ones stay (31)', async () => {
  const [a, b] = [someone(), someone()]
  const before = (await bsc.orders('sweep')).length
  const address = await bsc.deposit(a, usdt(30))
  await bsc.deposit(b, usdt(49)) // below 50: not worth it
  await bsc.finish()
  assert.equal((await bsc.orders('sweep')).length, before, 'neither is worth it')
  await bsc.deposit(a, usdt(25))
  const loops = bsc.loops()
  await loops.run()
  const [sweep] = (await bsc.orders('sweep')).slice(before)
  assert.equal(sweep?.amount, usdt(55))
  await bsc.deposit(a, usdt(60))
  await bsc.finish(loops)
  const amounts = (await bsc.orders('sweep')).slice(before).map(({ amount, status }) => `${amount} ${status}`)
  assert.deepEqual(amounts, [`${usdt(55)} done`, `${usdt(60)} done`])
  assert.equal(await bsc.chain.balance(bsc.token, address), 0n)
  const topUps = (await bsc.orders('top_up')).filter(({ to_address }) => to_address === address)
  assert.ok(topUps.length >= 1 && topUps.length <= 2, 'what the first left of coin pays for the second, or most of it')
  await bsc.prove()
})

test('dust stays where it is, whole units are swept (BSC, i)', async () => {
  const who = someone()
  const address = await bsc.watch.address(who)
  const [owner = ''] = bsc.chain.accounts
  const fine = usdt(70) * bsc.factor + 999_999_999_999n
  await bsc.chain.send(bsc.token, 'transfer', [address, fine], { from: owner, gas: 200_000 })
  await bsc.mine()
  await bsc.finish()
  assert.equal(await bsc.chain.balance(bsc.token, address), 999_999_999_999n)
  await bsc.prove()
})

test('from the cold wallet back to the hot one, and from outside to both: booked once, credited to nobody (31)', async () => {
  const before = { hot: await eth.booked('hot'), cold: await eth.booked('cold'), capital: await eth.booked('capital') }
  await eth.send(eth.cold, usdt(500))
  await eth.send(eth.hot, usdt(7))
  await eth.mine()
  assert.equal(await eth.booked('cold'), before.cold + usdt(500))
  await eth.send(eth.hot, usdt(120), eth.cold)
  await eth.mine()
  assert.deepEqual(
    { hot: await eth.booked('hot'), cold: await eth.booked('cold'), capital: await eth.booked('capital') },
    { hot: before.hot + usdt(127), cold: before.cold + usdt(380), capital: before.capital + usdt(507) },
  )
  const rows = (await eth.watch.deposits()).filter((row) => row.class === 'house')
  assert.deepEqual(
    rows.map(({ status, reason, amount_received }) => `${status} ${reason} ${amount_received}`),
    [`house from outside ${usdt(500)}`, `house from outside ${usdt(7)}`, `house from the cold wallet ${usdt(120)}`],
  )
  assert.deepEqual(
    rows.map(({ person_no, amount_credited }) => `${person_no} ${amount_credited}`),
    Array(3).fill('0 0'),
  )
  await eth.prove()
})

test('a reorganisation takes back what came to the house, before and after it was booked (k)', async () => {
  const before = { hot: await eth.booked('hot'), capital: await eth.booked('capital') }
  await eth.send(eth.hot, usdt(11))
  await eth.mine(1)
  await eth.chain.reorg(1) // anvil makes an empty block instead
  await eth.mine()
  assert.equal(await eth.booked('hot'), before.hot, 'its block left before it was final')
  await eth.send(eth.hot, usdt(13))
  await eth.mine()
  assert.equal(await eth.booked('hot'), before.hot + usdt(13))
  await eth.chain.reorg(4)
  await eth.mine(6)
  await eth.watch.catchUp()
  assert.deepEqual(
    { hot: await eth.booked('hot'), capital: await eth.booked('capital') },
    before,
    'and after it was booked',
  )
  await eth.bank.db.query(
    'test-resume',
    'update chain_states set money_out_paused_at = null, money_out_paused_for = null',
  )
  await eth.prove()
})

test('above its ceiling the hot wallet gives what is above the target to the cold one; below its floor it says so', async () => {
  const vault = eth
  await vault.set('hotFloor', '50')
  await vault.set('hotTarget', '300')
  await vault.set('hotCeiling', '400')
  await vault.send(vault.hot, usdt(1_000))
  await vault.mine()
  const cold = await vault.booked('cold')
  const hot = await vault.booked('hot')
  await vault.finish()
  assert.deepEqual(await vault.statuses('cold_move'), ['done'])
  assert.equal(await vault.booked('hot'), usdt(300))
  assert.equal(await vault.booked('cold'), cold + hot - usdt(300))
  // from the target on sweeps go to the cold wallet
  await vault.deposit(someone(), usdt(90))
  await vault.finish()
  const last = (await vault.orders('sweep')).at(-1)
  assert.deepEqual([last?.to_purpose, last?.to_address, last?.status], ['cold', vault.cold, 'done'])
  assert.equal(await vault.booked('hot'), usdt(300))
  await vault.prove()

  await vault.set('hotTarget', '1000')
  await vault.set('hotCeiling', '2000')
  await vault.set('hotFloor', '500')
  await vault.loops().run()
  const low = (await vault.openAlerts()).find(({ kind }) => kind === 'hot_wallet_low')
  assert.deepEqual([low?.data.balance, low?.data.bring], ['300', '700'])
  await vault.send(vault.hot, usdt(250), vault.cold)
  await vault.mine()
  await vault.loops().run()
  assert.equal(
    (await vault.openAlerts()).some(({ kind }) => kind === 'hot_wallet_low'),
    false,
    'it ends by itself',
  )
  await vault.prove()
})

test('while money out is stopped nothing begins, and what was planned goes on afterwards (63)', async () => {
  const vault = bsc
  const before = (await vault.orders('sweep')).length
  const stop = (reason: string) =>
    vault.base.owner.query(
      '',
      `update chain_states set money_out_paused_at = case when $1 = '' then null else now() end,
         money_out_paused_for = nullif($1, '')`,
      [reason],
    )
  await vault.deposit(someone(), usdt(80))
  await stop('a test')
  const loops = vault.loops()
  for (let i = 0; i < 3; i++) {
    const { note } = await loops.run()
    assert.equal(note, 'money out is stopped: a test')
    await loops.advancer.advance()
    await vault.mine(1)
  }
  assert.equal((await vault.orders('sweep')).length, before)
  await stop('')
  await loops.run() // begun: a top-up waits for the signer
  await stop('again')
  await loops.advancer.advance()
  await vault.sign()
  await vault.mine()
  await loops.advancer.advance()
  const payments = await vault.base.owner.query<{ status: string }>(
    '',
    `select status from chain_payments where status not in ('confirmed', 'failed', 'void')`,
  )
  assert.deepEqual(payments, [{ status: 'ready' }])
  await stop('')
  await vault.finish(loops)
  assert.equal((await vault.orders('sweep')).at(-1)?.status, 'done')
  await vault.prove()
})

test('a hot wallet without coin to spare tops nobody up, says so, and goes on when coin came', async () => {
  const vault = await startVault({ code: 'ETH', chainId: 31_083, hotCoin: 0 })
  try {
    await vault.deposit(someone(), usdt(75))
    const loops = vault.loops()
    await loops.run()
    const [sweep] = await vault.orders('sweep')
    assert.equal(sweep?.status, 'planned')
    assert.match(sweep?.reason ?? '', /no ETH to spare for its top-up/)
    const short = (await vault.openAlerts()).find(({ kind }) => kind === 'gas_short')
    assert.ok(short?.data.bring, 'the alert says how much to bring')
    await vault.sendCoin(vault.hot, 10n ** 18n + 1n)
    await vault.mine()
    await vault.finish(loops)
    assert.deepEqual(await vault.statuses('sweep'), ['done'])
    assert.deepEqual(await vault.openAlerts().then((all) => all.filter(({ kind }) => kind === 'gas_short')), [])
    await vault.prove()
  } finally {
    await vault.close()
  }
})

test('coin that strangers send to a deposit address is found when it is swept, and booked', async () => {
  const vault = bsc
  const who = someone()
  const address = await vault.watch.address(who)
  await vault.sendCoin(address, 3_000_000_000_000_001n)
  await vault.deposit(who, usdt(65))
  await vault.finish()
  const topUps = (await vault.orders('top_up')).filter(({ to_address }) => to_address === address)
  assert.deepEqual(topUps, [], 'it has enough for its fee')
  await vault.prove()
})

test('without a cold wallet everything goes to the hot one, and an alert says when that is too much', async () => {
  const vault = await startVault({ code: 'ETH', chainId: 31_084, cold: false })
  try {
    await vault.set('hotTarget', '1000')
    await vault.set('hotCeiling', '1500')
    await vault.deposit(someone(), usdt(900))
    await vault.deposit(someone(), usdt(800))
    await vault.finish()
    assert.equal(await vault.booked('hot'), usdt(1_700))
    assert.deepEqual(await vault.orders('cold_move'), [])
    const high = (await vault.openAlerts()).find(({ kind }) => kind === 'hot_wallet_high')
    assert.equal(high?.data.too_much, '700')
    await vault.prove()
  } finally {
    await vault.close()
  }
})

test('two processes at once: each address is topped up and swept once', async () => {
  const vault = await startVault({ code: 'BSC', chainId: 31_089, confirmations: 1 })
  try {
    const people = Array.from({ length: 8 }, someone)
    for (const who of people) await vault.send(await vault.watch.address(who), usdt(60))
    await vault.mine()
    const processes = [vault.loops(), vault.loops()]
    for (let i = 0; i < 30; i++) {
      await Promise.all(processes.map((one) => one.run()))
      await Promise.all(processes.map((one) => one.advancer.advance()))
      await vault.sign()
      await Promise.all(processes.map((one) => one.advancer.advance()))
      await vault.mine(1)
      if ((await vault.statuses('sweep')).every((status) => status === 'done')) break
    }
    assert.deepEqual(await vault.statuses('sweep'), Array(8).fill('done'))
    assert.deepEqual(await vault.statuses('top_up'), Array(8).fill('done'))
    assert.equal(await vault.booked('hot'), usdt(480))
    const [paid] = await vault.base.owner.query<{ count: bigint }>('', 'select count(*) from chain_payments')
    assert.equal(paid?.count, 16n)
    await vault.prove()
  } finally {
    await vault.close()
  }
})
