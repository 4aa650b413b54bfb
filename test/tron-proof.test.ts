// What is recomputed of a TRON node's answers, against blocks and transactions of the real networks, and what counts as a
// transfer in a receipt, with fixtures of each way to pretend one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tronAddress, tronAddressHex } from '../src/base/tron-address.ts'
import type { Row } from '../src/providers/answer.ts'
import { decodeTronTransfers } from '../src/providers/tron.ts'
import { readTronHeader } from '../src/providers/tron-block.ts'
import {
  blockId,
  contractTypes,
  readTransaction,
  readTransfer,
  type TronTransaction,
  transactionsRoot,
} from '../src/providers/tron-proof.ts'

/** Block 33,801,077 of the Nile network as a node prints it, whole, and its successor, which is empty. */
const nile = {
  blockID: '000000000203c375c7521ef953106e9a112e1902664a91becc5f40371a7397d7',
  block_header: {
    raw_data: {
      number: 33_801_077,
      txTrieRoot: '30fe6502e11e110fa389d5c17e1cf53fa8df93f26297d9f27cd8c07d3558d722',
      witness_address: '41e71c365c9dbf284ca8c1eed2d7877638941b9011',
      parentHash: '000000000203c3741f9a08f594934bd26df95cc6c49b475d118e3a87aed5a4a4',
      version: 27,
      timestamp: 1_684_509_309_000,
    },
  },
  transactions: [
    {
      ret: [{ contractRet: 'SUCCESS' }],
      signature: [
        '95874b4774ba56125dfd7bf2a99a0652d4abda98c6977e3f417852b7ea6f2b81ff2f260df473d186be9586b6bbeb74b5382d7f058593fd72fb60da5d0f77f77100',
      ],
      txID: '31370141e3345421bdb92eff72f0d69aba8d04e636317ed52745d3f97e9faabb',
      raw_data_hex:
        '0a02c36222084ddf60f936a910d940f0add4a483315a8e01081f1289010a31747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e54726967676572536d617274436f6e747261637412540a1541fcf7ab2a2fb29362babd41647a22b223f7fbedec121541c3c5115bd3f5cfe5559c634eeb250f339ae3e29c222437383d0e00000000000000000000000000000000000000000000000000000188349354c970b8e0d0a48331900180a3c347',
    },
  ],
}
const empty = {
  blockID: '000000000203c376d3d45ca88309982517d69ff0ec4d9a9f9f25536cebcdd76b',
  block_header: {
    raw_data: {
      number: 33_801_078,
      txTrieRoot: '0000000000000000000000000000000000000000000000000000000000000000',
      witness_address: '41e61626ef01662b320a8ba38372e9db9cca940a3b',
      parentHash: '000000000203c375c7521ef953106e9a112e1902664a91becc5f40371a7397d7',
      version: 27,
      timestamp: 1_684_509_312_000,
    },
  },
}

/** A transfer of TRX and one of a TRC-10 asset, of the main network. */
const mainnetTransfer = {
  txID: '3ec07911c77dcbdf7a75ae0e0486960add2993ac606c6e33fa92011f9f2665cb',
  signature: [
    '9af52264ae240a9e3c3b187c0afe6d713312c4631e4ed23ddf5c72f889cafb6359843081c606cf6cec62a6c77981d1b14a5f838bdc1a03bd88093199f6f5c29101',
  ],
  ret: [{ contractRet: 'SUCCESS' }],
  raw_data_hex:
    '0a0214e422087749eb97994e08b340e2e5afbcfb335a65080112610a2d747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e5472616e73666572436f6e747261637412300a154199a3cb64a17066fe19bfbce3dc5f0bb1d1220f55121541a61e8fa110c166d65372953c1c43556f56193ccf1808708291acbcfb33',
}
const mainnetAsset = {
  txID: '357da69180f69b651a4a5a41c628e7969391a81823fb46c57a39bd617dd504f5',
  signature: [
    '354bb9db00de8d27b2bb45f6fa5df2ebe39eba76316c430eebe56d5206ad89eb2e57b4c265bcf0335df6b9ac0c06fde111b78dfb23da115edb5a833ed794d43300',
  ],
  ret: [{ contractRet: 'SUCCESS' }],
  raw_data_hex:
    '0a0214d42208487b929e2595a20c40f8cdafbcfb335a74080212700a32747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e5472616e736665724173736574436f6e7472616374123a0a07313030353132351215418bcb819886ee35957958e6207dc2b1fbc36b02921a1541baa5d183152181460478ba83ad37926600e2190e20d00f70da91acbcfb33',
}

