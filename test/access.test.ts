// Who may do what, for every route of the app API: nobody without signing in, nobody with what is another's, nobody more
// by saying more. The routes come from the OpenAPI document; one whose ids are unknown here fails until it is told.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { verifyLedger } from '../src/ledger/audit.ts'
import { faultOfRefusal, type Operation, readOperations } from './harness/app-contract.ts'
import { expectAsAbsent, expectOthersAbsent, fill, nameOf, type Things, testedElsewhere } from './harness/as-absent.ts'
import { logIn } from './harness/customers.ts'
import { ABSENT_ID, honestBody, honestInputs } from './harness/honest-inputs.ts'
import { type Hosted, type Payer, request, startHosted } from './harness/hosted.ts'
import { spotClient } from './harness/spot-client.ts'
import { printTables } from './harness/tables.ts'
import { done, makeKey } from './harness/trading.ts'
import { filesFolder, picture, upload } from './harness/uploads.ts'
import { freshAddress } from './harness/withdrawing.ts'

let hosted: Hosted
let operations: Operation[]
let me: Payer
let other: Payer

before(async () => {
  hosted = await startHosted({ DATA_DIR: filesFolder() })
  operations = await readOperations(hosted.client)
  ;[me, other] = await Promise.all([hosted.payer(100_000_000n), hosted.payer(100_000_000n)])
})
after(() => hosted?.close())

const bodyOf = (operation: Operation, change?: object) =>
  honestBody(operation, honestInputs(other, `r-${ABSENT_ID}`), change)
/** What a GET cannot do without. */
const queryOf = (path: string, about: Payer): string => {
  const queries: Record<string, string> = {
    '/api/recharge/address': 'chain=BSC',
    '/api/node/quote': 'qty=1',
    '/api/transfer/lookup': `q=${about.uid}`,
    '/api/withdrawal/usdt/quote': 'chain=BSC&amount=10',
  }
  return queries[path] ?? ''
}

// --- without signing in ---

test('what is open is on this list', () => {
  const open = operations.filter((operation) => operation.open).map(({ name }) => name)
  assert.deepEqual(open.sort(), [
    // the cookie says who asks
    'DELETE /api/auth/web-session',
    'GET /api/quote/upt-kline',
    'GET /api/reserves',
    'GET /api/reserves/addresses',
    'POST /api/auth/code/send',
    'POST /api/auth/login',
    'POST /api/auth/login/2fa/send',
    'POST /api/auth/login/2fa/verify',
    'POST /api/auth/password/reset',
    'POST /api/auth/refresh',
    'POST /api/auth/register',
    'POST /api/auth/web-session',
    'PUT /api/auth/web-session',
  ])
})

test('nothing else answers without a sign-in, whatever is asked', async () => {
  for (const operation of operations.filter((one) => !one.open)) {
    for (const body of [bodyOf(operation), '{', undefined]) {
      const reply = await hosted.client.ask(request(operation.method, fill(operation.path, ABSENT_ID), body))
      assert.equal(nameOf(reply), 'Unauthorized', operation.name)
      assert.equal(faultOfRefusal(reply), undefined, reply.text)
      assert.equal(reply.headers['www-authenticate'], 'Bearer')
    }
  }
})

// --- with what is another's ---

/** How a customer comes by something that a path names. Called anew for every request that could use it up. */
const things: Things = {
  '/api/auth/devices/{id}': async (owner) => {
    assert.equal((await logIn(hosted.world, owner)).status, 200)
    const { json } = await hosted.ask('GET', '/api/auth/devices', undefined, owner.access)
    const devices = (json as { data: { id: string; is_current: boolean }[] }).data
    return devices.find((device) => !device.is_current)?.id ?? ''
  },
  '/api/recharge/orders/{id}': (owner) => hosted.deposit(owner),
  '/api/withdrawal/usdt/orders/{id}': async (owner, { path }) => {
    if (path.endsWith('/confirm')) return askedByProgram(owner)
    const order = { chain: 'BSC', to_address: freshAddress(), amount: '10', payment_password: owner.pin }
    const { json } = await hosted.ask('POST', '/api/withdrawal/usdt', order, owner.access)
    return (json as { data: { order_id: string } }).data.order_id
  },
  '/api/withdrawal/addresses/{id}': async (owner) => {
    const address = { chain: 'BSC', address: freshAddress(), label: 'mine', payment_password: owner.pin }
    const { json } = await hosted.ask('POST', '/api/withdrawal/addresses', address, owner.access)
    return (json as { data: { id: string } }).data.id
  },
  '/api/api-keys/{id}': async (owner) => (await makeKey(hosted.world, owner)).apiKey,
  '/api/webhooks/{id}': async (owner) => {
    const body = { url: 'https://example.com/told', payment_password: owner.pin }
    const { json } = await hosted.ask('POST', '/api/webhooks', body, owner.access)
    return (json as { data: { endpoint: { id: string } } }).data.endpoint.id
  },
  '/api/inbox/{id}': async (owner) => {
    const { json } = await hosted.ask('GET', '/api/inbox', undefined, owner.access)
    return String((json as { data: { id: number }[] }).data[0]?.id ?? '')
  },
}

