// Networks are data: what NETWORKS may say, and how it is refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../src/base/config.ts'
import { coinAsset, networkOf, readNetworks } from '../src/domain/chain/network.ts'

const none = { RPC_ETH: '', RPC_BSC: '', RPC_TRX: '', TRON_SOLID_URL: '', TRON_API_KEY: '' }
const read = (given: object | string, nodes: Partial<typeof none> = {}) =>
  readNetworks({ NETWORKS: typeof given === 'string' ? given : JSON.stringify(given), ...none, ...nodes })

test('the real networks have the real contracts', () => {
  const networks = read({})
  const facts = networks.map(({ code, no, chainId, contract, decimals, finality }) => [
    code,
    no,
    chainId,
    contract,
    decimals,
    finality,
  ])
  assert.deepEqual(facts, [
    ['ETH', 1, 1, '0xdac17f958d2ee523a2206206994597c13d831ec7', 6, 'finalized'],
    ['BSC', 2, 56, '0x55d398326f99059ff775485246999027b3197955', 18, 'finalized'],
    ['TRX', 3, 728126428, 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t', 6, 'finalized'],
  ])
  assert.ok(networks.every((network) => network.rpc === ''))
})

test('an override changes what it names; another chain id is another chain', () => {
  const contract = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
  const networks = read(
    { ETH: { chainId: 31337, contract }, BSC: { confirmations: 4, minDeposit: '2.5' } },
    { RPC_ETH: 'http://127.0.0.1:1' },
  )
  const [eth, bsc] = [networkOf(networks, 'ETH'), networkOf(networks, 'BSC')]
  assert.deepEqual(
    [eth.contract, eth.finality, eth.explorer, eth.rpc, eth.decimals],
    [contract.toLowerCase(), 'none', '', 'http://127.0.0.1:1', 6],
  )
  assert.deepEqual([bsc.confirmations, bsc.minDeposit, bsc.finality], [4, 2_500_000n, 'finalized'])
})

test('TRON keeps its finality on any chain; the key of its node goes to no other network', () => {
  const networks = read(
    { TRX: { chainId: 12, contract: 'TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf', minCoinDeposit: '5' } },
    { RPC_TRX: 'https://node.example', TRON_SOLID_URL: 'https://solid.example', TRON_API_KEY: 'secret' },
  )
  const trx = networkOf(networks, 'TRX')
  assert.deepEqual(
    [trx.finality, trx.explorer, trx.rpc, trx.solidRpc, trx.apiKey, trx.minCoinDeposit, coinAsset(trx)],
    ['finalized', '', 'https://node.example', 'https://solid.example', 'secret', 5_000_000n, 'TRX'],
  )
  const eth = networkOf(networks, 'ETH')
  assert.deepEqual([eth.solidRpc, eth.apiKey, coinAsset(eth)], ['', '', undefined])
})

test('a new EVM chain is one entry', () => {
  const polygon = {
    no: 4,
    name: 'Polygon PoS',
    chainId: 137,
    contract: '0xc2132D05D31c914a87C6611C10748AEb04B58e8F',
    decimals: 6,
    confirmations: 64,
    blockTime: 2_000,
    coin: 'POL',
    rpc: 'https://polygon.example/rpc',
  }
  const network = networkOf(read({ POLYGON: polygon }), 'POLYGON')
  assert.deepEqual([network.family, network.no, network.minDeposit, network.finality], ['evm', 4, 1_000_000n, 'none'])
})

test('every wrong value is named', () => {
  const complaint = (given: object | string) => {
    try {
      read(given)
    } catch (error) {
      assert.ok(error instanceof ConfigError)
      return error.message
    }
    return 'accepted'
  }
  assert.match(complaint('nonsense'), /must be a JSON object/)
  assert.match(complaint('[]'), /must be a JSON object/)
  assert.match(complaint({ ETH: 3 }), /must be a JSON object/)
  const text = complaint({
    ETH: { confirmations: 0, minDeposit: 1, contract: '0x12', colour: 'red', finality: 'soon' },
    BSC: { no: 1, maxReorg: 3 },
    TRX: { finality: 'none', contract: 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T', apiKey: 'a b' },
    NEW: { no: 9 },
  })
  for (const part of [
    /ETH\.confirmations must be a whole number from 1/,
    /ETH\.minDeposit must be an amount/,
    /ETH\.contract must be a contract address/,
    /ETH\.colour is not a parameter/,
    /ETH\.finality must be/,
    /both have no 1/,
    /BSC\.maxReorg must be at least its confirmations/,
    /TRX\.finality must be "finalized"/,
    /TRX\.contract is no TRON address/,
    /TRX\.apiKey must be a key without blanks/,
    /NEW is new, so it also needs name, chainId, contract, decimals, confirmations, blockTime, coin/,
  ]) {
    assert.match(text, part)
  }
})
