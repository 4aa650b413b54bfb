// What operators can agree on, one by one: deposits, stopping money, seeing contacts, freezing, roles. Through HTTP.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { minutes } from '../src/base/clock.ts'
import { haltChain, pauseMoneyOut } from '../src/domain/chain/chain-state.ts'
import { moneyOutStopped } from '../src/domain/setting.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { fund, moneyOf } from './harness/ledger.ts'
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
import { testXpub, type Watched, watched } from './harness/watched.ts'

const CHAIN_ID = 31_071

let world: World
let chain: Chain
let usdt: Token
let watch: Watched
let fay: TestOperator
let finn: TestOperator
let rita: TestOperator
let rob: TestOperator
let sam: TestOperator

before(async () => {
  chain = await startChain(CHAIN_ID)
  usdt = await chain.deploy('BscUsdt', 10n ** 27n)
  world = await startWorld({
    DEPOSIT_XPUB_EVM: testXpub,
    NETWORKS: JSON.stringify({
      BSC: { chainId: CHAIN_ID, contract: usdt.address, confirmations: 2, reviewAbove: '100' },
    }),
  })
  watch = watched(world.bank, 'BSC', chain.url)
  await watch.catchUp()
  fay = await joinOperator(world, ['finance'], 'Fay')
  finn = await joinOperator(world, ['finance'], 'Finn')
  rita = await joinOperator(world, ['risk'], 'Rita')
  rob = await joinOperator(world, ['risk'], 'Rob')
  sam = await joinOperator(world, ['support'], 'Sam')
})
after(async () => {
  await world?.close()
  chain?.stop()
})

interface Shown {
  status: string
  hash: string
  preview: {
    journals: { kind: string; legs: { account: string; amount: string }[] }[]
    effects: string[]
    refusal: { code: string } | null
  }
}
interface Order {
  status: string
  journals: { kind: string; legs: { account: string; amount: string }[] }[]
  steps: { to: string; note: string }[]
}
const show = (id: string) => ok<Shown>(world, sam, 'GET', `/approvals/${id}`)
const tryPropose = (who: TestOperator, kind: string, payload: object) =>
  outcome(world, who, 'POST', `/approvals/${kind}`, { payload, reason: 'because' })

/** A deposit of 500 USDT, which is above the threshold. */
async function inReview(customer: Customer): Promise<string> {
  await chain.send(usdt, 'transfer', [await watch.address(customer.no), 500n * 10n ** 18n])
  await chain.mine(4)
  await watch.catchUp()
  const { items } = await ok<{ items: { id: string; uid: string }[] }>(world, sam, 'GET', '/deposits?status=review')
  const found = items.find(({ uid }) => uid === customer.uid)
  assert.ok(found, 'it waits for a decision')
  return found.id
}

test('a deposit in review is credited, or kept aside, as it was shown; of two decisions one holds', async () => {
  const [anna, bert] = [await signUp(world), await signUp(world)]
  const alerts = async () =>
    (await ok<{ items: { kind: string }[] }>(world, sam, 'GET', '/alerts')).items.filter(
      ({ kind }) => kind === 'deposit_review',
    ).length
  for (const [customer, decision, kind, to] of [
    [anna, 'credit', 'deposit', `${anna.uid}:main:USDT`],
    [bert, 'reject', 'deposit_unclaimed', 'house:suspense:USDT'],
  ] as const) {
    const deposit = await inReview(customer)
    assert.equal(await alerts(), 1)
    assert.equal(await tryPropose(sam, 'deposit_decision', { deposit, decision }), 'Forbidden')
    const id = await propose(
      world,
      fay,
      'deposit_decision',
      { deposit: `r-${deposit}`, decision },
      'source of funds seen',
    )
    const opposite = { deposit, decision: decision === 'credit' ? 'reject' : 'credit' }
    assert.equal(await tryPropose(rita, 'deposit_decision', opposite), 'ApprovalPending')
    const { preview, hash } = await show(id)
    assert.deepEqual(preview.journals, [
      {
        kind,
        memo: '',
        value_at: null,
        legs: [
          { account: 'house:custody:USDT:2', amount: '-500.00', asset: 'USDT' },
          { account: to, amount: '500.00', asset: 'USDT' },
        ],
      },
    ])
    const results = await Promise.all(
      [rita, rob, finn].map((who) =>
        outcome(world, who, 'POST', `/approvals/${id}/check`, { verdict: 'approve', hash }),
      ),
    )
    assert.deepEqual(results.sort(), ['ApprovalClosed', 'ApprovalClosed', 'ok'])
    const order = await ok<Order>(world, sam, 'GET', `/orders/r-${deposit}`)
    assert.deepEqual(
      order.journals.map((journal) => [journal.kind, journal.legs]),
      preview.journals.map((journal) => [journal.kind, journal.legs]),
    )
    assert.deepEqual(
      order.steps.map((step) => step.to),
      ['pending', 'review', decision === 'credit' ? 'credited' : 'rejected'],
    )
    assert.match(order.steps.at(-1)?.note ?? '', /source of funds seen$/)
    assert.equal(await alerts(), 0)
    assert.equal(await tryPropose(fay, 'deposit_decision', { deposit, decision }), 'NotFound', 'it is decided')
  }
  assert.equal((await moneyOf(world.bank.db, anna.no)).balance, 500_000_000n)
  assert.equal((await moneyOf(world.bank.db, bert.no)).balance, 0n)
})

