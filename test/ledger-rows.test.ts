// Array literals: whatever a business row holds arrives in PostgreSQL as it was, whichever characters it is made of.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { arrayLiteral, type ColumnType } from '../src/ledger/rows.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'

let base: TestDatabase
before(async () => {
  base = await createTestDatabase()
})
after(() => base.drop())

async function roundTrip<T>(values: readonly unknown[], type: ColumnType): Promise<T[]> {
  const [row] = await base.db.query<{ v: T[] }>('', `select $1::${type}[] as v`, [arrayLiteral(values, type)])
  return row?.v ?? []
}

test('texts that look like array syntax stay texts', async () => {
  const texts = [
    'a',
    '',
    'NULL',
    'null',
    'q"q',
    'b\\s',
    '\\x41',
    "it's",
    '{,}',
    'line\nfeed',
    '茶 ☕ 👩‍🚀',
    ' lead',
    null,
  ]
  assert.deepEqual(await roundTrip(texts, 'text'), texts)
})

test('any text, 2,000 times', async () => {
  const texts = fc.sample(fc.string({ unit: 'grapheme', maxLength: 40 }), 2_000).map((t) => t.replaceAll('\0', ''))
  assert.deepEqual(await roundTrip(texts, 'text'), texts)
})

test('bytes, instants and JSON', async () => {
  const bytes = [Buffer.from('00ff5c22', 'hex'), Buffer.alloc(0), null]
  assert.deepEqual(
    (await roundTrip<Buffer | null>(bytes, 'bytea')).map((b) => b?.toString('hex')),
    ['00ff5c22', '', undefined],
  )
  const instants = [new Date('2026-02-28T23:59:59.999Z'), null]
  assert.deepEqual(await roundTrip(instants, 'timestamptz'), instants)
  const objects = [{ a: 'q"\\ {}', n: null, deep: [1, { b: '茶' }] }, {}]
  const [row] = await base.db.query<{ v: unknown[] }>('', 'select to_jsonb($1::jsonb[]) as v', [
    arrayLiteral(objects, 'jsonb'),
  ])
  assert.deepEqual(row?.v, objects)
  assert.deepEqual(await roundTrip([1n, -9_223_372_036_854_775_808n], 'bigint'), [1n, -9_223_372_036_854_775_808n])
})
