// Money goes out through a whole installation: withdrawals on all three networks, looked at from the chain's side with the
// clients that the world uses (viem, tronweb); a review by operators, the kill switch, and processes that are killed.
// Ends with the books proven and compared with the chains.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { TronWeb } from 'tronweb'
import { createPublicClient, erc20Abi, http } from 'viem'
import { sleep, systemClock } from '../src/base/clock.ts'
import { runCli } from './harness/cli.ts'
import { type Installation, install, type Person } from './harness/installation.ts'
import { eventually } from './harness/launcher.ts'
import { acceptAndConfirm, check, ok } from './harness/operators.ts'

const networks = ['ETH', 'BSC', 'TRX'] as const
type Code = (typeof networks)[number]
const fees: Record<Code, bigint> = { ETH: 5n, BSC: 1n, TRX: 2n }

let unipay: Installation
let alice: Person
let contracts: Record<Code, { contract: string }>
const operators: Record<'risk' | 'finance' | 'admin', { token: string }> = {
  risk: { token: '' },
  finance: { token: '' },
  admin: { token: '' },
}

before(async () => {
  unipay = await install()
  contracts = JSON.parse(unipay.launcher.run().env.NETWORKS ?? '{}')
})
after(async () => {
  await unipay?.close()
})

const world = () => ({ url: unipay.launcher.base, clock: systemClock })
const cli = (...args: string[]) => runCli(args, { DATA_DIR: unipay.launcher.dataDir })
const mineAll = (blocks: number) => Promise.all(networks.map((network) => unipay.sandbox('mine', { network, blocks })))

interface Order {
  id: string
  chain: Code
  status: string
  amount: string
  fee: string
  amount_net: string
  reason: string
  tx_hash: string | null
  confirmations: number
  timeline: { status: string; at: string; next_step: string }[]
}
const orderOf = (id: string) => unipay.get<Order>(`/api/withdrawal/usdt/orders/${id}`, alice.token)
const freshAddress = (network: Code) =>
  network === 'TRX'
    ? TronWeb.address.fromHex(`41${randomBytes(20).toString('hex')}`)
    : `0x${randomBytes(20).toString('hex')}`

async function withdraw(network: Code, amount: string, to: string): Promise<string> {
  const body = { chain: network, to_address: to, amount, payment_password: alice.pin }
  return (await unipay.post<{ order_id: string }>('/api/withdrawal/usdt', body, alice.token)).order_id
}

/** What an address holds on chain, as an outsider's client says: in whole USDT. */
async function onChain(network: Code, address: string): Promise<bigint> {
  const { contract } = contracts[network]
  const rpc = unipay.launcher.run().env[`RPC_${network}`]
  assert.ok(rpc)
  if (network === 'TRX') {
    const tron = new TronWeb({ fullHost: rpc })
    tron.setAddress(contract)
    const token = await tron.contract().at(contract)
    return BigInt(String(await token.balanceOf?.(address).call())) / 10n ** 6n
  }
  const client = createPublicClient({ transport: http(rpc) })
  const at = { address: contract as `0x${string}`, abi: erc20Abi } as const
  const held = await client.readContract({ ...at, functionName: 'balanceOf', args: [address as `0x${string}`] })
  return held / 10n ** BigInt(await client.readContract({ ...at, functionName: 'decimals' }))
}

const become = (ids: readonly string[], status: string) =>
  eventually(
    `${ids.length} withdrawals become ${status}`,
    async () => {
      await mineAll(3)
      const orders = await Promise.all(ids.map(orderOf))
      return orders.every((order) => order.status === status)
    },
    60_000,
  )

const held = async () =>
  (await unipay.get<{ main: { frozen: string; available: string } }>('/api/account/balance', alice.token)).main

test('the shell invites the first operators, who join with a second factor', async () => {
  for (const role of ['risk', 'finance', 'admin'] as const) {
    const email = `${role}@bank.example`
    const invited = await cli('operator', 'invite', email, '--name', role, '--roles', role, '--json')
    assert.equal(invited.code, 0, invited.said)
    operators[role] = await acceptAndConfirm(world(), String(invited.json.code))
  }
})

test('a customer pays in on all three networks', async () => {
  alice = await unipay.signUp('alice')
  for (const network of networks) await unipay.fund(alice, network, '4000')
  assert.equal((await held()).available, '12000.00')
})

