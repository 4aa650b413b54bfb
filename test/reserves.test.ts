// Proof of reserves with real books and real chains: what is published is what is owed and what is held, every customer
// verifies their own part over HTTP, and nothing is published that is not backed.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { CHAIN_ID } from '../sandbox/tron/genesis.ts'
import { type ReserveProof, verifyReserveProof } from '../sdk/reserves.js'
import { days } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { openAlerts } from '../src/domain/alert.ts'
import { networkOf } from '../src/domain/chain/network.ts'
import { buildReserves, NotBacked } from '../src/domain/reserves/build-reserves.ts'
import { type SenderOf, Unproven } from '../src/domain/reserves/holdings.ts'
import { reserveProof } from '../src/domain/reserves/reserve-proof.ts'
import { forgetLeaves, publishedSnapshot } from '../src/domain/reserves/reserve-snapshot.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { createEvmSender } from '../src/providers/evm-sender.ts'
import { createTronSender } from '../src/providers/tron-sender.ts'
import { buildReservesTask } from '../src/workers/build-reserves.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { runCli } from './harness/cli.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { startPaying, usdt } from './harness/paying.ts'
import { startTronTestChain, type TronTestChain, tronAccount } from './harness/tron-chain.ts'
import { actorOf, testTronXpub, testXpub, type Watched, watched } from './harness/watched.ts'

const HOT = `0x${'a1'.repeat(20)}`
const COLD = `0x${'c0'.repeat(20)}`
const HOT_TRON = tronAccount('hot').address

