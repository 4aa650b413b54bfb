// A customer's bank beyond transfers, through a whole installation over HTTP, with the vendors' sandbox as a process of its
// own: an identity check, a card that is topped up, used, declined and refunded, remittances that arrive, fail and come back,
// a vendor that does not answer for a while; told in the inbox and by mail, seen by operators, and proven with the books.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { runCli } from '../harness/cli.ts'
import { type Installation, install, type Person } from '../harness/installation.ts'
import { eventually as within } from '../harness/launcher.ts'
import { acceptAndConfirm, check, consoleCall, ok } from '../harness/operators.ts'
import { someRecipient } from '../harness/remitting.ts'
import { picture, upload } from '../harness/uploads.ts'

/** A minute: what gets lost is asked for again by the poll. */
const eventually = (what: string, look: () => Promise<boolean>) => within(what, look, 90_000)

let unipay: Installation
let alice: Person
/** Two who work for the house. */
const staff: { token: string }[] = []
const world = () => ({ url: unipay.launcher.base, clock: systemClock })

before(async () => {
  unipay = await install()
  alice = await unipay.signUp('alice')
  await unipay.fund(alice, 'BSC', '2000')
  for (const [name, roles] of [
    ['rita', 'risk,finance'],
    ['rob', 'risk,finance,admin'],
  ] as const) {
    const args = ['operator', 'invite', `${name}@bank.example`, '--name', name, '--roles', roles, '--json']
    const invited = await runCli(args, { DATA_DIR: unipay.launcher.dataDir })
    assert.equal(invited.code, 0, invited.said)
    staff.push(await acceptAndConfirm(world(), String(invited.json.code)))
  }
})
after(() => unipay?.close())

const [get, post] = [
  <D>(path: string) => unipay.get<D>(path, alice.token),
  <D>(path: string, body: object) => unipay.post<D>(path, body, alice.token),
]
const mainBalance = async () => (await get<{ main: { balance: string } }>('/api/account/balance')).main.balance
const cardBalance = async () => (await get<{ card_balance: string }>('/api/card/account')).card_balance
const paid = () => ({ payment_password: alice.pin })
const mail = async (saying: RegExp) => {
  const { json } = await unipay.ask('GET', `/sandbox/outbox?to=${alice.contact}`)
  return (json as { subject: string; text: string }[]).some(({ subject, text }) => saying.test(subject + text))
}
const inbox = async (type: string) =>
  (await get<{ type: string }[]>('/api/inbox?size=100')).some((one) => one.type === type)

/** The approval about something, and the word of as many as it takes. */
async function approve(kind: string): Promise<void> {
  let id = ''
  await eventually(`${kind} waits for operators`, async () => {
    const { items } = await ok<{ items: { id: string }[] }>(
      world(),
      staff[0] ?? { token: '' },
      'GET',
      `/approvals?kind=${kind}&status=open`,
    )
    id = items[0]?.id ?? ''
    return id !== ''
  })
  for (const operator of staff) {
    const checked = await check(world(), operator, id)
    if (checked.data?.status === 'applied') return
    assert.equal(checked.status, 200, checked.text)
  }
}

test('who she is: looked at by an operator', async () => {
  const { data, text } = await upload({ url: unipay.launcher.base }, alice.token, await picture())
  assert.ok(data, text)
  await post('/api/kyc/basic', {
    real_name: 'Zhang San',
    id_type: 'PASSPORT',
    id_number: 'E12345678',
    id_photo_front: data.key,
    address: '1 Nanjing Road, Shanghai',
    contact: alice.contact,
  })
  await approve('identity_review')
  await eventually('she is verified', async () => (await get<{ level: string }>('/api/kyc/me')).level === 'basic')
})

interface CardShown {
  id: string
  status: string
  card_limit: string
}
let issuerCard = ''

test('a card: opened, topped up, made, loaded', async () => {
  await post('/api/card/account', {
    first_name: 'San',
    last_name: 'Zhang',
    email: alice.contact,
    country_code: 'CN',
    phone_number: '13800001234',
    date_of_birth: '1990-02-28',
    nationality: 'CN',
    id_type: 'PASSPORT',
    id_number: 'E12345678',
    id_front: (await picture('png', 60, 40)).toString('base64'),
    addr_country: 'CN',
    addr_state: 'Shanghai',
    addr_city: 'Shanghai',
    addr_line1: '南京路 1 号',
    addr_line_en: '1 Nanjing Road',
    addr_postal_code: '200000',
  })
  const account = () => get<{ status: string }>('/api/card/account')
  let cardholder_id: string | null = null
  await eventually('the issuer has the application', async () => {
    const { items } = await ok<{ items: { issuer_id: string | null }[] }>(
      world(),
      staff[0] ?? { token: '' },
      'GET',
      `/card-accounts?uid=${alice.uid}`,
    )
    cardholder_id = items[0]?.issuer_id ?? null
    return cardholder_id !== null
  })
  await unipay.sandbox('cardholder', { cardholder_id, answer: 'approve' })
  await eventually('the account is open', async () => (await account()).status === 'success')
  await post('/api/card/transfer', { from: 'main', to: 'card', amount: '150', ...paid() })
  await post('/api/card/cards', paid())
  const card = async () => (await get<{ items: CardShown[] }>('/api/card/cards')).items[0]
  await eventually('the card is loaded', async () => (await card())?.card_limit === '150.00')
  assert.equal((await card())?.status, 'active')
  assert.ok(await inbox('card_active'))
  const { items } = await ok<{ items: { issuer_id: string }[] }>(
    world(),
    staff[0] ?? { token: '' },
    'GET',
    `/cards?uid=${alice.uid}`,
  )
  issuerCard = items[0]?.issuer_id ?? ''
})

