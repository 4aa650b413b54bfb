// Withdrawals that wait for operators, through the console; and the races for one order between its customer, operators and
// the signer: exactly one outcome, never given back and paid.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { checkApproval } from '../src/domain/operator/approval.ts'
import type { Operator } from '../src/domain/operator/approval-kind.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { cancelOwnWithdrawal } from '../src/domain/withdrawal/cancel-withdrawal.ts'
import { actorOn } from './harness/customers.ts'
import type { Payer } from './harness/hosted.ts'
import { draws, inLanes, verdict } from './harness/ledger.ts'
import { check, joinOperator, ok, outcome, type TestOperator } from './harness/operators.ts'
import { bare, freshAddress, startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
let risk: TestOperator
let finance: TestOperator
let support: TestOperator
before(async () => {
  bank = await startWithdrawing()
  risk = await joinOperator(bank.world, ['risk'], 'Rita')
  finance = await joinOperator(bank.world, ['finance'], 'Finn')
  support = await joinOperator(bank.world, ['support'], 'Sue')
})
after(() => bank?.close())

interface Shown {
  status: string
  uid: string
  amount: string
  review: { approval: string; hash: string; status: string; checks_needed: number; checks: number }
  customer: { masked_name: string; deposits: { count: number }; withdrawals: { count: number; declined: number } }
  address: { times_paid: number; other_customers: number; lookalike: string | null; in_book_since: string | null }
  limits: { per_day: string; left_today: string; auto_up_to: string }
  payment: { status: string } | null
  timeline: { to: string; reason: string; note: string }[]
  rejections: { code: string }[]
}
const show = (operator: TestOperator, id: string) => ok<Shown>(bank.world, operator, 'GET', `/withdrawals/${id}`)
const approvalOf = async (id: string) => (await show(risk, id)).review.approval

async function waiting(payer: Payer, amount = '2000', change = {}): Promise<string> {
  const { data, text } = await bank.submit(payer, amount, change)
  assert.ok(data, text)
  assert.equal((await bank.order(payer, data.order_id)).status, 'review', text)
  return data.order_id
}

describe('review', () => {
  test('shows operators what deciding takes; one yes pays it out; their notes stay theirs', async () => {
    const alice = await bank.payer(usdt(10_000))
    const [known, alike] = [`0xabcd${'1'.repeat(32)}9876`, `0xABCD${'2'.repeat(32)}9876`.replace('0xABCD', '0xabcd')]
    const first = (await bank.submit(alice, '10', { to_address: known })).data.order_id
    await bank.pay(first, 'signed', 'broadcast', 'mined', 'confirmed')
    const id = await waiting(alice, '2000', { to_address: alike, confirm_lookalike: true })
    assert.equal(await bank.payment(id), undefined)
    const queue = await ok<{ items: { id: string }[] }>(bank.world, support, 'GET', '/withdrawals?status=review')
    assert.deepEqual(
      queue.items.map((item) => item.id),
      [bare(id)],
    )
    const shown = await show(risk, id)
    assert.deepEqual([shown.status, shown.uid, shown.amount], ['review', alice.uid, '2000.00'])
    assert.deepEqual([shown.review.status, shown.review.checks_needed, shown.review.checks], ['open', 1, 0])
    assert.equal(shown.address.lookalike?.toLowerCase(), known)
    assert.deepEqual([shown.address.times_paid, shown.customer.withdrawals.count], [0, 1])
    assert.deepEqual([shown.limits.per_day, shown.limits.left_today], ['200000.00', '197990.00'])
    const log = await ok<{ items: { action: string; subject: string }[] }>(
      bank.world,
      await joinOperator(bank.world, ['admin']),
      'GET',
      '/audit-log?action=order.seen',
    )
    assert.ok(log.items.some(({ subject }) => subject === `withdrawal:${bare(id)}`))

    const approval = shown.review.approval
    assert.equal((await check(bank.world, support, approval)).error, 'Forbidden')
    const done = await check(bank.world, risk, approval, 'approve', { note: 'called her, fine' })
    assert.equal(done.data.status, 'applied', done.text)
    assert.equal((await show(risk, id)).timeline.at(-1)?.note, 'called her, fine')
    const order = await bank.order(alice, id)
    assert.equal(order.status, 'approved')
    assert.doesNotMatch(JSON.stringify(order), /called her/)
    assert.equal((await bank.payment(id))?.value, 1_999n * 10n ** 18n)
    assert.equal((await check(bank.world, finance, approval)).error, 'ApprovalClosed', 'a replay')
  })

  test('sixty that ask for a review at once do not wait for each other', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => bank.payer(usdt(30_000))))
    const began = performance.now()
    const ids = await Promise.all(Array.from({ length: 60 }, (_, i) => waiting(people[i % 6] as Payer)))
    assert.equal(new Set(ids).size, 60)
    assert.ok(performance.now() - began < 20_000, 'more than there are connections')
  })

  test('a no gives the money back and tells the customer why and what to do', async () => {
    const alice = await bank.payer(usdt(10_000))
    const id = await waiting(alice)
    const note = 'source_of_funds: salary does not explain this'
    assert.equal((await check(bank.world, finance, await approvalOf(id), 'reject', { note })).data.status, 'rejected')
    const order = await bank.order(alice, id)
    assert.deepEqual([order.status, order.can_cancel], ['rejected', false])
    assert.match(order.reason, /资金来源.*联系客服/)
    assert.doesNotMatch(JSON.stringify(order), /salary/)
    assert.deepEqual(await bank.money(alice), { balance: usdt(10_000), held: 0n })
    const { data } = await bank.world.call<{ body: string }[]>('GET', '/api/inbox', undefined, {
      token: alice.access,
      headers: { 'accept-language': 'en' },
    })
    assert.match(data[0]?.body ?? '', /was declined.*back in your account.*source of the funds has to be shown/)
    assert.doesNotMatch(data[0]?.body ?? '', /salary/)
    const again = await waiting(alice)
    await check(bank.world, finance, await approvalOf(again), 'reject', { note: 'just no' })
    assert.match((await bank.order(alice, again)).reason, /审核未通过/)
    assert.equal((await show(risk, again)).customer.withdrawals.declined, 2)
  })

  test('above the second threshold two different operators must agree', async () => {
    const alice = await bank.payer(usdt(90_000))
    const id = await waiting(alice, '60000')
    const approval = await approvalOf(id)
    assert.equal((await show(risk, id)).review.checks_needed, 2)
    assert.equal((await check(bank.world, risk, approval)).data.status, 'open')
    assert.equal((await check(bank.world, risk, approval)).error, 'AlreadyChecked')
    assert.equal(await bank.payment(id), undefined)
    assert.equal((await check(bank.world, finance, approval)).data.status, 'applied')
    assert.equal((await bank.payment(id))?.status, 'ready')
  })

  test('an approval is for the order as it was shown, and for a customer who may pay', async () => {
    const alice = await bank.payer(usdt(10_000))
    const { owner } = bank.world.database
    for (const [change, back] of [
      [`to_address = '${freshAddress()}'`, 'to_address = $2'],
      ['fee = fee + 1', 'fee = fee - 1'],
      [`network = 'ETH'`, `network = 'BSC'`],
    ]) {
      const id = await waiting(alice, '1500')
      const [{ to_address } = { to_address: '' }] = await owner.query<{ to_address: string }>(
        '',
        'select to_address from withdrawals where id = $1',
        [bare(id)],
      )
      const approval = await approvalOf(id)
      await owner.query('', `update withdrawals set ${change} where id = $1`, [bare(id)])
      assert.equal((await check(bank.world, risk, approval)).error, 'Outdated', change)
      assert.equal(await bank.payment(id), undefined)
      const values = back?.includes('$2') ? [bare(id), to_address] : [bare(id)]
      await owner.query('', `update withdrawals set ${back} where id = $1`, values)
      assert.equal((await bank.cancel(alice, id)).status, 200)
    }
    const id = await waiting(alice)
    const approval = await approvalOf(id)
    await setPersonStatus(bank.world.bank, 1, alice.id, 'frozen')
    assert.equal((await check(bank.world, risk, approval)).error, 'PersonFrozen')
    const shown = await ok<{ status: string; refusal: { code: string } }>(
      bank.world,
      risk,
      'GET',
      `/approvals/${approval}`,
    )
    assert.deepEqual([shown.status, shown.refusal.code], ['open', 'PersonFrozen'])
    await setPersonStatus(bank.world.bank, 1, alice.id, 'active')
    assert.equal((await check(bank.world, risk, approval)).data.status, 'applied')
  })

  test('a customer takes it back while nobody has decided; the question goes with it', async () => {
    const alice = await bank.payer(usdt(10_000))
    const id = await waiting(alice)
    const approval = await approvalOf(id)
    const cancelled = await bank.cancel(alice, id)
    assert.deepEqual([cancelled.data.status, cancelled.data.can_cancel], ['cancelled', false])
    assert.equal((await bank.cancel(alice, id)).data.status, 'cancelled', 'again is as good')
    assert.deepEqual(await bank.money(alice), { balance: usdt(10_000), held: 0n })
    assert.equal((await check(bank.world, risk, approval)).error, 'ApprovalClosed')
    const bob = await bank.payer()
    assert.equal((await bank.cancel(bob, id)).name, 'NotFound')
  })

  test('operators stop what is approved and not signed, and nothing later', async () => {
    const alice = await bank.payer(usdt(10_000))
    const [open, signed] = [
      (await bank.submit(alice, '10')).data.order_id,
      (await bank.submit(alice, '10')).data.order_id,
    ]
    const stop = (operator: TestOperator, id: string) =>
      outcome(bank.world, operator, 'POST', `/withdrawals/${id}/stop`, { reason: 'stolen phone' })
    assert.equal(await stop(support, open), 'Forbidden')
    assert.equal(await stop(risk, open), 'ok')
    assert.equal((await bank.payment(open))?.status, 'void')
    assert.match((await bank.order(alice, open)).reason, /客服取消/)
    await bank.pay(signed, 'signed')
    assert.equal(await stop(risk, signed), 'TooLateToCancel')
    assert.equal(await stop(risk, await waiting(alice)), 'Outdated', 'that one is declined')
    assert.equal(await stop(risk, newId()), 'NotFound')
  })
})

