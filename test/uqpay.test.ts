// The card issuer's wire: our provider against the sandbox's UQPAY, with everything that goes wrong between them.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { Input } from '../sandbox/control.ts'
import { leakedCode, leakedNumber } from '../sandbox/uqpay-faults.ts'
import { vendorControls } from '../sandbox/vendor-controls.ts'
import { withoutCardData } from '../src/base/card-data.ts'
import { newId } from '../src/base/ids.ts'
import { formatAmount, parseAmount } from '../src/base/money.ts'
import type { Bank } from '../src/domain/context.ts'
import type { OrderKey, VendorAnswer } from '../src/domain/ports.ts'
import { sharedToken } from '../src/domain/vendor-event/shared-token.ts'
import { uqpayCards } from '../src/providers/uqpay-cards.ts'
import { createUqpay } from '../src/providers/uqpay-http.ts'
import { VendorFailed } from '../src/providers/vendor-answer.ts'
import { startWorld, type World } from './harness/customers.ts'
import { someBeneficiary, someHolder, startTestUqpay, type TestUqpay, until, uqpayAccount } from './harness/vendors.ts'

let uqpay: TestUqpay
let world: World
let bank: Bank
before(async () => {
  uqpay = await startTestUqpay()
  world = await startWorld(uqpay.env)
  uqpay.tell(`${world.url}/webhooks/uqpay`)
  bank = world.bank
})
after(async () => {
  await world.close()
  await uqpay.stop()
})

const key = (step: string, orderId = newId()): OrderKey => ({ orderId, step })
function taken<T>(answer: VendorAnswer<T>): T {
  assert.equal(answer.result, 'ok', JSON.stringify(answer))
  return (answer as { value: T }).value
}

/** An issuer's wire that gives up soon, with the token that all share. */
function quick() {
  const token = sharedToken(bank, () => bank.keys.vendor, 1, 'uqpay')
  const { UQPAY_URL: url = '', UQPAY_FRAME_URL: frame = '' } = uqpay.env
  const { UQPAY_CLIENT_ID: clientId, UQPAY_API_KEY: apiKey } = uqpayAccount
  return uqpayCards(createUqpay({ url, clientId, apiKey, token, timeout: 300, pauses: [10, 10] }), frame)
}

async function activeCard(): Promise<string> {
  const { cardIssuer } = bank
  const holder = taken(await cardIssuer.createCardholder(key('holder'), someHolder()))
  await until('cardholder', async () => (await cardIssuer.cardholder(holder.cardholderId))?.status === 'SUCCESS')
  const [product] = await cardIssuer.products()
  const order = taken(
    await cardIssuer.createCard(key('card'), {
      cardholderId: holder.cardholderId,
      productId: product?.productId ?? '',
      currency: 'USD',
    }),
  )
  assert.equal(order.status, 'PROCESSING')
  await until('card', async () => (await cardIssuer.card(order.cardId))?.status === 'ACTIVE')
  return order.cardId
}

test('a cardholder gets a card, the card is recharged, and each is told by webhook', async () => {
  const cardId = await activeCard()
  const order = taken(await bank.cardIssuer.recharge(key('recharge'), cardId, '25.5'))
  assert.deepEqual([order.status, order.amount], ['PROCESSING', '25.5'])
  const done = await until('recharge', async () => {
    const found = await bank.cardIssuer.order(order.orderId)
    return found?.status === 'SUCCESS' && found
  })
  assert.equal(done.amount, '25.5')
  const card = await bank.cardIssuer.card(cardId)
  assert.equal(card?.available, '25.5')
  assert.match(card?.last4 ?? '', /^\d{4}$/)
  const types = await until('webhooks', async () => {
    const rows = await bank.db.query<{ type: string }>('told', 'select type from vendor_events order by received_at')
    return rows.length >= 3 && rows.map((row) => row.type)
  })
  assert.deepEqual([...types].sort(), [
    'card.create.succeeded',
    'card.recharge.succeeded',
    'cardholder.kyc.status_changed',
  ])
})

