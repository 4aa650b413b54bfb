// Sending on TRON: what a transaction may cost, what nodes say when they are given one, where it is and when it is dead.
// Signed by the signer's own code, read again by tronweb.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { TronWeb } from 'tronweb'
import type { Outgoing, TronDraft } from '../src/domain/ports.ts'
import { createTronSender } from '../src/providers/tron-sender.ts'
import { type KeyPort, signWithKey } from '../src/signer/key-port.ts'
import { signTron } from '../src/signer/tron-transaction.ts'
import { startTronTestChain, type TronAccount, type TronTestChain, tronAccount } from './harness/tron-chain.ts'
import { startTronProxy, type TronProxy } from './harness/tron-proxy.ts'

const LAG = 5
const million = (whole: number) => BigInt(whole) * 1_000_000n

let chain: TronTestChain
let proxy: TronProxy
let sender: ReturnType<typeof createTronSender>
let hot: TronAccount
let web: TronWeb

before(async () => {
  chain = await startTronTestChain({ confirmations: LAG })
  proxy = await startTronProxy(chain.url)
  sender = createTronSender({
    rpc: proxy.url,
    contract: chain.usdt.address,
    proof: 'header',
    timeout: 400,
    pauses: [5, 5, 5],
  })
  hot = tronAccount('hot')
  await chain.sendTrx(hot.address, million(10_000))
  await chain.send(chain.usdt, 'transfer', [hot.address, million(10_000)])
  await chain.mine(LAG + 2)
  web = new TronWeb({ fullHost: chain.url })
  web.setAddress(hot.address)
})

after(async () => {
  await proxy?.close()
  await chain?.stop()
})

const keysOf = ({ privateKey }: TronAccount): KeyPort => {
  const key = Buffer.from(privateKey, 'hex')
  return { publicKey: async () => secp256k1.getPublicKey(key), sign: async (_, digest) => signWithKey(key, digest) }
}
const outgoing = (to: string, value: bigint, asset: Outgoing['asset'] = 'token', from = hot.address): Outgoing => ({
  asset,
  from,
  to,
  value,
})
const sign = (given: Outgoing, draft: TronDraft, by = hot) =>
  signTron(keysOf(by), 'm', { ...draft, ...given, contract: chain.usdt.address })

async function prepare(given: Outgoing, changes: Partial<TronDraft> = {}) {
  const draft = (await sender.draft(given)) as TronDraft
  return { draft, ...(await sign(given, { ...draft, ...changes })) }
}

test('a token payment: drafted, signed, taken, known, waiting, mined; its fee is what the chain took and below the bound', async () => {
  const to = tronAccount('somebody').address
  const { draft, raw, hash } = await prepare(outgoing(to, million(25)))
  const [coin, token] = await Promise.all([sender.balance(hot.address, 'coin'), sender.balance(hot.address, 'token')])
  assert.deepEqual([coin, token], [million(10_000), million(10_000)])
  assert.deepEqual(await sender.find(hash), { at: 'nowhere' })
  assert.deepEqual(await sender.broadcast(raw), { result: 'accepted' })
  assert.deepEqual(await sender.broadcast(raw), { result: 'known' })
  assert.deepEqual(await sender.find(hash), { at: 'pool' })
  await chain.mine()
  const found = await sender.find(hash)
  const info = await web.trx.getUnconfirmedTransactionInfo(hash)
  assert.ok(found.at === 'block' && found.success)
  assert.equal(found.fee, BigInt(info.fee ?? 0))
  assert.equal(found.number, info.blockNumber)
  assert.ok(found.fee > 0n && found.fee <= sender.maxFee(draft), `${found.fee} of ${sender.maxFee(draft)}`)
  assert.equal(draft.expiration - 600_000, chain.node.head().time - 3_000)
  assert.equal(await sender.balance(hot.address, 'coin'), coin - found.fee)
  assert.equal(await sender.balance(hot.address, 'token'), token - million(25))
  assert.equal(await chain.balance(chain.usdt, to), million(25))
  assert.equal(await sender.balance(hot.address, 'token', 'final'), token, 'not yet irreversible')
  await chain.mine(LAG)
  assert.equal(await sender.balance(hot.address, 'token', 'final'), token - million(25))
  assert.equal(await sender.balance(hot.address, 'coin', 'final'), coin - found.fee)
  assert.equal(await sender.balance(tronAccount('nobody').address, 'coin'), 0n)
  assert.equal(await sender.raise(draft, million(1_000)), undefined)
})