/** A withdrawal that waits for its owner: a program asked for it, above a limit that is set to nothing. */
async function askedByProgram(owner: Payer): Promise<string> {
  const sql = hosted.world.database.owner
  await sql.query(
    '',
    `insert into setting_changes (book_id, no, name, scope, value, before, reason, made_by, checked_by, approval_id, changed_at)
     select 1, coalesce(max(no), 0) + 1, 'withdrawal.confirmAbove', 'BSC/USDT', '0', '10000', 'test', gen_random_uuid(),
       array[gen_random_uuid()], gen_random_uuid(), now() from setting_changes where book_id = 1`,
  )
  const entry = { chain: 'BSC', address: freshAddress(), label: 'mine', payment_password: owner.pin }
  await hosted.ask('POST', '/api/withdrawal/addresses', entry, owner.access)
  await sql.query(
    '',
    `update withdrawal_addresses set created_at = now() - interval '2 days', usable_at = now() - interval '1 day'`,
  )
  const order = { coin: 'USDT', network: 'BSC', address: entry.address, amount: '10' }
  const program = spotClient(hosted.api.url, await makeKey(hosted.world, owner))
  done(await program.post('/api/spot/v1/withdraw', order))
  const { json } = await hosted.ask('GET', '/api/withdrawal/usdt/orders?size=1', undefined, owner.access)
  return (json as { data: { items: { id: string }[] } }).data.items[0]?.id ?? ''
}

describe('another customer’s', () => {
  test('things are as absent as those that do not exist: in words and in time', async (t) => {
    const named = operations.filter(({ path }) => path.includes('{') && !Object.hasOwn(testedElsewhere, path))
    assert.ok(named.length > 0)
    const { client } = hosted
    for (const operation of named)
      await t.test(operation.name, () => expectOthersAbsent(operation, things, { client, me, other, bodyOf }))
  })

  test('things that are not tested here are tested where it says', () => {
    for (const [named, file] of Object.entries(testedElsewhere)) {
      assert.ok(
        operations.some((operation) => operation.path === named),
        `there is no ${named}`,
      )
      assert.ok(fs.existsSync(path.join(import.meta.dirname, file)), `there is no ${file}`)
    }
  })

  /** Fields that name something, and what is shown of each below or elsewhere. */
  const references: Record<string, string> = {
    'POST /api/transfer to_user_id': 'meant for everybody',
    'POST /api/auth/refresh refresh_token': 'whoever holds it is its owner',
    'PUT /api/auth/web-session refresh_token': 'whoever holds it is its owner',
    'POST /api/auth/logout refresh_token': 'below',
    'POST /api/auth/login/2fa/send pending_id': 'whoever holds it is its owner',
    'POST /api/auth/login/2fa/verify pending_id': 'whoever holds it is its owner',
    'GET /api/events last_event_id': 'below',
    'GET /api/kyc/file key': 'below',
    'GET /api/remittance/preview recipient_id': 'in access-vendors.test.ts',
    'POST /api/remittance/preview recipient_id': 'in access-vendors.test.ts',
    'POST /api/remittance/submit recipient_id': 'in access-vendors.test.ts',
    'POST /api/remittance/submit quote_id': 'in access-vendors.test.ts',
  }

  test('every field that names something is known', () => {
    const found = operations.flatMap(({ name, body, parameters }) => {
      const query = parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name)
      const fields = [...Object.keys(body?.properties ?? {}), ...query]
      return fields.filter((field) => /(^|_)(id|ids|token|key|no)$/.test(field)).map((field) => `${name} ${field}`)
    })
    assert.deepEqual(found.sort(), Object.keys(references).sort())
  })

  test('sessions do not end by my signing out with their refresh token', async () => {
    const mine = (await logIn(hosted.world, me)).data.access_token
    const theirs = (await logIn(hosted.world, other)).data
    const out = await hosted.ask('POST', '/api/auth/logout', { refresh_token: theirs.refresh_token }, mine)
    assert.equal(out.status, 200)
    assert.equal((await hosted.ask('GET', '/api/user/me', undefined, theirs.access_token)).status, 200)
    const again = await hosted.ask('POST', '/api/auth/refresh', { refresh_token: theirs.refresh_token })
    assert.equal(again.status, 200)
  })

  test('pictures are as absent as those that do not exist: in words and in time', async () => {
    const { data, text } = await upload(hosted.world, other.access, await picture())
    assert.ok(data, text)
    const ask = (key: string, owner: Payer) =>
      hosted.ask('GET', `/api/kyc/file?key=${encodeURIComponent(key)}`, undefined, owner.access)
    const absent = data.key.replace(/[0-9a-f]{12}\.jpg$/, '000000000000.jpg')
    await expectAsAbsent((key) => ask(key, me), data.key, { absent })
    assert.equal((await ask(data.key, other)).status, 200)
  })

  test('money, messages and statement do not show in mine', async () => {
    const order = { to_user_id: other.id, amount: '1', payment_password: other.pin, memo: 'for third eyes' }
    const third = await hosted.payer(5_000_000n)
    assert.equal((await hosted.ask('POST', '/api/transfer', order, third.access)).status, 200)
    for (const { method, path, open, stream, name } of operations) {
      if (method !== 'GET' || open || stream || path.includes('{')) continue
      const { text } = await hosted.ask('GET', `${path}?${queryOf(path, me)}`, undefined, me.access)
      for (const secret of [order.memo, other.contact, other.id, third.id, third.uid, third.inviteCode])
        assert.ok(!text.includes(secret), `${name} shows ${secret}: ${text}`)
    }
  })
})