test('the same order is carried out once, however often it is asked for and whatever became of the answers', async () => {
  const cardId = await activeCard()
  for (const kind of ['timeout', 'error', 'error-after', 'busy', 'malformed'] as const) {
    const before = (await bank.cardIssuer.card(cardId))?.available ?? ''
    const again = key('recharge')
    const impatient = quick()
    uqpay.server.faults.push({ kind, on: '/recharge', times: 3 })
    await assert.rejects(impatient.recharge(again, cardId, '1.25'), VendorFailed, kind)
    const order = taken(await impatient.recharge(again, cardId, '1.25'))
    assert.deepEqual(taken(await impatient.recharge(again, cardId, '1.25')), order, kind)
    await until('recharge', async () => (await bank.cardIssuer.order(order.orderId))?.status === 'SUCCESS')
    const now = (await bank.cardIssuer.card(cardId))?.available ?? ''
    assert.equal(parseAmount(now, 2) - parseAmount(before || '0', 2), 125n, kind)
  }
})

test('an answer that says success and an error at once is no answer', async () => {
  const cardId = await activeCard()
  const again = key('recharge')
  uqpay.server.faults.push({ kind: 'contradictory', on: '/recharge', times: 1 })
  await assert.rejects(bank.cardIssuer.recharge(again, cardId, '2'), /card_order_id|card_id/)
  assert.equal(taken(await bank.cardIssuer.recharge(again, cardId, '2')).amount, '2')
})

test('a refusal is a refusal: it names its reason, and asking again gets it again', async () => {
  const { cardIssuer } = bank
  const again = key('holder')
  const wrong = someHolder({ firstName: '三' })
  const refused = await cardIssuer.createCardholder(again, wrong)
  assert.deepEqual(refused, {
    result: 'refused',
    refusal: { code: 'invalid_request_error', reason: 'first_name is invalid', missing: [] },
  })
  assert.deepEqual(await cardIssuer.createCardholder(again, wrong), refused)
  // a key that meant something else is ours to put right, no refusal of the order
  await assert.rejects(cardIssuer.createCardholder(again, someHolder()), /another request/)
  assert.equal(await cardIssuer.card(newId()), undefined)
  assert.equal((await cardIssuer.recharge(key('recharge'), newId(), '1')).result, 'refused')
})

test('many processes share one token; one that the issuer ended is replaced once', async () => {
  const banks = [bank, world.anotherBank(), world.anotherBank()]
  await bank.db.query('token-old', 'update vendor_tokens set expires_at = now()')
  const before = uqpay.server.tokens()
  const ask = () => Promise.all(Array.from({ length: 12 }, (_, i) => banks[i % 3]?.cardIssuer.products()))
  await ask()
  assert.equal(uqpay.server.tokens(), before + 1)
  // somebody else gets a token: ours is over without our knowing
  const stolen = await fetch(`${uqpay.env.UQPAY_URL}/v1/connect/token`, {
    method: 'POST',
    headers: { 'x-client-id': uqpayAccount.UQPAY_CLIENT_ID, 'x-api-key': uqpayAccount.UQPAY_API_KEY },
  })
  const { auth_token: token } = (await stolen.json()) as { auth_token: string }
  assert.equal(token.split('.').length, 3)
  await ask()
  assert.equal(uqpay.server.tokens(), before + 3)
  const [row] = await bank.db.query<{ sealed: Buffer }>('token-row', 'select token_sealed as sealed from vendor_tokens')
  assert.ok(!row?.sealed.toString('latin1').includes('eyJ'))
})

test('everything of the issuer survives its restart, webhooks that were not told included', async () => {
  const cardId = await activeCard()
  uqpay.server.webhooks.weather.delay = 500
  const order = taken(await bank.cardIssuer.recharge(key('recharge'), cardId, '7'))
  await uqpay.again()
  await until('recharge', async () => (await bank.cardIssuer.order(order.orderId))?.status === 'SUCCESS')
  assert.equal((await bank.cardIssuer.card(cardId))?.available, '7')
  await until('all told', () => uqpay.server.webhooks.waiting === 0)
})

