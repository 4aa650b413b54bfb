// What the signer signs, given to real nodes: two anvils and a TRON node take the bytes as they are and do what the payment
// says.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type SignerProcess, signerFolder, signerLogin, startSigner } from './harness/signer-process.ts'
import { approvalKey, type Desk, evmDraft, openDesk, tronDraft, walletOf } from './harness/signing.ts'
import { startTronTestChain, type TronTestChain } from './harness/tron-chain.ts'

const chainIds = { ETH: 31_571, BSC: 31_572 }
const evm: Record<string, { chain: Chain; token: Token }> = {}
let tron: TronTestChain
let database: TestDatabase
let signer: SignerProcess
let desk: Desk

before(async () => {
  for (const [code, name] of [
    ['ETH', 'EthUsdt'],
    ['BSC', 'BscUsdt'],
  ] as const) {
    const chain = await startChain(chainIds[code])
    evm[code] = { chain, token: await chain.deploy(name, 10n ** 27n) }
  }
  tron = await startTronTestChain()
  database = await createTestDatabase()
  const networks = {
    ETH: { chainId: chainIds.ETH, contract: evm.ETH?.token.address },
    BSC: { chainId: chainIds.BSC, contract: evm.BSC?.token.address },
    TRX: { contract: tron.usdt.address },
  }
  signer = startSigner({
    DATA_DIR: signerFolder(),
    DATABASE_SIGNER_URL: await signerLogin(database),
    APPROVAL_KEY: approvalKey.toString('hex'),
    NETWORKS: JSON.stringify(networks),
  })
  desk = openDesk(database)
  await signer.ready
})
after(async () => {
  await signer.stop()
  for (const { chain } of Object.values(evm)) chain.stop()
  await tron.stop()
  await database.drop()
})

const somebody = '0x52908400098527886e0f7030069857d2e4169ee7'
const somebodyOnTron = 'TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy'

for (const code of ['ETH', 'BSC'] as const) {
  test(`${code}: token out of the hot wallet, coin to a deposit address, token swept back`, async () => {
    const { chain, token } = evm[code] ?? assert.fail()
    const [hot, deposit] = [await walletOf(code, 'hot'), await desk.depositAddress(code, code.length)]
    const unit = code === 'ETH' ? 1n : 10n ** 12n
    await chain.rpc('anvil_setBalance', hot, `0x${(10n ** 18n).toString(16)}`)
    await chain.send(token, 'transfer', [hot, 50_000_000n * unit])
    await chain.send(token, 'transfer', [deposit, 7_000_000n * unit])
    await chain.mine()

    /** As the payment loop does, in short. */
    const pay = async (payment: string, gas: string) => {
      const block = await chain.rpc<{ baseFeePerGas: string }>('eth_getBlockByNumber', 'latest', false)
      const maxFeePerGas = `${BigInt(block.baseFeePerGas) * 2n + 1_000_000_000n}`
      const { raw, tx_hash, reason } = await desk.sign(payment, evmDraft({ gas, maxFeePerGas }))
      assert.equal(await chain.rpc('eth_sendRawTransaction', raw), tx_hash, reason)
      await chain.mine()
      const receipt = await chain.rpc<{ status: string; from: string }>('eth_getTransactionReceipt', tx_hash)
      assert.equal(receipt.status, '0x1')
    }
    const { payment } = await desk.withdrawal({ network: code, to: somebody, amount: 21_000_000n })
    await pay(payment, '100000')
    assert.equal(await chain.balance(token, somebody), 20_000_000n * unit)

    const topUp = { network: code, order_kind: 'top_up', asset: 'coin', to_address: deposit } as const
    await pay(await desk.payment({ ...topUp, value: 10n ** 16n }), '21000')
    assert.equal(BigInt(await chain.rpc('eth_getBalance', deposit, 'latest')), 10n ** 16n)

    const from = { from_purpose: 'deposit', from_index: code.length } as const
    const sweep = { network: code, order_kind: 'sweep', ...from, to_address: hot, value: 7_000_000n * unit } as const
    await pay(await desk.payment(sweep), '100000')
    assert.equal(await chain.balance(token, deposit), 0n)
    assert.equal(await chain.balance(token, hot), 37_000_000n * unit)
  })
}

test('TRX: token and coin out of the hot wallet, coin to a deposit address, token swept back', async () => {
  const [hot, deposit] = [await walletOf('TRX', 'hot'), await desk.depositAddress('TRX', 2)]
  await tron.sendTrx(hot, 2_000_000_000n)
  await tron.send(tron.usdt, 'transfer', [hot, 50_000_000n])
  await tron.send(tron.usdt, 'transfer', [deposit, 7_000_000n])
  await tron.mine()

  const call = async <A>(path: string, body: object): Promise<A> => {
    const response = await fetch(`${tron.url}/wallet/${path}`, { method: 'POST', body: JSON.stringify(body) })
    return (await response.json()) as A
  }
  const pay = async (payment: string) => {
    interface Block {
      blockID: string
      block_header: { raw_data: { number: number; timestamp: number } }
    }
    const { blockID, block_header } = await call<Block>('getnowblock', {})
    const { number, timestamp } = block_header.raw_data
    const draft = tronDraft({
      refBlockBytes: number.toString(16).padStart(16, '0').slice(-4),
      refBlockHash: blockID.slice(16, 32),
      timestamp,
      expiration: timestamp + 600_000,
    })
    const { raw, tx_hash, reason } = await desk.sign(payment, draft)
    const answer = await call<{ result?: boolean; txid?: string }>('broadcasthex', { transaction: raw })
    assert.deepEqual([answer.result, answer.txid], [true, tx_hash], `${reason} ${JSON.stringify(answer)}`)
    await tron.mine()
    const info = await call<{ id: string; result?: string }>('gettransactioninfobyid', { value: tx_hash })
    assert.deepEqual([info.id, info.result], [tx_hash, undefined])
  }
  await pay((await desk.withdrawal({ network: 'TRX', to: somebodyOnTron, amount: 21_000_000n })).payment)
  assert.equal(await tron.balance(tron.usdt, somebodyOnTron), 20_000_000n)
  const coin = { network: 'TRX', asset: 'TRX', to: somebodyOnTron, amount: 31_000_000n } as const
  await pay((await desk.withdrawal(coin)).payment)
  assert.equal(tron.trx(somebodyOnTron), 30_000_000n)

  const topUp = {
    network: 'TRX',
    order_kind: 'top_up',
    asset: 'coin',
    to_address: deposit,
    value: 40_000_000n,
  } as const
  await pay(await desk.payment(topUp))
  assert.equal(tron.trx(deposit), 40_000_000n)
  const from = { from_purpose: 'deposit', from_index: 2 } as const
  await pay(await desk.payment({ network: 'TRX', order_kind: 'sweep', ...from, to_address: hot, value: 7_000_000n }))
  assert.equal(await tron.balance(tron.usdt, deposit), 0n)
  assert.equal(await tron.balance(tron.usdt, hot), 37_000_000n)
})
