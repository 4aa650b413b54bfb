// Payments out at the operators' console: what is on its way, one of them with all that was signed, and giving one up, which
// two of them must want.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hotAddress } from '../src/domain/chain/house-address.ts'
import { networkOf } from '../src/domain/chain/network.ts'
import { createAdvancer } from '../src/domain/chain-payment/advance-payments.ts'
import { withdrawalPayments } from '../src/domain/withdrawal/follow-payment.ts'
import { createEvmSender } from '../src/providers/evm-sender.ts'
import { accountPath } from '../src/signer/wallet-address.ts'
import { type Chain, startChain } from './harness/chain.ts'
import { startWorld, type World } from './harness/customers.ts'
import { makePayer, type Payer } from './harness/hosted.ts'
import { expectSound } from './harness/ledger.ts'
import { check, joinOperator, ok, outcome, propose, type TestOperator } from './harness/operators.ts'
import { signerKeystore } from './harness/signer-process.ts'
import { testXpub, watched } from './harness/watched.ts'

const CHAIN_ID = 31_081

let world: World
let chain: Chain
let alice: Payer
let fay: TestOperator
let rob: TestOperator
let sam: TestOperator

before(async () => {
  chain = await startChain(CHAIN_ID)
  const usdt = await chain.deploy('BscUsdt', 10n ** 27n)
  world = await startWorld({
    DEPOSIT_XPUB_EVM: testXpub,
    HOT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.hot),
    NETWORKS: JSON.stringify({ BSC: { chainId: CHAIN_ID, contract: usdt.address, confirmations: 2 } }),
  })
  await chain.mine(2)
  await watched(world.bank, 'BSC', chain.url).catchUp()
  alice = await makePayer(world, 1_000_000_000n)
  fay = await joinOperator(world, ['finance'], 'Fay')
  rob = await joinOperator(world, ['risk'], 'Rob')
  sam = await joinOperator(world, ['support'], 'Sam')
})

after(async () => {
  try {
    await expectSound(world.database.owner)
  } finally {
    await world?.close()
    chain?.stop()
  }
})

interface Shown {
  id: string
  status: string
  reason: string
  amount: string
  asset: string
  order: { kind: string; id: string }
  giving_up: string | null
  timeline: { from: string | null; to: string }[]
  transactions: object[]
}

const TO = '0x52908400098527886E0F7030069857D2E4169EE7'

async function withdraw(): Promise<string> {
  const body = { chain: 'BSC', to_address: TO, amount: '100', payment_password: alice.pin }
  const asked = await world.call<{ id: string }>('POST', '/api/withdrawal/usdt', body, { token: alice.access })
  assert.equal(asked.status, 200, asked.text)
  return asked.data.id
}

const payments = async () => (await ok<{ items: Shown[] }>(world, sam, 'GET', '/payments')).items

test('everybody sees what is on its way and why it waits; two give one up, and the customer has the money back', async () => {
  await withdraw()
  const [shown] = await payments()
  assert.ok(shown)
  assert.deepEqual([shown.status, shown.amount, shown.asset, shown.order.kind], ['ready', '99', 'USDT', 'withdrawal'])
  const { bank } = world
  const network = networkOf(bank.networks, 'BSC')
  const sender = createEvmSender({ ...network, rpc: chain.url })
  const loop = createAdvancer({ bank, bookId: 1, network, sender, orders: { withdrawal: withdrawalPayments(bank) } })
  await loop.advance()
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  assert.match(metrics, /^unipay_chain_payments\{network="BSC",state="ready"\} 1$/m)
  assert.match(metrics, /^unipay_chain_payments_oldest_seconds\{network="BSC",state="ready"\} \d/m)
  assert.match((await payments())[0]?.reason ?? '', /short of USDT/)

  const payload = { payment: shown.id, outcome: 'void' }
  const tryPropose = (who: TestOperator, given: object) =>
    outcome(world, who, 'POST', '/approvals/give_up_payment', { payload: given, reason: 'it never goes' })
  assert.equal(await tryPropose(sam, payload), 'Forbidden')
  assert.equal(await tryPropose(fay, { payment: shown.id, outcome: 'again' }), 'Outdated', 'it has not begun')
  assert.equal(await tryPropose(fay, { payment: shown.order.id, outcome: 'void' }), 'NotFound')
  assert.equal(await tryPropose(fay, { payment: shown.id, outcome: 'gone' }), 'InvalidParams')
  const id = await propose(world, fay, 'give_up_payment', payload)
  assert.equal((await check(world, fay, id)).error, 'OwnApproval')
  assert.equal((await payments())[0]?.giving_up, null)
  assert.equal((await check(world, rob, id)).data.status, 'applied')
  assert.equal((await payments())[0]?.giving_up, 'void')
  await loop.advance()
  assert.deepEqual(await payments(), [])
  const full = await ok<Shown>(world, sam, 'GET', `/payments/${shown.id}`)
  assert.deepEqual(
    full.timeline.map(({ from, to }) => [from, to]),
    [
      [null, 'ready'],
      ['ready', 'void'],
    ],
  )
  assert.deepEqual(full.transactions, [])
  const balance = await world.call<{ main: { available: string } }>('GET', '/api/account/balance', undefined, {
    token: alice.access,
  })
  assert.match(balance.text, /"1000/)
  assert.equal(await tryPropose(fay, payload), 'Outdated')
  assert.equal(await outcome(world, sam, 'GET', `/payments/${shown.order.id}`), 'NotFound')
})

test('what pays is the hot wallet, and the list can be of one network', async () => {
  await withdraw()
  const list = async (network: string) =>
    (await ok<{ items: (Shown & { from_address: string })[] }>(world, sam, 'GET', `/payments?network=${network}`)).items
  assert.equal((await list('BSC'))[0]?.from_address.toLowerCase(), hotAddress(world.bank, 1, 'evm'))
  assert.deepEqual(await list('ETH'), [])
})