test('used, declined, refunded; a top-up whose answer gets lost is made once', async () => {
  const spend = await unipay.sandbox<{ transaction_id: string }>('card', {
    action: 'authorise',
    card_id: issuerCard,
    amount: '120',
    merchant: 'Tea House',
  })
  await eventually(
    'it is held',
    async () => (await get<{ items: { card_limit: string }[] }>('/api/card/cards')).items[0]?.card_limit === '30.00',
  )
  await unipay.sandbox('card', { action: 'clear', transaction_id: spend.transaction_id, final: true })
  await unipay.sandbox('card', { action: 'authorise', card_id: issuerCard, amount: '900', merchant: 'Yacht' })
  await unipay.sandbox('card', { action: 'refund', transaction_id: spend.transaction_id, amount: '20' })
  await eventually('all of it is told', async () => (await cardBalance()) === '50.00')
  for (const saying of [/Tea House.*120\.00|120\.00.*Tea House/s, /Yacht.*900\.00|900\.00.*Yacht/s])
    await eventually(`a mail says ${saying}`, () => mail(saying))
  assert.ok(await inbox('card_declined'))
  assert.ok(await inbox('card_refunded'))

  await unipay.sandbox('vendor-fault', { vendor: 'uqpay', kind: 'error-after', on: '/recharge', times: 2 })
  await post('/api/card/transfer', { from: 'main', to: 'card', amount: '40', ...paid() })
  await eventually('it is on the card once', async () => (await cardBalance()) === '90.00')
  assert.equal(await mainBalance(), '1810.00')
})

test('remittances: one arrives, one fails, one comes back; one is asked for again', async () => {
  const recipient = await post<{ id: string }>('/api/remittance/recipients', someRecipient())
  await approve('recipient_review')
  const send = async () =>
    (await post<{ id: string }>('/api/remittance/submit', { recipient_id: recipient.id, amount: '100', ...paid() })).id
  const order = (id: string) => get<{ status: string }>(`/api/remittance/orders/${id}`)
  /** The vendor's id of a payout, as operators see it. */
  const payoutOf = async (id: string) => {
    let payout: string | null = null
    await eventually('the vendor has it', async () => {
      const shown = await ok<{ payout: string | null }>(
        world(),
        staff[0] ?? { token: '' },
        'GET',
        `/remittances/${id.replace('rm-', '')}`,
      )
      payout = shown.payout
      return payout !== null
    })
    return payout
  }
  const press = async (id: string, action: string) =>
    unipay.sandbox('payout', { payout_id: await payoutOf(id), action })
  const becomes = (id: string, status: string) =>
    eventually(`${id} is ${status}`, async () => (await order(id)).status === status)

  // each is decided at once: left alone, the sandbox's bank completes it after a few seconds
  const arrives = await send()
  await press(arrives, 'complete')
  const fails = await send()
  await press(fails, 'fail')
  const returns = await send()
  await press(returns, 'complete')
  await becomes(arrives, 'completed')
  await becomes(fails, 'failed')
  await becomes(returns, 'completed')
  await press(returns, 'return')
  await becomes(returns, 'returned')
  await unipay.sandbox('vendor-fault', { vendor: 'uqpay', kind: 'error-after', on: 'POST /v1/payouts', times: 2 })
  const again = await send()
  await press(again, 'complete')
  await becomes(again, 'completed')
  // 100 and the fee of 1 each: two arrived, one all back, one back but for its fee
  assert.equal(await mainBalance(), '1607.00')
  for (const type of ['remittance_completed', 'remittance_failed', 'remittance_returned'])
    assert.ok(await inbox(type), type)
  await eventually(
    'failure and return are mailed',
    async () => (await mail(/汇款失败|Remittance failed/)) && (await mail(/汇款被退回|Remittance returned/)),
  )
})

test('operators see it, nothing stands between, the books are sound', async () => {
  const operator = staff[0] ?? { token: '' }
  for (const path of ['/card-accounts', '/cards', '/card-topups', '/card-transactions', '/remittances', '/issuer']) {
    const answer = await consoleCall(world(), operator.token, 'GET', path)
    assert.equal(answer.status, 200, answer.text)
  }
  await unipay.proveBooks()
})
