// What the TRON development node does not take: each refusal with java-tron's code and words, and what waits in its pool.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TronWeb } from 'tronweb'
import { startTronTestChain, type TronAccount, type TronTestChain, tronAccount } from './harness/tron-chain.ts'
import {
  altered,
  askNode,
  hex41,
  infoOf,
  type Json,
  signAs,
  TRX,
  textOf,
  webOf,
  wholeBytes,
} from './harness/tron-client.ts'

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

describe('what is refused', () => {
  const broadcast = (transaction: object) => ask('/wallet/broadcasttransaction', transaction)
  const payment = (amount = 1, from = ann) =>
    webOf(chain.url, from).transactionBuilder.sendTrx(ben.address, amount, from.address)
  const trigger = async (from: TronAccount, data = 'a9059cbb') => {
    const query = {
      owner_address: hex41(from.address),
      contract_address: hex41(chain.usdt.address),
      data,
      fee_limit: 1,
    }
    return (await ask<{ transaction: Json }>('/wallet/triggersmartcontract', query)).transaction
  }
  const changed = async (header: Json, amount = 1) =>
    signAs(
      ann,
      altered(await payment(amount), (raw) => ({ ...raw, ...header })),
    )

  test('each with its code, its words in hex, and the id', async () => {
    const [poor, nobody] = [tronAccount('poor'), tronAccount('nobody')]
    await chain.sendTrx(poor.address, 1n)
    await chain.mine()
    const time = Number((await web.trx.getCurrentBlock()).block_header.raw_data.timestamp)
    const good = signAs(ann, await payment())
    const { signature, ...unsigned } = good
    const twice = altered(await payment(3), (raw) => raw)
    twice.raw_data.contract.push(...twice.raw_data.contract)
    const stranger = altered(
      await payment(),
      (raw) => JSON.parse(JSON.stringify(raw).replace(hex41(ann.address), hex41(nobody.address))) as Json,
    )
    // uses up the free points of somebody who has nothing to burn
    assert.equal((await broadcast(signAs(poor, await trigger(poor, '00'.repeat(250))))).result, true)

    const cases: [string, RegExp, object | Promise<object>][] = [
      ['SIGERROR', /^Validate signature error: miss sig or contract$/, unsigned],
      ['SIGERROR', /is signed by T\w{33} but it is not contained of permission/, signAs(ben, await payment())],
      ['SIGERROR', /Signature size is 64/, { ...unsigned, signature: ['00'.repeat(64)] }],
      ['SIGERROR', /Validate signature error/, { ...unsigned, signature: ['00'.repeat(65)] }],
      ['SIGERROR', /more than key counts/, { ...unsigned, signature: [...signature, ...signature] }],
      // what is readable counts, not the bytes that were signed
      ['SIGERROR', /not contained of permission/, { ...good, raw_data: (await payment(2)).raw_data }],
      ['TAPOS_ERROR', /^Tapos check error\.$/, changed({ ref_block_hash: '0123456789abcdef' })],
      ['TAPOS_ERROR', /Tapos/, changed({ ref_block_bytes: 'ffff' })],
      ['TRANSACTION_EXPIRATION_ERROR', /^Transaction expired$/, changed({ expiration: time })],
      ['TRANSACTION_EXPIRATION_ERROR', /expired/, changed({ expiration: time + 86_400_001 })],
      [
        'CONTRACT_VALIDATE_ERROR',
        /^Contract validate error : Validate TransferContract error, balance is not sufficient\.$/,
        changed({}, 99_999_999 * TRX),
      ],
      [
        'CONTRACT_VALIDATE_ERROR',
        /^Contract validate error : account \[T\w{33}\] does not exist$/,
        signAs(nobody, stranger),
      ],
      ['CONTRACT_VALIDATE_ERROR', /error : No contract!/, { ...good, raw_data: { contract: [] } }],
      ['BANDWITH_ERROR', /^Account resource insufficient error\.$/, signAs(poor, await trigger(poor, 'a9059cbb00'))],
      ['TOO_BIG_TRANSACTION_ERROR', /Too big transaction/, signAs(ann, await trigger(ann, '00'.repeat(512_000)))],
      ['OTHER_ERROR', /contract size should be exactly 1, this is extend feature ,actual :2/, twice],
    ]
    for (const [code, message, transaction] of cases) {
      const answer = await broadcast(await transaction)
      assert.equal(answer.code, code, `${textOf(answer.message)} instead of ${message}`)
      assert.match(textOf(answer.message), message)
      assert.equal(answer.result, undefined)
      assert.match(String(answer.txid), /^[0-9a-f]{64}$/)
    }
    assert.deepEqual(await broadcast(good), { result: true, txid: good.txID })
    const again = await broadcast(good)
    assert.deepEqual([again.code, textOf(again.message)], ['DUP_TRANSACTION_ERROR', 'Dup transaction.'])
    await chain.mine()
    assert.equal((await broadcast(good)).code, 'DUP_TRANSACTION_ERROR')
    assert.equal((await broadcast({ ...good, visible: true })).Error === undefined, false, 'hex is not Base58')
    assert.match(String((await broadcast({})).Error), /raw_data/)
  })

  test('what waits counts: nobody spends twice what he has once', async () => {
    const carl = tronAccount('carl')
    await chain.sendTrx(carl.address, 10n * BigInt(TRX))
    await chain.mine()
    const first = signAs(carl, await payment(6 * TRX, carl))
    const second = signAs(carl, await payment(5 * TRX, carl))
    assert.equal((await broadcast(first)).result, true)
    assert.equal((await broadcast(second)).code, 'CONTRACT_VALIDATE_ERROR')
    assert.deepEqual(await ask('/wallet/getpendingsize'), { pendingSize: 1 })
    assert.deepEqual(await ask('/wallet/gettransactionlistfrompending'), { txId: [first.txID] })
    assert.equal((await ask('/wallet/gettransactionfrompending', { value: first.txID })).txID, first.txID)
    // a full node shows it, but there is no receipt, and the solid view has not heard of it
    assert.equal((await ask('/wallet/gettransactionbyid', { value: first.txID })).txID, first.txID)
    assert.deepEqual(await infoOf(chain, first.txID), {})
    assert.deepEqual(await ask('/walletsolidity/gettransactionbyid', { value: first.txID }), {})
    await chain.mine()
    assert.deepEqual(await ask('/wallet/getpendingsize'), { pendingSize: 0 })
  })

  test('raw bytes are taken as well, and answered in plain words', async () => {
    const signed = signAs(ann, await payment(11))
    const transaction = wholeBytes(signed).toString('hex')
    const taken = await ask('/wallet/broadcasthex', { transaction })
    assert.deepEqual([taken.result, taken.code, taken.txid], [true, 'SUCCESS', signed.txID])
    const again = await ask('/wallet/broadcasthex', { transaction })
    assert.deepEqual([again.result, again.code, again.message], [false, 'DUP_TRANSACTION_ERROR', 'Dup transaction.'])
    assert.ok((await ask('/wallet/broadcasthex', { transaction: 'zz' })).Error)
  })

  test('also before it is built', async () => {
    const create = (body: object) => ask('/wallet/createtransaction', { visible: true, ...body })
    const self = { owner_address: ann.address, to_address: ann.address, amount: 1 }
    assert.deepEqual(await create(self), {
      Error: 'class org.tron.core.exception.ContractValidateException : Cannot transfer TRX to yourself.',
    })
    const nobody = { ...self, owner_address: tronAccount('nobody').address }
    assert.match(String((await create(nobody)).Error), /no OwnerAccount/)
    assert.match(String((await create({ ...self, to_address: chain.usdt.address })).Error), /to a smartContract/)
    assert.match(String((await create({ ...self, to_address: ben.address, amount: 0 })).Error), /greater than 0/)
    assert.equal((await create({ ...self, to_address: ben.address })).visible, true)
    assert.equal((await fetch(`${chain.url}/wallet/nonsense`)).status, 404)
    assert.equal((await fetch(`${chain.url}/walletsolidity/broadcasttransaction`)).status, 404)
  })
})
