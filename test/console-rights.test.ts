// Who may do what in the console: every route of it, from the OpenAPI document, with each role, no role, a customer's
// token and none; and the matrix of docs/console.md says the same.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { orderChecks } from '../src/domain/audit-book.ts'
import { approvalKinds } from '../src/domain/operator/approval-kinds.ts'
import { type Role, roles } from '../src/domain/operator/role.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { exampleOf, type Operation } from './harness/app-contract.ts'
import { faultOfConsoleRefusal, readConsoleOperations } from './harness/console-contract.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { ABSENT_ID } from './harness/honest-inputs.ts'
import { request } from './harness/hosted.ts'
import { type Client, openClient, type Reply } from './harness/http-client.ts'
import { joinOperator, type TestOperator } from './harness/operators.ts'
import { printTables } from './harness/tables.ts'

let world: World
let client: Client
let operations: Operation[]
let customer: Customer
/** One operator of each role alone, and one without any. */
const people = new Map<Role | 'none', TestOperator>()

before(async () => {
  world = await startWorld()
  client = openClient(world.url)
  operations = await readConsoleOperations(client)
  customer = await signUp(world)
  for (const role of roles) people.set(role, await joinOperator(world, [role], role))
  people.set('none', await joinOperator(world, [], 'none'))
})
after(async () => {
  client?.close()
  await world?.close()
})

const codeOf = ({ json }: Reply) => (json as { error?: { code: string } } | undefined)?.error?.code ?? 'ok'
const fill = ({ path: place }: Operation, id = ABSENT_ID) => place.replace(/\{\w+\}/g, id)
const bodyOf = ({ body }: Operation) => (body ? JSON.stringify(exampleOf(body)) : undefined)
const ask = (operation: Operation, token?: string) =>
  client.ask(request(operation.method, fill(operation), bodyOf(operation), token))

test('what is open is on this list, and all else names its roles', () => {
  assert.ok(operations.length >= 40, `${operations.length} operations`)
  const open = operations.filter((operation) => operation.open).map(({ name }) => name)
  assert.deepEqual(open.sort(), [
    'POST /console/api/auth/invitation/accept',
    'POST /console/api/auth/invitation/confirm',
    'POST /console/api/auth/sign-in',
  ])
  const own = operations.filter((operation) => operation.roles?.length === 0).map(({ name }) => name)
  assert.deepEqual(own.sort(), [
    'DELETE /console/api/auth/sessions/{id}',
    'GET /console/api/auth/me',
    'GET /console/api/auth/rights',
    'GET /console/api/auth/sessions',
    'POST /console/api/auth/sign-out',
    'POST /console/api/auth/web-session',
  ])
  for (const operation of operations) assert.ok(operation.open || operation.roles, operation.name)
})

test('nobody without an operator’s session is let in, a customer least of all', async () => {
  for (const operation of operations.filter(({ open }) => !open)) {
    for (const token of [undefined, customer.access, customer.refresh, 'x', `ops_${'A'.repeat(43)}`]) {
      const reply = await ask(operation, token)
      assert.deepEqual([reply.status, codeOf(reply)], [401, 'Unauthorized'], operation.name)
      assert.equal(faultOfConsoleRefusal(reply), undefined, reply.text)
      assert.equal(reply.headers['www-authenticate'], 'Bearer')
    }
  }
})

test('nor is an operator let in at the customers’ API', async () => {
  const { token } = people.get('admin') ?? { token: '' }
  for (const place of ['/api/user/me', '/api/account/balance', '/api/inbox']) {
    assert.equal((await client.ask(request('GET', place, undefined, token))).status, 401, place)
  }
})

test('each role reaches what names it, and nothing else; without a role there is nothing to reach', async () => {
  const isLast = ({ path: place }: Operation) => (place.endsWith('/sign-out') ? 1 : 0)
  for (const [role, operator] of people) {
    for (const operation of operations.toSorted((a, b) => isLast(a) - isLast(b))) {
      if (operation.open) continue
      const reply = await ask(operation, operator.token)
      const allowed = operation.roles?.length === 0 || operation.roles?.includes(role)
      if (allowed)
        assert.ok(!['Forbidden', 'Unauthorized'].includes(codeOf(reply)), `${role}: ${operation.name}: ${reply.text}`)
      else assert.deepEqual([reply.status, codeOf(reply)], [403, 'Forbidden'], `${role}: ${operation.name}`)
    }
  }
})