describe('races', () => {
  const RACES = 150
  const operatorOf = ({ id }: TestOperator, roles: Operator['roles']): Operator => ({
    bookId: 1,
    operatorId: id,
    sessionId: newId(),
    roles,
    requestId: 'race',
    ip: '203.0.113.9',
    userAgent: 'test',
    locale: 'en',
  })

  test(`${RACES} times the customer takes back what the signer is about to sign: one of them`, async (t) => {
    const draw = draws((line) => t.diagnostic(line))
    const alice = await bank.payer(usdt(10_000))
    const actor = await actorOn(bank.world.bank, alice)
    const { db, signer } = bank.world.database
    const won = { cancelled: 0, signed: 0 }
    let nonce = 1_000n
    await inLanes(RACES, 6, async () => {
      const { data } = await bank.submit(alice, '10')
      const id = bare(data.order_id)
      const payment = await bank.payment(id)
      const request = newId()
      await db.query(
        '',
        `insert into signing_requests (book_id, id, payment_id, network, draft) values (1, $1, $2, 'BSC', '{}')`,
        [request, payment?.id],
      )
      const cancel = async () => {
        await sleep(draw.below(6))
        return verdict(cancelOwnWithdrawal(bank.world.bank, actor, id))
      }
      const sign = async (): Promise<string> => {
        try {
          await signer.query('', 'select signer_accept(1, $1, $2, $3, null, $4, $5)', [
            request,
            newId(),
            nonce++,
            `0x${id.replaceAll('-', '').repeat(2)}`,
            '0xraw',
          ])
          return 'ok'
        } catch (error) {
          // another order's signature took a later nonce meanwhile: the signer asks for a new one
          if ((error as { code: string }).code === '40001') return sign()
          return (error as { constraint: string }).constraint
        }
      }
      const [cancelled, signed] = await Promise.all([cancel(), sign()])
      const state = (await bank.payment(id))?.status
      assert.equal([cancelled, signed].filter((one) => one === 'ok').length, 1, `${cancelled}, ${signed}`)
      if (cancelled === 'ok') {
        won.cancelled++
        assert.deepEqual([state, signed], ['void', 'signing_requests_waiting'])
      } else {
        won.signed++
        assert.deepEqual([state, cancelled], ['signed', 'TooLateToCancel'])
      }
    })
    t.diagnostic(JSON.stringify(won))
    assert.deepEqual(await bank.money(alice), { balance: usdt(10_000), held: usdt(10 * won.signed) })
    await bank.expectSound()
  })

  test(`${RACES} times the customer takes back what operators approve or decline: one of them`, async (t) => {
    const draw = draws((line) => t.diagnostic(line))
    const alice = await bank.payer(usdt(200_000))
    const actor = await actorOn(bank.world.bank, alice)
    const { bank: parts } = bank.world
    const operators = [operatorOf(risk, ['risk']), operatorOf(finance, ['finance'])] as const
    const won: Record<string, number> = {}
    let held = 0n
    await inLanes(RACES, 6, async () => {
      const { data } = await bank.submit(alice, '1001')
      const id = bare(data.order_id)
      const [row] = await parts.db.query<{ id: string; hash: string }>(
        '',
        `select id, encode(payload_hash, 'hex') as hash from approvals where subject = $1`,
        [`withdrawal:${id}`],
      )
      assert.ok(row)
      const decide = async (operator: Operator, to: 'approve' | 'reject') => {
        await sleep(draw.below(10))
        return verdict(checkApproval(parts, operator, row.id, { verdict: to, hash: row.hash, note: '' }))
      }
      const work = [
        verdict(cancelOwnWithdrawal(parts, actor, id)),
        decide(operators[0], draw.pick(['approve', 'reject'])),
        decide(operators[1], 'approve'),
      ]
      const [cancelled, ...decided] = await Promise.all(work)
      const { status } = await bank.order(alice, data.order_id)
      won[status] = (won[status] ?? 0) + 1
      const state = (await bank.payment(id))?.status
      assert.ok(decided.filter((one) => one === 'ok').length <= 1, 'two decided')
      switch (status) {
        case 'cancelled': // also right after the approval, as long as nothing is signed
          assert.equal(cancelled, 'ok')
          assert.ok(state === undefined || state === 'void')
          break
        case 'approved':
          held += usdt(1_001)
          assert.deepEqual([state, cancelled === 'ok', decided.includes('ok')], ['ready', false, true])
          break
        default:
          assert.deepEqual([status, state, cancelled], ['rejected', undefined, 'TooLateToCancel'])
      }
    })
    t.diagnostic(JSON.stringify(won))
    assert.deepEqual(await bank.money(alice), { balance: usdt(200_000), held })
    await bank.expectSound()
  })
})

test('the books are whole', () => bank.expectSound())