test('a withdrawal arrives on each network, to the cent, and its timeline says how', async () => {
  const wanted = networks.map((network) => ({ network, to: freshAddress(network) }))
  const ids = await Promise.all(wanted.map(({ network, to }) => withdraw(network, '100', to)))
  await become(ids, 'confirmed')
  for (const [i, { network, to }] of wanted.entries()) {
    assert.equal(await onChain(network, to), 100n - fees[network], network)
    const order = await orderOf(ids[i] ?? '')
    assert.equal(order.amount_net, `${100n - fees[network]}.00`)
    assert.ok(order.tx_hash)
    const steps = order.timeline.map((step) => step.status)
    assert.deepEqual([steps[0], steps[1], steps.at(-1)], ['submitted', 'approved', 'confirmed'], `${steps}`)
    assert.ok(order.timeline.every((step) => step.next_step.length > 0))
  }
  assert.deepEqual([(await held()).frozen, (await held()).available], ['0', '11700.00'])
})

test('signer and worker killed while payments are under way: each is paid once', async () => {
  const wanted = Array.from({ length: 12 }, (_, i) => {
    const network = networks[i % 3] ?? 'ETH'
    return { network, to: freshAddress(network) }
  })
  const ids: string[] = []
  for (const [i, { network, to }] of wanted.entries()) {
    ids.push(await withdraw(network, '20', to))
    await sleep(100)
    const { children } = unipay.launcher.run()
    const victim = [undefined, undefined, children.signer, children.worker][i % 4]
    if (victim) process.kill(victim.pid, 'SIGKILL')
  }
  await become(ids, 'confirmed')
  for (const { network, to } of wanted)
    assert.equal(await onChain(network, to), 20n - fees[network], `${network} ${to}`)
})

test('two operators raise what a customer may take out in a day', async () => {
  const reason = 'known to us for years'
  const payload = { name: 'withdrawal.perDay', scope: 'none', value: '10000' }
  const asked = await ok<{ id: string }>(world(), operators.finance, 'POST', '/approvals/setting', { payload, reason })
  assert.equal((await check(world(), operators.finance, asked.id)).status, 403, 'not by herself')
  assert.equal((await check(world(), operators.admin, asked.id)).data.status, 'applied')
})

test('a large one waits for an operator; the one who says no gives it back', async () => {
  const to = freshAddress('TRX')
  const [paid, declined] = [await withdraw('TRX', '1500', to), await withdraw('BSC', '1500', freshAddress('BSC'))]
  for (const [id, verdict] of [
    [paid, 'approve'],
    [declined, 'reject'],
  ] as const) {
    assert.equal((await orderOf(id)).status, 'review')
    const bare = id.replace('w-', '')
    const { review } = await ok<{ review: { approval: string } }>(
      world(),
      operators.risk,
      'GET',
      `/withdrawals/${bare}`,
    )
    const done = await check(world(), operators.risk, review.approval, verdict, { note: 'looked at it' })
    assert.equal(done.status, 200, done.text)
  }
  await become([paid], 'confirmed')
  assert.equal(await onChain('TRX', to), 1_498n)
  assert.equal((await orderOf(declined)).status, 'rejected')
  assert.equal((await held()).frozen, '0')
})

test('stopped, nothing new is sent; released by two, it goes on', async () => {
  const reason = 'a look at the node'
  await ok(world(), operators.risk, 'POST', '/money-out/stop', { network: 'BSC', reason })
  const to = freshAddress('BSC')
  const id = await withdraw('BSC', '50', to)
  await mineAll(5)
  await sleep(5_000)
  assert.equal((await orderOf(id)).status, 'approved')
  assert.equal(await onChain('BSC', to), 0n)
  const payload = { network: 'BSC' }
  const { id: approval } = await ok<{ id: string }>(world(), operators.finance, 'POST', '/approvals/resume_money_out', {
    payload,
    reason: 'it is fine',
  })
  assert.equal((await check(world(), operators.admin, approval)).data.status, 'applied')
  await become([id], 'confirmed')
  assert.equal(await onChain('BSC', to), 49n)
})

test('the books are sound, and are what the chains hold', async () => {
  await unipay.proveBooks()
  const doctor = await cli('doctor', '--json')
  assert.ok(doctor.code === 0 || doctor.code === 1, doctor.said)
})
