// The sandbox's amounts with a meaning: beside a sandbox they do what docs/sandbox.md says, and anywhere else nothing.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { networkOf } from '../src/domain/chain/network.ts'
import type { Outgoing } from '../src/domain/ports.ts'
import { magicOf } from '../src/domain/withdrawal/magic-amounts.ts'
import { magicSenderOf } from '../src/main/magic-sender.ts'
import { createEvmSender } from '../src/providers/evm-sender.ts'
import { failingSender } from '../src/providers/sandbox-sender.ts'
import { type Chain, startChain } from './harness/chain.ts'
import { startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let beside: Withdrawing
let chain: Chain
before(async () => {
  ;[beside, chain] = await Promise.all([startWithdrawing({ SANDBOX_URL: 'http://127.0.0.1:1' }), startChain(31_093)])
})
after(async () => {
  chain?.stop()
  await beside?.close()
})

test('what arrives decides, in the network’s own digits', () => {
  const said = (text: string, scale: number, magicAmounts = true) => magicOf({ magicAmounts }, BigInt(text), scale)
  assert.equal(said('10130000', 6), 'fail')
  assert.equal(said('10140000', 6), 'review')
  assert.equal(said(`10130000${'0'.repeat(12)}`, 18), 'fail')
  for (const other of ['10130001', '10131000', '1013000', '10150000', '13']) assert.equal(said(other, 6), undefined)
  assert.equal(said('10130000', 6, false), undefined)
})

test('a withdrawal of which .14 arrives is reviewed, others go by themselves', async () => {
  const payer = await beside.payer(usdt(100))
  for (const [amount, status] of [
    ['11.14', 'review'],
    ['11.15', 'approved'],
    ['11.13', 'approved'],
  ] as const) {
    const { data, text } = await beside.submit(payer, amount)
    assert.ok(data, text)
    assert.equal((await beside.order(payer, data.order_id)).status, status, amount)
  }
  await beside.expectSound()
})

test('one of which .13 arrives is given too little gas; the house’s own moves and everybody without a sandbox are not', async () => {
  const token = await chain.deploy('BscUsdt', 10n ** 27n)
  const network = { ...networkOf(beside.world.bank.networks, 'BSC'), rpc: chain.url, contract: token.address }
  const from = chain.accounts[0] ?? ''
  const outgoing = (value: bigint): Outgoing => ({ asset: 'token', from, to: `0x${'5a'.repeat(20)}`, value })
  const cents = 10n ** 16n
  const gasOf = async (sender: ReturnType<typeof magicSenderOf>, value: bigint) => {
    const draft = await sender(network)?.draft(outgoing(value))
    return draft && 'gas' in draft ? BigInt(draft.gas) : undefined
  }
  const magic = magicSenderOf(beside.world.bank)
  const usual = magicSenderOf({ ...beside.world.bank, magicAmounts: false })
  assert.equal(await gasOf(magic, 1013n * cents), 30_000n)
  assert.ok(((await gasOf(magic, 1015n * cents)) ?? 0n) > 40_000n)
  assert.ok(((await gasOf(usual, 1013n * cents)) ?? 0n) > 40_000n)
  const plain = failingSender(createEvmSender(network), () => false)
  const draft = await plain.draft(outgoing(1013n * cents))
  assert.ok('gas' in draft && BigInt(draft.gas) > 40_000n)
})