test('a card is frozen and cancelled, and then takes no money', async () => {
  const cardId = await activeCard()
  for (const status of ['FROZEN', 'ACTIVE', 'CANCELLED'] as const) {
    taken(await bank.cardIssuer.setStatus(key(status), cardId, status, 'test'))
    await until(status, async () => (await bank.cardIssuer.card(cardId))?.status === status)
  }
  const answer = await bank.cardIssuer.recharge(key('recharge'), cardId, '1')
  assert.deepEqual([answer.result, answer.result === 'refused' && answer.refusal.code], ['refused', 'card_error'])
})

test("the frame shows the card once, to the card's own token, and nobody keeps it", async () => {
  const cardId = await activeCard()
  const frame = taken(await bank.cardIssuer.secureFrame(cardId, 'zh'))
  assert.ok(frame.expiresAt.getTime() - Date.now() <= 61_000)
  const elsewhere = new URL(frame.url)
  elsewhere.searchParams.set('cardId', newId())
  const wrong = taken(await bank.cardIssuer.secureFrame(cardId, 'en'))
  assert.equal((await fetch(wrong.url.replace(cardId, newId()))).status, 410)
  assert.equal((await fetch(wrong.url)).status, 410)
  const shown = await fetch(frame.url)
  assert.equal(shown.headers.get('cache-control'), 'no-store')
  assert.match((await shown.text()).replaceAll(' ', ''), /40963608\d{8}/)
  assert.equal((await fetch(frame.url)).status, 410)
})

test("a card's life is told transaction by transaction, and what is left is what the issuer says", async () => {
  const cardId = await activeCard()
  const order = taken(await bank.cardIssuer.recharge(key('recharge'), cardId, '100'))
  await until('recharge', async () => (await bank.cardIssuer.order(order.orderId))?.status === 'SUCCESS')
  const { simulate } = uqpay.server
  const id = (answer: object) => (answer as { transaction_id: string }).transaction_id
  const first = id(simulate('authorization', { card_id: cardId, transaction_amount: '30', merchant_name: 'Tea' }))
  simulate('increment', { transaction_id: first, amount: '10' })
  simulate('reversal', { transaction_id: first, amount: '5' })
  simulate('capture', { transaction_id: first, amount: '20' })
  simulate('capture', { transaction_id: first, amount: '18.5' }) // more than is held
  simulate('refund', { transaction_id: first, amount: '3' })
  simulate('force-post', { card_id: cardId, amount: '80' })
  simulate('authorization', { card_id: cardId, transaction_amount: '500' })
  const { items, total } = await bank.cardIssuer.transactions({ cardId, page: 1, size: 20 })
  assert.equal(total, 8)
  assert.deepEqual(items.map((one) => [one.type, one.status, one.billing.amount, one.availableAfter]).reverse(), [
    ['AUTHORIZATION', 'APPROVED', '30', '70'],
    ['INCREMENTAL_AUTHORIZATION', 'APPROVED', '10', '60'],
    ['REVERSAL', 'APPROVED', '5', '65'],
    ['SETTLEMENT_DEBIT', 'APPROVED', '20', '65'],
    ['SETTLEMENT_DEBIT', 'APPROVED', '18.5', '61.5'],
    ['REFUND', 'APPROVED', '3', '64.5'],
    ['SETTLEMENT_DEBIT', 'APPROVED', '80', '-15.5'],
    ['AUTHORIZATION', 'DECLINED', '500', '-15.5'],
  ])
  assert.equal((await bank.cardIssuer.transaction(first))?.merchant?.name, 'Tea')
  assert.ok(
    items.slice(1, 7).every((one) => one.originalId === first || one.description === 'posted without authorization'),
  )
  assert.equal(await bank.cardIssuer.transaction(newId()), undefined)
})

