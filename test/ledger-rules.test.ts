// What the database itself refuses to the role that the bank's processes have, whatever their code says: no row of the
// ledger is changed or taken away, and its one writer believes nobody.

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { newId } from '../src/base/ids.ts'
import { houseAccount, personAccount } from '../src/ledger/accounts.ts'
import { captureHold, placeHold } from '../src/ledger/holds.ts'
import { createPoster, type Poster } from '../src/ledger/poster.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { expectSound, fund, main, pay } from './harness/ledger.ts'

const ALICE = 10_001n
const BOB = 10_002n
const alice = main(ALICE)
const bob = main(BOB)
const fees = houseAccount('fees')

let base: TestDatabase
let poster: Poster
let openHold: string
before(async () => {
  base = await createTestDatabase()
  poster = createPoster(base.db)
  await fund(poster, ALICE, 1_000n)
  await fund(poster, BOB, 1_000n)
  await poster.submit(pay(ALICE, BOB, 10n, { idempotency: { scope: 's', key: 'k', requestHash: Buffer.alloc(32) } }))
  await base.db.query('', 'select ledger_open(1, $1)', [`{${fees}}`])
  openHold = await hold(100n)
})
after(async () => {
  await expectSound(base.db)
  await base.drop()
})

const hold = (amount: bigint) =>
  base.db.transaction((tx) => placeHold(tx, { bookId: 1, account: alice, amount, orderKind: 'test', orderId: newId() }))

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'done'
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return code ?? message
  }
}
const NOT_ALLOWED = '42501'

/** Everything in the ledger, as a hash per table. */
async function fingerprint(): Promise<string> {
  const all = ['books', 'assets', 'accounts', 'journals', 'entries', 'holds', 'velocity', 'idempotency', 'seals']
  const sums = all.map(
    (table) => `select '${table}' as name, md5(string_agg(x::text, ' ' order by x::text)) from ${table} x`,
  )
  return JSON.stringify(await base.owner.query('', sums.join(' union all ')))
}
let untouched: string
beforeEach(async () => {
  untouched = await fingerprint()
})

const tables: Record<string, string> = {
  books: 'name',
  assets: 'code',
  accounts: 'balance',
  journals: 'memo',
  entries: 'amount',
  holds: 'captured',
  seals: 'no',
}

for (const [table, column] of Object.entries(tables)) {
  test(`${table}: the app changes no row and no rule`, async () => {
    const statements = [
      `update ${table} set ${column} = ${column}`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
      `insert into ${table} select * from ${table}`,
      `alter table ${table} disable trigger all`,
      `alter table ${table} drop constraint ${table}_pkey`,
      `alter table ${table} add column free_money bigint`,
      `drop table ${table} cascade`,
      `select * from ${table} for update`,
      `create trigger t before insert on ${table} for each row execute function suppress_redundant_updates_trigger()`,
      `create rule r as on insert to ${table} do instead nothing`,
      `copy ${table} from program 'true'`,
    ]
    for (const statement of statements) assert.equal(await codeOf(base.db.query('', statement)), NOT_ALLOWED, statement)
    assert.equal(await fingerprint(), untouched)
  })
}

test('stored answers and what was spent cannot be taken back', async () => {
  for (const statement of [
    'update idempotency set key = key',
    'delete from idempotency',
    'truncate idempotency',
    'delete from velocity',
    'truncate velocity',
    'alter table idempotency disable trigger all',
  ]) {
    assert.equal(await codeOf(base.db.query('', statement)), NOT_ALLOWED, statement)
  }
  assert.equal(await fingerprint(), untouched)
})

test('the app cannot make itself more than it is, nor stand its own code in for ours', async () => {
  for (const statement of [
    'create table public.accounts_2 (id bigint)',
    'create function public.clock_timestamp() returns timestamptz language sql as $$ select now() - interval $1 day $1 $$',
    'create or replace function ledger_open(integer, bigint[]) returns void language sql as $$ select $$',
    'create schema mine',
    'alter role unipay_app superuser',
    'create role helper superuser',
    'alter function ledger_write security invoker',
    "set session_replication_role = 'replica'",
    'alter system set fsync = off',
  ]) {
    assert.match(await codeOf(base.db.query('', statement)), /^(42501|42601)$/, statement)
  }
  // a temporary table of the same name is not the one that our functions see
  await base.db.transaction(async (tx) => {
    await tx.query('', 'create temp table accounts (book_id integer, id bigint, balance bigint) on commit drop')
    await tx.query('', 'select ledger_open(1, $1)', [`{${personAccount(20_001n, 'main')}}`])
    const rows = await tx.query('', 'select from pg_temp.accounts')
    assert.equal(rows.length, 0)
  })
})

