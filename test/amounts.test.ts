// Amounts over HTTP: thousands of texts and raw JSON numbers on both money routes are taken only in the documented
// grammar, and what is taken comes back digit for digit. What must be refused is refused before any row is written.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { personAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { amountTexts, rawNumbers } from './harness/amount-texts.ts'
import { faultOfRefusal } from './harness/app-contract.ts'
import { type Hosted, type Payer, startHosted } from './harness/hosted.ts'
import type { Reply } from './harness/http-client.ts'
import { draws, inLanes } from './harness/ledger.ts'
import { countRows } from './harness/tables.ts'

const usdt = (whole: bigint) => whole * 1_000_000n
const MIN = 10_000n // 0.01
const MAX = usdt(100_000n)
const FUNDS = usdt(400_000n)

let hosted: Hosted
let payer: Payer
let payee: Payer

before(async () => {
  hosted = await startHosted()
  ;[payer, payee] = await Promise.all([hosted.payer(FUNDS), hosted.payer()])
})
after(() => hosted?.close())

const moves = {
  transfer: (amount: string) =>
    `{"to_user_id":"${payee.id}","amount":${amount},"payment_password":"${payer.pin}","memo":""}`,
  'account/transfer-internal': (amount: string) =>
    `{"from":"main","to":"node","amount":${amount},"payment_password":"${payer.pin}"}`,
}
type Move = keyof typeof moves
const move = (kind: Move, amount: string) => hosted.ask('POST', `/api/${kind}`, moves[kind](amount), payer.access)

/** The document's grammar, written down once more: units, or nothing. */
function unitsOf(text: string): bigint | undefined {
  const [whole = '', decimals = '', ...more] = text.split('.')
  const isDigits = (part: string) => [...part].every((letter) => letter >= '0' && letter <= '9')
  if (more.length > 0 || whole === '' || (text.includes('.') && decimals === '')) return undefined
  if (!isDigits(whole) || !isDigits(decimals) || decimals.length > 6) return undefined
  if (whole.length > 1 && whole.startsWith('0')) return undefined
  const units = BigInt(whole + decimals.padEnd(6, '0'))
  return units > 0n && units < 2n ** 63n ? units : undefined
}

/** Affordable, but not often. */
const isDear = (text: string) => {
  const units = unitsOf(text) ?? 0n
  return units > usdt(1_000n) && units <= FUNDS
}

/** "12.50" and "12.5" are the same digits; "12.49999" is not. */
const digits = (text: string) => {
  const [whole = '', decimals = ''] = text.split('.')
  return `${whole}.${decimals.replace(/0+$/, '')}`
}
const nameOf = ({ json }: Reply) => (json as { name?: string }).name ?? 'ok'
const amountOf = ({ json }: Reply) => (json as { data?: { amount: string } }).data?.amount ?? ''

for (const kind of Object.keys(moves) as Move[]) {
  test(`${kind}: thousands of texts are taken in the grammar only, and come back digit for digit`, async () => {
    const draw = draws((line) => console.log(line))
    const taken: string[] = []
    const texts = amountTexts(draw, 2_600).filter((text) => !isDear(text))
    await inLanes(texts.length, 16, async (i) => {
      const text = texts[i] ?? ''
      const reply = await move(kind, JSON.stringify(text))
      const told = `${JSON.stringify(text)} → ${reply.text} (TEST_SEED=${draw.seed})`
      const units = unitsOf(text)
      if (units === undefined) {
        assert.ok(['InvalidAmount', 'InvalidParams'].includes(nameOf(reply)), told)
        assert.equal(faultOfRefusal(reply), undefined, told)
      } else if (kind === 'transfer' && (units < MIN || units > MAX)) {
        assert.equal(nameOf(reply), units < MIN ? 'AmountBelowMinimum' : 'AmountAboveMaximum', told)
      } else if (units > FUNDS) {
        assert.equal(nameOf(reply), 'InsufficientBalance', told)
      } else {
        assert.equal(nameOf(reply), 'ok', told)
        assert.equal(digits(amountOf(reply)), digits(text), told)
        taken.push(text)
      }
    })
    assert.ok(taken.length > 500, `${taken.length} were taken`)
    assert.deepEqual((await booked(kind)).sort(), taken.map(digits).sort(), `TEST_SEED=${draw.seed}`)
  })

  test(`${kind}: a JSON number, or anything that is no text, is never taken`, async () => {
    const before = await countRows(hosted.world.database.owner)
    await inLanes(rawNumbers.length, 8, async (i) => {
      const raw = rawNumbers[i] ?? ''
      const reply = await move(kind, raw)
      assert.equal(nameOf(reply), 'InvalidParams', `${raw} → ${reply.text}`)
      assert.equal(faultOfRefusal(reply), undefined, `${raw} → ${reply.text}`)
    })
    assert.deepEqual(await countRows(hosted.world.database.owner), before)
  })
}

test('an amount that stands twice is none', async () => {
  for (const twice of ['"1","amount":"1"', '"1","\\u0061mount":"2"', '"1","nested":{"a":1,"a":1}']) {
    const reply = await move('transfer', twice)
    assert.equal(nameOf(reply), 'InvalidParams', reply.text)
  }
  const body = { to_user_id: payee.id, amount: '1', payment_password: payer.pin, memo: 'a":b{[\\:' }
  const colons = await hosted.ask('POST', '/api/transfer', body, payer.access)
  assert.equal(nameOf(colons), 'ok', 'what looks like a field within a text is none')
})

