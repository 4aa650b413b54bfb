// Four eyes: who may make and check, what a check is of, and that what was agreed happens once or not at all. Through HTTP.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Type as T } from 'typebox'
import { hours } from '../src/base/clock.ts'
import type { Bank } from '../src/domain/context.ts'
import { removeExpired } from '../src/domain/expiry.ts'
import { adjustmentChecks } from '../src/domain/operator/adjustment.ts'
import { checkApproval, dropApproval, makeApproval, openApproval } from '../src/domain/operator/approval.ts'
import { approvalKind } from '../src/domain/operator/approval-kind.ts'
import { authenticateOperator } from '../src/domain/operator/operator-session.ts'
import { withdrawalSettings } from '../src/domain/setting.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { signUp, startWorld, type World } from './harness/customers.ts'
import { fund, moneyOf, verdict } from './harness/ledger.ts'
import {
  check,
  consoleCall,
  joinOperator,
  ok,
  outcome,
  propose,
  signInAs,
  type TestOperator,
} from './harness/operators.ts'

let world: World
/** Two of finance, one of risk, one of support, two admins. */
let fay: TestOperator
let finn: TestOperator
let rita: TestOperator
let sam: TestOperator
let ada: TestOperator
let alan: TestOperator

before(async () => {
  world = await startWorld()
  fay = await joinOperator(world, ['finance'], 'Fay')
  finn = await joinOperator(world, ['finance'], 'Finn')
  rita = await joinOperator(world, ['risk'], 'Rita')
  sam = await joinOperator(world, ['support'], 'Sam')
  ada = await joinOperator(world, ['admin', 'finance'], 'Ada')
  alan = await joinOperator(world, ['admin'], 'Alan')
})
after(() => world?.close())

interface Shown {
  status: string
  hash: string
  description: string
  checks: { by: { name: string }; verdict: string }[]
  refusal: { code: string } | null
  may_check: boolean
  preview: {
    journals: { kind: string; legs: { account: string; amount: string }[]; value_at: string | null }[]
    effects: string[]
    refusal: { code: string } | null
  } | null
}
const show = (id: string, who = fay) => ok<Shown>(world, who, 'GET', `/approvals/${id}`)
const fee = async () => (await withdrawalSettings(world.bank, 1, 'BSC', 'USDT', { fresh: true })).fee
const feeOf = (value: string) => ({ name: 'withdrawal.fee', scope: 'BSC/USDT', value })
const tryPropose = (who: TestOperator, kind: string, payload: object, reason = 'because') =>
  outcome(world, who, 'POST', `/approvals/${kind}`, { payload, reason })
const proven = async () =>
  assert.deepEqual((await verifyLedger(world.database.owner, { bookId: 1, orders: adjustmentChecks })).faults, [])