test('a deposit whose block left the chain meanwhile is not decided any more, and the approval says so', async () => {
  const customer = await signUp(world)
  const deposit = await inReview(customer)
  const id = await propose(world, fay, 'deposit_decision', { deposit, decision: 'credit' })
  await world.database.owner.query('', `update deposits set status = 'orphaned' where id = $1`, [deposit])
  assert.equal((await check(world, rita, id)).error, 'NotFound')
  const left = await show(id)
  assert.deepEqual([left.status, left.preview.refusal?.code], ['open', 'NotFound'])
  assert.equal((await moneyOf(world.bank.db, customer.no)).balance, 0n)
})

test('money stops at one word, everywhere or on one network, and goes on after two', async () => {
  const stopped = async (network: string) => moneyOutStopped(world.bank.db, 1, network)
  const stop = (who: TestOperator, network: string, reason = 'incident 7') =>
    outcome(world, who, 'POST', '/money-out/stop', { network, reason })
  assert.deepEqual([await stopped('BSC'), await stopped('ETH')], [undefined, undefined])
  assert.equal(await tryPropose(fay, 'resume_money_out', { network: 'BSC' }), 'Outdated', 'it is not stopped')
  assert.equal(await stop(sam, 'BSC'), 'Forbidden')
  assert.equal(await stop(fay, 'DOGE'), 'NetworkUnknown')
  assert.equal(await stop(fay, 'BSC', ' '), 'InvalidParams')
  assert.equal(await stop(fay, 'BSC'), 'ok')
  assert.equal(await stop(rita, 'ALL', 'all of it'), 'ok')
  assert.deepEqual([await stopped('BSC'), await stopped('ETH')], ['all of it', 'all of it'])

  const all = await propose(world, fay, 'resume_money_out', { network: 'ALL' }, 'was a false alarm')
  assert.equal((await check(world, fay, all)).error, 'OwnApproval')
  assert.equal((await check(world, sam, all)).error, 'Forbidden')
  assert.equal((await check(world, rita, all)).data.status, 'applied')
  assert.deepEqual([await stopped('BSC'), await stopped('ETH')], ['incident 7', undefined], 'the one of BSC stands')

  // what the bank itself stopped for is taken back by the same approval
  await world.bank.db.transaction((tx) => pauseMoneyOut(tx, 1, 'BSC', 'books and chain disagree'))
  await world.bank.db.transaction((tx) => haltChain(tx, 1, 'BSC', 'too deep'))
  const id = await propose(world, rita, 'resume_money_out', { network: 'BSC' })
  assert.deepEqual((await show(id)).preview.effects, [
    'No longer stopped for: incident 7',
    'No longer stopped for: books and chain disagree',
  ])
  const list = await ok<{ network: string; stopped: string | null; paused: string | null }[]>(
    world,
    sam,
    'GET',
    '/money-out',
  )
  assert.deepEqual(list.slice(0, 1), [{ network: 'ALL', stopped: null, paused: null }])
  assert.deepEqual(
    list.find(({ network }) => network === 'BSC'),
    { network: 'BSC', stopped: 'incident 7', paused: 'books and chain disagree' },
  )
  assert.equal((await check(world, finn, id)).data.status, 'applied')
  assert.equal(await stopped('BSC'), undefined)
  const open = await ok<{ items: { key: string }[] }>(world, sam, 'GET', '/alerts')
  assert.ok(!open.items.some(({ key }) => /^(money_out_stopped|chain_halted)/.test(key)), 'its alerts are closed')
  await world.database.owner.query('', `update chain_states set phase = 'following' where network = 'BSC'`)
})