test('coin: a new account costs more than one that is there, and both stay below what was said', async () => {
  const to = tronAccount('fresh').address
  const fees: bigint[] = []
  for (let i = 0; i < 2; i++) {
    const { draft, raw, hash } = await prepare(outgoing(to, million(3), 'coin'))
    assert.equal(draft.feeLimit, 0)
    assert.deepEqual(await sender.broadcast(raw), { result: 'accepted' })
    await chain.mine()
    const found = await sender.find(hash)
    assert.ok(found.at === 'block' && found.success && found.fee <= sender.maxFee(draft))
    fees.push(sender.maxFee(draft), found.fee)
  }
  const [most = 0n, paid = 0n, later = 0n] = fees
  assert.ok(paid >= 1_000_000n && most > later + 1_000_000n)
  assert.equal(await sender.balance(to, 'coin'), million(6))
})

test('payments that are alike in everything are different transactions', async () => {
  const given = outgoing(tronAccount('somebody').address, million(1))
  const hashes = await Promise.all(Array.from({ length: 20 }, async () => (await prepare(given)).hash))
  assert.equal(new Set(hashes).size, 20)
})

test('what would fail is said beforehand; what fails all the same stands in a block, costs and has moved nothing', async () => {
  const given = outgoing(tronAccount('somebody').address, million(2))
  const [early, starved] = [await prepare(given), await prepare(given, { feeLimit: 50_000 })]
  assert.deepEqual(await sender.broadcast(starved.raw), { result: 'accepted' })
  await chain.mine()
  await chain.send(chain.usdt, 'pause', [])
  assert.deepEqual(await sender.broadcast(early.raw), { result: 'accepted' })
  await chain.mine()
  await assert.rejects(sender.draft(given), (error) => (error as { wouldFail?: string }).wouldFail === 'paused')
  await chain.send(chain.usdt, 'unpause', [])
  await chain.mine()
  for (const { hash, draft } of [early, starved]) {
    const found = await sender.find(hash)
    assert.ok(found.at === 'block' && !found.success && found.fee > 0n && found.fee <= sender.maxFee(draft))
  }
  const poor = outgoing(tronAccount('somebody').address, million(1_000_000))
  await assert.rejects(
    sender.draft(poor),
    (error) => (error as { wouldFail?: string }).wouldFail === 'balance too small',
  )
})

test('what a node says when it does not take a transaction, in java-tron’s words', async () => {
  const given = outgoing(tronAccount('somebody').address, million(1))
  const said = async (changes: Partial<TronDraft>, by = hot, of = given) => {
    const draft = (await sender.draft(given)) as TronDraft
    const answer = await sender.broadcast((await sign(of, { ...draft, ...changes }, by)).raw)
    return answer.result === 'refused' ? answer.reason : answer.result
  }
  const [, stranger] = chain.accounts
  assert.ok(stranger)
  assert.match(await said({}, stranger), /^SIGERROR: /)
  assert.match(await said({ refBlockHash: '0011223344556677' }), /^TAPOS_ERROR: /)
  assert.match(await said({ expiration: chain.node.head().time }), /^TRANSACTION_EXPIRATION_ERROR: /)
  assert.match(
    await said({}, hot, outgoing(given.to, million(1_000_000), 'coin')),
    /^CONTRACT_VALIDATE_ERROR: .*balance is not sufficient/,
  )
  const nobody = tronAccount('unheard of')
  assert.match(await said({}, nobody, { ...given, from: nobody.address }), /^(CONTRACT_VALIDATE_ERROR|SIGERROR): /)
  for (const [code, pattern] of [
    ['BANDWITH_ERROR', /^BANDWITH_ERROR: /],
    ['TOO_BIG_TRANSACTION_ERROR', /^TOO_BIG_TRANSACTION_ERROR: /],
    ['CONTRACT_EXE_ERROR', /^CONTRACT_EXE_ERROR: /],
    ['BLOCK_UNSOLIDIFIED', /^BLOCK_UNSOLIDIFIED: some text/],
    ['DUP_TRANSACTION_ERROR', /^known$/],
  ] as const) {
    proxy.change = (answer, { path }) =>
      path === '/wallet/broadcasthex' ? { ...(answer as object), result: false, code, message: 'some text' } : undefined
    assert.match(await said({}), pattern)
  }
  proxy.clear()
  await chain.mine()
})