/** The digits of all movements of a kind, as the customer's statement shows them. */
async function booked(kind: Move): Promise<string[]> {
  const found: string[] = []
  const type = kind === 'transfer' ? 'transfer' : 'transfer_internal'
  for (let page = 1; ; page++) {
    const path = `/api/account/ledger?account=main&type=${type}&page=${page}&size=100`
    const { json } = await hosted.ask('GET', path, undefined, payer.access)
    const { items } = (json as { data: { items: { amount: string }[] } }).data
    if (items.length === 0) return found
    found.push(...items.map((item) => digits(item.amount)))
  }
}

describe('refused before any row is written', () => {
  /** Nothing in any table has come, gone or moved. */
  async function refuses(expected: string, path: string, body: object, token: string): Promise<void> {
    const { owner } = hosted.world.database
    const before = await countRows(owner)
    for (const key of [undefined, `key-${Math.random()}`]) {
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(key ? { 'idempotency-key': key } : {}),
      }
      const reply = await hosted.client.ask({ method: 'POST', path, headers, body: JSON.stringify(body) })
      assert.equal(nameOf(reply), expected, `${JSON.stringify(body)} → ${reply.text}`)
      assert.equal(faultOfRefusal(reply), undefined, reply.text)
    }
    assert.deepEqual(await countRows(owner), before, JSON.stringify(body))
  }
  const transfer = (change: object) => ({ to_user_id: payee.id, amount: '1', payment_password: payer.pin, ...change })
  const internal = (change: object) => ({
    from: 'main',
    to: 'node',
    amount: '1',
    payment_password: payer.pin,
    ...change,
  })
  const refusesTransfer = (expected: string, change: object, token = payer.access) =>
    refuses(expected, '/api/transfer', transfer(change), token)
  const refusesInternal = (expected: string, change: object) =>
    refuses(expected, '/api/account/transfer-internal', internal(change), payer.access)

  test('to oneself', () => refusesTransfer('SelfTransfer', { to_user_id: payer.id }))

  test('to nobody, to the house, to an account', async () => {
    const nobody = [
      '00000000-0000-7000-8000-000000000000',
      payee.id.toUpperCase(),
      ` ${payee.id}`,
      `{${payee.id}}`,
      payee.id.replaceAll('-', ''),
      payee.uid,
      payee.contact,
      '1',
      '10000',
      String(personAccount(payee.no, 'card')),
    ]
    for (const to_user_id of nobody) await refusesTransfer('RecipientUnavailable', { to_user_id })
  })

  test('to somebody frozen or deleted, and by somebody frozen', async () => {
    const { bank } = hosted.world
    const [frozen, deleted] = await Promise.all([hosted.payer(usdt(5n)), hosted.payer()])
    await setPersonStatus(bank, 1, frozen.id, 'frozen')
    await setPersonStatus(bank, 1, deleted.id, 'deleted')
    for (const { id } of [frozen, deleted]) await refusesTransfer('RecipientUnavailable', { to_user_id: id })
    await refusesTransfer('PersonFrozen', {}, frozen.access)
    await refuses('PersonFrozen', '/api/account/transfer-internal', internal({}), frozen.access)
  })

  test('between an account and itself, or one that is not for this', async () => {
    for (const account of ['main', 'node', 'futures'])
      await refusesInternal('SameAccount', { from: account, to: account })
    for (const account of ['card', 'fees', 'custody', 'MAIN', '', 'main '])
      for (const change of [{ from: account }, { to: account }]) await refusesInternal('InvalidParams', change)
  })

  test('of nothing, of less, of more than there is digits or money for', async () => {
    const amounts: [amount: string, transfer: string, internal: string][] = [
      ['0', 'InvalidAmount', 'InvalidAmount'],
      ['0.000000', 'InvalidAmount', 'InvalidAmount'],
      ['-0', 'InvalidAmount', 'InvalidAmount'],
      ['-1', 'InvalidAmount', 'InvalidAmount'],
      ['-0.000001', 'InvalidAmount', 'InvalidAmount'],
      ['0.0000001', 'InvalidAmount', 'InvalidAmount'],
      ['1.0000000', 'InvalidAmount', 'InvalidAmount'],
      ['9223372036854.775808', 'InvalidAmount', 'InvalidAmount'],
      ['999999999999999999', 'InvalidAmount', 'InvalidAmount'],
    ]
    for (const [amount, ofTransfer, ofInternal] of amounts) {
      await refusesTransfer(ofTransfer, { amount })
      await refusesInternal(ofInternal, { amount })
    }
    await refusesTransfer('AmountBelowMinimum', { amount: '0.009999' })
    for (const amount of ['100000.000001', '9223372036854.775807'])
      await refusesTransfer('AmountAboveMaximum', { amount })
  })
})

test('the books are whole', async () => {
  assert.deepEqual((await verifyLedger(hosted.world.database.owner, { bookId: 1 })).faults, [])
})