describe('over HTTP, on two chains', () => {
  let world: World
  let bsc: Chain
  let tron: TronTestChain
  let token: Token
  let onBsc: Watched
  let onTron: Watched
  let senderOf: SenderOf
  let people: Customer[]
  let networks: object

  before(async () => {
    ;[bsc, tron] = await Promise.all([startChain(31_030), startTronTestChain({ confirmations: 2 })])
    token = await bsc.deploy('BscUsdt', 10n ** 27n)
    networks = {
      BSC: { chainId: 31_030, contract: token.address, confirmations: 2, rpc: bsc.url },
      TRX: { chainId: CHAIN_ID, contract: tron.usdt.address, confirmations: 1, rpc: tron.url },
    }
    const settings = {
      NETWORKS: JSON.stringify(networks),
      DEPOSIT_XPUB_EVM: testXpub,
      DEPOSIT_XPUB_TRON: testTronXpub,
    }
    world = await startWorld(settings)
    onBsc = watched(world.bank, 'BSC', bsc.url)
    onTron = watched(world.bank, 'TRX', tron.url)
    await Promise.all([onBsc.catchUp(), onTron.catchUp()])
    for (const [family, address, purpose] of [
      ['evm', HOT, 'hot'],
      ['evm', COLD, 'cold'],
      ['tron', HOT_TRON, 'hot'],
    ]) {
      await world.database.owner.query('', 'insert into house_addresses values (1, $1, $2, $3)', [
        family,
        address,
        purpose,
      ])
    }
    senderOf = (network) =>
      network.code === 'BSC'
        ? createEvmSender({ ...network, rpc: bsc.url })
        : network.code === 'TRX'
          ? createTronSender({ ...network, rpc: tron.url })
          : undefined
    people = []
    for (let i = 0; i < 5; i++) people.push(await signUp(world))
    // two with equal balances, one who also has TRX
    for (const [i, amount] of [100n, 100n, 7n, 40n].entries()) {
      await bsc.send(token, 'transfer', [await onBsc.address(no(i)), amount * 10n ** 18n + 999n])
    }
    await tron.send(tron.usdt, 'transfer', [await onTron.address(no(2)), 25_000_000n])
    await tron.sendTrx(await onTron.address(no(2)), 33_000_000n)
    await bsc.send(token, 'transfer', [HOT, 50n * 10n ** 18n]) // the owners' own
    await Promise.all([bsc.mine(6), tron.mine(6)])
    await Promise.all([onBsc.catchUp(), onTron.catchUp()])
  })
  after(async () => {
    const { faults } = world ? await verifyLedger(world.database.owner, { bookId: 1 }) : { faults: [] }
    bsc?.stop()
    await tron?.stop()
    await world?.close()
    assert.deepEqual(faults, [])
  })

  const no = (i: number): bigint => people[i]?.no ?? 0n
  const listed = async () => {
    const { data } = await world.call<{ items: Listed[] }>('GET', '/api/reserves')
    return data.items
  }
  const proofOf = async (i: number, query = '') => {
    const token = people[i]?.access
    const answer = await world.call<ReserveProof>('GET', `/api/reserves/proof${query}`, undefined, { token })
    assert.equal(answer.status, 200, answer.text)
    return answer.data
  }

  test('what is published: owed by the books, held on chain at a final block, address by address', async () => {
    const built = await buildReserves(world.bank, 1, senderOf)
    const [newest] = await listed()
    assert.ok(newest)
    assert.deepEqual([newest.id, newest.root, newest.size], [built.id, built.root, 4])
    assert.deepEqual(newest.assets, [
      { asset: 'USDT', liabilities: '272.00', holdings: '322.00', paid_not_booked: '0' },
      { asset: 'TRX', liabilities: '33.00', holdings: '33.00', paid_not_booked: '0' },
    ])
    const [sums] = await world.database.owner.query<{ usdt: string; trx: string }>(
      '',
      `select sum(balance) filter (where id & 255 = 1)::text as usdt, sum(balance) filter (where id & 255 = 3)::text as trx
       from accounts where id >= 10000::bigint << 16`,
    )
    assert.deepEqual(built.liabilities, [BigInt(sums?.usdt ?? 0), BigInt(sums?.trx ?? 0)])
    for (const place of newest.places) assert.ok(place.block > 0, JSON.stringify(place))

    const answer = await world.call<{ items: Address[] }>('GET', `/api/reserves/addresses?snapshot=${built.id}&size=50`)
    for (const { network, asset, address, chain_units } of answer.data.items) {
      const as = asset === 'USDT' ? 'token' : 'coin'
      const sender = senderOf(networkOf(world.bank.networks, network))
      assert.equal(`${await sender?.balance(address, as, 'final')}`, chain_units, `${network} ${address}`)
    }
    assert.equal(answer.data.items.length, 5 + 1 + 2 + 1 + 1, JSON.stringify(answer.data.items))
    assert.equal(answer.data.items[0]?.purpose !== 'deposit', true, 'the house first')
  })

  test('every customer verifies their own part against what everybody sees', async () => {
    const [newest] = await listed()
    for (const [i, units] of [100_000_000n, 100_000_000n, 32_000_000n, 40_000_000n].entries()) {
      const found = verifyReserveProof(await proofOf(i), newest)
      assert.equal(found.balances.USDT, units)
      assert.equal(found.balances.TRX, i === 2 ? 33_000_000n : 0n)
      assert.deepEqual([found.uid, found.compared], [people[i]?.uid, true])
      assert.deepEqual(found.liabilities, { USDT: 272_000_000n, TRX: 33_000_000n })
    }
    const nothing = await world.call('GET', '/api/reserves/proof', undefined, { token: people[4]?.access })
    assert.deepEqual([nothing.status, nothing.name], [404, 'NotFound'])
    assert.equal((await world.call('GET', '/api/reserves/proof')).status, 401)
    for (const query of ['?snapshot=x', `?snapshot=${newId()}`]) {
      const absent = await world.call('GET', `/api/reserves/proof${query}`, undefined, { token: people[0]?.access })
      assert.equal(absent.status, 404)
    }
    const text = JSON.stringify(await proofOf(0))
    for (const { uid, id, contact } of people.slice(1))
      for (const other of [uid, id, contact]) assert.ok(!text.includes(other))
  })

  test('another snapshot: other leaves and places for the same people, and the old proofs stay good', async () => {
    const [first] = await listed()
    const before = await Promise.all([0, 1, 2, 3].map((i) => proofOf(i)))
    const places = new Set<string>()
    for (let round = 0; round < 6; round++) {
      const { id } = await buildReserves(world.bank, 1, senderOf)
      const proofs = await Promise.all([0, 1, 2, 3].map((i) => proofOf(i, `?snapshot=${id}`)))
      places.add(proofs.map(({ leaf }) => leaf.index).join())
      for (const [i, { leaf, root }] of proofs.entries()) {
        assert.notEqual(root, before[i]?.root)
        assert.notEqual(leaf.salt, before[i]?.leaf.salt)
      }
    }
    assert.ok(places.size > 1, 'neighbours change')
    for (const [i, old] of before.entries()) {
      assert.ok(verifyReserveProof(old, first).compared)
      assert.deepEqual(await proofOf(i, `?snapshot=${first?.id}`), old)
    }
  })

  test('the command line verifies a proof as it came, and says what is wrong with another', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-por-'))
    const write = (name: string, content: unknown) => {
      fs.writeFileSync(path.join(dir, name), JSON.stringify(content))
      return path.join(dir, name)
    }
    try {
      const proof = await proofOf(2)
      const file = write('proof.json', { code: 0, data: proof })
      const published = write('reserves.json', { code: 0, data: { items: await listed() } })
      const por = (...args: string[]) => runCli(['por', ...args], { DATA_DIR: dir })
      const good = await por('verify', file, '--published', published)
      assert.equal(good.code, 0, good.said)
      assert.match(
        good.out,
        /had 32\.00 USDT and 33\.00 TRX at .*\npart of 272\.00 USDT and 33\.00 TRX owed to 4 customers\n/,
      )
      assert.match(good.out, /It is the root that was published\.\n$/)
      const json = await por('verify', file, '--json')
      assert.deepEqual([json.code, json.json.good, json.json.compared], [0, true, false])
      const other = write('other.json', { ...proof, leaf: { ...proof.leaf, units: ['32000001', '33000000'] } })
      const bad = await por('verify', other)
      assert.deepEqual([bad.code, bad.out], [1, 'NOT good: it leads to another root\n'])
      const unknown = await por('verify', file, '--published', write('none.json', { items: [] }))
      assert.match(unknown.out, /not among those that were published/)
      assert.equal((await por('verify', path.join(dir, 'absent.json'))).code, 3)

      const env = { DATABASE_URL: world.database.url, DATA_DIR: dir, NETWORKS: JSON.stringify(networks) }
      const built = await runCli(['por', 'build'], { ...env, MASTER_KEY: '11'.repeat(32) })
      assert.equal(built.code, 0, built.said)
      assert.match(built.out, /of 4 customers, root [0-9a-f]{64}\n {2}272\.00 USDT owed, 322\.00 USDT on chain\n/)
      assert.ok(built.out.includes((await listed())[0]?.root ?? 'none'))
    } finally {
      fs.rmSync(dir, { recursive: true })
    }
  })

  test('what is not backed is not published: an alert says what is missing, until it is there again', async () => {
    const before = (await listed())[0]?.id
    await bsc.rpc('anvil_impersonateAccount', HOT)
    await bsc.rpc('anvil_setBalance', HOT, '0xde0b6b3a7640000')
    const address = await onBsc.address(no(0))
    await bsc.rpc('anvil_impersonateAccount', address)
    await bsc.rpc('anvil_setBalance', address, '0xde0b6b3a7640000')
    const away = `0x${'77'.repeat(20)}`
    const steal = { gas: 200_000 }
    await bsc.send(token, 'transfer', [away, 50n * 10n ** 18n], { from: HOT, ...steal })
    await bsc.send(token, 'transfer', [away, 1n * 10n ** 12n + 999n], { from: address, ...steal }) // one unit
    await bsc.mine(3)
    const missing =
      /272 USDT is owed, 271\.999999 USDT is on chain and 0 USDT was just paid out: 0\.000001 USDT is missing/
    await assert.rejects(buildReserves(world.bank, 1, senderOf), (error) => {
      return error instanceof NotBacked && missing.test(error.message)
    })
    const [alert] = (await openAlerts(world.bank.db, 1)).filter(({ key }) => key === 'reserves_short')
    assert.match(String(alert?.data.reason), missing)
    assert.equal((await listed())[0]?.id, before)
    await bsc.send(token, 'transfer', [COLD, 10n ** 18n])
    await bsc.mine(3)
    await buildReserves(world.bank, 1, senderOf)
    assert.deepEqual(
      (await openAlerts(world.bank.db, 1)).filter(({ key }) => key.startsWith('reserves')),
      [],
    )
  })

  test('a network that nobody can ask proves nothing', async () => {
    const blind: SenderOf = (network) => (network.code === 'TRX' ? undefined : senderOf(network))
    await assert.rejects(buildReserves(world.bank, 1, blind), (error) => {
      return error instanceof Unproven && /the books have 25 USDT on TRX/.test(error.message)
    })
    assert.ok((await openAlerts(world.bank.db, 1)).some(({ key }) => key === 'reserves_unproven'))
    const dead: SenderOf = (network) =>
      network.code === 'BSC'
        ? createEvmSender({ ...network, rpc: 'http://127.0.0.1:9', retries: 0 })
        : senderOf(network)
    await assert.rejects(buildReserves(world.bank, 1, dead))
  })

  test('the database refuses a snapshot that is not backed, and any change to one that is', async () => {
    const insert = (liabilities: string, holdings: string, paid: string) =>
      world.bank.db.query(
        '',
        `insert into reserve_snapshots (book_id, id, at, size, assets, root, liabilities, holdings, paid, places, payments)
         values (1, gen_random_uuid(), now() - interval '9 days', 1, '{USDT,TRX}', sha256('x'), $1, $2, $3, '[]', '[]')`,
        [liabilities, holdings, paid],
      )
    const wrong: [string, string, string][] = [
      ['{10,0}', '{9,0}', '{0,0}'],
      ['{10,5}', '{99,4}', '{0,0}'],
      ['{-10,0}', '{0,0}', '{0,0}'],
      ['{10,0}', '{11,-1}', '{0,1}'],
      ['{10,0}', '{10}', '{0,0}'],
      ['{}', '{}', '{}'],
      ['{9223372036854775807,0}', '{9223372036854775806,0}', '{0,0}'],
    ]
    for (const [liabilities, ...rest] of wrong)
      await assert.rejects(insert(liabilities, ...rest), /reserve_snapshots_backed/)
    await insert('{10,0}', '{9,0}', '{1,0}')
    for (const sql of [
      `update reserve_snapshots set root = sha256('y')`,
      'delete from reserve_snapshots',
      'update reserve_leaves set units = units',
      'update reserve_addresses set value = 1',
      'delete from reserve_addresses',
    ]) {
      await assert.rejects(world.bank.db.query('', sql), /permission denied/, sql)
    }
  })

  test('the task makes one snapshot a day, and tries again when it could not', async () => {
    const count = async () => (await listed()).length
    const task = (sender: SenderOf) => buildReservesTask(world.bank, sender)({}, undefined as never)
    const before = await count()
    await task(senderOf)
    assert.equal(await count(), before, 'there is one of today')
    world.clock.advance(days(1))
    await assert.rejects(Promise.resolve(task(() => undefined)), Unproven)
    await task(senderOf)
    // its instant is the database's, so it is still of the day before the moved clock's
    assert.equal(await count(), before + 1)
    await forgetLeaves(world.bank.db, 1, new Date(Date.now() + 1_000))
    await assert.rejects(reserveProof(world.bank, actorOf(no(0))), /NotFound/)
    assert.equal(await count(), before + 1, 'what was published stays')
  })
})