test('what is no clear answer is thrown, whatever the node did with it; asking tells', async () => {
  const given = outgoing(tronAccount('somebody').address, million(1))
  const path = '/wallet/broadcasthex'
  const unclear: [string, () => void][] = [
    ...['SERVER_BUSY', 'NO_CONNECTION', 'NOT_ENOUGH_EFFECTIVE_CONNECTION', 'OTHER_ERROR', 'NEW_ERROR', ''].map(
      (code): [string, () => void] => [
        code,
        () => {
          proxy.change = (_, asked) => (asked.path === path ? { result: false, code, message: '62757379' } : undefined)
        },
      ],
    ),
    ...Object.entries({
      'taken, then silence': { after: true, silence: 600 },
      'taken, then cut': { after: true },
      'taken, then 500': { after: true, status: 500 },
      'not taken, cut': {},
      'not taken, 503': { status: 503 },
      'not taken, an error': { status: 200, body: '{"Error":"class java.lang.NullPointerException : null"}' },
      'not taken, rubbish': { status: 200, body: 'busy' },
    }).map(([name, trouble]): [string, () => void] => [
      name,
      () => {
        proxy.trouble = (asked) => (asked.path === path ? trouble : undefined)
      },
    ]),
    [
      'another one was taken',
      () => {
        proxy.change = (answer, asked) =>
          asked.path === path ? { ...(answer as object), txid: 'ab'.repeat(32) } : undefined
      },
    ],
  ]
  for (const [name, begin] of unclear) {
    const { raw, hash } = await prepare(given)
    proxy.clear()
    begin()
    await assert.rejects(sender.broadcast(raw), name)
    assert.equal(proxy.asked.get(path), 1, `${name}: asked once`)
    proxy.clear()
    const taken = name.startsWith('taken') || !/^not taken/.test(name)
    assert.equal((await sender.find(hash)).at, taken ? 'pool' : 'nowhere', name)
    assert.equal((await sender.broadcast(raw)).result, taken ? 'known' : 'accepted', name)
  }
  await chain.mine()
})

test('reorganised out it is nowhere, and the same bytes are taken again', async () => {
  const { raw, hash } = await prepare(outgoing(tronAccount('somebody').address, million(4)))
  await sender.broadcast(raw)
  await chain.mine(2)
  const first = await sender.find(hash)
  await chain.reorg(2, 'drop')
  assert.deepEqual(await sender.find(hash), { at: 'nowhere' })
  assert.deepEqual(await sender.broadcast(raw), { result: 'accepted' })
  await chain.mine()
  const second = await sender.find(hash)
  assert.ok(first.at === 'block' && second.at === 'block' && second.success)
  assert.notEqual(first.hash, second.hash)
})

test('a receipt is believed only with the block that holds the transaction', async () => {
  const { raw, hash } = await prepare(outgoing(tronAccount('somebody').address, million(4)))
  await sender.broadcast(raw)
  await chain.mine(2)
  const info = (change: (receipt: Record<string, unknown>) => unknown) => {
    proxy.change = (answer, { path }) =>
      path === '/wallet/gettransactioninfobyid' ? change(answer as Record<string, unknown>) : undefined
  }
  const head = chain.head()
  for (const [name, change] of Object.entries<(receipt: Record<string, unknown>) => unknown>({
    'of another transaction': (receipt) => ({ ...receipt, id: 'ab'.repeat(32) }),
    'in another block': (receipt) => ({ ...receipt, blockNumber: head }),
    'of another branch': (receipt) => ({ ...receipt, blockTimeStamp: 1 }),
    'failed, says it': (receipt) => ({ ...receipt, receipt: { result: 'REVERT' } }),
    'without a result': (receipt) => ({ ...receipt, receipt: {} }),
    'an absurd fee': (receipt) => ({ ...receipt, fee: -1 }),
  })) {
    info(change)
    await assert.rejects(sender.find(hash), name)
  }
  info((receipt) => ({ ...receipt, log: [] }))
  const silent = await sender.find(hash)
  assert.ok(silent.at === 'block' && !silent.success, 'a token that logged nothing has moved nothing')
  proxy.clear()
  const found = await sender.find(hash)
  assert.ok(found.at === 'block' && found.success)
})