describe('four eyes', () => {
  test('what one proposes another checks, and then it is so', async () => {
    const id = await propose(world, fay, 'setting', feeOf('1.25'), 'gas went up')
    const before = await show(id, finn)
    assert.deepEqual([before.status, before.may_check, (await show(id)).may_check], ['open', true, false])
    assert.equal(before.description, 'Change withdrawal.fee (BSC/USDT) from 1 to 1.25')
    assert.deepEqual(before.preview?.effects, ['withdrawal.fee (BSC/USDT): 1 → 1.25'])
    assert.equal(await fee(), 1_000_000n, 'nothing happens before')
    assert.equal((await check(world, finn, id, 'approve', { note: 'seen the chain' })).data.status, 'applied')
    assert.equal(await fee(), 1_250_000n)
    const history = await ok<{ items: Record<string, unknown>[] }>(
      world,
      sam,
      'GET',
      '/settings/history?name=withdrawal.fee',
    )
    assert.deepEqual(
      history.items.map(({ value, before: old, reason, made_by, checked_by, approval_id }) => [
        value,
        old,
        reason,
        made_by,
        checked_by,
        approval_id,
      ]),
      [['1.25', '1', 'gas went up', { id: fay.id, name: 'Fay' }, [{ id: finn.id, name: 'Finn' }], id]],
    )
    assert.deepEqual(
      (await show(id)).checks.map(({ by, verdict: said }) => [by.name, said]),
      [['Finn', 'approve']],
    )
  })

  test('nobody checks their own: not in another session, not with another role', async () => {
    world.clock.advance(31_000)
    const second = { ...ada, token: (await signInAs(world, ada)).data.token }
    const id = await propose(world, ada, 'setting', feeOf('1.5'))
    for (const session of [ada, second]) assert.equal((await check(world, session, id)).error, 'OwnApproval')
    assert.equal((await check(world, ada, id, 'reject')).error, 'OwnApproval', 'they take it back instead')
    assert.equal((await show(id)).status, 'open')
    assert.equal(await outcome(world, finn, 'POST', `/approvals/${id}/cancel`, {}), 'Forbidden')
    await ok(world, second, 'POST', `/approvals/${id}/cancel`, {})
    assert.equal((await check(world, finn, id)).error, 'ApprovalClosed')
    assert.equal(await fee(), 1_250_000n)
  })

  test('roles that may not, cannot: neither make nor check', async () => {
    assert.equal(await tryPropose(sam, 'setting', feeOf('2')), 'Forbidden')
    assert.equal(await tryPropose(rita, 'adjustment', {}), 'Forbidden')
    assert.equal(await tryPropose(ada, 'withdrawal_review', {}), 'MethodNotAllowed', 'the bank itself asks')
    const id = await propose(world, fay, 'setting', feeOf('2'))
    assert.equal((await check(world, sam, id)).error, 'Forbidden')
    assert.equal((await check(world, rita, id, 'reject', { note: 'no' })).data.status, 'rejected')
    assert.equal((await check(world, finn, id)).error, 'ApprovalClosed')
    assert.equal(await fee(), 1_250_000n)
  })

  test('a check is of what was seen', async () => {
    const id = await propose(world, fay, 'setting', feeOf('2'))
    const { hash } = await show(id)
    const other = hash.replace(/^./, (c) => (c === '0' ? '1' : '0'))
    assert.equal((await check(world, finn, id, 'approve', { hash: other })).error, 'Outdated')
    // changed behind its back, by somebody who owns the database: the hash no longer fits, or is not the one that was seen
    const { owner } = world.database
    const changed = `{"from":"1.25","name":"withdrawal.fee","scope":"BSC/USDT","value":"9"}`
    await assert.rejects(
      owner.query('', 'update approvals set payload = $2 where id = $1', [id, changed]),
      /approvals_hash/,
    )
    await owner.query(
      '',
      `update approvals set payload = $2, payload_hash = sha256(convert_to($2, 'UTF8')) where id = $1`,
      [id, changed],
    )
    const sent = await consoleCall(world, finn.token, 'POST', `/approvals/${id}/check`, { verdict: 'approve', hash })
    assert.equal(sent.error, 'Outdated')
    assert.equal(await fee(), 1_250_000n)
    await ok(world, fay, 'POST', `/approvals/${id}/cancel`, {})
  })

  test('a check sent again does nothing, before and after', async () => {
    const id = await propose(world, fay, 'setting', feeOf('2'))
    const body = { verdict: 'approve', hash: (await show(id)).hash }
    const send = () => outcome(world, finn, 'POST', `/approvals/${id}/check`, body)
    assert.deepEqual([await send(), await send(), await send()], ['ok', 'ApprovalClosed', 'ApprovalClosed'])
    const back = await propose(world, fay, 'setting', feeOf('1.25'))
    await check(world, finn, back)
    assert.equal(await send(), 'ApprovalClosed')
    assert.equal(await fee(), 1_250_000n)
  })

  test('of many who check at once one applies it', async () => {
    for (const value of ['3', '3.5', '1.25']) {
      const id = await propose(world, fay, 'setting', feeOf(value))
      const { hash } = await show(id)
      const results = await Promise.all(
        [finn, ada, rita, alan].map((who) =>
          outcome(world, who, 'POST', `/approvals/${id}/check`, { verdict: 'approve', hash }),
        ),
      )
      assert.deepEqual(results.sort(), ['ApprovalClosed', 'ApprovalClosed', 'ApprovalClosed', 'ok'])
    }
    const rows = await ok<{ items: unknown[] }>(
      world,
      sam,
      'GET',
      '/settings/history?name=withdrawal.fee&scope=BSC/USDT&size=100',
    )
    assert.equal(rows.items.length, 6, 'one change each')
  })

  test('taking back races checking: one of them', async () => {
    let expected = await fee()
    for (let i = 1; i <= 10; i++) {
      const id = await propose(world, fay, 'setting', feeOf(`${3 + i / 2}`))
      const { hash } = await show(id)
      const [cancelled, checked] = await Promise.all([
        outcome(world, fay, 'POST', `/approvals/${id}/cancel`, {}),
        outcome(world, finn, 'POST', `/approvals/${id}/check`, { verdict: 'approve', hash }),
      ])
      assert.deepEqual([cancelled, checked].sort(), ['ApprovalClosed', 'ok'])
      assert.equal((await show(id)).status, checked === 'ok' ? 'applied' : 'cancelled')
      if (checked === 'ok') expected = 3_000_000n + BigInt(i) * 500_000n
      assert.equal(await fee(), expected)
    }
  })

  test('after a day it can no longer be checked, and another may be made', async () => {
    const id = await propose(world, fay, 'setting', feeOf('2'))
    const floor = { name: 'treasury.hotFloor', scope: 'BSC', value: '2' }
    const swept = await propose(world, fay, 'setting', floor)
    assert.equal(await tryPropose(finn, 'setting', feeOf('2.5')), 'ApprovalPending')
    world.clock.advance(hours(24))
    await signInAgain()
    assert.equal((await show(id)).status, 'expired')
    assert.equal((await check(world, finn, id)).error, 'ApprovalClosed')
    assert.equal(await outcome(world, fay, 'POST', `/approvals/${id}/cancel`, {}), 'ApprovalClosed')
    const other = await propose(world, finn, 'setting', feeOf('2.5'))
    assert.equal((await check(world, fay, other, 'reject')).data.status, 'rejected')
    const listed = await ok<{ items: { id: string }[]; total: number }>(world, sam, 'GET', '/approvals?status=expired')
    assert.deepEqual([listed.items.map((one) => one.id), listed.total], [[swept, id], 2])
    await removeExpired(world.bank, 1)
    await removeExpired(world.bank, 1)
    const rows = await world.database.owner.query<{ status: string; logged: number }>(
      '',
      `select status, (select count(*)::int from audit_log where subject = 'approval:' || id and action = 'approval.expired') as logged
       from approvals where id = any ($1::uuid[])`,
      [[id, swept]],
    )
    assert.deepEqual(rows, [
      { status: 'expired', logged: 1 },
      { status: 'expired', logged: 1 },
    ])
  })

  test('a reason is asked for, and a payload that is one', async () => {
    for (const reason of ['', '   '])
      assert.equal(await tryPropose(fay, 'setting', feeOf('2'), reason), 'InvalidParams')
    const wrong = [
      { ...feeOf('2'), name: 'withdrawal.nothing' },
      { ...feeOf('2'), scope: 'DOGE/USDT' },
      { ...feeOf('2'), scope: 'BSC/TRX' },
      { ...feeOf('2'), name: '__proto__' },
      { ...feeOf('2'), name: 'moneyOut.stopped', scope: '' },
      { ...feeOf('2'), more: 1 },
      { ...feeOf('2'), from: 1 },
      { name: 'withdrawal.enabled', scope: 'BSC/USDT', value: 'yes' },
      { name: 'withdrawal.enabled', scope: 'BSC/USDT', value: 'true' },
    ]
    for (const payload of wrong)
      assert.equal(await tryPropose(fay, 'setting', payload), 'InvalidParams', JSON.stringify(payload))
    for (const value of ['-1', '1e3', '1.0000001', ' 1', '', '1,5'])
      assert.match(await tryPropose(fay, 'setting', feeOf(value)), /^Invalid/)
    assert.equal(await tryPropose(fay, 'setting', feeOf('10')), 'InvalidParams', 'a fee below the least withdrawal')
    assert.equal(await tryPropose(fay, 'setting', { ...feeOf('5'), from: '0.77' }), 'Outdated')
    const ceiling = { name: 'treasury.hotCeiling', scope: 'ETH', value: '19999' }
    assert.equal(await tryPropose(fay, 'setting', ceiling), 'InvalidParams', 'a ceiling above the target')
  })

  test('what changed meanwhile is refused, said, and left open', async () => {
    const floor = { name: 'treasury.hotFloor', scope: 'ETH', value: '15000' }
    const target = { name: 'treasury.hotTarget', scope: 'ETH', value: '14000' }
    const first = await propose(world, fay, 'setting', floor)
    const second = await propose(world, fay, 'setting', target)
    assert.equal((await check(world, finn, first)).data.status, 'applied')
    const refused = await check(world, finn, second)
    assert.equal(refused.error, 'InvalidParams', 'the target would be below the floor now')
    const left = await show(second)
    assert.deepEqual([left.status, left.checks, left.refusal?.code], ['open', [], 'InvalidParams'])
    assert.equal(left.preview?.refusal?.code, 'InvalidParams')
    const back = await propose(world, fay, 'setting', { ...floor, value: '1000' })
    assert.equal((await check(world, finn, back)).data.status, 'applied')
    assert.equal((await check(world, finn, second)).data.status, 'applied', 'and can be checked when it fits again')
  })
})