interface Listed {
  id: string
  at: string
  size: number
  root: string
  assets: Record<string, string>[]
  places: { network: string; asset: string; block: number; addresses: number; amount: string }[]
}
interface Address {
  network: string
  asset: string
  address: string
  purpose: string
  chain_units: string
}

test('a withdrawal that is final on chain and not booked yet is counted once, on the side of what was paid', async () => {
  const paying = await startPaying({ code: 'BSC', chainId: 31_031, hotTokens: 500 })
  try {
    const senderOf: SenderOf = (network) =>
      network.code === 'BSC' ? createEvmSender({ ...network, rpc: paying.chain.url }) : undefined
    const first = await buildReserves(paying.bank, 1, senderOf)
    assert.deepEqual([first.liabilities[0], first.holdings[0]], [usdt(1_000_000), usdt(1_000_500)])
    const advancer = paying.advancer()
    await paying.withdraw(usdt(480))
    for (let i = 0; i < 3; i++) {
      await advancer.advance()
      await paying.sign()
    }
    await advancer.advance()
    await paying.chain.mine(1)
    await paying.watch.catchUp()
    await advancer.advance()
    assert.equal((await paying.payments())[0]?.status, 'mined')
    await paying.chain.mine(10) // final, and nobody has looked
    const between = await buildReserves(paying.bank, 1, senderOf)
    const shown = await publishedSnapshot(paying.bank.db, 1, between.id)
    assert.deepEqual(
      [shown.liabilities[0], shown.holdings[0], shown.paid[0]],
      [usdt(1_000_000), usdt(1_000_021), usdt(479)],
    )
    const [transaction] = await paying.transactions()
    assert.deepEqual(shown.payments, [
      { network: 'BSC', asset: 'USDT', tx_hash: transaction?.tx_hash, units: `${usdt(479)}` },
    ])
    await paying.finish(advancer)
    const last = await publishedSnapshot(paying.bank.db, 1, (await buildReserves(paying.bank, 1, senderOf)).id)
    assert.deepEqual([last.liabilities[0], last.holdings[0], last.paid[0]], [usdt(999_520), usdt(1_000_021), 0n])
  } finally {
    await paying.close()
  }
})
