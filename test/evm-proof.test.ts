// What is recomputed of a node's answers, against the main network's own block and hand-made logs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hex } from 'viem'
import { shareReceived } from '../src/domain/deposit/sight-deposits.ts'
import { decodeTransfers } from '../src/providers/evm.ts'
import { bloomOf, headerHash, mayContain, type RawLog, receiptsRoot } from '../src/providers/evm-proof.ts'

/** Ethereum's block 23,535,880 (October 2025), as any node tells it. */
const mainnetBlock = {
  baseFeePerGas: '0xb9e4be0',
  blobGasUsed: '0xc0000',
  difficulty: '0x0',
  excessBlobGas: '0x0',
  extraData: '0x546974616e2028746974616e6275696c6465722e78797a29',
  gasLimit: '0x2aea540',
  gasUsed: '0x1d1e02e',
  logsBloom:
    '0x3effc77fb16497fa74fffeb6ef65dfbd7b97f8dd7f198ff37abfcf5fdeb329e7bdbc9d8caffdf765f7b75df9e737eff773fbf639ff9ffb376fb726a7ff2f68dffea0de7fafd3f7fbff8d5fdff57becf3e76f3f73fefc1ff9bbf9df7fb3fffff13f577b7fdffeb7f7ffb8cd71ff93fff3bfffd7e3bfbe576daefdfff6fb5afedf8ffbbd7d7baf977f46fbffceebfbe86fc6ffb6f1eff3fbbfbeb9eefbf954ffe3fbff9d73b8f9ecfdcfdf7df3fdd9ff3bbfdfe9efe8ffee6ff7fe4a3ff7a5fefbfffffcffcd7f2bc04bdf7c52d3fdfeff3f7dfe7b4fefa9f46edb53c2de9ffb7f3ffdff6fefa67f64f6e7f7bff5af1dffffeff9b99ff86fef589e3bbfffdfffb7',
  miner: '0x4838b106fce9647bdf1e7877bf73ce8b0bad5f97',
  mixHash: '0x15350a0cad9bc5cb1298b3710db038850f1df5d8ac00c4ca3b03fb64c7e8ab78',
  nonce: '0x0000000000000000',
  number: '0x1672108',
  parentBeaconBlockRoot: '0x2bd55d2f0e1a3d3e181659ebc21bb167527e517de88b39b0d7ebbeeb3e28eebc',
  parentHash: '0x1fab238a9630a2e95c8b735ebc63bc2751bc6492f409ee16a7b5a532985196eb',
  receiptsRoot: '0x01d0a60dd8fd8de710a191aba91f82e2a437ac21a6e77b21b2f745809e7feadf',
  requestsHash: '0x965c860907968cab126093a785436ad747495ae45b21dac1b6a92ae0f4866ce0',
  sha3Uncles: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
  stateRoot: '0xd3c86549e5d57f14bd0b28630b70cb68038ac3334251bd194c93a18d96492f39',
  timestamp: '0x68e6df9f',
  transactionsRoot: '0x9da0226f723a9da4b8df8782930c0e83bd73c4a393069ee7861465188eed989b',
  withdrawalsRoot: '0x0740ba007069960b2d60f77b0ce2648cffa3573accd055d4803eb771e32903e7',
}
const mainnetHash = '0xe38d4bb2060a54519508612f40ef737a09c5b20488c12b0bec2d4f5ea7073c15'

test('a header of the main network has its hash; with any field changed it has another', () => {
  assert.equal(headerHash(mainnetBlock), mainnetHash)
  for (const [name, value] of Object.entries(mainnetBlock)) {
    const changed = value.endsWith('1') ? `${value.slice(0, -1)}2` : `${value.slice(0, -1)}1`
    assert.notEqual(headerHash({ ...mainnetBlock, [name]: changed }), mainnetHash, name)
  }
  assert.equal(headerHash({ ...mainnetBlock, number: 'latest' }), undefined)
  assert.equal(headerHash({ ...mainnetBlock, nonce: '0x0' }), undefined, 'half a byte')
})

const contract: Hex = '0xdac17f958d2ee523a2206206994597c13d831ec7'
const TRANSFER: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const word = (hex: string): Hex => `0x${hex.padStart(64, '0')}`
const [from, to] = [word('aa'.repeat(20)), word('bb'.repeat(20))]
const honest: RawLog = { address: contract, topics: [TRANSFER, from, to], data: word('f4240') }
const receipt = (logs: RawLog[], status: Hex = '0x1') => ({
  txHash: word('01'),
  receipt: { type: '0x2' as Hex, status, cumulativeGasUsed: '0x5208' as Hex, logsBloom: bloomOf(logs), logs },
})

