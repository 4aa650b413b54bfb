// What the database itself refuses of approvals, settings, operators and their log, also to who asks it past our code.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { approvalTransitions } from '../src/domain/operator/approval.ts'
import { startWorld, type World } from './harness/customers.ts'
import { joinOperator, ok, propose, type TestOperator } from './harness/operators.ts'

let world: World
let fay: TestOperator
let finn: TestOperator
before(async () => {
  world = await startWorld()
  fay = await joinOperator(world, ['finance'], 'Fay')
  finn = await joinOperator(world, ['finance'], 'Finn')
})
after(() => world?.close())

const hashOf = async (id: string) => (await ok<{ hash: string }>(world, fay, 'GET', `/approvals/${id}`)).hash
const status = async (id: string) =>
  (await world.database.owner.query<{ status: string }>('', 'select status from approvals where id = $1', [id]))[0]
    ?.status

test('has the table of states that the code has', async () => {
  const rows = await world.database.owner.query<{ way: string }>(
    '',
    `select from_status || ' → ' || to_status as way from approval_transitions`,
  )
  const ours = Object.entries(approvalTransitions).flatMap(([from, to]) => to.map((one) => `${from} → ${one}`))
  assert.deepEqual(rows.map((row) => row.way).sort(), ours.sort())
})

test('refuses the application every other way to write', async () => {
  const { db } = world.database
  const id = await propose(world, fay, 'setting', { name: 'withdrawal.fee', scope: 'BSC/USDT', value: '2' })
  for (const sql of [
    `update approvals set status = 'applied'`,
    `update approvals set checks = 0`,
    `delete from approvals`,
    `insert into approval_checks select book_id, id, made_by, 'approve', '', payload_hash, now() from approvals`,
    `update approval_checks set verdict = 'approve'`,
    `insert into approval_transitions values ('applied', 'open')`,
    `update setting_changes set value = '0'`,
    `delete from setting_changes`,
    `update operators set roles = '{admin}'`,
    `delete from operators`,
    `update audit_log set data = '{}'`,
    `delete from audit_log`,
    `insert into audit_log select * from audit_log`,
    `update audit_heads set no = 0`,
    `truncate audit_log`,
    `alter table approvals disable trigger all`,
  ])
    await assert.rejects(db.query('', sql), /permission denied|must be owner/, sql)

  const call = (sql: string, ...values: unknown[]) => db.query('', sql, values)
  const at = world.clock.now()
  for (const to of ['applied', 'rejected', 'expired', 'open', 'nonsense'])
    await assert.rejects(call('select approval_close(1, $1, $2, $3, $4)', id, to, fay.id, at), /approval|checked/, to)
  await assert.rejects(call('select approval_close(1, $1, $2, $3, $4)', id, 'cancelled', finn.id, at), /only its maker/)
  const say = (who: string, hash: string, verdictIs = 'approve') =>
    call(`select approval_check(1, $1, $2, decode($3, 'hex'), $4, '', $5)`, id, who, hash, verdictIs, at)
  const hash = await hashOf(id)
  await assert.rejects(say(fay.id, hash), /nobody checks their own/)
  await assert.rejects(say(finn.id, hash.replaceAll('a', 'b')), /something else/)
  await assert.rejects(say('00000000-0000-7000-8000-000000000000', hash), /by an operator/)
  await assert.rejects(say(finn.id, hash, 'maybe'), /verdict/)
  await assert.rejects(call('select operator_set_roles(1, $1)', id), /roles are given by an approval/)
  assert.equal(await status(id), 'open')
  await say(finn.id, hash)
  await assert.rejects(say(finn.id, hash), /approval_checks_pkey/)
  await call('select approval_close(1, $1, $2, $3, $4)', id, 'applied', finn.id, at)
  for (const to of Object.keys(approvalTransitions))
    await assert.rejects(call('select approval_close(1, $1, $2, $3, $4)', id, to, fay.id, at), /cannot go/, to)
  const change = [1, 'withdrawal.fee', 'BSC/USDT', '3', '1', 'x', fay.id]
  const insert = `insert into setting_changes (book_id, no, name, scope, value, before, reason, made_by, checked_by, approval_id, changed_at)
    values ($1, 1000, $2, $3, $4, $5, $6, $7, $8, $9, now())`
  await assert.rejects(call(insert, ...change, [], null), /setting_changes_approved/)
  await assert.rejects(call(insert, ...change, [fay.id], id), /setting_changes_four_eyes/)
})
