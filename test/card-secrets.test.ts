// An issuer that puts card numbers and codes into every answer, refusal and message: whatever a customer and operators do
// with a card, nothing of them is stored, not even sealed, and nothing logged or shown beyond the last four digits.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pino } from 'pino'
import { leakedCode, leakedNumber, leaking } from '../sandbox/uqpay-faults.ts'
import { unseal } from '../src/base/crypto.ts'
import { cardChecks } from '../src/domain/card/card-checks.ts'
import { sealedColumns } from '../src/domain/personal-keys.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { type Carding, startCarding, usdt } from './harness/carding.ts'
import { joinOperator, ok, type TestOperator } from './harness/operators.ts'
import { bare } from './harness/remitting.ts'
import { until } from './harness/vendors.ts'

let carding: Carding
let rita: TestOperator
const logged: string[] = []
/** All that left the bank over HTTP, but for the issuer's own page. */
const shown: string[] = []

before(async () => {
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) })
  carding = await startCarding({ parts: { log } })
  rita = await joinOperator(carding.world, ['risk'], 'Rita')
  carding.uqpay.server.webhooks.weather.leaking = true
})
after(() => carding?.close())

/** From now on every answer to such a request leaks. */
const leak = (on: string, kind: 'card-data' | 'card-data-refusal' = 'card-data', times = 10_000) => {
  carding.uqpay.server.faults.length = 0
  carding.uqpay.server.faults.push({ kind, on, times })
}
type Payer = Awaited<ReturnType<Carding['payer']>>
const ask = async (payer: Payer, method: string, path: string, body?: object) => {
  const answer = await carding.ask(payer, method, path, body)
  shown.push(answer.text)
  return answer
}
const console_ = async (path: string) => void shown.push(JSON.stringify(await ok(carding.world, rita, 'GET', path)))

/** Every text of every row, sealed ones opened; and what waits in the queue. */
async function everything(): Promise<string> {
  const { owner } = carding.world.database
  const { keys } = carding.world.bank
  const parts: string[] = []
  const tables = await owner.query<{ name: string }>(
    '',
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'graphile_worker')`,
  )
  for (const { name } of tables)
    parts.push(
      ...(await owner.query<{ row: string }>('', `select t::text as row from ${name} t`)).map(({ row }) => row),
    )
  for (const { table, column, key, context } of sealedColumns.filter((one) => one.table.startsWith('card'))) {
    const names = Object.keys(key)
    const rows = await owner.query<Record<string, unknown> & { sealed: Buffer }>(
      '',
      `select ${names.map((one) => `${one}::text as ${one}`).join(', ')}, ${column} as sealed from ${table} where ${column} is not null`,
    )
    for (const row of rows)
      parts.push(unseal(keys.personal, row.sealed, context(1, ...names.map((one) => String(row[one])))))
  }
  const events = await owner.query<{ vendor: string; event_id: string; body_sealed: Buffer }>(
    '',
    'select vendor, event_id, body_sealed from vendor_events',
  )
  for (const { vendor, event_id, body_sealed } of events)
    parts.push(unseal(keys.vendor, body_sealed, `vendor-event/1/${vendor}/${event_id}`))
  assert.ok(events.length > 5, `${events.length} messages of the issuer`)
  return parts.join('\n')
}

/** What of card numbers and codes stands in a text. */
function secretsIn(text: string): string[] {
  const numbers = [leakedNumber, ...[...carding.uqpay.server.issuing.cards.all()].map(({ number }) => number)]
  const digits = text.replaceAll(/(?<=\d)[ \-.\u00a0](?=\d)/g, '')
  return [
    ...numbers.filter((number) => digits.includes(number)),
    ...(text.match(/(?:cvv2?|cvc|security.?code)\W{1,5}(?:is\W+)?\d{3}\b/gi) ?? []),
    ...(text.match(new RegExp(`"(?:cvv|security_code)": ?"?${leakedCode}`, 'g')) ?? []),
  ]
}

