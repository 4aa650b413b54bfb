// The audit log tells who did, saw and was refused what; and shows when somebody who owns the database has been at it.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sha256 } from '../src/base/crypto.ts'
import type { Bank } from '../src/domain/context.ts'
import { logAudit } from '../src/domain/operator/audit-log.ts'
import { anchorAuditLog } from '../src/domain/operator/prove-audit-log.ts'
import { anchorLog, auditAnchors, verifyAuditLog } from '../src/domain/operator/watch-audit-log.ts'
import { SealBroken } from '../src/ledger/seal.ts'
import { signUp, startWorld, type World } from './harness/customers.ts'
import { consoleCall, joinOperator, ok, outcome, signInAs, type TestOperator } from './harness/operators.ts'

let world: World
let bank: Bank
let dataDir: string
let ada: TestOperator
let rita: TestOperator
let sam: TestOperator

before(async () => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-audit-'))
  world = await startWorld({ DATA_DIR: dataDir })
  bank = world.bank
  ada = await joinOperator(world, ['admin'], 'Ada')
  rita = await joinOperator(world, ['risk'], 'Rita')
  sam = await joinOperator(world, ['support'], 'Sam')
})
after(async () => {
  await world?.close()
  fs.rmSync(dataDir, { recursive: true, force: true })
})

interface Row {
  no: string
  operator: { id: string; name: string } | null
  ip: string
  request_id: string
  action: string
  subject: string
  data: Record<string, unknown>
}
const read = async (query = '') => (await ok<{ items: Row[] }>(world, ada, 'GET', `/audit-log?size=100${query}`)).items
const prove = () => verifyAuditLog(bank, 1)

describe('what is in it', () => {
  test('signing in and failing to, looking, being refused, deciding: who, from where, by which request', async () => {
    const customer = await signUp(world)
    const headers = { 'x-request-id': 'request-of-sam-1', 'x-forwarded-for': '203.0.113.77' }
    const steps: [method: string, path: string, body?: object][] = [
      ['POST', '/customers/search', { q: customer.contact }],
      ['GET', `/customers/${customer.id}`],
      ['GET', `/customers/${customer.id}/entries`],
      ['GET', `/customers/${customer.id}/security-log`],
      ['POST', `/customers/${customer.id}/freeze`, { reason: 'not mine to do' }],
      ['GET', '/audit-log'],
    ]
    const statuses = []
    for (const [method, place, body] of steps)
      statuses.push((await consoleCall(world, sam.token, method, place, body, headers)).status)
    assert.deepEqual(statuses, [200, 200, 200, 200, 403, 403])
    const rows = (await read(`&operator=${sam.id}`)).toReversed()
    const { id } = customer
    assert.deepEqual(
      rows.map(({ action, subject, data }) => [action, subject, data]),
      [
        ['operator.joined', `operator:${sam.id}`, {}],
        ['person.searched', `person:${id}`, { by: 'contact' }],
        ['person.seen', `person:${id}`, { what: 'all' }],
        ['person.seen', `person:${id}`, { what: 'entries' }],
        ['person.seen', `person:${id}`, { what: 'security log' }],
        ['right.refused', 'route:POST /console/api/customers/:id/freeze', {}],
        ['right.refused', 'route:GET /console/api/audit-log', {}],
      ],
    )
    for (const row of rows.slice(1))
      assert.deepEqual([row.ip, row.request_id, row.operator?.name], ['203.0.113.77', 'request-of-sam-1', 'Sam'])

    assert.equal((await signInAs(world, sam, { password: 'wrong' })).status, 401)
    world.clock.advance(31_000)
    const { token } = (await signInAs(world, sam)).data
    await ok(world, { token }, 'POST', '/auth/sign-out', {})
    const mine = (await read(`&subject=operator:${sam.id}`)).map(({ action }) => action)
    assert.deepEqual(mine.slice(0, 2), ['operator.signed_in', 'operator.sign_in_failed'])
    await ok(world, rita, 'POST', `/customers/${id}/freeze`, { reason: 'odd' })
    const [frozen] = await read('&action=person.frozen')
    assert.deepEqual(
      [frozen?.operator?.name, frozen?.subject, frozen?.data],
      ['Rita', `person:${id}`, { reason: 'odd' }],
    )
    const [reading] = await read('&action=audit_log.read')
    assert.equal(reading?.operator?.name, 'Ada', 'reading it is in it')
  })

  test('a row is there with what it tells of, or neither is', async () => {
    const customer = await signUp(world)
    await world.database.owner.query(
      '',
      'alter table audit_log add constraint full_disk check (action <> $$person.frozen$$) not valid',
    )
    const freeze = () => outcome(world, rita, 'POST', `/customers/${customer.id}/freeze`, { reason: 'x' })
    assert.equal(await freeze(), 'Internal')
    const status = async () => (await ok<{ status: string }>(world, ada, 'GET', `/customers/${customer.id}`)).status
    assert.equal(await status(), 'active')
    await world.database.owner.query('', 'alter table audit_log drop constraint full_disk')
    assert.equal(await freeze(), 'ok')
    assert.equal(await status(), 'frozen')
  })

  test('many writers at once make one line, whatever the texts hold', async () => {
    const texts = [
      'a|b',
      '',
      '|',
      'a\\b"c\'d',
      '汉字 🏦',
      'e\u0301 \u00e9',
      'שלום',
      '\n\t',
      'x'.repeat(10_000),
      '{"a":1}',
    ]
    const before = Number((await prove()).rows)
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        bank.db.transaction((tx) =>
          logAudit(
            bank,
            tx,
            { bookId: 1 },
            {
              action: 'alert.closed',
              subject: texts[i % texts.length] ?? '',
              data: { text: texts[(i * 3) % texts.length], [texts[(i * 7) % texts.length] ?? '']: i },
            },
          ),
        ),
      ),
    )
    const proof = await prove()
    assert.deepEqual([Number(proof.rows), proof.faults], [before + 60, []])
  })
})

