// What becomes of a withdrawal while its payment is on its way: each state on the wire, what is booked and what goes back,
// reorganisations of any depth; and a database that refuses every other way, also from psql.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Queries } from '../src/base/database.ts'
import { newId } from '../src/base/ids.ts'
import { openAlerts } from '../src/domain/alert.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { transitions, withdrawalStatuses } from '../src/domain/withdrawal/withdrawal.ts'
import { withdrawalChecks } from '../src/domain/withdrawal/withdrawal-checks.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { openStream } from './harness/event-stream.ts'
import type { Payer } from './harness/hosted.ts'
import { bare, startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
before(async () => {
  bank = await startWithdrawing()
})
after(() => bank?.close())

const submitted = async (payer: Payer, amount = '100', change = {}): Promise<string> => {
  const { data, text } = await bank.submit(payer, amount, change)
  assert.ok(data, text)
  return data.order_id
}
const statusOf = async (payer: Payer, id: string) => (await bank.order(payer, id)).status
const news = async (payer: Payer) => {
  const { data } = await bank.world.call<{ type: string; body: string }[]>('GET', '/api/inbox', undefined, {
    token: payer.access,
    headers: { 'accept-language': 'en' },
  })
  return data
}
/** What the house's accounts hold of a network's USDT. */
async function house(networkNo: number) {
  const hot = houseAccount('hot', 'USDT', networkNo)
  const [fees, owed] = [houseAccount('fees'), houseAccount('receivable')]
  const of = await balancesOf(bank.world.bank.db, 1, [hot, fees, owed])
  return { hot: of(hot).balance, fees: of(fees).balance, owed: of(owed).balance }
}

test('paid: processing with its hash, confirming with its count, confirmed and booked; told live and in the inbox', async () => {
  const alice = await bank.payer(usdt(500))
  const stream = await openStream(bank.world.url, alice.access)
  const before = await house(2)
  const id = await submitted(alice)
  await bank.pay(id, 'signed')
  assert.equal(await statusOf(alice, id), 'approved', 'the order is told a moment later')
  assert.equal((await bank.cancel(alice, id)).name, 'TooLateToCancel', 'the payment’s own row decides')
  await bank.pay(id, 'broadcast')
  const sent = await bank.order(alice, id)
  assert.deepEqual([sent.status, sent.confirmations, sent.can_cancel], ['processing', 0, false])
  assert.match(sent.tx_hash ?? '', /^0x[0-9a-f]{64}$/)
  assert.equal(sent.explorer_url, `https://bscscan.com/tx/${sent.tx_hash}`)
  await bank.pay(id, 'uncertain', 'broadcast', 'mined')
  const mined = await bank.order(alice, id)
  assert.deepEqual([mined.status, mined.confirmations, mined.confirmations_required], ['confirming', 11, 20])
  assert.deepEqual(
    await bank.money(alice),
    { balance: usdt(500), held: usdt(100) },
    'nothing has left before it is final',
  )
  await bank.pay(id, 'confirmed')
  const done = await bank.order(alice, id)
  assert.deepEqual([done.status, done.confirmations, done.tx_hash], ['confirmed', 20, sent.tx_hash])
  assert.ok(done.settled_at)
  assert.deepEqual(
    done.timeline.map((step) => step.status),
    ['submitted', 'approved', 'processing', 'confirming', 'confirmed'],
  )
  assert.ok(done.timeline.every((step) => step.next_step !== ''))
  assert.deepEqual(await bank.money(alice), { balance: usdt(400), held: 0n })
  const now = await house(2)
  assert.deepEqual([now.hot - before.hot, now.fees - before.fees], [usdt(99), usdt(1)])
  await stream.until('the end', () => stream.of('withdrawal.confirmed').length === 1)
  assert.deepEqual(
    stream.events.map(({ type }) => type).filter((type) => type.startsWith('withdrawal.')),
    ['submitted', 'approved', 'broadcast', 'confirming', 'confirmed'].map((what) => `withdrawal.${what}`),
  )
  stream.close()
  const [newest] = await news(alice)
  assert.equal(newest?.type, 'withdrawal_confirmed')
  const statement = await bank.world.call<{ items: { biz_type: string; amount: string; direction: string }[] }>(
    'GET',
    '/api/account/ledger?type=withdraw',
    undefined,
    { token: alice.access },
  )
  assert.deepEqual(
    statement.data.items.map(({ biz_type, amount, direction }) => [biz_type, amount, direction]),
    [['withdraw', '100.00', 'debit']],
  )
})

test('failed on chain: everything back once, with why and what to do; the limit as well', async () => {
  const alice = await bank.payer(usdt(100), 'none')
  const id = await submitted(alice)
  await bank.pay(id, 'signed', 'broadcast', 'mined')
  await bank.pay(id, 'broadcast') // its block left the chain
  assert.equal(await statusOf(alice, id), 'processing')
  await bank.pay(id, 'mined', 'failed')
  const failed = await bank.order(alice, id)
  assert.equal(failed.status, 'failed')
  assert.match(failed.reason, /执行失败/)
  assert.deepEqual(await bank.money(alice), { balance: usdt(100), held: 0n })
  const [newest] = await news(alice)
  assert.equal(newest?.type, 'withdrawal_failed')
  assert.match(newest?.body ?? '', /back in your account.*Check that the address can receive/)
  assert.equal((await bank.submit(alice, '100')).status, 200)
})

test('a transaction that is proven dead: approved again, and then it can be taken back', async () => {
  const alice = await bank.payer(usdt(100))
  const id = await submitted(alice)
  await bank.pay(id, 'signed', 'broadcast', 'uncertain', 'ready')
  const again = await bank.order(alice, id)
  assert.deepEqual([again.status, again.tx_hash, again.can_cancel], ['approved', null, true])
  await bank.pay(id, 'signed', 'broadcast', 'ready', 'void')
  assert.equal(await statusOf(alice, id), 'cancelled')
  assert.deepEqual(await bank.money(alice), { balance: usdt(100), held: 0n })
  assert.match((await news(alice))[0]?.body ?? '', /could not be sent, and nothing has left/)
})

test('who is frozen or gone meanwhile is paid all the same, as the money has left; and gets back what was not', async () => {
  const people = await Promise.all(Array.from({ length: 4 }, () => bank.payer(usdt(100))))
  const ids = await Promise.all(people.map((payer) => submitted(payer)))
  for (const [i, status] of (['frozen', 'deleted', 'frozen', 'deleted'] as const).entries())
    await setPersonStatus(bank.world.bank, 1, people[i]?.id ?? '', status)
  for (const [i, id] of ids.entries()) {
    if (i < 2) await bank.pay(id, 'signed', 'broadcast', 'mined', 'confirmed')
    else await bank.pay(id, 'void')
    const [payer] = people.slice(i)
    assert.deepEqual(payer && (await bank.money(payer)), { balance: i < 2 ? 0n : usdt(100), held: 0n })
  }
})

describe('reorganisations deeper than the confirmations', () => {
  test('confirmed, out, in again: booked once', async () => {
    const alice = await bank.payer(usdt(100))
    const id = await submitted(alice)
    await bank.pay(id, 'signed', 'broadcast', 'mined', 'confirmed')
    const booked = await bank.money(alice)
    await bank.pay(id, 'broadcast')
    assert.equal(await statusOf(alice, id), 'processing')
    assert.deepEqual(await bank.money(alice), booked, 'the journal stays')
    await bank.expectSound()
    await bank.pay(id, 'mined', 'confirmed')
    assert.deepEqual(await bank.money(alice), booked)
    assert.equal(await statusOf(alice, id), 'confirmed')
    const confirmed = (await news(alice)).filter(({ type }) => type === 'withdrawal_confirmed')
    assert.equal(confirmed.length, 1, 'told once')
  })

  test('confirmed, out, and never in again: taken back out of the books', async () => {
    const alice = await bank.payer(usdt(100))
    const before = await house(2)
    const id = await submitted(alice)
    await bank.pay(id, 'signed', 'broadcast', 'mined', 'confirmed', 'broadcast', 'ready')
    assert.equal(await statusOf(alice, id), 'approved')
    await bank.expectSound()
    assert.equal((await bank.cancel(alice, id)).data?.status, 'cancelled')
    assert.deepEqual(await bank.money(alice), { balance: usdt(100), held: 0n })
    assert.deepEqual(await house(2), before)
  })

  test('failed, given back, and then paid after all: held again, or owed', async () => {
    const [rich, poor] = await Promise.all([bank.payer(usdt(100)), bank.payer(usdt(100))])
    for (const [payer, spent] of [
      [rich, '0'],
      [poor, '70'],
    ] as const) {
      const before = await house(2)
      const id = await submitted(payer)
      await bank.pay(id, 'signed', 'broadcast', 'mined', 'failed')
      if (spent !== '0') await bank.pay(await submitted(payer, spent), 'signed', 'broadcast', 'mined', 'confirmed')
      await bank.pay(id, 'broadcast')
      assert.equal(await statusOf(payer, id), 'processing')
      const alert = (await openAlerts(bank.world.bank.db, 1)).find(({ key }) => key.endsWith(bare(id)))
      assert.deepEqual(
        [alert?.kind, alert?.severity, alert?.data.held],
        ['withdrawal_reopened', 'critical', spent === '0'],
      )
      await bank.expectSound()
      await bank.pay(id, 'mined', 'confirmed')
      assert.deepEqual(await bank.money(payer), { balance: 0n, held: 0n })
      const now = await house(2)
      assert.equal(now.owed - before.owed, spent === '0' ? 0n : -usdt(70))
      await bank.expectSound()
    }
  })
})

// --- the database ---

test('the table of states is the database’s, and that of the page about them', async () => {
  const rows = await bank.world.database.db.query<{ from_status: string; to_status: string }>(
    '',
    'select from_status, to_status from withdrawal_transitions',
  )
  const ours = Object.entries(transitions).flatMap(([from, tos]) => tos.map((to) => `${from} → ${to}`))
  assert.deepEqual(rows.map(({ from_status, to_status }) => `${from_status} → ${to_status}`).sort(), ours.sort())
  const page = fs.readFileSync(path.join(import.meta.dirname, '../docs/withdrawals.md'), 'utf8')
  const told = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, from, to]) => `${from} → ${to}`)
  assert.deepEqual(told.sort(), ours.sort())
})

