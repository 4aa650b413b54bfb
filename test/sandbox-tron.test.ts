// The TRON development node as a real, unmodified tronweb meets it: accounts, fees to the sun, contracts, and a receipt of
// each kind.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TronWeb } from 'tronweb'
import { readContract } from '../sandbox/compiled-contract.ts'
import { startTronTestChain, type TronAccount, type TronTestChain, tronAccount } from './harness/tron-chain.ts'
import {
  askNode,
  type BlockJson,
  hex41,
  type Info,
  infoOf,
  type Json,
  mined,
  type Signed,
  signAs,
  TRX,
  textOf,
  webOf,
  wholeBytes,
} from './harness/tron-client.ts'

let chain: TronTestChain
let owner: TronAccount
let ann: TronAccount
let ben: TronAccount
let web: TronWeb

before(async () => {
  chain = await startTronTestChain()
  ;[owner, ann, ben] = chain.accounts as [TronAccount, TronAccount, TronAccount]
  web = webOf(chain.url, ann)
})
after(() => chain.stop())

const ask = <T = Json>(path: string, body: object = {}) => askNode<T>(chain.url, path, body)

describe('TRX', () => {
  test('a payment that makes an account costs 1.1 TRX, and the next one free bandwidth', async () => {
    const somebody = tronAccount('somebody').address
    const before = await web.trx.getUnconfirmedBalance(ann.address)
    assert.equal(before, 100_000 * TRX)
    const sent = await web.trx.sendTransaction(somebody, 5 * TRX)
    assert.equal(sent.result, true)
    assert.deepEqual(await infoOf(chain, sent.txid), {})
    const first = await mined(chain, sent.txid)
    assert.equal(first.fee, 1_100_000)
    assert.deepEqual(first.receipt, { net_fee: 100_000 })
    assert.deepEqual(first.contractResult, [''])
    assert.equal(first.result, undefined)
    assert.equal(await web.trx.getUnconfirmedBalance(somebody), 5 * TRX)
    assert.equal(await web.trx.getUnconfirmedBalance(ann.address), before - 6.1 * TRX)

    const again = await mined(chain, (await web.trx.sendTransaction(somebody, 1)).txid)
    assert.deepEqual([again.fee, Object.keys(again.receipt)], [undefined, ['net_usage']])
    const bytes = await ask<Signed>('/wallet/gettransactionbyid', { value: again.id })
    assert.equal(again.receipt.net_usage, wholeBytes(bytes).length + 64)
    const resources = await web.trx.getAccountResources(ann.address)
    assert.equal(resources.freeNetUsed, again.receipt.net_usage)
    assert.equal(await web.trx.getBandwidth(ann.address), 600 - Number(again.receipt.net_usage))
  })

  test('when the free points of the day are used, TRX is burnt; a day later they are back', async () => {
    const hourly = await startTronTestChain({ blockTime: 3_600_000 })
    try {
      const [, from, to] = hourly.accounts as [TronAccount, TronAccount, TronAccount]
      const fees: unknown[] = []
      for (let i = 0; i < 3; i++) {
        const id = await hourly.sendTrx(to.address, 1n, from)
        await hourly.node.mine(1)
        const { fee, receipt } = await infoOf(hourly, id)
        fees.push(fee)
        if (i === 2) assert.deepEqual(receipt, { net_fee: fee })
      }
      assert.deepEqual(fees.slice(0, 2), [undefined, undefined])
      assert.equal(Number(fees[2]) % 1_000, 0)
      const resources = () =>
        askNode(hourly.url, '/wallet/getaccountresource', { address: from.address, visible: true })
      assert.ok(Number((await resources()).freeNetUsed) > 400)
      await hourly.mine(12)
      const half = Number((await resources()).freeNetUsed)
      assert.ok(half > 150 && half < 350, `${half}`)
      await hourly.mine(14)
      assert.equal((await resources()).freeNetUsed, undefined)
    } finally {
      await hourly.stop()
    }
  })

  test('a memo costs a TRX more', async () => {
    const transaction = await web.transactionBuilder.sendTrx(ben.address, 7, ann.address)
    const noted = await web.transactionBuilder.addUpdateData(transaction, 'für 你')
    const signed = await web.trx.sign(noted)
    await web.trx.sendRawTransaction(signed)
    const info = await mined(chain, signed.txID)
    assert.equal(Number(info.fee) - Number(info.receipt.net_fee ?? 0), TRX)
  })

  test('accounts, addresses and chain parameters read as on a node', async () => {
    const visible = await ask('/wallet/getaccount', { address: ann.address, visible: true })
    const hidden = await ask('/wallet/getaccount', { address: hex41(ann.address) })
    assert.deepEqual([visible.address, hidden.address], [ann.address, hex41(ann.address)])
    assert.deepEqual(await ask('/wallet/getaccount', { address: tronAccount('nobody').address, visible: true }), {})
    const malformed = await ask('/wallet/getaccount', { address: `${ann.address.slice(0, -1)}1`, visible: true })
    assert.match(String(malformed.Error), /INVALID base58check/)
    const parameters = new Map((await web.trx.getChainParameters()).map(({ key, value }) => [key, value]))
    assert.deepEqual(
      ['getEnergyFee', 'getTransactionFee', 'getCreateAccountFee', 'getFreeNetLimit'].map((key) => parameters.get(key)),
      [100, 1_000, 100_000, 600],
    )
    assert.equal((await ask('/wallet/validateaddress', { address: ann.address })).result, true)
    assert.equal((await ask('/wallet/validateaddress', { address: 'Tnonsense' })).result, false)
    assert.match(String((await ask('/wallet/getnodeinfo')).solidityBlock), /^Num:\d+,ID:[0-9a-f]{64}$/)
    assert.deepEqual(await ask('/wallet/getenergyprices'), { prices: '0:100' })
    const connected = await web.isConnected()
    assert.deepEqual([connected.fullNode, connected.solidityNode], [true, true])
  })
})