describe('tampering by who owns the database', () => {
  const sql = (text: string, ...values: unknown[]) =>
    world.database.owner.query<{ no: bigint; hash: Buffer }>('', text, values)
  let size: bigint

  before(async () => {
    await anchorLog(bank, 1)
    size = (await prove()).rows
    assert.ok(size > 70n)
    await sql('create table kept_log as select * from audit_log')
    await sql('create table kept_heads as select * from audit_heads')
  })
  const restore = async () => {
    await sql('delete from audit_log')
    await sql('insert into audit_log select * from kept_log')
    await sql('delete from audit_heads')
    await sql('insert into audit_heads select * from kept_heads')
    assert.deepEqual((await prove()).faults, [])
  }

  /** Works all hashes from a row on out anew, as somebody would who knows how. */
  const rehash = async (from: number) => {
    const rows = await sql(`select no, sha256(convert_to(audit_text(l), 'UTF8')) as hash from audit_log l order by no`)
    assert.ok(rows.length > 0)
    let chain = sha256('unipay audit log 1')
    for (const { no } of rows) {
      if (no >= BigInt(from)) {
        await sql(
          `update audit_log l set hash = sha256(decode($1, 'hex') || convert_to(audit_text(l), 'UTF8')) where no = $2`,
          chain.toString('hex'),
          no,
        )
      }
      const [row] = await sql('select no, hash from audit_log where no = $1', no)
      chain = row?.hash ?? chain
    }
    await sql(
      'update audit_heads set no = (select max(no) from audit_log), hash = (select hash from audit_log order by no desc limit 1)',
    )
  }

  const deeds: [name: string, deed: () => Promise<unknown>, fault: RegExp][] = [
    [
      'another operator',
      () => sql(`update audit_log set operator_id = gen_random_uuid() where no = 5`),
      /^row 5 is not as it was written$/,
    ],
    ['nobody', () => sql(`update audit_log set operator_id = null where no = 2`), /^row 2 is not as/],
    [
      'another instant',
      () => sql(`update audit_log set at = at + interval '1 microsecond' where no = 6`),
      /^row 6 is not as/,
    ],
    ['another action', () => sql(`update audit_log set action = 'alert.closed' where no = 7`), /^row 7 is not as/],
    ['other data', () => sql(`update audit_log set data = '{ }' where no = 8`), /^row 8 is not as/],
    ['another address', () => sql(`update audit_log set ip = '1.1.1.1' where no = 9`), /^row 9 is not as/],
    [
      'a text moved to its neighbour',
      () => sql(`update audit_log set request_id = '', ip = ip || request_id where no = 9`),
      /^row 9 is not as/,
    ],
    ['a row taken out', () => sql('delete from audit_log where no = 10'), /^row 10 is missing$/],
    ['rows taken out', () => sql('delete from audit_log where no between 10 and 12'), /^rows 10 to 12 are missing$/],
    ['the first row taken out', () => sql('delete from audit_log where no = 1'), /^row 1 is missing$/],
    [
      'a row taken out, the rest moved up',
      async () => {
        await sql('delete from audit_log where no = 10')
        await sql('update audit_log set no = no + 1000000 where no > 10')
        await sql('update audit_log set no = no - 1000001 where no > 1000000')
      },
      /^rows 10 to \d+ are not as they were written$/,
    ],
    [
      'a row put in',
      async () => {
        await sql('update audit_log set no = no + 1000000 where no >= 11')
        await sql('update audit_log set no = no - 999999 where no > 1000000')
        await sql(
          'insert into audit_log select book_id, 11, at, operator_id, session_id, ip, request_id, action, subject, data, hash from audit_log where no = 10',
        )
      },
      /^rows 11 to \d+ are not as they were written$/,
    ],
    [
      'two rows exchanged',
      async () => {
        await sql('update audit_log set no = 1000000 where no = 11')
        await sql('update audit_log set no = 11 where no = 12')
        await sql('update audit_log set no = 12 where no = 1000000')
      },
      /^rows 11 to \d+ are not as they were written$/,
    ],
    ['the end cut off', () => sql('delete from audit_log where no > 40'), /^the log ends at row 40, and had \d+$/],
    ['all of it gone', () => sql('delete from audit_log'), /^the log ends at row 0, and had/],
    [
      'the end cut off and the head set back',
      async () => {
        await sql('delete from audit_log where no > 40')
        await sql('update audit_heads set no = 40, hash = (select hash from audit_log where no = 40)')
      },
      /^the log ends at row 40, and had/,
    ],
    [
      'all of it gone and no head',
      async () => {
        await sql('delete from audit_log')
        await sql('delete from audit_heads')
      },
      /^the log ends at row 0, and had/,
    ],
    [
      'rewritten with new hashes to the end',
      async () => {
        await sql(`update audit_log set action = 'alert.closed' where no = 7`)
        await rehash(7)
      },
      /is not the one that was anchored$/,
    ],
  ]

  for (const [name, deed, fault] of deeds) {
    test(`is found: ${name}`, async () => {
      try {
        await deed()
        const { faults } = await prove()
        assert.ok(
          faults.some((one) => fault.test(one)),
          faults.join('\n'),
        )
        assert.ok(faults.length <= 3, `one deed, told once: ${faults.join('\n')}`)
      } finally {
        await restore()
      }
    })
  }

  test('stops the anchoring, raises an alert until it is mended, and the console tells', async () => {
    const place = auditAnchors(bank)
    const lines = (await place.all(1)).length
    await sql(`update audit_log set action = 'alert.closed' where no = 7`)
    await rehash(7)
    await assert.rejects(anchorAuditLog(bank.db, 1, place, world.clock.now()), SealBroken)
    await anchorLog(bank, 1)
    assert.equal((await place.all(1)).length, lines)
    const told = await ok<{ sound: boolean; faults: string[] }>(world, ada, 'POST', '/audit-log/verify', {})
    assert.equal(told.sound, false)
    const open = async () =>
      (await ok<{ items: { kind: string }[] }>(world, sam, 'GET', '/alerts')).items.filter(
        ({ kind }) => kind === 'audit_log_broken',
      ).length
    assert.equal(await open(), 1)
    await restore()
    assert.deepEqual(
      await ok(world, ada, 'POST', '/audit-log/verify', {}).then(({ sound, faults }) => [sound, faults]),
      [true, []],
    )
    assert.equal(await open(), 0)
    await logAudit(bank, bank.db, { bookId: 1 }, { action: 'alert.closed', subject: 'x' })
    await anchorLog(bank, 1)
    assert.equal((await place.last(1))?.no, size + 1n, 'and is anchored on')
  })
})