describe('the database refuses', () => {
  const attempt = async (q: Queries, sql: string, values: unknown[] = []) => {
    try {
      await q.query('', sql, values)
      return 'done'
    } catch (error) {
      const { code, constraint } = error as { code: string; constraint?: string }
      return constraint ?? code
    }
  }
  const move = (q: Queries, id: string, from: string, to: string) =>
    attempt(q, `select withdrawal_move(1, $1, $2, $3, '', '', null, null, null, null, null, null, now())`, [
      id,
      from,
      to,
    ])

  test('every line that is not in the table, from any role', async () => {
    const alice = await bank.payer(usdt(100))
    const id = bare(await submitted(alice))
    const { db, owner } = bank.world.database
    for (const from of withdrawalStatuses) {
      for (const to of withdrawalStatuses) {
        if ((transitions[from] as readonly string[]).includes(to)) continue
        for (const q of [db, owner])
          assert.equal(await move(q, id, from, to), 'withdrawal_transitions', `${from} → ${to}`)
      }
    }
    assert.equal(await statusOf(alice, `w-${id}`), 'approved')
  })

  test('steps without what goes with them', async () => {
    const alice = await bank.payer(usdt(10_000))
    const { db } = bank.world.database
    const approved = bare(await submitted(alice))
    const review = bare(await submitted(alice, '2000'))
    assert.equal(await move(db, review, 'review', 'approved'), 'withdrawals_payment', 'approved without a payment')
    assert.equal(await move(db, review, 'review', 'rejected'), 'withdrawals_hold', 'declined with the money held')
    assert.equal(await move(db, review, 'review', 'cancelled'), 'withdrawals_hold')
    assert.equal(
      await move(db, approved, 'approved', 'cancelled'),
      'withdrawals_payment',
      'given back and still to be paid',
    )
    await bank.pay(approved, 'signed', 'broadcast', 'mined')
    assert.equal(
      await move(db, approved, 'confirming', 'confirmed'),
      'withdrawals_journal',
      'confirmed without a journal',
    )
    assert.equal(await move(db, approved, 'confirming', 'failed'), 'withdrawals_hold')
    assert.equal(
      await attempt(
        db,
        `select chain_payment_move(1, (select id from chain_payments where order_id = $1), 'mined', 'void', null, '', now())`,
        [approved],
      ),
      'chain_payment_transitions',
    )
  })

  test('orders without money held, and hands on rows', async () => {
    const { db } = bank.world.database
    const fresh = `select withdrawal_submit(1, $1, 10001, 'BSC', 'USDT', '0x01', 10, 1, $2, now())`
    assert.equal(await attempt(db, fresh, [newId(), newId()]), 'withdrawals_hold')
    for (const sql of [
      `insert into withdrawals (book_id, id, person_no, network, asset, to_address, amount, fee, hold_id, created_at)
       values (1, gen_random_uuid(), 10001, 'BSC', 'USDT', '0x01', 10, 1, gen_random_uuid(), now())`,
      `update withdrawals set status = 'confirmed'`,
      `update withdrawals set to_address = '0x02'`,
      'delete from withdrawals',
      'truncate withdrawals',
      `insert into withdrawal_events (book_id, withdrawal_id, no, to_status, at) values (1, gen_random_uuid(), 1, 'submitted', now())`,
      'delete from withdrawal_events',
      `insert into withdrawal_transitions values ('review', 'confirmed')`,
      'update withdrawal_addresses set address = $$x$$',
      'update withdrawal_addresses set usable_at = created_at',
      'delete from withdrawal_addresses',
    ])
      assert.equal(await attempt(db, sql), '42501', sql)
    const signer = bank.world.database.signer
    assert.equal(
      await attempt(signer, 'select id, network, asset, to_address, amount, fee, status from withdrawals'),
      'done',
    )
    assert.equal(await attempt(signer, 'select person_no from withdrawals'), '42501', 'not whose it is')
  })
})