test('dead only when an irreversible block is later than its end, and no view knows it', async () => {
  const given = outgoing(tronAccount('somebody').address, million(4))
  const [unsent, sent] = [await prepare(given), await prepare(given)]
  await sender.broadcast(sent.raw)
  await chain.mine(LAG + 1)
  const end = ({ draft, hash }: typeof unsent) => ({
    from: hot.address,
    nonce: null,
    expiresAt: new Date(draft.expiration),
    txHash: hash,
  })
  const dead = async () => [await sender.isDead(end(unsent)), await sender.isDead(end(sent))]
  assert.deepEqual(await dead(), [false, false])
  const minutesAhead = async (count: number) => chain.mine(count * 20)
  await minutesAhead(11) // its life is over, the margin is not
  assert.match(JSON.stringify(await sender.broadcast(unsent.raw)), /TRANSACTION_EXPIRATION_ERROR/)
  assert.deepEqual(await dead(), [false, false])
  await minutesAhead(2)
  assert.deepEqual(await dead(), [true, false])
  // a node that has forgotten, or lags, in one of its views
  for (const view of ['wallet', 'walletsolidity']) {
    proxy.change = (_, { path }) => (path.startsWith(`/${view}/gettransaction`) ? {} : undefined)
    assert.equal(await sender.isDead(end(sent)), false, view)
  }
  proxy.change = (_, { path }) => (path.includes('/gettransactionbyid') ? {} : undefined)
  assert.equal(await sender.isDead(end(sent)), false)
  proxy.clear()
  let asked = 0
  const early = await (
    await fetch(`${chain.url}/wallet/getblock`, { method: 'POST', body: '{"id_or_num":"3"}' })
  ).json()
  proxy.change = (_, { path }) => (path === '/walletsolidity/getblock' && ++asked > 1 ? early : undefined)
  assert.equal(await sender.isDead(end(unsent)), false, 'the second look met a node that lags')
  proxy.clear()
  proxy.trouble = ({ path }) => (path.includes('gettransactionbyid') ? { status: 503 } : undefined)
  await assert.rejects(sender.isDead(end(unsent)), 'nobody knows')
  proxy.clear()
})

test('what is staked counts when it is plenty; the bound stays', async () => {
  const given = outgoing(tronAccount('somebody').address, million(4))
  const plain = await sender.draft(given)
  const bound = sender.feeBound?.(plain)
  assert.equal(sender.maxFee(plain), bound)
  proxy.change = (answer, { path }) =>
    path === '/wallet/getaccountresource'
      ? { ...(answer as object), EnergyLimit: 100_000, EnergyUsed: 20_000 }
      : undefined
  assert.equal(sender.maxFee(await sender.draft(given)), bound, 'enough for one is not enough for many at once')
  proxy.change = (answer, { path }) =>
    path === '/wallet/getaccountresource' ? { ...(answer as object), EnergyLimit: 5_000_000 } : undefined
  const staked = await sender.draft(given)
  assert.equal(sender.feeBound?.(staked), bound)
  assert.ok(sender.maxFee(staked) < 1_000_000n, 'bandwidth alone')
  proxy.clear()
})

test('balances of several addresses are those of one irreversible block', async () => {
  const [a, b] = [tronAccount('a').address, tronAccount('b').address]
  await chain.send(chain.usdt, 'transfer', [a, million(10)])
  await chain.sendTrx(b, million(2))
  await chain.mine(LAG + 1)
  const ask = () =>
    sender.finalBalances([
      { address: a, asset: 'token' },
      { address: b, asset: 'coin' },
    ])
  const still = await ask()
  assert.deepEqual(still, { block: chain.solid(), balances: [million(10), million(2)] })
  // a block comes between the two balances, first one that has nothing to do with them, then one that has
  const between = async (work: () => Promise<unknown>) => {
    let done = false
    proxy.change = (_, { path }) => {
      if (path === '/walletsolidity/getaccount' && !done) {
        done = true
        return work().then(() => undefined)
      }
      return undefined
    }
    const answer = await ask()
    proxy.clear()
    return answer
  }
  const before = chain.solid()
  assert.deepEqual(await between(() => chain.mine(1)), { block: before, balances: still.balances })
  await chain.send(chain.usdt, 'transfer', [a, million(1)])
  await chain.mine(LAG)
  const moved = await between(() => chain.mine(1))
  assert.equal(moved.block, chain.solid())
  assert.deepEqual(moved.balances, [million(11), million(2)])
})