test('headers of real blocks have their ids; with any field changed they have others', () => {
  for (const block of [nile, empty]) {
    assert.equal(blockId(block.block_header.raw_data), block.blockID)
    assert.equal(readTronHeader(block).hash, block.blockID)
    for (const [name, value] of Object.entries(block.block_header.raw_data)) {
      const changed = typeof value === 'number' ? value + 1 : value.replace(/.$/, (end) => (end === '1' ? '2' : '1'))
      assert.notEqual(blockId({ ...block.block_header.raw_data, [name]: changed }), block.blockID, name)
    }
    assert.notEqual(blockId({ ...block.block_header.raw_data, accountStateRoot: 'aa'.repeat(32) }), block.blockID)
    assert.throws(() => readTronHeader({ ...block, blockID: empty.blockID.replace(/b$/, 'c') }), /its fields give/)
  }
  assert.throws(() => readTronHeader({}), /no object/)
  const raw = { ...nile.block_header.raw_data, number: 2 ** 53 }
  assert.throws(() => blockId(raw), /no whole number/)
})

test('the root of a real block is that of its transactions with their results, and of no others', () => {
  const [only = {}] = nile.transactions
  const rootOf = (...transactions: object[]) => transactionsRoot(transactions.map((each) => readTransaction(each).leaf))
  const root = nile.block_header.raw_data.txTrieRoot
  assert.equal(rootOf(only), root)
  assert.equal(rootOf(), empty.block_header.raw_data.txTrieRoot)
  assert.notEqual(rootOf({ ...only, ret: [{ contractRet: 'REVERT' }] }), root, 'how it ended is part of the root')
  assert.notEqual(rootOf({ ...only, ret: [{}] }), root)
  assert.notEqual(rootOf({ ...only, ret: [] }), root)
  assert.notEqual(rootOf({ ...only, signature: [] }), root)
  assert.throws(() => rootOf({ ...only, txID: mainnetTransfer.txID }), /another id/)
  assert.throws(() => rootOf({ ...only, ret: [{ contractRet: 'FINE' }] }), /not known/)
  assert.throws(() => rootOf({ ...only, ret: [{ contractRet: 'SUCCESS', bonus: 1 }] }), /not known/)
  const leaves = Array.from({ length: 9 }, (_, i) => Buffer.alloc(32, i))
  const roots = leaves.map((_, i) => transactionsRoot(leaves.slice(0, i + 1)))
  assert.equal(new Set([...roots, transactionsRoot(leaves.toReversed())]).size, 10)
})

test('what a transaction moves is read from its signed bytes', () => {
  const coin = readTransaction(mainnetTransfer)
  assert.deepEqual([coin.id, coin.type, coin.result], [mainnetTransfer.txID, contractTypes.transfer, 'SUCCESS'])
  assert.deepEqual(readTransfer(coin), {
    asset: undefined,
    from: '99a3cb64a17066fe19bfbce3dc5f0bb1d1220f55',
    to: 'a61e8fa110c166d65372953c1c43556f56193ccf',
    value: 8n,
  })
  assert.deepEqual(readTransfer(readTransaction(mainnetAsset)), {
    asset: '1005125',
    from: '8bcb819886ee35957958e6207dc2b1fbc36b0292',
    to: 'baa5d183152181460478ba83ad37926600e2190e',
    value: 2_000n,
  })
  assert.equal(readTransfer(readTransaction(nile.transactions[0])), undefined)
})

test('TRON addresses are written and read back to the letter', () => {
  const usdt = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'
  assert.equal(tronAddressHex(usdt), 'a614f803b6fd780986a42c78ec9c7f77e6ded13c')
  assert.equal(tronAddress('a614f803b6fd780986a42c78ec9c7f77e6ded13c'), usdt)
  assert.equal(tronAddress('0xA614F803B6FD780986A42C78EC9C7F77E6DED13C'), usdt)
  for (const wrong of [
    'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T',
    'tR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t',
    `${usdt} `,
    usdt.slice(1),
    '41a614f803b6fd780986a42c78ec9c7f77e6ded13c',
    '',
  ]) {
    assert.equal(tronAddressHex(wrong), undefined, wrong)
  }
  assert.throws(() => tronAddress('41a614f803b6fd780986a42c78ec9c7f77e6ded13c'), /20 bytes/)
})

// --- receipts ---

const contract = 'a614f803b6fd780986a42c78ec9c7f77e6ded13c'
const [alice, bob] = ['aa'.repeat(20), 'bb'.repeat(20)]
const TRANSFER = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const word = (hex: string) => hex.padStart(64, '0')
const honest = { address: contract, topics: [TRANSFER, word(alice), word(bob)], data: word('f4240') }
const call: TronTransaction = {
  id: '01'.repeat(32),
  type: contractTypes.trigger,
  message: Buffer.alloc(0),
  result: 'SUCCESS',
  leaf: Buffer.alloc(32),
}
const found = (receipt: Row, transaction: Partial<TronTransaction> = {}) =>
  decodeTronTransfers([{ transaction: { ...call, ...transaction }, receipt }], { contract, coin: 'TRX' })
