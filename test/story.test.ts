// One customer's story through a whole installation: sign-up by mail, a deposit that the chain moves and one that it
// drops, the credit, a payment, and what each of the two sees of it; on both chains, with 6 and with 18 decimals.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { type EventStream, openStream } from './harness/event-stream.ts'
import { type Installation, install, type Person } from './harness/installation.ts'
import { eventually } from './harness/launcher.ts'

let unipay: Installation
let alice: Person
let bob: Person
let hers: EventStream
let his: EventStream

before(async () => {
  unipay = await install({ NETWORKS: JSON.stringify({ BSC: { confirmations: 10 }, ETH: { confirmations: 12 } }) })
  for (const network of ['BSC', 'ETH']) await unipay.sandbox('mine', { network, blocks: 10 }) // room to reorganise
})
after(async () => {
  hers?.close()
  his?.close()
  await unipay?.close()
})

interface Order {
  id: string
  status: string
  confirmations: number
  confirmations_required: number
  amount_received: string
  amount_credited: string
  tx_hash: string
  block_number: number
  credited_at: string | null
}
interface Line {
  account_type: string
  direction: string
  amount: string
  balance_after: string
  biz_type: string
}

const orderOf = (id: string) => unipay.get<Order>(`/api/recharge/orders/${id}`, alice.token)
const balanceOf = async ({ token }: Person) =>
  (await unipay.get<{ main: { balance: string } }>('/api/account/balance', token)).main.balance
const statementOf = async ({ token }: Person) =>
  (await unipay.get<{ items: Line[] }>('/api/account/ledger?size=100', token)).items

/** Pays on chain and waits until the customer sees it. */
async function pay(network: string, amount: string): Promise<Order> {
  const { address } = await unipay.get<{ address: string }>(`/api/recharge/address?chain=${network}`, alice.token)
  const { tx_hash } = await unipay.sandbox('faucet', { network, address, amount })
  let found: Order | undefined
  await eventually('the deposit is seen', async () => {
    const { items } = await unipay.get<{ items: Order[] }>('/api/recharge/orders', alice.token)
    found = items.find((order) => order.tx_hash === tx_hash)
    return found !== undefined
  })
  assert.ok(found)
  return found
}

/** Mines a block at a time up to this many confirmations; the count that is shown never falls. */
async function confirmUpTo(network: string, id: string, wanted: number): Promise<number[]> {
  const shown: number[] = []
  while ((shown.at(-1) ?? 0) < wanted) {
    const { confirmations, status } = await orderOf(id)
    if (confirmations !== shown.at(-1)) {
      assert.ok(confirmations > (shown.at(-1) ?? 0), `${shown}, ${confirmations}`)
      shown.push(confirmations)
      if (confirmations < wanted) await unipay.sandbox('mine', { network, blocks: 1 })
    }
    if (confirmations < wanted) assert.equal(status, 'pending')
    await sleep(50)
  }
  return shown
}

const becomes = (id: string, status: string) =>
  eventually(`${id} becomes ${status}`, async () => (await orderOf(id)).status === status)

test('two people sign up with codes from real mails', async () => {
  ;[alice, bob] = await Promise.all([unipay.signUp('alice'), unipay.signUp('bob')])
  assert.match(alice.uid, /^U1\d{4}$/)
  const { json } = await unipay.ask('GET', `/sandbox/outbox?to=${alice.contact}`)
  // the newest tells of the payment password that was set since
  const mail = (json as { channel: string; subject: string; text: string; code: string }[]).find(({ code }) => code)
  assert.ok(mail)
  assert.equal(mail.channel, 'email')
  assert.match(mail.subject, /UniPay/)
  assert.ok(mail.text.includes(mail.code))
  ;[hers, his] = await Promise.all([streamOf(alice), streamOf(bob)])
})

async function streamOf({ token }: Person): Promise<EventStream> {
  const stream = await openStream(unipay.launcher.base, token)
  await stream.until('the stream to begin', () => stream.of('ready').length > 0)
  return stream
}

