// What the database itself refuses of remittances to anybody: every step that is not in the tables of states, and the
// steps that are without what must go with them.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { recipientTransitions } from '../src/domain/remittance/recipient.ts'
import { remittanceStatuses, remittanceTransitions } from '../src/domain/remittance/remittance-order.ts'
import { bare, type Remitting, startRemitting } from './harness/remitting.ts'

let bank: Remitting
before(async () => {
  bank = await startRemitting()
})
after(() => bank?.close())

test('the database has the tables of states that the code has', async () => {
  const read = async (table: string) =>
    (
      await bank.world.database.owner.query<{ line: string }>(
        '',
        `select from_status || ' ' || to_status as line from ${table} order by 1`,
      )
    ).map((row) => row.line)
  const lines = (table: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(table)
      .flatMap(([from, to]) => to.map((one) => `${from} ${one}`))
      .sort()
  assert.deepEqual((await read('remittance_transitions')).sort(), lines(remittanceTransitions))
  assert.deepEqual((await read('remittance_recipient_transitions')).sort(), lines(recipientTransitions))
})

test('it refuses every other step to everybody, the owner in psql included', async () => {
  const { owner } = bank.world.database
  const legal: Readonly<Record<string, readonly string[]>> = remittanceTransitions
  const payer = await bank.payer()
  const recipient = await bank.recipient(payer)
  const { data } = await bank.submit(payer, recipient, '100')
  const id = bare(data.id)
  let tried = 0
  for (const from of remittanceStatuses) {
    // put there by force, as only a superuser who switches the triggers off could
    await owner.transaction(async (tx) => {
      await tx.query('', 'alter table remittances disable trigger remittance_step')
      await tx.query(
        '',
        `update remittances set status = $2, approval_id = id,
           settled_at = case when $2 in ('completed', 'failed', 'rejected', 'returned') then now() end where id = $1`,
        [id, from],
      )
      await tx.query('', 'alter table remittances enable trigger remittance_step')
    })
    for (const to of remittanceStatuses) {
      if (to === from || legal[from]?.includes(to)) continue
      tried++
      await assert.rejects(
        owner.query('', 'update remittances set status = $2, settled_at = now() where id = $1', [id, to]),
        { constraint: 'remittance_transitions' },
        `${from} → ${to}`,
      )
    }
  }
  assert.equal(tried, 9 * 8 - Object.values(legal).flat().length)
  await owner.transaction(async (tx) => {
    await tx.query('', 'alter table remittances disable trigger remittance_step')
    await tx.query(
      '',
      `update remittances set status = 'queued', settled_at = null, approval_id = null where id = $1`,
      [id],
    )
    await tx.query('', 'alter table remittances enable trigger remittance_step')
  })
  // legal steps without what must go with them
  const without: [string, string][] = [
    [`status = 'failed', settled_at = now()`, 'remittances_hold'],
    [`status = 'processing', payout_id = 'x'`, 'remittances_journal'],
    [`principal = 1`, 'remittances_fixed'],
    [`hold_id = id`, 'remittances_fixed'],
  ]
  for (const [set, constraint] of without)
    await assert.rejects(owner.query('', `update remittances set ${set} where id = $1`, [id]), { constraint }, set)
  await assert.rejects(
    owner.query('', `update remittance_recipients set review_status = 'pending' where id = $1`, [bare(recipient)]),
    { constraint: 'remittance_recipients_version' },
  )
  await bank.expectSound()
})