test('a bloom has what was logged, and not what was not', () => {
  const bloom = bloomOf([honest])
  for (const item of [contract, TRANSFER, from, to]) assert.ok(mayContain(bloom, item))
  assert.ok(!mayContain(bloom, word('cc')))
  assert.ok(mayContain(mainnetBlock.logsBloom as Hex, contract), 'USDT moves in every block of the main network')
})

test('the root of receipts depends on every receipt, its order, its status and each log', () => {
  const receipts = Array.from({ length: 300 }, (_, i) => ({
    ...receipt([{ ...honest, data: word(i.toString(16)) }]).receipt,
    cumulativeGasUsed: `0x${(21_000 * (i + 1)).toString(16)}` as Hex,
  }))
  const root = receiptsRoot(receipts)
  const others = [
    receipts.slice(1),
    receipts.slice(0, -1),
    receipts.toReversed(),
    receipts.map((one, i) => (i === 129 ? { ...one, status: '0x0' as Hex } : one)),
    receipts.map((one, i) => (i === 17 ? { ...one, logs: [] } : one)),
    receipts.map((one, i) => (i === 299 ? { ...one, type: '0x0' as Hex } : one)),
  ]
  assert.equal(new Set([root, ...others.map(receiptsRoot)]).size, others.length + 1)
  assert.equal(receiptsRoot([]), '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')
})

test('a transfer is three topics, one word, clean addresses and a successful transaction, nothing else (h)', () => {
  const found = (log: Partial<RawLog>, status: Hex = '0x1') =>
    decodeTransfers([receipt([{ ...honest, ...log }], status)], contract)
  assert.deepEqual(found({}).transfers, [
    {
      txHash: word('01'),
      ordinal: 0,
      contract,
      from: `0x${'aa'.repeat(20)}`,
      to: `0x${'bb'.repeat(20)}`,
      value: 1_000_000n,
    },
  ])
  const malformed: Partial<RawLog>[] = [
    { topics: [TRANSFER, from, to, word('01')] },
    { topics: [TRANSFER, from] },
    { topics: [TRANSFER] },
    { data: '0x' },
    { data: '0x0f4240' },
    { data: `${word('f4240')}${'00'.repeat(32)}` },
    { topics: [TRANSFER, from, `0xdead${to.slice(6)}`] },
    { topics: [TRANSFER, `0x${'f'.repeat(64)}`, to] },
  ]
  for (const log of malformed) {
    assert.deepEqual(found(log), { transfers: [], malformed: [word('01')] })
    assert.deepEqual(
      found({ ...log, address: word('9').slice(0, 42) as Hex }),
      { transfers: [], malformed: [] },
      'not ours to mind',
    )
  }
  assert.deepEqual(found({}, '0x0'), { transfers: [], malformed: [] })
  assert.deepEqual(found({ topics: [word('77'), from, to] }), { transfers: [], malformed: [] })
  assert.deepEqual(found({ topics: [] }), { transfers: [], malformed: [] })
  const logs = [{ ...honest, topics: [word('77')] }, honest, honest]
  assert.deepEqual(
    decodeTransfers([receipt(logs)], contract).transfers.map((transfer) => transfer.ordinal),
    [1, 2],
    'the place is among all logs of the transaction',
  )
})

test('what arrived is shared out to the unit, and never more than was claimed', () => {
  assert.deepEqual(shareReceived([100n, 50n], 150n), [100n, 50n])
  assert.deepEqual(shareReceived([100n, 50n], 400n), [100n, 50n])
  assert.deepEqual(shareReceived([100n, 50n], 149n), [99n, 50n])
  assert.deepEqual(shareReceived([1n, 1n, 1n], 2n), [0n, 0n, 2n])
  assert.deepEqual(shareReceived([100n], 0n), [0n])
  assert.deepEqual(shareReceived([100n, 7n], -5n), [0n, 0n])
  for (let grown = 0n; grown <= 60n; grown++) {
    const shares = shareReceived([7n, 13n, 40n], grown)
    assert.equal(
      shares.reduce((a, b) => a + b, 0n),
      grown,
    )
  }
})