test('a contact is shown to its maker, once, within a quarter of an hour; and who looked is known', async () => {
  const customer = await signUp(world)
  const ask = () => propose(world, sam, 'reveal', { person: customer.id }, 'calls about a lost phone')
  const see = (who: TestOperator, id: string) =>
    consoleCall<{ email: string; mobile: null }>(world, who.token, 'POST', `/approvals/${id}/reveal`, {})
  const id = await ask()
  assert.equal((await see(sam, id)).error, 'NotFound', 'not yet')
  assert.equal((await check(world, fay, id)).error, 'Forbidden')
  assert.equal((await check(world, rita, id)).data.status, 'applied')
  assert.equal((await see(rita, id)).error, 'NotFound', 'not to who checked')
  const looks = await Promise.all([see(sam, id), see(sam, id), see(sam, id)])
  assert.deepEqual(looks.map(({ status }) => status).sort(), [200, 404, 404])
  assert.deepEqual(looks.find(({ status }) => status === 200)?.data, {
    person: customer.id,
    email: customer.contact,
    mobile: null,
  })
  const seen = await ok<{ items: { action: string; operator: { name: string } }[] }>(
    world,
    rita,
    'GET',
    `/audit-log?subject=person:${customer.id}`,
  )
  assert.deepEqual(
    seen.items.map(({ action, operator }) => [action, operator?.name ?? null]),
    [
      ['contact.seen', 'Sam'],
      ['contact.revealed', null],
    ],
  )
  const late = await ask()
  await check(world, rita, late)
  world.clock.advance(minutes(16))
  assert.equal((await see(sam, late)).error, 'NotFound', 'too late')

  const everything = await world.database.owner.query<{ dump: string }>('', 'select l::text as dump from audit_log l')
  assert.ok(!everything.some(({ dump }) => dump.includes(customer.contact)), 'no contact in the log')
})

test('freezing is at once for risk; unfreezing takes two, and nobody twice', async () => {
  const [customer, other] = [await signUp(world), await signUp(world)]
  await fund(world.bank.poster, customer.no, 5_000_000n)
  const freeze = (who: TestOperator) =>
    outcome(world, who, 'POST', `/customers/${customer.id}/freeze`, { reason: 'odd sign-ins' })
  assert.deepEqual([await freeze(sam), await freeze(fay)], ['Forbidden', 'Forbidden'])
  assert.equal(await freeze(rita), 'ok')
  assert.equal(await freeze(rita), 'Outdated')
  const status = async () => (await ok<{ status: string }>(world, sam, 'GET', `/customers/${customer.id}`)).status
  assert.equal(await status(), 'frozen')
  const adjust = { from: `${customer.uid}:main:USDT`, to: `${other.uid}:main:USDT`, amount: '1', memo: 'owed' }
  const taken = await propose(world, fay, 'adjustment', adjust)
  assert.equal((await check(world, finn, taken)).data.status, 'applied', 'operators may take from a frozen account')

  const id = await propose(world, rita, 'person_status', { person: customer.id, status: 'active' })
  assert.equal((await check(world, rita, id)).error, 'OwnApproval')
  assert.equal((await check(world, sam, id)).error, 'Forbidden')
  assert.equal((await check(world, rob, id)).data.status, 'applied')
  assert.equal(await status(), 'active')
  assert.equal(await tryPropose(sam, 'person_status', { person: customer.id, status: 'active' }), 'Outdated')
  assert.equal(await tryPropose(sam, 'person_status', { person: customer.id, status: 'deleted' }), 'InvalidParams')
})

test('roles change by two admins, of whom neither is the one concerned as checker', async () => {
  const [ada, alan, amy] = [
    await joinOperator(world, ['admin'], 'Ada'),
    await joinOperator(world, ['admin'], 'Alan'),
    await joinOperator(world, ['admin'], 'Amy'),
  ]
  assert.equal(await tryPropose(rita, 'operator_role', { operator: sam.id, roles: ['admin'] }), 'Forbidden')
  assert.equal(await tryPropose(ada, 'operator_role', { operator: sam.id, roles: ['god'] }), 'InvalidParams')
  assert.equal(
    await tryPropose(ada, 'operator_role', { operator: sam.id, roles: ['support', 'support'] }),
    'InvalidParams',
  )
  const self = await propose(world, ada, 'operator_role', { operator: alan.id, roles: ['admin', 'finance'] })
  assert.equal((await check(world, alan, self)).error, 'OwnApproval', 'alan would give himself a role')
  assert.equal((await check(world, amy, self)).data.status, 'applied')
  assert.equal((await consoleCall(world, alan.token, 'GET', '/auth/me')).status, 401, 'signed out at once')
  world.clock.advance(minutes(1))
  const { token } = (await signInAs(world, alan)).data
  assert.deepEqual((await ok<{ roles: string[] }>(world, { token }, 'GET', '/auth/me')).roles, ['admin', 'finance'])

  const none = await propose(world, amy, 'operator_role', { operator: alan.id, roles: [] })
  await check(world, ada, none)
  world.clock.advance(minutes(1))
  const bare = (await signInAs(world, alan)).data
  assert.equal(await outcome(world, bare, 'GET', '/approvals'), 'Forbidden')
  assert.deepEqual((await ok<{ roles: string[] }>(world, bare, 'GET', '/auth/me')).roles, [])
})

test('the ledger is sound', async () => {
  assert.deepEqual((await verifyLedger(world.database.owner, { bookId: 1 })).faults, [])
})
