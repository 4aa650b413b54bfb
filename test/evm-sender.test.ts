// The wire on which payments leave for Ethereum-like chains: fees and gas, what nodes say of bytes, where they are, and when
// they can never be mined. Against a real node, and against answers that a node never gave.

import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Hex, keccak256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { ChainSender, EvmDraft } from '../src/domain/ports.ts'
import { createEvmSender } from '../src/providers/evm-sender.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'

const GWEI = 10n ** 9n
const usdt = (whole: number) => BigInt(whole) * 1_000_000n
/** The first account of the well-known test mnemonic; anvil funds it. */
const holder = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const CHAIN = 31_071

let chain: Chain
let token: Token
let sender: ChainSender
const options = { proof: 'header', confirmations: 3, finality: 'none', tipFloor: GWEI / 10n, retries: 0 } as const

before(async () => {
  chain = await startChain(CHAIN)
  token = await chain.deploy('EthUsdt', usdt(1_000_000))
  sender = createEvmSender({ ...options, rpc: chain.url, contract: token.address })
})
after(() => chain?.stop())

const stranger = '0x00000000000000000000000000000000000a11ce'
const from = holder.address.toLowerCase()

async function signed(
  changes: { nonce?: number; to?: Hex; data?: Hex; value?: bigint; tip?: bigint; gas?: bigint } = {},
) {
  const nonce = changes.nonce ?? Number(await chain.rpc<Hex>('eth_getTransactionCount', from, 'latest'))
  const { to = stranger, data = '0x', value = 1n, tip = GWEI, gas = 100_000n } = changes
  const fees = { maxFeePerGas: 100n * GWEI + tip, maxPriorityFeePerGas: tip }
  return holder.signTransaction({ type: 'eip1559', chainId: CHAIN, nonce, to, data, value, gas, ...fees })
}

const transferData = (to: string, value: bigint): Hex =>
  `0xa9059cbb${to.slice(2).padStart(64, '0')}${value.toString(16).padStart(64, '0')}`