async function signInAgain() {
  for (const who of [fay, finn, rita, sam, ada, alan]) who.token = (await signInAs(world, who)).data.token
}

describe('adjustments', () => {
  test('book to the unit what they showed, with the day that they belong to; the books are proven', async () => {
    const customer = await signUp(world)
    await fund(world.bank.poster, customer.no, 10_000_000n)
    const account = `${customer.uid}:main:USDT`
    const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)
    const payload = { from: account, to: 'house:suspense:USDT', amount: '2.500000', memo: 'paid twice', value_day: day }
    const id = await propose(world, fay, 'adjustment', payload)
    const { preview } = await show(id)
    assert.deepEqual(preview?.effects, [`Balance of ${account}: 10 → 7.5`, 'Balance of house:suspense:USDT: 0 → 2.5'])
    assert.equal((await check(world, ada, id)).data.status, 'applied')

    const order = await ok<{
      kind: string
      journals: (NonNullable<Shown['preview']>['journals'][0] & { id: string })[]
    }>(world, sam, 'GET', `/orders/${id}`)
    const [booked, ...more] = order.journals
    assert.deepEqual([order.kind, more], ['adjustment', []])
    const [shown] = preview?.journals ?? []
    assert.deepEqual([booked?.kind, booked?.legs, booked?.value_at], [shown?.kind, shown?.legs, shown?.value_at])
    const journal = await ok<{ legs: { amount: string }[] }>(world, sam, 'GET', `/ledger/journals/${booked?.id}`)
    assert.deepEqual(
      journal.legs.map((leg) => leg.amount),
      ['-2.50', '2.50'],
    )
    assert.equal((await moneyOf(world.bank.db, customer.no)).balance, 7_500_000n)

    const asOf = async (at: string) =>
      (await ok<{ balance: string }>(world, sam, 'GET', `/ledger/accounts/${account}?at=${at}`)).balance
    assert.equal(await asOf(`${day}T23:59:59.998Z`), '0')
    assert.equal(await asOf(`${day}T23:59:59.999Z`), '-2.50', 'today’s view of that day has the correction')
    const trial = await ok<{ sums: { asset: string; sum: string }[] }>(world, fay, 'GET', '/ledger/trial-balance')
    assert.ok(trial.sums.every(({ sum }) => sum === '0'))
    await proven()
  })

  test('that cannot be booked stay open, say why, and are booked once when they can', async () => {
    const customer = await signUp(world)
    await fund(world.bank.poster, customer.no, 5_000_000n)
    const account = `${customer.uid}:main:USDT`
    const payload = { from: account, to: 'house:fees:USDT', amount: '8', memo: 'fee' }
    const id = await propose(world, fay, 'adjustment', payload)
    assert.equal((await show(id)).preview?.refusal?.code, 'InsufficientBalance')
    assert.equal((await check(world, finn, id)).error, 'InsufficientBalance')
    assert.equal((await show(id)).refusal?.code, 'InsufficientBalance')
    assert.equal((await moneyOf(world.bank.db, customer.no)).balance, 5_000_000n)
    await fund(world.bank.poster, customer.no, 5_000_000n)
    const { hash } = await show(id)
    const results = await Promise.all(
      [finn, ada, alan].map((who) =>
        outcome(world, who, 'POST', `/approvals/${id}/check`, { verdict: 'approve', hash }),
      ),
    )
    assert.deepEqual(results.sort(), ['ApprovalClosed', 'ApprovalClosed', 'ok'])
    assert.equal((await moneyOf(world.bank.db, customer.no)).balance, 2_000_000n)
    await proven()
  })

  test('of accounts or days that cannot be are refused before anybody checks', async () => {
    const { uid } = await signUp(world)
    const good = { from: 'house:suspense:USDT', to: `${uid}:main:USDT`, amount: '1', memo: 'x' }
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)
    const wrong: [object, string][] = [
      [{ from: 'U99999999:main:USDT' }, 'InvalidParams'],
      [{ from: 'house:custody:USDT:77' }, 'InvalidParams'],
      [{ from: 'house:main:USDT' }, 'InvalidParams'],
      [{ from: `${uid}:custody:USDT` }, 'InvalidParams'],
      [{ from: `${uid}:main:EUR` }, 'InvalidParams'],
      [{ from: 'house:suspense:USDT:0' }, 'InvalidParams'],
      [{ to: `${uid}:main:UPT` }, 'InvalidParams'],
      [{ to: good.from }, 'SameAccount'],
      [{ amount: '0' }, 'InvalidAmount'],
      [{ amount: '-1' }, 'InvalidAmount'],
      [{ amount: '0.0000001' }, 'InvalidAmount'],
      [{ memo: '' }, 'InvalidParams'],
      [{ value_day: tomorrow }, 'InvalidParams'],
      [{ value_day: '2026-02-30' }, 'InvalidParams'],
      [{ value_day: '1999-01-01' }, 'InvalidParams'],
    ]
    for (const [change, code] of wrong) {
      assert.equal(await tryPropose(fay, 'adjustment', { ...good, ...change }), code, JSON.stringify(change))
    }
  })
})