test('a payout goes to a bank account, completes, and comes back', async () => {
  const { payouts } = bank
  const { beneficiaryId } = taken(await payouts.createBeneficiary(key('beneficiary'), someBeneficiary()))
  const again = key('payout')
  const order = {
    beneficiaryId,
    amount: '720.15',
    currency: 'CNH',
    sourceCurrency: 'USD',
    purpose: 'FAMILY_SUPPORT',
    feePaidBy: 'OURS',
    reference: 'RM1',
  } as const
  const { payoutId, status } = taken(await payouts.pay(again, order))
  assert.equal(status, 'PENDING')
  assert.equal(taken(await payouts.pay(again, order)).payoutId, payoutId)
  uqpay.server.payout(payoutId, 'complete')
  assert.deepEqual(await payouts.payout(payoutId), {
    payoutId,
    status: 'COMPLETED',
    amount: '720.15',
    currency: 'CNH',
    reference: 'RM1',
  })
  uqpay.server.payout(payoutId, 'return')
  const back = await payouts.payout(payoutId)
  assert.deepEqual([back?.status, back?.returned], ['FAILED', '720.15'])
  assert.equal(await payouts.payout(newId()), undefined)
})

test('no card number and no code is kept or passed on, wherever the issuer puts them', async () => {
  const cardId = await activeCard()
  const errors: string[] = []
  for (const on of ['/recharge', 'GET /v1/issuing/cards/', '/status']) {
    uqpay.server.faults.push({ kind: 'card-data', on, times: 1 })
  }
  const answers: unknown[] = [
    await bank.cardIssuer.card(cardId),
    await bank.cardIssuer.recharge(key('recharge'), cardId, '3'),
    await bank.cardIssuer.setStatus(key('freeze'), cardId, 'FROZEN', 'test'),
  ]
  const card = `4096360812345676 and 4096-3608-1234-5676 cvv=${leakedCode}`
  for (const wrong of [someHolder({ email: card }), someHolder({ nationality: card })]) {
    answers.push(
      await bank.cardIssuer.createCardholder(key('holder'), wrong).catch((error) => errors.push(String(error))),
    )
  }
  const seen = JSON.stringify([answers, errors])
  assert.ok(!/4096360812345676|4096 3608|4096-3608/.test(seen), seen)
  assert.ok(!seen.includes(`"${leakedCode}"`) && !/cvv\W+739/i.test(seen), seen)
  const said = {
    a: leakedNumber,
    number: 4096360812345676,
    nested: [{ '4096 3608 1234 5676': 'x', CVV2: 123, expire_date: '12/30', note: `pan ${leakedNumber}, CVC is 739` }],
    wide: '４０９６３６０８１２３４５６７６',
    masked: '40963608****5676',
    card_id: '40963608-1234-4567-8901-234567890123',
    some_id: '4096360812345670',
    amount: '4096360812.34',
    at: '2026-11-22T03:35:48.123+08:00',
    stamp: 1_700_000_000_000,
    reference: '20261122033548001',
  }
  const clean = withoutCardData(said) as typeof said
  assert.ok(!/4096360812345676|4096 3608|０９６|"123"|12\/30|739/.test(JSON.stringify(clean)), JSON.stringify(clean))
  assert.equal(clean.masked, '[card …5676]')
  for (const field of ['card_id', 'some_id', 'amount', 'at', 'stamp', 'reference'] as const)
    assert.equal(clean[field], said[field], field)
})

