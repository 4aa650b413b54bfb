// The card issuer's wire: our provider against the sandbox's UQPAY, with everything that goes wrong between them.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../src/base/ids.ts'
import type { Bank } from '../src/domain/context.ts'
import type { OrderKey, VendorAnswer } from '../src/domain/ports.ts'
import { startWorld, type World } from './harness/customers.ts'
import { someHolder, startTestUqpay, type TestUqpay, until } from './harness/vendors.ts'

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
