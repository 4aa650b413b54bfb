// Personal data at rest: what a dump of the database tells (nothing), and going over to another key while people are read.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { readConfig } from '../src/base/config.ts'
import { type KeyRing, seal, sealBytes, unseal, unsealBytes } from '../src/base/crypto.ts'
import { newId } from '../src/base/ids.ts'
import type { Bank } from '../src/domain/context.ts'
import { readDocument } from '../src/domain/identity/identity-document.ts'
import { readContact } from '../src/domain/people/contact.ts'
import { contactsOf, findContact } from '../src/domain/people/directory.ts'
import { countByKey, rotatePersonalKeys, sealedColumns } from '../src/domain/personal-keys.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { consoleCall, joinOperator, type TestOperator } from './harness/operators.ts'
import { download, filesFolder, picture, upload } from './harness/uploads.ts'

const ROWS = 100_000
const second = randomBytes(32)

let world: World
let risk: TestOperator
let anna: Customer
let boris: Customer
const name = 'Wolfeschlegelstein Hubert'
const address = 'Zugspitzstrasse 4711, Garmisch'
const number = 'Z90817263'
const contact = 'hubert.w@mail.example'

before(async () => {
  world = await startWorld({ DATA_DIR: filesFolder() })
  risk = await joinOperator(world, ['risk'], 'Inspector Quillfeather')
  anna = await signUp(world)
  boris = await signUp(world)
  for (const customer of [anna, boris]) await submit(customer)
})
after(() => world.close())

async function submit(customer: Customer) {
  const { data } = await upload(world, customer.access, await picture())
  const token = { token: customer.access }
  await world.call('PUT', '/api/user/profile', { nickname: 'Kaiserschmarrn' }, token)
  const body = {
    real_name: name,
    id_type: 'PASSPORT',
    id_number: number,
    id_photo_front: data.key,
    address,
    contact,
  }
  const answer = await world.call('POST', '/api/kyc/basic', body, token)
  assert.equal(answer.code, 0, answer.text)
}

/** The same bank with other keys. */
const withKeys = (bank: Bank, personal: KeyRing): Bank => ({ ...bank, keys: { ...bank.keys, personal } })
const first = () => world.bank.keys.personal.keys.get(1) ?? Buffer.alloc(0)
const both = (current: number): KeyRing => ({
  current,
  keys: new Map([
    [1, first()],
    [2, second],
  ]),
})

/** Everything that a dump would have: every column of every row of every table, as text and as bytes. */
async function dump(): Promise<string> {
  const { owner } = world.database
  const tables = await owner.query<{ name: string }>(
    '',
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'graphile_worker')`,
  )
  const parts: string[] = []
  for (const { name: table } of tables) {
    const rows = await owner.query<{ row: string }>('', `select t::text as row from ${table} t`)
    parts.push(...rows.map(({ row }) => row))
  }
  const text = parts.join('\n')
  const bytes = [...text.matchAll(/\\x([0-9a-f]{8,})/g)].map(([, hex = '']) =>
    Buffer.from(hex, 'hex').toString('latin1'),
  )
  const jobs = [...text.matchAll(/"sealed"": ?""([A-Za-z0-9+/=]+)/g)].map(([, b = '']) =>
    Buffer.from(b, 'base64').toString('latin1'),
  )
  return [text, ...bytes, ...jobs].join('\n').toLowerCase()
}

test('a dump tells no name, number, telephone, address or e-mail address', async () => {
  const found = await dump()
  assert.ok(found.includes(anna.id), 'the dump is one')
  const secrets = [
    name,
    'Wolfeschlegelstein',
    address,
    'Zugspitz',
    number,
    contact,
    anna.contact,
    risk.email,
    'Quillfeather',
    'Kaiserschmarrn',
  ]
  for (const secret of secrets) {
    const forms = [secret, Buffer.from(secret).toString('base64').slice(0, -4), Buffer.from(secret).toString('hex')]
    for (const form of forms) assert.ok(!found.includes(form.toLowerCase()), `${form} stands there in clear`)
  }
})

test('equal values look different, and are found by their index', async () => {
  const rows = await world.database.owner.query<{ details_sealed: Buffer; document_index: Buffer }>(
    '',
    'select details_sealed, document_index from identity_checks order by id',
  )
  const [a, b] = rows
  assert.ok(a && b && !a.details_sealed.equals(b.details_sealed))
  assert.ok(a.document_index.equals(b.document_index), 'one document, one index')
  assert.ok(a.document_index.equals(readDocument(world.bank, { type: 'passport', number: ` z908-17263` }).index))
  const other = readDocument(world.bank, { type: 'ID_CARD', number })
  assert.ok(!a.document_index.equals(other.index))
  const owner = await findContact(
    world.bank.db,
    readContact(world.bank, { contact: anna.contact.toUpperCase(), kind: 'email' }),
  )
  assert.equal(owner?.personId, anna.id)
})

test('a value opens with its own key, in its own row, whole', () => {
  const ring = both(2)
  for (const [put, get] of [
    [
      (context: string) => seal(ring, 'text', context),
      (value: Buffer, context: string) => unseal(ring, value, context),
    ],
    [
      (context: string) => sealBytes(ring, Buffer.from('text'), context),
      (value: Buffer, context: string) => unsealBytes(ring, value, context).toString(),
    ],
  ] as const) {
    const value = put('row 1')
    assert.equal(value[0], 2)
    assert.equal(get(value, 'row 1'), 'text')
    assert.throws(() => get(value, 'row 2'), /authenticate/)
    for (let i = 0; i < value.length; i++) {
      const bent = Buffer.from(value)
      bent[i] = (bent[i] ?? 0) ^ 1
      assert.throws(() => get(bent, 'row 1'))
    }
  }
  const old = seal(first(), 'text', 'row')
  assert.equal(unseal(ring, old, 'row'), 'text', 'what was sealed before there was a ring opens')
  assert.throws(() => unseal({ current: 2, keys: new Map([[2, second]]) }, old, 'row'), /key 1, which is not here/)
  assert.throws(() => seal({ current: 3, keys: ring.keys }, 'text', 'row'), /no key 3/)
})

test('keys are configured by number, and one that is not there is said at start', () => {
  const config = (env: Record<string, string>) => readConfig({ MASTER_KEY: '11'.repeat(32), ...env })
  const known = config({ PERSONAL_KEYS: `2=${'ab'.repeat(32)}, 3=${'cd'.repeat(32)}`, PERSONAL_KEY: '3' })
  assert.deepEqual([...known.PERSONAL_KEYS.keys()], [2, 3])
  for (const env of [
    { PERSONAL_KEY: '2' },
    { PERSONAL_KEYS: '1=00' },
    { PERSONAL_KEYS: `1=${'ab'.repeat(32)}` },
    { PERSONAL_KEYS: `2=${'ab'.repeat(32)},2=${'ab'.repeat(32)}` },
    { FILES: 's3' },
  ] as Record<string, string>[]) {
    assert.throws(() => config(env), /PERSONAL_KEY|FILES_S3/)
  }
})

test('every column that is sealed is on the list that is sealed anew', async () => {
  const rows = await world.database.owner.query<{ name: string }>(
    '',
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and data_type = 'bytea' and column_name ~ '(^|_)sealed$'`,
  )
  const listed = sealedColumns.map(({ table, column }) => `${table}.${column}`)
  // what vendors said is sealed with a key of its own
  const others = /^vendor_/
  assert.deepEqual(
    rows.map((row) => row.name).filter((one) => !others.test(one) && !listed.includes(one)),
    [],
  )
})

