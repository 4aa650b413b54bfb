// The TRON development node's blocks: headers that can be recomputed, the solid view, reorganisations, and
// JSON-RPC.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type TronWeb, utils } from 'tronweb'
import { startTronTestChain, type TronAccount, type TronTestChain, tronAccount } from './harness/tron-chain.ts'
import { askNode, type BlockJson, hex41, infoOf, type Json, mined, webOf } from './harness/tron-client.ts'

let chain: TronTestChain
let ann: TronAccount
let ben: TronAccount
let web: TronWeb

before(async () => {
  chain = await startTronTestChain()
  ;[, ann, ben] = chain.accounts as [TronAccount, TronAccount, TronAccount]
  web = webOf(chain.url, ann)
})
after(() => chain.stop())

const ask = <T = Json>(path: string, body: object = {}) => askNode<T>(chain.url, path, body)

describe('blocks', () => {
  const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n % 128) | 128, ...varint(Math.floor(n / 128))])
  const bytesField = (no: number, hex: unknown) => {
    const bytes = Buffer.from(String(hex), 'hex')
    return Buffer.from([...varint((no << 3) | 2), ...varint(bytes.length), ...bytes])
  }
  const intField = (no: number, n: unknown) => Buffer.from([...varint(no << 3), ...varint(Number(n))])

  test('a client that recomputes a header finds it right: id, parent, root and signature', async () => {
    await chain.send(chain.usdt, 'transfer', [ben.address, 3n])
    await chain.send(chain.usdt, 'transfer', [ben.address, 10n ** 15n], { from: ann })
    await chain.sendTrx(ben.address, 1n)
    await chain.mine()
    const block = (await web.trx.getCurrentBlock()) as unknown as BlockJson
    const raw = block.block_header.raw_data
    const header = Buffer.concat([
      intField(1, raw.timestamp),
      bytesField(2, raw.txTrieRoot),
      bytesField(3, raw.parentHash),
      intField(7, raw.number),
      bytesField(9, raw.witness_address),
      intField(10, raw.version),
    ])
    const id = Number(raw.number).toString(16).padStart(16, '0') + sha(header).toString('hex').slice(16)
    assert.equal(block.blockID, id)
    const before = await web.trx.getBlockByNumber(Number(raw.number) - 1)
    assert.equal(raw.parentHash, before.blockID)

    const codes: Record<string, number> = { SUCCESS: 1, REVERT: 2 }
    const leaves = (block.transactions ?? []).map((transaction) => {
      assert.equal(sha(Buffer.from(transaction.raw_data_hex, 'hex')).toString('hex'), transaction.txID)
      assert.equal(utils.transaction.txCheck(transaction), true)
      const ret = Buffer.of(24, codes[transaction.ret[0]?.contractRet ?? ''] ?? 0)
      return sha(
        bytesField(1, transaction.raw_data_hex),
        ...transaction.signature.map((one) => bytesField(2, one)),
        bytesField(5, ret.toString('hex')),
      )
    })
    assert.equal(leaves.length, 3)
    const [a, b, c] = leaves as [Buffer, Buffer, Buffer]
    assert.equal(raw.txTrieRoot, sha(sha(a, b), c).toString('hex'))

    const signer = utils.crypto.ecRecover(sha(header).toString('hex'), block.block_header.witness_signature)
    assert.equal(signer.toLowerCase(), raw.witness_address)
  })

  test('are found by number, id, range and as the newest', async () => {
    await chain.mine(3)
    const head = chain.head()
    const newest = await ask<BlockJson>('/wallet/getnowblock')
    const same = [
      await ask<BlockJson>('/wallet/getblockbynum', { num: head }),
      await ask<BlockJson>('/wallet/getblockbyid', { value: newest.blockID }),
      await ask<BlockJson>('/wallet/getblock', { id_or_num: String(head), detail: true }),
      await ask<BlockJson>('/wallet/getblock', { id_or_num: newest.blockID, detail: true }),
      (await (await fetch(`${chain.url}/wallet/getblockbynum?num=${head}`)).json()) as BlockJson,
    ]
    for (const block of same) assert.deepEqual(block, newest)
    assert.equal((await ask<BlockJson>('/wallet/getblock')).transactions, undefined)
    const range = await ask<{ block: BlockJson[] }>('/wallet/getblockbylimitnext', { startNum: head - 3, endNum: head })
    assert.deepEqual(
      range.block.map((block) => block.block_header.raw_data.number),
      [head - 3, head - 2, head - 1],
    )
    const latest = await ask<{ block: BlockJson[] }>('/wallet/getblockbylatestnum', { num: 2 })
    assert.deepEqual(latest.block.at(-1), newest)
    assert.deepEqual(await ask('/wallet/getblockbynum', { num: head + 1 }), {})
    assert.deepEqual(await ask('/wallet/getblockbyid', { value: '0'.repeat(64) }), {})
    assert.match(String((await ask('/wallet/getblock', { id_or_num: 'x' })).Error), /id must be legal block hash/)
  })

  test('the solid view is 19 blocks behind and has the same blocks', async () => {
    const id = await chain.sendTrx(ben.address, 12_345n)
    const balance = async () =>
      Number((await ask('/walletsolidity/getaccount', { address: hex41(ben.address) })).balance)
    await chain.mine()
    const number = chain.head()
    await chain.mine(18)
    const old = await balance()
    assert.equal(
      old + 12_345,
      await web.trx
        .getBalance(ben.address)
        .then(Number)
        .then(() => chain.trx(ben.address))
        .then(Number),
    )
    for (const path of ['gettransactioninfobyid', 'gettransactionbyid'])
      assert.deepEqual(await ask(`/walletsolidity/${path}`, { value: id }), {})
    assert.deepEqual(await ask('/walletsolidity/gettransactioninfobyblocknum', { num: number }), [])
    assert.deepEqual(await ask('/walletsolidity/getblockbynum', { num: number }), {})
    const block = await ask<BlockJson>('/wallet/getblockbynum', { num: number })
    assert.deepEqual(await ask('/walletsolidity/getblockbyid', { value: block.blockID }), {})
    await chain.mine()
    assert.deepEqual(await ask('/walletsolidity/getnowblock'), block)
    assert.deepEqual(await ask('/walletsolidity/gettransactioninfobyid', { value: id }), await infoOf(chain, id))
    assert.equal(((await web.trx.getConfirmedTransaction(id)) as unknown as Json).txID, id)
    assert.equal(await balance(), old + 12_345)
  })

  test('the solid view’s calls read the solid state', async () => {
    const dora = tronAccount('dora').address
    await chain.send(chain.usdt, 'transfer', [dora, 77n])
    await chain.mine()
    const query = {
      owner_address: dora,
      contract_address: chain.usdt.address,
      function_selector: 'balanceOf(address)',
      parameter: hex41(dora).slice(2).padStart(64, '0'),
      visible: true,
    }
    const read = async (root: string) => {
      const answer = await ask<{ constant_result: string[] }>(`/${root}/triggerconstantcontract`, query)
      return Number.parseInt(answer.constant_result[0] ?? '', 16)
    }
    assert.deepEqual([await read('wallet'), await read('walletsolidity')], [77, 0])
    await chain.mine(19)
    assert.deepEqual([await read('wallet'), await read('walletsolidity')], [77, 77])
  })
})