test('support moves nothing: what it may write is proposals, looks, what is told again, and its own session', () => {
  const may = operations
    .filter(({ roles: some, method }) => some?.includes('support') && method !== 'GET')
    .map(({ name }) => name)
  assert.deepEqual(may.sort(), [
    'POST /console/api/approvals/person_status',
    'POST /console/api/approvals/reveal',
    'POST /console/api/approvals/{id}/cancel',
    'POST /console/api/approvals/{id}/reveal',
    'POST /console/api/customers/search',
    'POST /console/api/search',
    'POST /console/api/signature-debugger',
    'POST /console/api/webhooks/{id}/deliveries/{event_id}/resend',
    'POST /console/api/webhooks/{id}/resend-failed',
    'POST /console/api/webhooks/{id}/test',
  ])
})

test('no kind of approval is checked by nobody, or by support', () => {
  for (const { kind, checkers } of approvalKinds) {
    assert.ok(checkers.length > 0, kind)
    assert.ok(!checkers.includes('support'), kind)
  }
})

test('without a checker nothing changes: no button of one operator moves money or grants a right', async () => {
  const all = await joinOperator(world, ['support', 'risk', 'finance', 'admin'], 'All')
  // what one operator alone may do leaves traces in these, and nowhere else
  const own = [
    'audit_log',
    'audit_heads',
    'approvals',
    'operators',
    'operator_sessions',
    'attempts',
    'setting_changes',
    'alerts',
    'treasury_states', // when to look; what it then does is due anyway
    'reconciliations', // when to compare; comparing moves nothing
  ]
  const before = await printTables(world.database.owner, own)
  for (const operation of operations) {
    if (operation.open || operation.path.endsWith('/sign-out')) continue
    await ask(operation, all.token)
  }
  assert.deepEqual(await printTables(world.database.owner, own), before)
  const rights = await world.database.owner.query<{ roles: string[] }>(
    '',
    `select roles from operators where cardinality(roles) = 4`,
  )
  assert.equal(rights.length, 1, 'nobody else has all roles')
  const kept = await world.database.owner.query<{ name: string; value: string }>(
    '',
    'select distinct name from setting_changes',
  )
  assert.deepEqual(
    kept.map(({ name }) => name),
    ['moneyOut.stopped'],
    'to stop money is one’s own word',
  )
  assert.deepEqual((await verifyLedger(world.database.owner, { bookId: 1, orders: orderChecks })).faults, [])
})

test('every refusal of a right is in the audit log, with who asked for what', async () => {
  const [row] = await world.database.owner.query<{ routes: number; people: number }>(
    '',
    `select count(distinct subject)::int as routes, count(distinct operator_id)::int as people from audit_log where action = 'right.refused'`,
  )
  const closed = operations.filter(({ roles: some }) => some && some.length > 0)
  assert.deepEqual(row, { routes: closed.length, people: people.size })
})

const text = fs.readFileSync(path.join(import.meta.dirname, '../docs/console.md'), 'utf8')

test('docs/console.md has the kinds of approvals that the code has', () => {
  const rows = [...text.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|/gm)].map((row) => row.slice(1).join(' | '))
  const said = (some: readonly Role[]) =>
    some.length === 0
      ? 'the bank itself'
      : some.length === roles.length
        ? 'everybody'
        : roles.filter((role) => some.includes(role)).join(', ')
  const expected = approvalKinds.map(({ kind, makers, checkers }) => `${kind} | ${said(makers)} | ${said(checkers)}`)
  assert.deepEqual(rows.sort(), expected.sort())
})

test('docs/console.md has the matrix that the code has', () => {
  const rows = [...text.matchAll(/^\| `(GET|POST|DELETE) (\/\S+)` \|(.*)\|$/gm)].map(
    ([, method, place, cells = '']) =>
      `${method} ${place} ${cells
        .split('|')
        .map((cell) => cell.trim())
        .join(' ')}`,
  )
  const expected = operations.map(({ method, path: place, open, roles: some = [] }) => {
    const ticks = open
      ? 'anybody'
      : some.length === 0
        ? 'oneself'
        : roles.map((role) => (some.includes(role) ? '✓' : '–')).join(' ')
    return `${method} ${place.replace('/console/api', '')} ${ticks}`
  })
  const written = rows.map((row) => row.replace(/(anybody|oneself).*/, '$1').trim())
  assert.deepEqual(written.sort(), expected.sort())
})