test(`${ROWS} values go over to another key while they are read and written, and nobody notices`, async () => {
  const { owner } = world.database
  const old = world.bank
  const ids = Array.from({ length: ROWS }, () => newId())
  for (let i = 0; i < ROWS; i += 20_000) {
    const part = ids.slice(i, i + 20_000)
    await owner.query(
      '',
      `insert into contacts (book_id, person_id, kind, contact_index, sealed, verified_at)
       select 1, u.id, 'email', sha256(u.id::text::bytea), u.sealed, now() from unnest($1::uuid[], $2::bytea[]) u (id, sealed)`,
      [part, part.map((id) => seal(old.keys.personal, `${id}@example.com`, `contact 1 ${id} email`))],
    )
  }
  const fresh = withKeys(old, both(2))
  const reading = withKeys(old, both(1))
  let reads = 0
  let writes = 0
  let over = false
  const reader = async (bank: Bank, step: number) => {
    for (let i = step; !over; i = (i + 7_919) % ROWS) {
      const id = ids[i] ?? ''
      const [found] = await contactsOf(bank, bank.db, 1, id)
      assert.equal(found?.value, `${id}@example.com`)
      reads++
      await sleep(1)
    }
  }
  // somebody who has not heard of the new key's number yet changes values all the while
  const writer = async () => {
    for (let i = 0; !over; i = (i + 13) % ROWS) {
      const id = ids[i] ?? ''
      const value = seal(reading.keys.personal, `${id}@example.com`, `contact 1 ${id} email`)
      await old.db.query('', 'update contacts set sealed = $2 where book_id = 1 and person_id = $1', [id, value])
      writes++
      await sleep(5)
    }
  }
  const load = Promise.all([reader(reading, 0), reader(fresh, 50_000), writer()])
  const sealed = await rotatePersonalKeys(fresh, 1).finally(() => {
    over = true
  })
  await load
  await rotatePersonalKeys(fresh, 1)
  assert.ok(sealed >= ROWS, `${sealed} sealed anew`)
  assert.ok(reads > 500 && writes > 20, `${reads} reads, ${writes} writes`)
  const counts = await countByKey(old.db, 1)
  assert.deepEqual([...counts.keys()], [2])
  assert.equal(await rotatePersonalKeys(fresh, 1), 0, 'a second run finds nothing to do')
})

test('the old key is not needed any more: sign-in, names, documents and pictures open without it', async () => {
  const alone = withKeys(world.bank, { current: 2, keys: new Map([[2, second]]) })
  const [own] = await contactsOf(alone, alone.db, 1, anna.id)
  assert.equal(own?.value, anna.contact)
  // the running server still has the old ring; it is given the new one
  Object.assign(world.bank.keys, { personal: alone.keys.personal })
  const queue = await consoleCall<{ items: { id: string }[] }>(world, risk.token, 'GET', '/identity?status=pending')
  const id = queue.data.items[0]?.id ?? ''
  const { data } = await consoleCall<{ details: { real_name: string } }>(world, risk.token, 'GET', `/identity/${id}`)
  assert.equal(data.details.real_name, name)
  assert.equal((await download(world, `/console/api/identity/${id}/front`, risk.token)).status, 200)
  const mail = await world.call('POST', '/api/auth/login', {
    contact: anna.contact,
    type: 'email',
    password: anna.password,
  })
  assert.equal(mail.code, 0, mail.text)
})