describe('reorganisations', () => {
  test('replace what is not solid: ids change, state goes back, time does not', async () => {
    const eve = tronAccount('eve').address
    await chain.mine(20)
    const before = await ask<BlockJson>('/wallet/getnowblock')
    const paid = await mined(chain, chain.send(chain.usdt, 'transfer', [eve, 40n]))
    await chain.mine(4)
    const old = await ask<BlockJson>('/wallet/getblockbynum', { num: paid.blockNumber })
    const last = await ask<BlockJson>('/wallet/getnowblock')
    await chain.reorg(5, 'drop')
    assert.deepEqual(await ask('/wallet/getblockbyid', { value: old.blockID }), {})
    const replaced = await ask<BlockJson>('/wallet/getblockbynum', { num: paid.blockNumber })
    assert.notEqual(replaced.blockID, old.blockID)
    assert.equal(replaced.block_header.raw_data.parentHash, before.blockID)
    assert.deepEqual(await infoOf(chain, paid.id), {})
    assert.deepEqual(await ask('/wallet/gettransactionbyid', { value: paid.id }), {})
    assert.equal(await chain.balance(chain.usdt, eve), 0n)
    assert.equal(chain.head(), Number(last.block_header.raw_data.number) + 1)
    const newest = await ask<BlockJson>('/wallet/getnowblock')
    assert.ok(Number(newest.block_header.raw_data.timestamp) > Number(last.block_header.raw_data.timestamp))
  })

  test('bring transactions back in another block, but none that refers to a block that is gone', async () => {
    await chain.mine()
    const flora = tronAccount('flora').address
    const kept = await chain.send(chain.usdt, 'transfer', [flora, 1n])
    await chain.mine()
    const lost = await chain.send(chain.usdt, 'transfer', [flora, 2n], { refersToHead: true })
    await chain.mine()
    const first = await infoOf(chain, kept)
    assert.equal(await chain.balance(chain.usdt, flora), 3n)
    await chain.reorg(3)
    const second = await infoOf(chain, kept)
    assert.ok(second.blockNumber > first.blockNumber)
    assert.deepEqual(await infoOf(chain, lost), {})
    assert.equal(await chain.balance(chain.usdt, flora), 1n)
  })

  test('leave what is solid', async () => {
    await chain.mine(25)
    const solid = await ask<BlockJson>('/walletsolidity/getnowblock')
    await assert.rejects(chain.reorg(20), /block \d+ is solid and stays, so at most 19 blocks/)
    await chain.reorg(19)
    assert.deepEqual(await ask('/wallet/getblockbynum', { num: solid.block_header.raw_data.number ?? 0 }), solid)
  })
})