// --- by saying more ---

describe('fields that no document names', () => {
  const extras = {
    status: 'active',
    is_node: true,
    kyc_status: 'approved',
    review_status: 'approved',
    balance: '1000000',
    fee: '0',
    role: 'admin',
    user_id: ABSENT_ID,
    person_id: ABSENT_ID,
    book_id: 2,
    level: 9,
    level_manual: 9,
    effective_level: 9,
    admin: true,
    money_out_held_until: null,
    created_at: '2000-01-01T00:00:00Z',
    limit: 1_000_000,
  }
  // what signing in and being seen leave behind; the rest must stay as it is to the letter
  const moving = ['sessions', 'attempts', 'chain_states']

  test('change nothing in any body', async () => {
    const { owner } = hosted.world.database
    const before = await printTables(owner, moving)
    for (const operation of operations.filter(({ body }) => body)) {
      const path = fill(operation.path, ABSENT_ID)
      const bodies = Object.entries(extras).map(([name, value]) => bodyOf(operation, { [name]: value }) ?? '')
      const honest = bodyOf(operation, { extra: 1 }) ?? ''
      bodies.push(bodyOf(operation, extras) ?? '')
      for (const raw of [
        '"__proto__":{"is_node":true}',
        '"constructor":{"prototype":{"is_node":true}}',
        '"prototype":1',
        '"":1',
      ])
        bodies.push(honest.replace('"extra":1', raw))
      for (const body of bodies) {
        const reply = await hosted.client.ask(request(operation.method, path, body, me.access))
        assert.deepEqual(
          [reply.status, nameOf(reply)],
          [400, 'InvalidParams'],
          `${operation.name} ${body} → ${reply.text}`,
        )
        assert.match(reply.text, /unknown field|is not a field/)
      }
    }
    assert.deepEqual(await printTables(owner, moving), before)
  })

  test('change nothing in any address', async () => {
    for (const { method, path, open, stream } of operations) {
      if (method !== 'GET' || open || stream || path.includes('{')) continue
      const query = queryOf(path, other)
      const plain = await hosted.ask('GET', `${path}?${query}`, undefined, me.access)
      for (const [name, value] of Object.entries({
        user_id: other.id,
        uid: other.uid,
        person_no: other.no,
        role: 'admin',
      })) {
        const asked = await hosted.ask('GET', `${path}?${query}&${name}=${value}`, undefined, me.access)
        if (asked.status === 400) assert.equal(nameOf(asked), 'InvalidParams')
        else assert.equal(asked.text, plain.text, `${path} with ${name}`)
      }
    }
  })
})

test('the books are whole', async () => {
  assert.deepEqual((await verifyLedger(hosted.world.database.owner, { bookId: 1 })).faults, [])
})