test('the proof of the books finds what was planted', async () => {
  const alice = await bank.payer(usdt(1_000))
  const { owner } = bank.world.database
  const [paid, open] = [bare(await submitted(alice)), bare(await submitted(alice, '20'))]
  await bank.pay(paid, 'signed', 'broadcast', 'mined', 'confirmed')
  await bank.expectSound()
  const faults = async (q: Queries) => {
    const found = []
    for (const { name, sql } of withdrawalChecks) {
      for (const { detail } of await q.query<{ detail: string }>('', sql, [1])) found.push(`${name}: ${detail}`)
    }
    return found
  }
  assert.deepEqual(await faults(owner), [])
  class Undo extends Error {}
  const plant = async (sql: string, id: string, expected: RegExp) => {
    const planted = owner.transaction(async (tx) => {
      await tx.query('', sql, [id])
      const found = await faults(tx)
      assert.ok(
        found.some((line) => expected.test(line)),
        `${sql}: ${found.join('\n')}`,
      )
      throw new Undo()
    })
    await assert.rejects(planted, Undo)
  }
  await plant(`update withdrawals set fee = fee + 1 where id = $1`, paid, /what journals took for a withdrawal/)
  await plant(`update withdrawals set to_address = '0xdead' where id = $1`, open, /a withdrawal and its payment agree/)
  await plant(`update withdrawals set amount = amount + 1 where id = $1`, open, /money of an open withdrawal is held/)
  await plant(
    `update holds set status = 'voided', closed_at = now() where order_id = $1`,
    open,
    /money of an open withdrawal/,
  )
  await plant(`update holds set order_id = gen_random_uuid() where order_id = $1`, open, /a hold for a withdrawal/)
  await plant(
    `update withdrawals set status = 'cancelled', settled_at = now() where id = $1`,
    open,
    /ended without payment holds nothing/,
  )
  await bank.expectSound()
})

test('the books are whole', () => bank.expectSound())