describe('JSON-RPC', () => {
  async function rpc<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
    const answer = await ask<{ result?: T; error?: { code: number; message: string } }>('/jsonrpc', {
      jsonrpc: '2.0',
      id: 1,
      method,
      params,
    })
    if (answer.error) throw new Error(`${answer.error.code} ${answer.error.message}`)
    return answer.result as T
  }

  test('reads blocks, receipts, logs and state, and sends nothing', async () => {
    const genesis = await ask<BlockJson>('/wallet/getblockbynum', { num: 0 })
    assert.equal(await rpc('eth_chainId'), `0x${genesis.blockID.slice(-8).replace(/^0+/, '')}`)
    assert.equal(await rpc('net_version'), await rpc('eth_chainId'))
    const info = await mined(chain, chain.send(chain.usdt, 'transfer', [ben.address, 9n]))
    const number = `0x${info.blockNumber.toString(16)}`
    assert.equal(await rpc('eth_blockNumber'), number)
    const block = await rpc<Json>('eth_getBlockByNumber', number, false)
    assert.deepEqual(block.transactions, [`0x${info.id}`])
    assert.deepEqual(await rpc('eth_getBlockByHash', block.hash, false), block)
    const finalized = await rpc<Json>('eth_getBlockByNumber', 'finalized', true)
    assert.equal(Number(finalized.number), chain.solid())
    const receipt = await rpc<Json & { logs: Json[] }>('eth_getTransactionReceipt', `0x${info.id}`)
    assert.deepEqual([receipt.status, receipt.blockHash, receipt.logs.length], ['0x1', block.hash, 1])
    assert.equal(receipt.gasUsed, `0x${Number(info.receipt.energy_usage_total).toString(16)}`)
    const transaction = await rpc<Json>('eth_getTransactionByHash', `0x${info.id}`)
    assert.equal(transaction.to, `0x${hex41(chain.usdt.address).slice(2)}`)

    const contract = `0x${hex41(chain.usdt.address)}`
    const filter = { fromBlock: number, toBlock: 'latest', address: contract }
    const [event = '', from = ''] = (receipt.logs[0]?.topics ?? []) as string[]
    assert.deepEqual(await rpc('eth_getLogs', { ...filter, topics: [null, null, from] }), [])
    assert.deepEqual(await rpc('eth_getLogs', { ...filter, topics: [[from, event], from] }), receipt.logs)
    assert.equal(receipt.logs[0]?.blockTimestamp, block.timestamp)
    const data = `0x70a08231${hex41(ben.address).slice(2).padStart(64, '0')}`
    const balance = await rpc<string>('eth_call', { to: contract, data }, 'latest')
    assert.equal(BigInt(balance), await chain.balance(chain.usdt, ben.address))
    assert.equal(
      BigInt(await rpc<string>('eth_getBalance', `0x${hex41(ben.address)}`, 'latest')),
      chain.trx(ben.address),
    )
    assert.ok((await rpc<string>('eth_getCode', contract, 'latest')).length > 1_000)
    assert.equal(
      (
        await ask<unknown[]>('/jsonrpc', [
          { id: 1, method: 'eth_blockNumber' },
          { id: 2, method: 'x' },
        ])
      ).length,
      2,
    )

    for (const [method, params, error] of [
      ['eth_sendRawTransaction', ['0x'], /^Error: -32601/],
      ['eth_getTransactionCount', [], /-32601/],
      ['eth_getBlockByNumber', ['pending', false], /-32602 TAG pending not supported/],
      ['eth_getBalance', [contract, 'finalized'], /-32602 TAG/],
      ['eth_getBalance', [contract, '0x1'], /-32602 QUANTITY not supported/],
      ['eth_getBalance', [chain.usdt.address, 'latest'], /-32602 invalid address/],
      ['eth_getLogs', [{ fromBlock: '0x2', toBlock: '0x1' }], /-32602 please verify/],
      ['eth_getLogs', [{ ...filter, topics: [null, null, null, null, null] }], /-32602 topics size/],
      ['eth_call', [{ to: contract, data: '0x8456cb59' }, 'latest'], /REVERT opcode executed: not the owner/],
    ] as [string, unknown[], RegExp][]) {
      await assert.rejects(rpc(method, ...params), error)
    }
    await chain.mine(5_001)
    await assert.rejects(rpc('eth_getLogs', { fromBlock: '0x1' }), /-32602 exceed max block range: 5000/)
    assert.ok(Array.isArray(await rpc('eth_getLogs', { fromBlock: `0x${(chain.head() - 5_000).toString(16)}` })))
  })
})
