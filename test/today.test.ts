// What the console's first screen is made of: what waits and for whom, how much moved, one search for everything; and the
// cookie that its pages are signed in by, which counts for this very origin alone.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { fund } from './harness/ledger.ts'
import { check, joinOperator, ok, outcome, propose, type TestOperator } from './harness/operators.ts'

let world: World
let ann: TestOperator
let bo: TestOperator
let su: TestOperator
let customer: Customer

before(async () => {
  world = await startWorld()
  ann = await joinOperator(world, ['finance', 'admin'], 'Ann')
  bo = await joinOperator(world, ['risk'], 'Bo')
  su = await joinOperator(world, ['support'], 'Su')
  customer = await signUp(world)
})
after(() => world?.close())

interface Today {
  approvals: { kind: string; open: number; yours: number; oldest: string }[]
  alerts_open: { critical: number; warning: number }
  breaks: number
  payments: { open: number; late: number; troubled: number }
}
const today = (who: TestOperator) => ok<Today>(world, who, 'GET', '/today')
interface Found {
  kind: string
  id: string
  about: string
}
const find = (q: string, who = ann) => ok<Found[]>(world, who, 'POST', '/search', { q })

test('an approval waits for those who may check it: not for its maker, and not for who has', async () => {
  assert.deepEqual((await today(ann)).approvals, [])
  const payload = { name: 'transfer.fee', scope: '', value: '1' }
  const id = await propose(world, ann, 'setting', payload)
  const waits = async (who: TestOperator) =>
    (await today(who)).approvals.map(({ kind, open, yours }) => [kind, open, yours])
  assert.deepEqual(await waits(ann), [['setting', 1, 0]])
  assert.deepEqual(await waits(bo), [['setting', 1, 1]])
  assert.deepEqual(await waits(su), [['setting', 1, 0]])
  assert.equal((await check(world, bo, id)).data.status, 'applied')
  assert.deepEqual(await waits(bo), [])
})

test('volumes follow the books: what was moved by kind, and what customers hold at the end of each day', async () => {
  await fund(world.bank.poster, customer.no, 250_000_000n)
  interface Volumes {
    days: { day: string; customers: string; kinds: { kind: string; count: number; amount: string }[] }[]
  }
  const { days } = await ok<Volumes>(world, ann, 'GET', '/volumes?days=7')
  assert.equal(days.length, 7)
  assert.deepEqual(
    days.map(({ day }) => day),
    days.map(({ day }) => day).toSorted(),
  )
  const last = days.at(-1)
  assert.equal(last?.customers, '250.00')
  assert.equal(days.at(-2)?.customers, '0')
  assert.equal(
    last?.kinds.reduce((sum, { count }) => sum + count, 0),
    1,
  )
  assert.equal(last?.kinds[0]?.amount, '250.00')
  const place = `/ledger/journals?day=${last?.day}&kind=${last?.kinds[0]?.kind}`
  const { items } = await ok<{ items: { legs: { amount: string }[] }[] }>(world, ann, 'GET', place)
  assert.deepEqual(
    items.map(({ legs }) => legs.map(({ amount }) => amount)),
    [['-250.00', '250.00']],
  )
  assert.equal(await outcome(world, ann, 'GET', '/ledger/journals?day=2026-02-30'), 'InvalidParams')
})

test('one search finds a customer by UID, id or contact, an approval, a journal and what a request did', async () => {
  const person = { kind: 'customer', id: customer.id, about: customer.uid }
  assert.deepEqual(await find(customer.uid), [person])
  assert.deepEqual(await find(customer.id), [person])
  assert.deepEqual(await find(customer.contact), [person])
  const id = await propose(world, ann, 'setting', { name: 'transfer.fee', scope: '', value: '2' })
  assert.deepEqual(await find(id), [{ kind: 'approval', id, about: 'setting' }])
  const [entry] = await ok<{ items: { journal_id: string; order_id: string; order_kind: string; kind: string }[] }>(
    world,
    ann,
    'GET',
    `/customers/${customer.id}/entries`,
  ).then(({ items }) => items)
  assert.ok(entry)
  assert.ok((await find(entry.journal_id)).some(({ kind }) => kind === 'journal'))
  const [row] = await ok<{ items: { request_id: string }[] }>(world, ann, 'GET', '/audit-log').then(
    ({ items }) => items,
  )
  assert.ok(row)
  assert.ok((await find(row.request_id)).every(({ kind }) => kind === 'request'))
  assert.deepEqual(await find(row.request_id, su), [], 'who may not read the log finds nothing in it')
  for (const nothing of ['U99999', `0x${'ab'.repeat(32)}`, '00000000-0000-7000-8000-000000000000'])
    assert.deepEqual(await find(nothing), [], nothing)
})

test('a search is in the audit log, and a contact is not', async () => {
  const rows = await world.database.owner.query<{ text: string }>(
    '',
    `select action || subject || data::text as text from audit_log where action in ('bank.searched', 'person.searched')`,
  )
  assert.ok(rows.length > 5)
  assert.ok(rows.every(({ text }) => !text.includes(customer.contact)))
})

test('the cookie of a page counts for requests of this very origin, and goes with the session', async () => {
  const ask = (path: string, headers: Record<string, string>, body?: object) =>
    fetch(`${world.url}/console/api${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const kept = await ask('/auth/web-session', { authorization: `Bearer ${su.token}` }, {})
  const set = kept.headers.get('set-cookie') ?? ''
  assert.match(set, /^unipay_operator=ops_[\w-]{43}; Path=\/console\/api; Max-Age=43200; HttpOnly; SameSite=Strict$/)
  assert.doesNotMatch(await kept.text(), /ops_/)
  const cookie = set.split(';')[0] ?? ''
  const own = { cookie, 'sec-fetch-site': 'same-origin' }
  assert.equal((await ask('/auth/me', own)).status, 200)
  for (const site of ['same-site', 'cross-site', 'none'])
    assert.equal((await ask('/auth/me', { cookie, 'sec-fetch-site': site })).status, 401, site)
  assert.equal((await ask('/auth/me', { cookie })).status, 401, 'a program has a header for it')
  assert.equal((await ask('/auth/me', { ...own, authorization: 'Bearer x' })).status, 401, 'a header is believed first')
  const out = await ask('/auth/sign-out', own, {})
  assert.match(out.headers.get('set-cookie') ?? '', /^unipay_operator=; .*Max-Age=0/)
  assert.equal((await ask('/auth/me', own)).status, 401)
})

test('which roles may use what is told to whoever is signed in', async () => {
  const rights = await ok<{ route: string; roles: string[] }[]>(world, ann, 'GET', '/auth/rights')
  const of = (route: string) => rights.find((one) => one.route === route)?.roles
  assert.deepEqual(of('POST /approvals/adjustment'), ['finance'])
  assert.deepEqual(of('GET /withdrawals/{id}'), ['support', 'risk', 'finance', 'admin'])
  assert.equal(await outcome(world, bo, 'POST', '/approvals/adjustment', {}), 'Forbidden')
})