test("the sandbox's buttons do what the vendor would do, and say what cannot be", async () => {
  const press = vendorControls({ uqpay: uqpay.server })
  const does = (name: keyof typeof press, input: object) => press[name]?.(input as Input) as Record<string, string>
  const cardId = await activeCard()
  taken(await bank.cardIssuer.recharge(key('recharge'), cardId, '50'))
  await until('recharge', async () => (await bank.cardIssuer.card(cardId))?.available === '50')
  const spend = does('POST /sandbox/card', { action: 'authorise', card_id: cardId, amount: '12.34', merchant: 'Tea' })
  for (const [action, left] of [
    ['increment', '35.66'],
    ['reverse', '37.66'],
    ['clear', '37.66'],
    ['refund', '39.66'],
  ] as const) {
    const amount = action === 'clear' ? undefined : '2'
    const told = does('POST /sandbox/card', { action, transaction_id: spend.transaction_id, ...(amount && { amount }) })
    assert.equal(told.card_available_balance, left, action)
  }
  const declined = does('POST /sandbox/card', { action: 'decline', card_id: cardId, amount: '1' })
  assert.equal(declined.transaction_status, 'DECLINED')
  assert.throws(() => does('POST /sandbox/card', { action: 'authorise', card_id: newId(), amount: '1' }), /not found/)
  assert.throws(() => does('POST /sandbox/card', { action: 'eat' }), /action must be one of/)
  assert.throws(() => does('POST /sandbox/card', { action: 'clear', colour: 'red' }), /unknown: colour/)
  assert.throws(() => does('POST /sandbox/identity', { answer: 'approve' }), /runs no identity check/)
  does('POST /sandbox/webhooks', { vendor: 'uqpay', copies: 3, delay_ms: 10 })
  const counted = async () =>
    (
      await bank.db.query<{ copies: number }>(
        'copies',
        'select copies from vendor_events order by received_at desc limit 1',
      )
    )[0]
  does('POST /sandbox/card', { action: 'authorise', card_id: cardId, amount: '1' })
  await until('all told', () => uqpay.server.webhooks.waiting === 0)
  assert.equal((await counted())?.copies, 2)
  does('POST /sandbox/webhooks', { vendor: 'uqpay', lose: 1 })
  does('POST /sandbox/card', { action: 'authorise', card_id: cardId, amount: '1' })
  assert.equal(uqpay.server.webhooks.waiting, 0)
})

test("whatever happens on a card, the issuer's statement adds up to what is left", () => {
  uqpay.tell('') // nobody needs to hear of thousands
  type Told = { transaction_id: string }
  const { issuing, simulate } = uqpay.server
  const card = [...issuing.cards.all()].findLast((one) => one.status === 'ACTIVE')
  assert.ok(card)
  const step = fc.record({
    action: fc.constantFrom('authorization', 'increment', 'reversal', 'capture', 'refund', 'force-post', 'expiry'),
    amount: fc.integer({ min: 1, max: 3_000 }).map((cents) => formatAmount(BigInt(cents), 2)),
    of: fc.nat(5),
    whole: fc.boolean(),
  })
  const units = (text: string) => (text.startsWith('-') ? -parseAmount(text.slice(1), 2) : parseAmount(text, 2))
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let left = issuing.available(issuing.cardOf(card.card_id))
      const held = new Map<string, bigint>()
      const release = (id: string, amount: bigint) => {
        const part = amount < (held.get(id) ?? 0n) ? amount : (held.get(id) ?? 0n)
        held.set(id, (held.get(id) ?? 0n) - part)
        return part
      }
      for (const { action, amount, of, whole } of steps) {
        const original = [...held.keys()][of]
        const isFree = action === 'authorization' || action === 'force-post'
        if (!isFree && original === undefined) continue
        const part =
          action === 'authorization'
            ? { transaction_amount: amount }
            : whole && !isFree && action !== 'increment'
              ? {}
              : { amount }
        const about = isFree ? { card_id: card.card_id } : { transaction_id: original }
        let told: Record<string, string> & Told
        try {
          told = simulate(action, { ...about, ...part }) as typeof told
        } catch (error) {
          assert.match(String(error), /nothing is left/)
          continue
        }
        const billed = units(told.billing_amount ?? '')
        const id = original ?? ''
        if (told.transaction_status === 'APPROVED') {
          if (action === 'authorization') held.set(told.transaction_id, billed)
          if (action === 'increment') held.set(id, (held.get(id) ?? 0n) + billed)
          if (action === 'authorization' || action === 'increment' || action === 'force-post') left -= billed
          if (action === 'reversal' || action === 'expiry') left += release(id, billed)
          if (action === 'capture') left += release(id, billed) - billed
          if (action === 'refund') left += billed
        }
        assert.equal(units(told.card_available_balance ?? ''), left)
      }
    }),
    { numRuns: 200 },
  )
})