const nothing = { transfers: [], malformed: [] }
const success = { receipt: { result: 'SUCCESS' } }

test('a transfer is three topics, one word, clean addresses of 20 bytes (h, p)', () => {
  assert.deepEqual(found({ ...success, log: [honest] }).transfers, [
    {
      txHash: call.id,
      ordinal: 0,
      contract: tronAddress(contract),
      from: tronAddress(alice),
      to: tronAddress(bob),
      value: 1_000_000n,
    },
  ])
  for (const change of [
    { topics: [TRANSFER, word(alice), word(bob), word('01')] },
    { topics: [TRANSFER, word(alice)] },
    { topics: [TRANSFER] },
    { data: '' },
    { data: undefined },
    { data: '0f4240' },
    { data: `${word('f4240')}${word('')}` },
    { topics: [TRANSFER, word(alice), word(`41${bob}`)] },
    { topics: [TRANSFER, 'f'.repeat(64), word(bob)] },
  ]) {
    const log = { ...honest, ...change }
    assert.deepEqual(found({ ...success, log: [log] }), { transfers: [], malformed: [call.id] })
    assert.deepEqual(found({ ...success, log: [{ ...log, address: '12'.repeat(20) }] }), nothing, 'not ours to mind')
  }
  assert.deepEqual(found({ ...success, log: [{ ...honest, topics: [word('77'), word(alice), word(bob)] }] }), nothing)
  assert.deepEqual(found({ ...success, log: [{ ...honest, topics: undefined }] }), nothing)
  for (const address of [`41${contract}`, tronAddress(contract), `0x${contract}`, contract.slice(2), undefined]) {
    assert.throws(() => found({ ...success, log: [{ ...honest, address }] }), /log address/, String(address))
  }
  const logs = [{ ...honest, topics: [word('77')] }, honest, honest]
  assert.deepEqual(
    found({ ...success, log: logs }).transfers.map(({ ordinal }) => ordinal),
    [1, 2],
    'the place is among all logs of the transaction',
  )
})

test('only SUCCESS in the block and in the receipt counts; a node that says both is not believed (a, o)', () => {
  const failures = ['REVERT', 'OUT_OF_ENERGY', 'OUT_OF_TIME', 'TRANSFER_FAILED', 'UNKNOWN', 'DEFAULT', '']
  for (const result of failures) {
    const told = result === '' ? {} : { result }
    assert.deepEqual(found({ result: 'FAILED', receipt: told, log: [honest] }, { result }), nothing)
    assert.throws(() => found({ receipt: told, log: [honest] }), /a receipt says/, 'the block says SUCCESS')
    assert.throws(() => found({ ...success, log: [honest] }, { result }), /a receipt says/)
  }
  assert.throws(() => found({ ...success, result: 'FAILED', log: [honest] }), /a receipt says/)
  assert.throws(() => found({ log: [honest] }), /a receipt says/, 'a call without a result is no success')
})

test('coin counts as the signed bytes say; TRC-10 and what contracts pay have other names (p)', () => {
  const coin = readTransaction(mainnetTransfer)
  const asset = readTransaction(mainnetAsset)
  const of = (transaction: TronTransaction, receipt: Row) =>
    decodeTronTransfers([{ transaction, receipt }], { contract, coin: 'TRX' }).transfers.map(
      (each) => `${each.ordinal} ${each.contract} ${each.value}`,
    )
  assert.deepEqual(of(coin, { receipt: { net_usage: 268 } }), ['0 TRX 8'])
  assert.deepEqual(of(asset, { receipt: { net_usage: 268 } }), ['0 TRC10:1005125 2000'])
  assert.deepEqual(of({ ...coin, result: 'REVERT' }, {}), [])
  assert.deepEqual(of({ ...coin, result: '' }, {}), [])
  assert.throws(() => of(coin, { receipt: { result: 'REVERT' } }), /a receipt says/)
  const inner = (change: object) => ({
    caller_address: `41${alice}`,
    transferTo_address: `41${bob}`,
    callValueInfo: [{ callValue: 5 }],
    ...change,
  })
  const inside = [
    inner({}),
    inner({ rejected: true }),
    inner({ callValueInfo: [{}] }),
    inner({ callValueInfo: [{ callValue: 7, tokenId: '1000001' }] }),
    inner({ callValueInfo: [{ callValue: 2 }, { callValue: 3, tokenId: '1' }] }),
  ]
  assert.deepEqual(of(call, { ...success, internal_transactions: inside }), [
    '100000 TRX:inside 5',
    '100004 TRX:inside 2',
  ])
  assert.deepEqual(
    of({ ...call, result: 'REVERT' }, { receipt: { result: 'REVERT' }, internal_transactions: inside }),
    [],
  )
})