let expected = 0n
const usdt = (cents: bigint) => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`

for (const { network, amount, cents, final } of [
  { network: 'BSC', amount: '120.500000000000000019', cents: 12_050n, final: 10 },
  { network: 'ETH', amount: '79.5', cents: 7_950n, final: 12 },
]) {
  test(`${network}: a deposit that the chain drops never counts`, async () => {
    const order = await pay(network, '500')
    await confirmUpTo(network, order.id, 3)
    await unipay.sandbox('reorg', { network, depth: 6, transactions: 'drop' })
    await becomes(order.id, 'orphaned')
    assert.equal((await orderOf(order.id)).confirmations, 0)
    await unipay.sandbox('mine', { network, blocks: 30 })
    await sleep(1_500)
    assert.equal((await orderOf(order.id)).status, 'orphaned')
    assert.equal(await balanceOf(alice), expected === 0n ? '0' : usdt(expected))
    assert.ok(hers.of('deposit.orphaned').some((event) => event.data.id === order.id))
  })

  test(`${network}: a deposit that the chain moves is credited once, when it is final and not before`, async () => {
    const order = await pay(network, amount)
    assert.equal(order.amount_received, usdt(cents))
    assert.equal(order.amount_credited, '0')
    assert.equal(order.confirmations_required, final)
    await confirmUpTo(network, order.id, 4)
    await unipay.sandbox('reorg', { network, depth: 8, transactions: 'keep' })
    await eventually('it stands in another block', async () => {
      const { status, block_number } = await orderOf(order.id)
      return status === 'pending' && block_number !== order.block_number
    })
    const before = await balanceOf(alice)
    const shown = await confirmUpTo(network, order.id, final - 1)
    assert.ok(shown.length >= 3, `${shown}`)
    assert.equal(await balanceOf(alice), before, 'one block before')

    await unipay.sandbox('mine', { network, blocks: 1 })
    await becomes(order.id, 'credited')
    expected += cents
    const credited = await orderOf(order.id)
    assert.equal(credited.confirmations, final)
    assert.equal(credited.amount_credited, usdt(cents))
    assert.ok(credited.credited_at)
    assert.equal(await balanceOf(alice), usdt(expected))

    await unipay.sandbox('mine', { network, blocks: 30 })
    await sleep(1_500)
    assert.equal(await balanceOf(alice), usdt(expected), 'once')
    const lines = (await statementOf(alice)).filter((line) => line.amount === usdt(cents))
    assert.deepEqual(
      lines.map(({ direction, biz_type, balance_after }) => ({ direction, biz_type, balance_after })),
      [{ direction: 'credit', biz_type: 'recharge', balance_after: usdt(expected) }],
    )

    const told = (type: string) => hers.of(type).filter((event) => event.data.id === order.id)
    assert.ok(told('deposit.detected').length >= 1)
    assert.equal(told('deposit.credited').length, 1)
    const counts = told('deposit.confirming').map((event) => event.data.confirmations as number)
    assert.ok(counts.length >= 3, `${counts}`)
    const fall = counts.findIndex((count, i) => i > 0 && count <= (counts[i - 1] ?? 0))
    const after = counts.slice(Math.max(fall, 0))
    assert.deepEqual(
      after,
      [...after].sort((a, b) => a - b),
      `falls only where the chain did: ${counts}`,
    )
  })
}

test('she pays him once, however often the request arrives', async () => {
  const found = await unipay.get<{ user_id: string; name_masked: string }>(
    `/api/transfer/lookup?q=${bob.uid}`,
    alice.token,
  )
  assert.equal(found.user_id, bob.id)
  assert.ok(!found.name_masked.includes(bob.contact))
  const body = { to_user_id: found.user_id, amount: '50.25', memo: '午饭 lunch', payment_password: alice.pin }
  const key = { 'idempotency-key': 'story-1' }
  const first = await unipay.ask('POST', '/api/transfer', body, alice.token, key)
  assert.equal(first.status, 200, first.text)
  const again = await Promise.all(
    Array.from({ length: 5 }, () => unipay.ask('POST', '/api/transfer', body, alice.token, key)),
  )
  for (const reply of again) {
    assert.equal(reply.text, first.text)
    assert.equal(reply.headers['idempotent-replayed'], 'true')
  }
  expected -= 5_025n
  assert.equal(await balanceOf(alice), usdt(expected))
  assert.equal(await balanceOf(bob), '50.25')
  for (const person of [alice, bob]) {
    const { items } = await unipay.get<{ items: { amount: string; memo: string; direction: string }[] }>(
      '/api/transfer/orders',
      person.token,
    )
    assert.equal(items.length, 1)
    assert.equal(items[0]?.memo, '午饭 lunch')
    assert.equal(items[0]?.direction, person === alice ? 'out' : 'in')
  }
  await his.until('his unread messages', () => his.of('inbox').some(({ data }) => (data.unread as number) >= 1))
})

test('the statement adds up to the balance', async () => {
  for (const person of [alice, bob]) {
    const lines = (await statementOf(person)).reverse()
    let cents = 0n
    for (const { direction, amount, balance_after } of lines) {
      cents += (direction === 'credit' ? 1n : -1n) * BigInt(amount.replace('.', ''))
      assert.equal(balance_after, usdt(cents))
    }
    assert.equal(await balanceOf(person), usdt(cents))
  }
})

test('the inbox tells both in their language', async () => {
  const inboxOf = (person: Person, language: string) =>
    unipay.get<{ id: number; type: string; title: string; body: string; read: boolean }[]>('/api/inbox', person.token, {
      'accept-language': language,
    })
  const [zh, en] = await Promise.all([inboxOf(bob, 'zh-CN'), inboxOf(bob, 'en')])
  const ofTransfer = ({ type }: { type: string }) => type === 'transfer_received'
  const [inChinese, inEnglish] = [zh.find(ofTransfer), en.find(ofTransfer)]
  assert.equal(inChinese?.title, '收到转账')
  assert.match(inChinese.body, new RegExp(`${alice.uid}.*50\\.25 USDT.*午饭 lunch`))
  assert.match(inEnglish?.body ?? '', new RegExp(`50\\.25 USDT.*${alice.uid}|${alice.uid}.*50\\.25 USDT`))
  assert.doesNotMatch(inEnglish?.title ?? '收', /\p{Script=Han}/u)
  assert.deepEqual(
    zh.map(({ id }) => id),
    en.map(({ id }) => id),
  )

  const credited = (await inboxOf(alice, 'zh')).filter(({ type }) => type === 'recharge_credited')
  assert.deepEqual(
    credited.map(({ title }) => title),
    ['充值到账', '充值到账'],
  )
  assert.match(credited.map(({ body }) => body).join(), /79\.50? USDT.*120\.50? USDT/)

  const { count } = await unipay.get<{ count: number }>('/api/inbox/unread_count', bob.token)
  assert.equal(count, zh.length)
  await unipay.post(`/api/inbox/${inChinese?.id}/read`, {}, bob.token)
  assert.equal((await unipay.get<{ count: number }>('/api/inbox/unread_count', bob.token)).count, count - 1)
})

test('both saw it happen', async () => {
  for (const stream of [his, hers]) await stream.until('the payment', () => stream.of('transfer.completed').length > 0)
  assert.deepEqual(
    [his, hers].map((stream) => stream.of('transfer.completed').map(({ data }) => [data.direction, data.amount])),
    [[['in', '50.25']], [['out', '50.25']]],
  )
  assert.equal(his.of('deposit.detected').length, 0, 'not what is another’s')
})

test('the books are sound', async () => {
  const { journals } = await unipay.proveBooks()
  assert.ok(journals >= 3, `${journals} journals`)
})