/** A sender whose node answers as the test says. */
async function scripted(
  answers: Record<string, (params: unknown[]) => unknown>,
): Promise<ChainSender & { close(): void }> {
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = JSON.parse(Buffer.concat(parts).toString()) as Call | Call[]
    type Call = { id: number; method: string; params: unknown[] }
    const told = [body].flat().map(({ id, method, params }) => {
      const answer = answers[method]?.(params)
      return answer instanceof Error
        ? { jsonrpc: '2.0', id, error: { code: -32000, message: answer.message } }
        : { jsonrpc: '2.0', id, result: answer }
    })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(Array.isArray(body) ? told : told[0]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const rpc = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const made = createEvmSender({ ...options, rpc, contract: token.address })
  return {
    ...made,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

test('a draft: gas with a margin for the token, the protocol’s for coin, fees for twice today’s base fee', async () => {
  const draft = (await sender.draft({ asset: 'token', from, to: stranger, value: usdt(5) })) as EvmDraft
  const data = transferData(stranger, usdt(5))
  const estimate = BigInt(await chain.rpc<Hex>('eth_estimateGas', { from, to: token.address, data }))
  assert.equal(BigInt(draft.gas), estimate + estimate / 5n + 25_000n)
  const coin = (await sender.draft({ asset: 'coin', from, to: stranger, value: 1n })) as EvmDraft
  assert.equal(coin.gas, '21000')
  const history = await chain.rpc<{ baseFeePerGas: Hex[] }>('eth_feeHistory', '0xa', 'latest', [50])
  const tip = BigInt(draft.maxPriorityFeePerGas)
  assert.ok(tip >= GWEI / 10n)
  assert.equal(BigInt(draft.maxFeePerGas), 2n * BigInt(history.baseFeePerGas.at(-1) ?? 0) + tip)
  assert.equal(draft.minedNonce, Number(await chain.rpc<Hex>('eth_getTransactionCount', from, 'latest')))
  assert.equal(sender.maxFee(draft), BigInt(draft.gas) * BigInt(draft.maxFeePerGas))
})

test('what the chain would fail is told as that, with its words; what nobody knows is thrown', async () => {
  const poor = sender.draft({ asset: 'token', from: stranger, to: from, value: usdt(5) })
  await assert.rejects(poor, (error: Error & { wouldFail?: string }) => /balance too small/.test(error.wouldFail ?? ''))
  const base = { eth_feeHistory: () => ({ baseFeePerGas: ['0x1'], reward: [] }), eth_getTransactionCount: () => '0x0' }
  for (const answer of [new Error('header not found'), '0xzz', null, {}, '21000']) {
    const node = await scripted({ ...base, eth_estimateGas: () => answer })
    try {
      const draft = node.draft({ asset: 'token', from, to: stranger, value: 1n })
      await assert.rejects(draft, (error: object) => !('wouldFail' in error), String(answer))
    } finally {
      node.close()
    }
  }
})

test('fees where the base fee is zero, where there is none, and where the market is below the floor', async () => {
  const drafted = async (history: object, price: Hex) => {
    const node = await scripted({
      eth_feeHistory: () => history,
      eth_gasPrice: () => price,
      eth_getTransactionCount: () => '0x7',
    })
    try {
      const { maxFeePerGas, maxPriorityFeePerGas } = (await node.draft({
        asset: 'coin',
        from,
        to: stranger,
        value: 1n,
      })) as EvmDraft
      return [BigInt(maxFeePerGas), BigInt(maxPriorityFeePerGas)]
    } finally {
      node.close()
    }
  }
  const tips = (...gwei: number[]) => gwei.map((n) => [`0x${(BigInt(n) * GWEI).toString(16)}`])
  assert.deepEqual(await drafted({ baseFeePerGas: ['0x0', '0x0'], reward: tips(3, 1, 2) }, '0x1'), [
    2n * GWEI,
    2n * GWEI,
  ])
  assert.deepEqual(await drafted({ baseFeePerGas: ['0x0'], reward: tips(0, 0) }, '0x1'), [GWEI / 10n, GWEI / 10n])
  assert.deepEqual(await drafted({ baseFeePerGas: [null], reward: null }, '0x12a05f200'), [5n * GWEI, 5n * GWEI])
  assert.deepEqual(await drafted({ baseFeePerGas: [], reward: [] }, '0x1'), [GWEI / 10n, GWEI / 10n])
})

test('a replacement: both fees an eighth higher, rounded up, at least today’s, never above the cap', async () => {
  const node = await scripted({ eth_feeHistory: () => ({ baseFeePerGas: ['0x3b9aca00'], reward: [['0x77359400']] }) })
  const market = { max: 4n * GWEI, tip: 2n * GWEI }
  const fees = fc.bigInt({ min: 0n, max: 10n ** 13n })
  try {
    await fc.assert(
      fc.asyncProperty(fees, fees, fc.bigInt({ min: 21_000n, max: 10n ** 6n }), fees, async (a, b, gas, price) => {
        const [max, tip] = a > b ? [a, b] : [b, a]
        const old = { gas: `${gas}`, maxFeePerGas: `${max}`, maxPriorityFeePerGas: `${tip}`, minedNonce: 3 }
        const cap = gas * price
        const raised = (await node.raise(old, cap)) as EvmDraft | undefined
        const eighth = (n: bigint) => (n * 9n + 7n) / 8n
        const least = [eighth(max), market.max, max + 1n].reduce((x, y) => (x > y ? x : y))
        const leastTip = [eighth(tip), market.tip, tip + 1n].reduce((x, y) => (x > y ? x : y))
        const wanted = least > leastTip ? least : leastTip
        if (gas * wanted > cap) return assert.equal(raised, undefined)
        assert.deepEqual(raised, {
          gas: `${gas}`,
          maxFeePerGas: `${wanted}`,
          maxPriorityFeePerGas: `${leastTip}`,
          minedNonce: 3,
        })
      }),
      { numRuns: 200 },
    )
  } finally {
    node.close()
  }
})

const said: Record<string, readonly string[]> = {
  known: [
    'already known', // geth, bsc, reth
    'ALREADY_EXISTS: already known', // erigon
    'AlreadyKnown', // nethermind
    'Known transaction', // besu
    'transaction already imported', // anvil
    'Transaction with the same hash was already imported.', // openethereum
  ],
  'nonce too low': [
    'nonce too low: next nonce 5, tx nonce 4',
    'nonce too low: address 0x52908400098527886E0F7030069857D2E4169EE7 current nonce (5) > tx nonce (4)',
    'OldNonce, Current nonce: 5, nonce of rejected tx: 4.',
    'Nonce too low',
    'Transaction nonce is too low. Try incrementing the nonce.',
  ],
  'nonce too high': [
    'nonce too high',
    'NonceGap, Future nonce. Expected nonce: 5',
    'Transaction nonce is too distant from current sender nonce',
  ],
  'replacement underpriced': [
    'replacement transaction underpriced',
    'replacement transaction underpriced: new tx gas fee cap 1 < 2',
    'ReplacementNotAllowed, CurrentFeeGasPrice: 1',
    'Transaction gas price is too low. There is another transaction with same nonce in the queue. Try increasing the gas price or incrementing the nonce.',
  ],
  underpriced: [
    'transaction underpriced',
    'transaction underpriced: gas tip cap 1, minimum needed 1000000000',
    'FeeTooLow, EffectivePriorityFeePerGas too low 1 < 2, BaseFee: 7',
    'max fee per gas less than block base fee: address 0x5290, maxFeePerGas: 1, baseFee: 7',
    'Gas price below configured minimum gas price',
  ],
  'insufficient funds': [
    'insufficient funds for gas * price + value: balance 0, tx cost 21000, overshot 21000',
    'InsufficientFunds, Account balance: 0, cumulative cost: 1',
    'Upfront cost exceeds account balance',
    'Insufficient funds for gas * price + value',
  ],
  'the pool is full': ['txpool is full', 'TxPool is full'],
  'too little gas': ['intrinsic gas too low', 'intrinsic gas too low: have 1000, want 21000'],
}

test('what clients say of bytes they were given, each in its own words; what is not known is no answer', async () => {
  const raw = await signed()
  let words: unknown = ''
  const node = await scripted({ eth_sendRawTransaction: () => words })
  try {
    for (const [meaning, texts] of Object.entries(said)) {
      for (const text of texts) {
        words = new Error(text)
        const wanted = meaning === 'known' ? { result: 'known' } : { result: 'refused', reason: meaning }
        assert.deepEqual(await node.broadcast(raw), wanted, text)
      }
    }
    for (const unclear of [
      new Error('we are closed today'),
      new Error('timeout'),
      '0x',
      null,
      true,
      `0x${'11'.repeat(32)}`,
    ]) {
      words = unclear
      await assert.rejects(node.broadcast(raw), String(unclear))
    }
    words = keccak256(raw)
    assert.deepEqual(await node.broadcast(raw), { result: 'accepted' })
  } finally {
    node.close()
  }
})

test('this very node’s words: twice the same, an old nonce, a cheaper replacement, an empty account', async () => {
  const nonce = Number(await chain.rpc<Hex>('eth_getTransactionCount', from, 'latest'))
  const raw = await signed({ nonce, tip: 3n * GWEI })
  assert.deepEqual(await sender.broadcast(raw), { result: 'accepted' })
  assert.deepEqual(await sender.broadcast(raw), { result: 'known' })
  const cheaper = await signed({ nonce, tip: 2n * GWEI, value: 2n })
  assert.deepEqual(await sender.broadcast(cheaper), { result: 'refused', reason: 'replacement underpriced' })
  await chain.mine()
  const late = await sender.broadcast(cheaper)
  assert.deepEqual(late, { result: 'refused', reason: 'nonce too low' })
  const dear = await signed({ value: 10n ** 30n })
  assert.deepEqual(await sender.broadcast(dear), { result: 'refused', reason: 'insufficient funds' })
})

test('where it is: nowhere, in the pool, in a block with what it cost; success only when the token moved', async () => {
  const raw = await signed({ to: token.address as Hex, data: transferData(stranger, usdt(3)), value: 0n })
  const hash = keccak256(raw)
  assert.deepEqual(await sender.find(hash), { at: 'nowhere' })
  await sender.broadcast(raw)
  assert.deepEqual(await sender.find(hash), { at: 'pool' })
  const had = BigInt(await chain.rpc<Hex>('eth_getBalance', from, 'latest'))
  await chain.mine()
  const found = await sender.find(hash)
  const block = await chain.rpc<{ hash: string; number: Hex }>('eth_getBlockByNumber', 'latest', false)
  const fee = had - BigInt(await chain.rpc<Hex>('eth_getBalance', from, 'latest'))
  assert.deepEqual(found, { at: 'block', number: Number(block.number), hash: block.hash, success: true, fee })

  const reverted = await signed({ to: token.address as Hex, data: transferData(stranger, usdt(10_000_000)), value: 0n })
  await sender.broadcast(reverted)
  await chain.mine()
  const failed = await sender.find(keccak256(reverted))
  assert.equal(failed.at === 'block' && failed.success, false)

  const silent = await chain.deploy('FalseToken', usdt(1_000))
  const other = createEvmSender({ ...options, rpc: chain.url, contract: silent.address })
  const nothing = await signed({ to: silent.address as Hex, data: transferData(stranger, usdt(3)), value: 0n })
  await other.broadcast(nothing)
  await chain.mine()
  const moved = await other.find(keccak256(nothing))
  assert.equal(moved.at === 'block' && moved.success, false, 'a status of 1 without a transfer is no payment')
})

test('dead is what a final block says: the nonce is used there, and not by this one', async () => {
  const nonce = Number(await chain.rpc<Hex>('eth_getTransactionCount', from, 'latest'))
  const [mine, other] = [await signed({ nonce, value: 5n }), await signed({ nonce, value: 6n })]
  const ask = (raw: Hex) => sender.isDead({ from, nonce, expiresAt: null, txHash: keccak256(raw) })
  assert.equal(await ask(mine), false)
  await sender.broadcast(other)
  await chain.mine()
  assert.equal(await ask(mine), false, 'used, but not in a final block')
  await chain.mine()
  assert.equal(await ask(mine), false)
  await chain.mine()
  assert.equal(await ask(mine), true)
  assert.equal(await ask(other), false, 'the one that was mined is not dead')
  await assert.rejects(sender.isDead({ from, nonce: null, expiresAt: null, txHash: keccak256(mine) }))
})

test('balances now and at a final block, of token and of coin; several at one block', async () => {
  const someone = '0x00000000000000000000000000000000000b0b00'
  await chain.send(token, 'transfer', [someone, usdt(4)])
  await chain.mine()
  assert.deepEqual(await Promise.all([sender.balance(someone, 'token'), sender.balance(someone, 'token', 'final')]), [
    usdt(4),
    0n,
  ])
  await sender.broadcast(await signed({ to: someone, value: 77n }))
  await chain.mine(3)
  assert.deepEqual(
    await Promise.all([sender.balance(someone, 'token', 'final'), sender.balance(someone, 'coin', 'final')]),
    [usdt(4), 77n],
  )
  const { block, balances } = await sender.finalBalances([
    { address: someone, asset: 'token' },
    { address: someone, asset: 'coin' },
  ])
  assert.deepEqual([block, balances], [(await chain.head()) - 2, [usdt(4), 77n]])
})