describe('contracts', () => {
  test('USDT has the real one’s oddities: transfer returns false when it succeeds', async () => {
    const usdt = webOf(chain.url, owner).contract(readContract('TronUsdt').abi as [], chain.usdt.address)
    assert.deepEqual([await usdt.symbol?.().call(), await usdt.decimals?.().call()], ['USDT', 6n])
    const call = await web.transactionBuilder.triggerConstantContract(
      chain.usdt.address,
      'transfer(address,uint256)',
      {},
      [
        { type: 'address', value: ann.address },
        { type: 'uint256', value: 1 },
      ],
      owner.address,
    )
    assert.equal(call.constant_result[0], '0'.repeat(64))
    const id = (await usdt.transfer?.(ann.address, 25_000_000).send({ feeLimit: 100 * TRX })) as string
    const info = await mined(chain, id)
    assert.equal(info.receipt.result, 'SUCCESS')
    assert.deepEqual(info.contractResult, ['0'.repeat(64)])
    assert.equal(await usdt.balanceOf?.(ann.address).call(), 25_000_000n)

    for (const [fn, args] of [
      ['addBlackList', [ann.address]],
      ['setParams', [10n, 1_000_000n]],
    ] as const)
      await chain.send(chain.usdt, fn, [...args])
    await chain.mine()
    assert.equal(
      (await mined(chain, chain.send(chain.usdt, 'transfer', [ben.address, 1n], { from: ann }))).result,
      'FAILED',
    )
    const withFee = await mined(chain, chain.send(chain.usdt, 'transfer', [ben.address, 1_000_000n]))
    assert.deepEqual(
      withFee.log?.map(({ data }) => Number.parseInt(data, 16)),
      [999_000, 1_000],
    )
    await chain.send(chain.usdt, 'setParams', [0n, 0n])
    await chain.send(chain.usdt, 'removeBlackList', [ann.address])
    await chain.send(chain.usdt, 'pause', [])
    await chain.mine()
    assert.equal((await mined(chain, chain.send(chain.usdt, 'transfer', [ben.address, 1n]))).receipt.result, 'REVERT')
    await chain.send(chain.usdt, 'unpause', [])
    await chain.mine()
  })

  test('tronweb deploys a contract where it said it would', async () => {
    const { abi, bytecode } = readContract('FeeToken')
    const transaction = await webOf(chain.url, owner).transactionBuilder.createSmartContract(
      { abi: abi as [], bytecode, feeLimit: 2_000 * TRX, parameters: [10n ** 12n, 6, true], name: 'FeeToken' },
      owner.address,
    )
    await webOf(chain.url, owner).trx.sendRawTransaction(await webOf(chain.url, owner).trx.sign(transaction))
    const info = await mined(chain, transaction.txID)
    assert.equal(info.receipt.result, 'SUCCESS')
    assert.equal(info.contract_address, transaction.contract_address)
    const contract = await web.trx.getContract(info.contract_address as string)
    assert.deepEqual([contract.name, contract.origin_address], ['FeeToken', hex41(owner.address)])
    const details = await ask<{ runtimecode: string }>('/wallet/getcontractinfo', { value: info.contract_address })
    assert.ok(details.runtimecode.length > 100 && bytecode.includes(details.runtimecode.slice(0, 40)))
    const token = await web.contract().at(info.contract_address as string)
    assert.equal(await token.lies?.().call(), true)
  })

  test('an estimate is what is then used, and energy is burnt at its price', async () => {
    const parameters = [
      { type: 'address', value: tronAccount('new holder').address },
      { type: 'uint256', value: 1 },
    ]
    const method = 'transfer(address,uint256)'
    const { energy_required } = await web.transactionBuilder.estimateEnergy(
      chain.usdt.address,
      method,
      {},
      parameters,
      ann.address,
    )
    const { transaction } = await web.transactionBuilder.triggerSmartContract(
      chain.usdt.address,
      method,
      { feeLimit: 100 * TRX },
      parameters,
      ann.address,
    )
    await web.trx.sendRawTransaction(await web.trx.sign(transaction))
    const { receipt, fee } = await mined(chain, transaction.txID)
    assert.equal(receipt.energy_usage_total, energy_required)
    assert.equal(receipt.energy_fee, energy_required * 100)
    assert.equal(fee, Number(receipt.energy_fee) + Number(receipt.net_fee ?? 0))
  })

  test('a failed contract stands in its block and pays', async () => {
    // little time, so that the endless loop ends soon
    const hasty = await startTronTestChain({ energyInTime: 1_500_000n })
    try {
      await failures(hasty)
    } finally {
      await hasty.stop()
    }
  })

  async function failures(hasty: TronTestChain): Promise<void> {
    const loop = await deployCode(hasty, '5b600056') // JUMPDEST, PUSH1 0, JUMP
    const invalid = await deployCode(hasty, 'fe')
    await hasty.send(hasty.usdt, 'transfer', [ann.address, 5n])
    await hasty.mine()
    const transfer = (value: bigint, feeLimit = 100_000_000n) =>
      hasty.send(hasty.usdt, 'transfer', [ben.address, value], { from: ann, feeLimit })
    const call = (address: string, feeLimit: bigint) =>
      hasty.send({ name: 'FalseToken', address }, 'transfer', [ben.address, 1n], { from: ann, feeLimit })
    const kinds: [string, RegExp, Promise<string>, number | undefined][] = [
      ['REVERT', /^REVERT opcode executed$/, transfer(10n ** 15n), undefined],
      ['OUT_OF_ENERGY', /^Not enough energy/, transfer(1n, 50_000n), 500],
      ['OUT_OF_ENERGY', /^Not enough energy/, call(loop, 100_000_000n), 1_000_000],
      ['OUT_OF_TIME', /^CPU timeout/, call(loop, 200_000_000n), 2_000_000],
      ['ILLEGAL_OPERATION', /^Invalid operation/, call(invalid, 100_000_000n), 1_000_000],
    ]
    const ids = await Promise.all(kinds.map(([, , id]) => id))
    await hasty.mine()
    let paid = 0n
    for (const [i, [result, message, , energy]] of kinds.entries()) {
      const info = await infoOf(hasty, ids[i] as string)
      assert.deepEqual([info.receipt.result, info.result, info.log], [result, 'FAILED', undefined])
      assert.match(textOf(info.resMessage), message)
      if (energy !== undefined) assert.equal(info.receipt.energy_usage_total, energy)
      assert.equal(info.receipt.energy_fee, Number(info.receipt.energy_usage_total) * 100)
      const transaction = await askNode(hasty.url, '/wallet/gettransactionbyid', { value: info.id })
      assert.deepEqual(transaction.ret, [{ contractRet: result }])
      paid += BigInt(info.fee ?? 0)
    }
    assert.equal(hasty.trx(ann.address), 100_000_000_000n - paid)
    assert.equal(await hasty.balance(hasty.usdt, ann.address), 5n)
    const reverted = await infoOf(hasty, ids[0] as string)
    assert.match(textOf(reverted.contractResult[0]?.slice(136)), /balance too small/)
  }

  async function deployCode(on: TronTestChain, code: string): Promise<string> {
    const length = (code.length / 2).toString(16).padStart(2, '0')
    const transaction = await webOf(on.url, owner).transactionBuilder.createSmartContract(
      { abi: [], bytecode: `60${length}600c60003960${length}6000f3${code}`, feeLimit: 100 * TRX },
      owner.address,
    )
    await askNode(on.url, '/wallet/broadcasttransaction', signAs(owner, transaction))
    await on.mine()
    return TronWeb.address.fromHex(transaction.contract_address as string)
  }

  test('one block’s receipts come in one answer, logs by 20 bytes, or readable when asked', async () => {
    await chain.send(chain.usdt, 'transfer', [ben.address, 3n])
    await chain.sendTrx(ben.address, 1n)
    await chain.mine()
    const num = chain.head()
    const infos = await ask<Info[]>('/wallet/gettransactioninfobyblocknum', { num })
    assert.equal(infos.length, 2)
    const [log] = infos[0]?.log ?? []
    assert.equal(`41${log?.address}`, hex41(chain.usdt.address))
    assert.equal(log?.topics[2], hex41(ben.address).slice(2).padStart(64, '0'))
    assert.deepEqual(await ask('/wallet/gettransactioninfobyblocknum', { num: num + 1 }), [])
    const [readable] = await ask<Info[]>('/wallet/gettransactioninfobyblocknum', { num, visible: true })
    assert.equal(readable?.contract_address, chain.usdt.address)
    assert.equal(readable?.log?.[0]?.address, chain.usdt.address)
    const block = await ask<BlockJson>('/wallet/getblockbynum', { num, visible: true })
    assert.match(JSON.stringify(block), new RegExp(`"owner_address":"${owner.address}"`))
  })

  test('tokens and batches that lie are told by their receipts', async () => {
    const batch = await chain.deploy('Multisend')
    await chain.send(chain.usdt, 'transfer', [batch.address, 1_000n])
    await chain.mine()
    const to = [ann.address, ben.address, ann.address]
    const collect = [chain.usdt.address, to, [1n, 2n, 3n]]
    await chain.send(chain.usdt, 'approve', [batch.address, 100n])
    const all = await mined(chain, chain.send(batch, 'collectAndPay', collect))
    assert.equal(all.log?.length, 3)
    // transfer says false although it pays, so who believes it gives up
    assert.equal((await mined(chain, chain.send(batch, 'pay', collect))).receipt.result, 'REVERT')
    const forger = await chain.deploy('LogForger')
    const forged = await mined(chain, chain.send(forger, 'honest', [ann.address, ben.address, 5n]))
    assert.equal(forged.log?.[0]?.address, hex41(forger.address).slice(2))
    const proxy = await chain.deploy('ProxyToken', chain.usdt.address, '0x')
    const passed = await mined(
      chain,
      chain.send({ name: 'TronUsdt', address: proxy.address }, 'approve', [ben.address, 5n]),
    )
    assert.equal(passed.log?.[0]?.address, hex41(proxy.address).slice(2))
  })

  test('a call of a method that only reads is answered at once', async () => {
    const body = { owner_address: ann.address, contract_address: chain.usdt.address, visible: true }
    const read = await ask<{ constant_result?: string[] }>('/wallet/triggersmartcontract', {
      ...body,
      function_selector: 'decimals()',
    })
    assert.equal(Number.parseInt(read.constant_result?.[0] ?? '', 16), 6)
    const nobody = await ask<{ result: Json }>('/wallet/triggersmartcontract', {
      ...body,
      contract_address: ben.address,
      function_selector: 'decimals()',
    })
    assert.deepEqual(nobody.result, {
      code: 'CONTRACT_VALIDATE_ERROR',
      message: 'No contract or not a valid smart contract',
    })
    const refused = await ask<{ result: Json; transaction: { ret: Json[] } }>('/wallet/triggerconstantcontract', {
      ...body,
      owner_address: ben.address,
      function_selector: 'pause()',
    })
    assert.deepEqual(refused.result, { result: true, message: 'REVERT opcode executed' })
    assert.deepEqual(refused.transaction.ret, [{ ret: 'FAILED' }])
  })
})