describe('the engine', () => {
  const applied: string[] = []
  const twice = approvalKind({
    kind: 'test_twice',
    title: { zh: '', en: '' },
    makers: ['finance'],
    checkers: ['finance', 'risk', 'admin'],
    payload: T.Object({ what: T.String() }, { additionalProperties: false }),
    checks: () => 2,
    subject: () => '',
    prepare: async (_bank, _tx, _book, payload) => payload,
    describe: () => ({ zh: '', en: '' }),
    preview: async () => ({ journals: [], effects: [] }),
    apply: async (_bank, _tx, { payload, checkedBy }) => {
      applied.push(`${payload.what} by ${checkedBy.length}`)
    },
  })
  const bank = (): Bank => ({ ...world.bank, approvalKinds: [twice] })
  const actor = (who: TestOperator) =>
    authenticateOperator(world.bank, who.token, { ip: '', userAgent: '', locale: 'en', requestId: '' })
  const hashOf = async (id: string) =>
    (
      await world.database.owner.query<{ hash: string }>(
        '',
        `select encode(payload_hash, 'hex') as hash from approvals where id = $1`,
        [id],
      )
    )[0]?.hash ?? ''
  const say = async (who: TestOperator, id: string) =>
    verdict(checkApproval(bank(), await actor(who), id, { verdict: 'approve', hash: await hashOf(id), note: '' }))

  test('where two must check, the same one twice is one, and a colleague who left is none', async () => {
    const make = async () =>
      makeApproval(bank(), await actor(fay), { kind: 'test_twice', payload: { what: 'x' }, reason: 'y' })
    const id = await make()
    assert.deepEqual(
      [await say(finn, id), await say(finn, id), await say(fay, id)],
      ['ok', 'AlreadyChecked', 'OwnApproval'],
    )
    assert.deepEqual(applied, [])
    assert.equal(await say(rita, id), 'ok')
    assert.deepEqual(applied, ['x by 2'])

    const gone = await joinOperator(world, ['finance'], 'Gone')
    const other = await make()
    assert.equal(await say(gone, other), 'ok')
    await ok(world, alan, 'POST', `/operators/${gone.id}/disable`, { reason: 'left' })
    assert.equal(await say(finn, other), 'ok')
    assert.equal(applied.length, 1, 'still one missing')
    assert.equal(await say(ada, other), 'ok')
    assert.equal(applied.length, 2)
  })

  test('what the bank itself asks any two may check, and it may drop', async () => {
    const ask = () =>
      bank().db.transaction((tx) =>
        openApproval(bank(), tx, 1, { kind: 'test_twice', payload: { what: 'order' }, reason: 'z' }),
      )
    const [id, dropped] = [await ask(), await ask()]
    assert.equal(await bank().db.transaction((tx) => dropApproval(bank(), tx, 1, dropped)), true)
    assert.equal(await bank().db.transaction((tx) => dropApproval(bank(), tx, 1, dropped)), false)
    assert.equal(await say(finn, dropped), 'ApprovalClosed')
    assert.deepEqual([await say(fay, id), await say(finn, id), await say(rita, id)], ['ok', 'ok', 'ApprovalClosed'])
    assert.equal(applied.at(-1), 'order by 2')
  })
})
