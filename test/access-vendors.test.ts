// What another's cards, recipients, remittances and quotes are to a customer: as absent as those that do not exist, in
// words, code and time. As test/access.test.ts, for what needs the card issuer, the payout vendor and the rate source.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Operation, readOperations } from './harness/app-contract.ts'
import { expectAsAbsent, expectOthersAbsent, type Things, testedElsewhere, thingOf } from './harness/as-absent.ts'
import { type Carding, startCarding } from './harness/carding.ts'
import { ABSENT_ID, honestBody, honestInputs } from './harness/honest-inputs.ts'
import { type Payer, request } from './harness/hosted.ts'
import { type Client, openClient } from './harness/http-client.ts'
import { type Preview, type Remitting, startRemitting } from './harness/remitting.ts'
import { until } from './harness/vendors.ts'

const thisFile = path.basename(import.meta.filename)
const isHere = (path: string) => testedElsewhere[path] === thisFile

let client: Client
let operations: Operation[]
let me: Payer
let other: Payer

async function meet(url: string) {
  client = openClient(url)
  operations = await readOperations(client)
}
const bodyOf = (operation: Operation) => honestBody(operation, honestInputs(other, `r-${ABSENT_ID}`))
const namedBy = (things: Things) =>
  operations.filter(({ path }) => isHere(path) && Object.keys(things).some((prefix) => path.startsWith(prefix)))

let carding: Carding
let remitting: Remitting

const cardThings: Things = {
  // there is one card a customer: frozen where it is to be let go again, and else active
  '/api/card/cards/{id}': async (owner, { path }) => {
    const [card] = await carding.cards(owner)
    assert.ok(card)
    const [status, verb] = path.endsWith('/unfreeze') ? ['frozen', 'freeze'] : ['active', 'unfreeze']
    if (card.status !== status) {
      const body = verb === 'unfreeze' ? { payment_password: owner.pin } : undefined
      const { code, text } = await carding.ask(owner, 'POST', `/api/card/cards/${card.id}/${verb}`, body)
      assert.equal(code, 0, text)
      await until(status ?? '', async () => (await carding.cards(owner))[0]?.status === status)
    }
    return card.id
  },
}

const remittanceThings: Things = {
  '/api/remittance/recipients/{id}': (owner) => remitting.recipient(owner),
  '/api/remittance/orders/{id}': async (owner) => {
    const { data, text } = await remitting.submit(owner, await remitting.recipient(owner), '100')
    assert.ok(data, text)
    await remitting.advance(data.id)
    remitting.uqpay.server.payout(await remitting.payoutOf(data.id), 'complete')
    await remitting.advance(data.id)
    assert.equal((await remitting.order(owner, data.id)).status, 'completed') // and so it has a receipt
    return data.id
  },
}

test('every path that is said to be tested here is', () => {
  const paths = Object.keys(testedElsewhere).filter(isHere)
  assert.ok(paths.length > 0)
  for (const path of paths) assert.ok(thingOf({ ...cardThings, ...remittanceThings }, path))
})

describe('another customer’s card', () => {
  before(async () => {
    carding = await startCarding()
    await meet(carding.world.url)
    me = await carding.holder('50')
    other = await carding.holder('50')
  })
  after(async () => {
    client?.close()
    await carding?.close()
  })

  test('is as absent as one that does not exist: in words and in time', async (t) => {
    const named = namedBy(cardThings)
    assert.ok(named.length > 0)
    for (const operation of named)
      await t.test(operation.name, () => expectOthersAbsent(operation, cardThings, { client, me, other, bodyOf }))
    // unfreezing is the issuer's to confirm, by a message
    await until('the other’s card is as before', async () => (await carding.cards(other))[0]?.status === 'active')
  })
})

describe('another customer’s', () => {
  before(async () => {
    remitting = await startRemitting()
    await meet(remitting.world.url)
    me = await remitting.payer()
    other = await remitting.payer()
  })
  after(async () => {
    client?.close()
    await remitting?.close()
  })

  const changeOf = (operation: Operation) =>
    operation.method === 'PUT' || operation.method === 'PATCH'
      ? JSON.stringify({ account_holder: 'LI SI', nickname: 'mine now' })
      : bodyOf(operation)

  test('recipients and remittances are as absent as those that do not exist: in words and in time', async (t) => {
    const named = namedBy(remittanceThings)
    assert.ok(named.length > 0)
    for (const operation of named)
      await t.test(operation.name, () =>
        expectOthersAbsent(operation, remittanceThings, { client, me, other, bodyOf: changeOf }),
      )
  })

  const recipientAsks = {
    'GET /api/remittance/preview': (id: string, asker: Payer) =>
      request(
        'GET',
        `/api/remittance/preview?amount=100&recipient_id=${encodeURIComponent(id)}`,
        undefined,
        asker.access,
      ),
    'POST /api/remittance/preview': (id: string, asker: Payer) =>
      request('POST', '/api/remittance/preview', { recipient_id: id, amount: '100' }, asker.access),
    'POST /api/remittance/submit': (id: string, asker: Payer) => {
      const order = { recipient_id: id, amount: '100', payment_password: asker.pin }
      return request('POST', '/api/remittance/submit', order, asker.access)
    },
  }
  for (const [name, ask] of Object.entries(recipientAsks)) {
    test(`recipient is absent to ${name}`, async () => {
      const theirs = await remitting.recipient(other)
      await expectAsAbsent((id) => client.ask(ask(id, me)), theirs)
      const reply = await client.ask(ask(theirs, other))
      assert.equal(reply.status, 200, reply.text)
    })
  }

  test('quote holds no more than one that does not exist', async () => {
    const [mine, theirs] = [await remitting.recipient(me), await remitting.recipient(other)]
    const preview = { recipient_id: theirs, amount: '100' }
    const { data, text } = await remitting.call<Preview>(other, 'POST', '/api/remittance/preview', preview)
    assert.ok(data, text)
    const submit = (quote_id: string, asker: Payer, recipient_id: string) => {
      const order = { recipient_id, amount: '100', payment_password: asker.pin, quote_id }
      return client.ask(request('POST', '/api/remittance/submit', order, asker.access))
    }
    await expectAsAbsent((id) => submit(id, me, mine), data.quote_id, { name: 'QuoteExpired' })
    const reply = await submit(data.quote_id, other, theirs)
    assert.equal(reply.status, 200, reply.text)
  })

  test('attempts left the books whole', () => remitting.expectSound())
})