test('as the owner of the tables: no balance below zero, no journal that does not add up', async () => {
  const id = newId()
  const journal = (accounts: bigint[], amounts: string) =>
    base.owner.query(
      '',
      `insert into journals (book_id, id, kind, key, order_kind, order_id, account_ids, amounts, recorded_at)
       values (1, $1, 'test', 'test', 'test', $1, $2::bigint[], $3::bigint[], now())`,
      [id, `{${accounts.join(',')}}`, amounts],
    )
  const refused = [
    () => base.owner.query('', 'update accounts set balance = -1 where id = $1', [alice]),
    () => base.owner.query('', 'update accounts set held = balance + 1 where id = $1', [alice]),
    () => base.owner.query('', 'update accounts set held = -1 where id = $1', [fees]),
    () => journal([alice], '{5}'),
    () => journal([], '{}'),
    () => journal([alice, bob], '{5,-4}'),
    () => journal([alice, bob], '{0,0}'),
    () => journal([alice, bob, fees], '{5,-5,0}'),
    () => journal([alice, personAccount(BOB, 'main', 'UPT')], '{-5,5}'),
    () => journal([alice, bob, fees, personAccount(BOB, 'main', 'UPT')], '{-5,4,2,-1}'),
    () => journal([alice, bob, fees], '{-5,5}'),
    () => journal([alice, bob, fees], '{-5,5,NULL}'),
  ]
  for (const [i, statement] of refused.entries()) assert.equal(await codeOf(statement()), '23514', `statement ${i + 1}`)
  assert.equal(await fingerprint(), untouched)
})

// ---------------------------------------------------------------------------------------------------------------------

const parameters =
  `p_book j_id j_kind j_key j_order_kind j_order_id j_memo j_hold j_reverses j_value_at leg_to leg_account
  leg_amount leg_journal leg_value_at h_id h_account h_amount h_order_kind h_order_id h_expires c_id c_captured c_status`.split(
    /\s+/,
  )
type Call = Record<string, string | number>

/** Calls the writer directly, as code that went wrong or over to the enemy would. */
const write = (call: Call) =>
  codeOf(
    base.db.query(
      '',
      `select ledger_write(${parameters.map((name, i) => `${name} => $${i + 1}`).join(', ')})`,
      parameters.map((name) => call[name] ?? '{}'),
    ),
  )

const J = newId()
const K = newId()
/** Alice pays Bob 5 in an honest call; the tests bend it. */
const honest = (bent: Call = {}): Call => ({
  p_book: 1,
  j_id: `{${J}}`,
  j_kind: '{transfer}',
  j_key: '{transfer}',
  j_order_kind: '{transfer}',
  j_order_id: `{${J}}`,
  leg_to: '{2}',
  leg_account: `{${alice},${bob}}`,
  leg_amount: '{-5,5}',
  leg_journal: `{${J},${J}}`,
  ...bent,
})
const two = (bent: Call = {}) =>
  honest({
    j_id: `{${J},${K}}`,
    j_kind: '{transfer,transfer}',
    j_key: '{a,b}',
    j_order_kind: '{transfer,transfer}',
    j_order_id: `{${J},${K}}`,
    leg_to: '{2,4}',
    leg_account: `{${alice},${bob},${bob},${alice}}`,
    leg_amount: '{-5,5,-3,3}',
    leg_journal: `{${J},${J},${K},${K}}`,
    ...bent,
  })
const takes = (amount: number, bent: Call = {}) =>
  honest({ leg_account: `{${alice},${fees}}`, leg_amount: `{-${amount},${amount}}`, ...bent })
const change = (id: string, captured: number, status: string): Call => ({
  c_id: `{${id}}`,
  c_captured: `{${captured}}`,
  c_status: `{${status}}`,
})
const placed = (bent: Call = {}): Call => ({
  p_book: 1,
  h_id: `{${newId()}}`,
  h_account: `{${alice}}`,
  h_amount: '{5}',
  h_order_kind: '{test}',
  h_order_id: `{${newId()}}`,
  ...bent,
})

