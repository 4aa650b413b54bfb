// When books are compared, and who says so: the worker's loop and its lease, operators who ask for a run and look at breaks,
// the command line with its exit codes.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hours } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { personAccount } from '../src/ledger/accounts.ts'
import { placeHold, voidHold } from '../src/ledger/holds.ts'
import { reconcileLoops } from '../src/workers/reconcile.ts'
import { runCli } from './harness/cli.ts'
import { startWorld, type World } from './harness/customers.ts'
import { makePayer } from './harness/hosted.ts'
import { eventually } from './harness/launcher.ts'
import { consoleCall, joinOperator, ok, outcome, type TestOperator } from './harness/operators.ts'

let world: World
let rita: TestOperator
let sam: TestOperator
let env: Record<string, string>
before(async () => {
  world = await startWorld()
  rita = await joinOperator(world, ['risk'], 'Rita')
  sam = await joinOperator(world, ['support'], 'Sam')
  env = { DATABASE_URL: world.database.url, MASTER_KEY: '11'.repeat(32) }
})
after(() => world?.close())

interface State {
  network: string
  at: string | null
  breaks: number | null
  asked_at: string | null
}
interface Shown {
  kind: string
  about: string
  subject: string
  expected: string
  found: string
  closed_at: string | null
}
const states = () => ok<State[]>(world, sam, 'GET', '/reconciliation')
const ofBooks = async () => (await states()).find(({ network }) => network === '')
const breaksShown = async (query = '') =>
  (await ok<{ items: Shown[] }>(world, sam, 'GET', `/reconciliation/breaks${query}`)).items
const none = () => undefined
const loopsOn = (bank: World['bank']) => reconcileLoops(bank, [1], { readerOf: none, senderOf: none, every: hours(1) })
const askForRun = () => ok(world, rita, 'POST', '/reconciliation/run', {})

/** Money held for a withdrawal that is not there; answers how to put it right. */
async function plantHold(): Promise<{ id: string; mend(): Promise<void> }> {
  const payer = await makePayer(world, 50_000_000n)
  const account = personAccount(payer.no, 'main')
  const hold = { bookId: 1, account, amount: 12_000_000n, orderKind: 'withdrawal', orderId: newId() }
  const id = await world.bank.db.transaction((tx) => placeHold(tx, hold))
  return { id, mend: () => world.bank.db.transaction((tx) => voidHold(tx, 1, id)) }
}

test('the loop compares by itself, at once when an operator asks, and one process at a time', async () => {
  assert.deepEqual(await states(), [])
  const [one, other] = [loopsOn(world.bank), loopsOn(world.anotherBank())]
  try {
    await eventually('compared', async () => (await ofBooks())?.at != null)
    const first = await ofBooks()
    assert.deepEqual([first?.breaks, first?.asked_at], [0, null])
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    assert.equal((await ofBooks())?.at, first?.at, 'the hour is not over, for neither of them')
    const [lease] = await world.database.owner.query<{ n: number }>(
      '',
      `select count(distinct runner)::int as n from reconciliations where network = '' and run_until > now()`,
    )
    assert.equal(lease?.n, 1)
    await askForRun()
    await eventually('compared again', async () => (await ofBooks())?.at !== first?.at)
    assert.equal((await ofBooks())?.asked_at, null)
  } finally {
    await Promise.all([one.stop(), other.stop()])
  }
  const [left] = await world.database.owner.query<{ runner: string | null }>(
    '',
    `select runner from reconciliations where network = ''`,
  )
  assert.equal(left?.runner, null, 'whoever stops leaves the lease')
})

test('who may ask, and for what', async () => {
  assert.equal(await outcome(world, sam, 'POST', '/reconciliation/run', {}), 'Forbidden')
  assert.equal(await outcome(world, rita, 'POST', '/reconciliation/run', { network: 'BSC' }), 'ok')
  assert.notEqual(await outcome(world, rita, 'POST', '/reconciliation/run', { network: 'DOGE' }), 'ok')
  assert.equal(await outcome(world, rita, 'POST', '/reconciliation/run', { all: true }), 'InvalidParams')
  assert.notEqual((await states()).find(({ network }) => network === 'BSC')?.asked_at, null)
  const anybody = await consoleCall(world, undefined, 'GET', '/reconciliation/breaks')
  assert.equal(anybody.status, 401)
})

test('a break is shown with its words and amounts while it is there, by loop and by command line', async () => {
  const { id, mend } = await plantHold()
  const found = await runCli(['reconcile', '--json'], env)
  assert.equal(found.code, 1, found.said)
  const { agrees, differences } = found.json as {
    agrees: boolean
    differences: { kind: string; subject: string; found: string }[]
  }
  assert.equal(agrees, false)
  assert.deepEqual(
    differences.map(({ kind, subject, found: amount }) => [kind, subject, amount]),
    [['hold_without_order', id, '12']],
  )
  const [shown] = await breaksShown()
  assert.deepEqual([shown?.kind, shown?.subject, shown?.closed_at], ['hold_without_order', id, null])
  assert.match(shown?.about ?? '', /held for no order/)
  assert.deepEqual(await breaksShown('?network=BSC'), [])
  const alerts = await ok<{ items: { kind: string }[] }>(world, rita, 'GET', '/alerts')
  assert.ok(alerts.items.some(({ kind }) => kind === 'reconciliation_break'))

  await mend()
  const loops = loopsOn(world.bank)
  try {
    await askForRun()
    await eventually('it is over', async () => (await breaksShown()).length === 0)
  } finally {
    await loops.stop()
  }
  assert.deepEqual(
    (await breaksShown('?open=false')).map(({ subject, closed_at }) => [subject, closed_at !== null]),
    [[id, true]],
  )
  const clean = await runCli(['reconcile'], env)
  assert.equal(clean.code, 0, clean.out + clean.said)
  assert.match(clean.out, /✓ books {2}holds and accounts/)
})

test('what the command line cannot do it says, with its exit codes', async () => {
  const [usage, unreachable, nothing] = await Promise.all([
    runCli(['reconcile', '--accept', newId()], env),
    runCli(['reconcile', '--network', 'BSC'], env),
    runCli(['reconcile', '--accept', newId(), '--reason', 'destroyed by the issuer'], env),
  ])
  assert.deepEqual([usage.code, unreachable.code, nothing.code], [2, 3, 1])
  assert.match(usage.said, /--accept needs --reason/)
  assert.match(unreachable.said, /BSC has no node to ask: set RPC_BSC/)
})
