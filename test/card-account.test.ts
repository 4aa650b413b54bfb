// Opening a card account, over HTTP against the sandbox's issuer: what is refused, what the issuer is told, what stays here,
// and every way in which it ends.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { accountTransitions } from '../src/domain/card/card-account.ts'
import { type AccountAnswer, type Carding, startCarding } from './harness/carding.ts'
import { countRows } from './harness/tables.ts'
import { until } from './harness/vendors.ts'

let carding: Carding
before(async () => {
  carding = await startCarding()
})
after(() => carding?.close())

const open = (payer: Awaited<ReturnType<Carding['payer']>>, change: Record<string, unknown> = {}) =>
  carding.ask<AccountAnswer>(payer, 'POST', '/api/card/account', carding.form(change))

const kept = async (no: bigint) => {
  const [row] = await carding.world.database.owner.query<{
    application: boolean
    status: string
    reason: string
    round: number
  }>(
    '',
    'select application_sealed is not null as application, status, reason, round from card_accounts where person_no = $1',
    [no],
  )
  return row
}

test('from nothing to a link to an open account; what was filled in is not kept', async () => {
  const payer = await carding.payer()
  assert.deepEqual(await carding.account(payer), {
    status: 'none',
    card_balance: '0',
    cardholder_id: '',
    idv_url: '',
    idv_expires_at: '',
    next_step: '提交开户资料',
  })
  const { data, text, headers } = await open(payer)
  assert.equal(data?.status, 'incomplete', text)
  assert.match(data.idv_url, /^https:\/\/in\.sumsub\.com\/websdk\/p\//)
  assert.ok(Date.parse(data.idv_expires_at) > Date.now())
  assert.match(data.cardholder_id, /^ch-/)
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.deepEqual(await kept(payer.no), { application: false, status: 'incomplete', reason: '', round: 1 })
  assert.equal((await open(payer)).name, 'CardAccountExists')
  await carding.decide(payer, 'GREEN')
  await until('success', async () => (await carding.account(payer)).status === 'success')
  const done = await carding.account(payer)
  assert.deepEqual([done.idv_url, done.idv_expires_at, done.card_balance], ['', '', '0'])
  assert.equal((await open(payer)).name, 'CardAccountExists')
})

test('a link that ran out is asked for again, with the same cardholder', async () => {
  const payer = await carding.payer()
  const row = async () => {
    const [found] = await carding.world.database.owner.query<{ cardholder_id: string; round: number }>(
      '',
      'select cardholder_id, round from card_accounts where person_no = $1',
      [payer.no],
    )
    return found
  }
  carding.linkSeconds = -1
  const expired = (await open(payer)).data
  carding.linkSeconds = 3_600
  const before = await row()
  assert.deepEqual(
    [expired.status, expired.idv_url, expired.next_step],
    ['incomplete', '', '核验链接已过期,请重新提交开户资料'],
  )
  const { data, text } = await open(payer)
  assert.ok(data?.idv_url, text)
  assert.deepEqual(await row(), { cardholder_id: before?.cardholder_id, round: 2 })
})

test('rejected by the issuer, a customer may apply again', async () => {
  const payer = await carding.payer()
  await open(payer)
  await carding.decide(payer, 'RED')
  await until('failed', async () => (await carding.account(payer)).status === 'failed')
  assert.equal((await open(payer)).data?.status, 'incomplete')
})

test('refused by the issuer at once: failed, and nothing is kept of the form', async () => {
  const [first, second] = [await carding.payer(), await carding.payer()]
  await open(first, { email: 'twin@example.com' })
  assert.equal((await open(second, { email: 'twin@example.com' })).data?.status, 'failed')
  assert.deepEqual(await kept(second.no), { application: false, status: 'failed', reason: 'refused', round: 1 })
})

test('no answer: it is applying, the job asks again, and there is one cardholder', async () => {
  const payer = await carding.payer()
  const before = [...carding.uqpay.server.issuing.holders.all()].length
  carding.uqpay.server.faults.push({ kind: 'error-after', on: 'POST /v1/issuing/cardholders', times: 8 })
  await open(payer)
  carding.uqpay.server.faults.length = 0
  await carding.poll(['card accounts'])
  await until('a link', async () => (await carding.account(payer)).idv_url !== '')
  assert.equal([...carding.uqpay.server.issuing.holders.all()].length, before + 1)
})

test('without the issuer’s message, polling finds it', async () => {
  carding.uqpay.tell('')
  const payer = await carding.payer()
  await open(payer)
  await carding.decide(payer, 'GREEN')
  await carding.poll(['card accounts'])
  assert.equal((await carding.account(payer)).status, 'success')
  carding.uqpay.tell(`${carding.world.url}/webhooks/uqpay`)
})

describe('refused before a row is written', () => {
  const picture = (bytes: Buffer) => bytes.toString('base64')
  const cases: readonly [string, Record<string, unknown>, string, string][] = [
    ['a name in other letters', { first_name: '三' }, 'InvalidParams', '/first_name'],
    ['an e-mail address that is none', { email: 'nobody' }, 'InvalidParams', '/email'],
    ['a country that is none', { country_code: 'cn' }, 'InvalidParams', '/country_code'],
    ['letters in a number', { phone_number: '+86138' }, 'InvalidParams', '/phone_number'],
    ['a day that is none', { date_of_birth: '1990-02-30' }, 'InvalidParams', '/date_of_birth'],
    ['a child', { date_of_birth: '2020-01-01' }, 'InvalidParams', '/date_of_birth'],
    ['a document of another kind', { id_type: 'VISA' }, 'InvalidParams', '/id_type'],
    ['what is no base64', { id_front: '!!!' }, 'InvalidParams', '/id_front'],
    [
      'what is no picture',
      { id_front: picture(Buffer.from('%PDF-1.7 no picture at all')) },
      'KYCInvalidFile',
      '/id_front',
    ],
    [
      'the head of a picture alone',
      { id_front: picture(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')) },
      'KYCInvalidFile',
      '/id_front',
    ],
    ['a picture that is too large', { id_front: picture(Buffer.alloc(2_098_000)) }, 'KYCInvalidFile', '/id_front'],
    ['a field that is none', { nickname: 'x' }, 'InvalidParams', '/nickname'],
    ['a field that is missing', { addr_city: undefined }, 'InvalidParams', '/addr_city'],
  ]
  for (const [what, change, name, pointer] of cases) {
    test(what, async () => {
      const payer = await carding.payer()
      const count = () => countRows(carding.world.database.owner)
      const rows = await count()
      const answer = await open(payer, change)
      assert.deepEqual([answer.name, answer.details.pointer], [name, pointer], answer.text)
      assert.deepEqual(await count(), rows)
    })
  }
})

test('the table of states is the database’s, which lets no other step happen', async () => {
  const rows = await carding.world.database.owner.query<{ step: string }>(
    '',
    `select from_status || '>' || to_status as step from card_account_transitions`,
  )
  const ours = Object.entries(accountTransitions).flatMap(([from, next]) => next.map((to) => `${from}>${to}`))
  assert.deepEqual(rows.map(({ step }) => step).sort(), ours.sort())
  await assert.rejects(
    carding.world.database.db.query('', `select card_account_move(1, 10001, 'success', 'failed', '', now())`),
    /cannot go from success to failed/,
  )
  await assert.rejects(
    carding.world.database.db.query('', `update card_accounts set status = 'success'`),
    /permission denied/,
  )
})