const BAD: Record<string, () => Call> = {
  'one leg': () => honest({ leg_to: '{1}', leg_account: `{${bob}}`, leg_amount: '{5}', leg_journal: `{${J}}` }),
  'no legs': () => honest({ leg_to: '{0}', leg_account: '{}', leg_amount: '{}', leg_journal: '{}' }),
  'legs that sum to 1': () => honest({ leg_amount: '{-5,6}' }),
  'legs of zero': () => honest({ leg_amount: '{0,0}' }),
  'legs of nothing': () => honest({ leg_amount: '{NULL,NULL}' }),
  'one amount too few': () => honest({ leg_amount: '{5}' }),
  'legs in two assets': () => honest({ leg_account: `{${alice},${personAccount(BOB, 'main', 'UPT')}}` }),
  'more than there is': () => honest({ leg_amount: '{-5000,5000}' }),
  'more than is not held': () => honest({ leg_amount: '{-950,950}' }),
  'an account that nobody opened': () => honest({ leg_account: `{${alice},${main(99_999n)}}` }),
  'two accounts that nobody opened': () => honest({ leg_account: `{${main(99_998n)},${main(99_999n)}}` }),
  'a book that there is not': () => honest({ p_book: 77 }),
  'legs without a journal': () =>
    honest({ j_id: '{}', j_kind: '{}', j_key: '{}', j_order_kind: '{}', j_order_id: '{}', leg_to: '{}' }),
  'legs after the last journal': () =>
    honest({ leg_account: `{${alice},${bob},${bob}}`, leg_amount: '{-5,5,100}', leg_journal: `{${J},${J},${J}}` }),
  'legs counted again': () => two({ leg_to: '{4,4}' }),
  'legs counted backwards': () => two({ leg_to: '{4,2}' }),
  'legs from the middle': () => two({ leg_to: '{3,4}' }),
  'a leg of another journal': () => two({ leg_journal: `{${J},${K},${K},${K}}` }),
  'legs that swapped journals': () => two({ leg_journal: `{${K},${K},${J},${J}}` }),
  'a leg of a journal of long ago': () => honest({ leg_journal: `{${J},${newId()}}` }),
  'arrays that begin elsewhere': () =>
    honest({
      leg_account: `[0:1]={${alice},${bob}}`,
      leg_amount: '[0:1]={-5,5}',
      leg_journal: `[0:1]={${J},${J}}`,
    }),
  'arrays of arrays': () =>
    honest({ leg_account: `{{${alice},${bob}}}`, leg_amount: '{{-5,5}}', leg_journal: `{{${J},${J}}}` }),
  'an entry on another day than its journal': () => honest({ leg_value_at: '{2020-01-01,2020-01-01}' }),
  'a journal on another day than its entries': () => honest({ j_value_at: '{2020-01-01}' }),
  'a day to come': () => honest({ j_value_at: '{2999-01-01}', leg_value_at: '{2999-01-01,2999-01-01}' }),
  'a reversal of what never was': () => honest({ j_reverses: `{${newId()}}` }),
  'the same journal twice': () => two({ j_id: `{${J},${J}}`, leg_journal: `{${J},${J},${J},${J}}` }),
  'a hold of nothing': () => placed({ h_amount: '{0}' }),
  'a hold of less than nothing': () => placed({ h_amount: '{-5}' }),
  'a hold of more than there is': () => placed({ h_amount: '{5000}' }),
  'a hold on an account that nobody opened': () => placed({ h_account: `{${main(99_999n)}}` }),
  'a capture without a journal': () => ({ p_book: 1, ...change(openHold, 5, 'captured') }),
  'a capture by a journal that does not name it': () => takes(5, change(openHold, 5, 'captured')),
  'a capture of less than the journal takes': () =>
    takes(5, { j_hold: `{${openHold}}`, ...change(openHold, 4, 'captured') }),
  'a capture of more than is held': () => takes(101, { j_hold: `{${openHold}}`, ...change(openHold, 101, 'captured') }),
  'a capture from somebody else': () =>
    honest({ leg_account: `{${bob},${alice}}`, j_hold: `{${openHold}}`, ...change(openHold, 5, 'captured') }),
  'a journal that captures a hold nobody ends': () => takes(5, { j_hold: `{${openHold}}` }),
  'a journal that captures what never was held': () => takes(5, { j_hold: `{${newId()}}` }),
  'a capture of nothing': () => ({ p_book: 1, ...change(openHold, 0, 'captured') }),
  'a part of nothing': () => ({ p_book: 1, ...change(openHold, 0, 'open') }),
  'a capture turned round': () =>
    honest({ leg_account: `{${fees},${alice}}`, j_hold: `{${openHold}}`, ...change(openHold, -5, 'open') }),
  'a part that is the whole': () => takes(100, { j_hold: `{${openHold}}`, ...change(openHold, 100, 'open') }),
  'an end that captures': () => takes(5, { j_hold: `{${openHold}}`, ...change(openHold, 5, 'voided') }),
  'an end of no known kind': () => ({ p_book: 1, ...change(openHold, 0, 'vanished') }),
  'an end of a hold that never was': () => ({ p_book: 1, ...change(newId(), 0, 'voided') }),
  'two ends of one hold': () => ({
    p_book: 1,
    c_id: `{${openHold},${openHold}}`,
    c_captured: '{0,0}',
    c_status: '{voided,expired}',
  }),
}

for (const [name, call] of Object.entries(BAD)) {
  test(`the writer refuses ${name}`, async () => {
    assert.match(await write(call()), /^(23\d\d\d|22\d\d\d|2202E)$/)
    assert.equal(await fingerprint(), untouched)
  })
}

test('and does what is right', async () => {
  assert.equal(await write(honest()), 'done')
  assert.equal(
    await write(
      takes(5, {
        j_id: `{${K}}`,
        j_order_id: `{${K}}`,
        leg_journal: `{${K},${K}}`,
        j_hold: `{${openHold}}`,
        ...change(openHold, 5, 'open'),
      }),
    ),
    'done',
  )
  assert.equal(await write(placed()), 'done')
  assert.equal(await write({ p_book: 1, ...change(openHold, 0, 'voided') }), 'done')
  const id = await hold(20n)
  const journal = pay(ALICE, BOB, 20n).journal ?? assert.fail()
  await base.db.transaction((tx) => captureHold(tx, 1, id, { amount: 20n, journal }))
  await expectSound(base.db)
})