test('the search finds what the issuer puts there', () => {
  assert.ok(secretsIn(JSON.stringify(leaking({}))).length >= 4)
  assert.deepEqual(secretsIn('card [card …5676], 12.34 USD'), [])
})

test('through the life of a card', async () => {
  const payer = await carding.payer(usdt(1_000))
  leak('')
  await ask(payer, 'POST', '/api/card/account', carding.form())
  await carding.decide(payer, 'GREEN')
  await until('open', async () => {
    await carding.poll(['card accounts'])
    return (await carding.account(payer)).status === 'success'
  })
  await ask(payer, 'GET', '/api/card/account')
  assert.equal((await carding.topUp(payer, '50')).code, 0)
  await ask(payer, 'POST', '/api/card/cards', { payment_password: payer.pin })
  await until('active', async () => (await carding.cards(payer))[0]?.status === 'active')
  await until('loaded', async () => (await carding.cards(payer))[0]?.card_limit === '50.00')
  const [card] = await carding.cards(payer)
  assert.match(card?.masked_pan ?? '', /^\*{4}\d{4}$/)
  const id = card?.id ?? ''
  const issuerCard = await carding.issuerCard(payer)

  const simulate = (what: string, body: Record<string, unknown>) =>
    carding.uqpay.server.simulate(what, body) as { transaction_id: string }
  const shop = { merchant_name: `SHOP ${leakedNumber}`, merchant_city: `CVV: ${leakedCode}` }
  const { transaction_id } = simulate('authorization', {
    card_id: issuerCard,
    transaction_amount: '20',
    transaction_currency: 'USD',
    ...shop,
  })
  simulate('capture', { transaction_id, amount: '5' })
  simulate('force-post', { card_id: issuerCard, amount: '2', ...shop })
  simulate('authorization', { card_id: issuerCard, transaction_amount: '900', transaction_currency: 'USD', ...shop })
  await until('told', async () => (await carding.money(payer, 'card')).balance === usdt(43))
  await carding.poll()

  // refusals that say it, whatever is asked
  for (const [on, method, path, body] of [
    [
      '/recharge',
      'POST',
      '/api/card/transfer',
      { from: 'main', to: 'card', amount: '20', payment_password: payer.pin },
    ],
    ['/token', 'POST', `/api/card/cards/${id}/secure-token`, { payment_password: payer.pin }],
    ['/status', 'POST', `/api/card/cards/${id}/freeze`, undefined],
  ] as const) {
    leak(on, 'card-data-refusal')
    await ask(payer, method, path, body)
    await carding.poll()
  }
  leak('')
  const other = await carding.payer(usdt(10))
  leak('POST /v1/issuing/cardholders', 'card-data-refusal')
  await ask(other, 'POST', '/api/card/account', carding.form({ addr_line1: `Road ${leakedNumber}` }))
  await until('refused', async () => (await carding.account(other)).status === 'failed')

  for (const path of ['/api/card/cards', '/api/card/transactions', '/api/inbox']) await ask(payer, 'GET', path)
  for (const path of [
    '/cards',
    `/cards/${bare(id)}`,
    '/card-topups',
    '/card-transactions',
    '/card-accounts',
    '/alerts',
  ])
    await console_(path)
  carding.uqpay.server.faults.length = 0
  const { faults } = await verifyLedger(carding.world.bank.db, { bookId: 1, orders: cardChecks })
  assert.deepEqual(faults, [])
})

test('nothing of it is kept, not even sealed', async () => {
  assert.deepEqual(secretsIn(await everything()), [])
})

test('nothing of it is logged', () => {
  assert.ok(logged.length > 20, `${logged.length} lines`)
  assert.ok(
    logged.some((line) => line.includes('the issuer refused')),
    'refusals are logged',
  )
  assert.deepEqual(logged.flatMap(secretsIn), [])
})

test('nothing of it is shown to customers or operators', () => {
  assert.ok(shown.join('').includes('SHOP [card …5676]'), 'the merchant was shown')
  assert.deepEqual(shown.flatMap(secretsIn), [])
})
