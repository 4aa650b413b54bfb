// Signers that are killed at any moment, and cut off from the database: nothing is lost, nothing is signed twice.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { parseTransaction } from 'viem'
import { sleep } from '../src/base/clock.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { eventually } from './harness/launcher.ts'
import { type SignerProcess, signerFolder, signerLogin, startSigner } from './harness/signer-process.ts'
import { approvalKey, type Desk, openDesk, walletOf } from './harness/signing.ts'

let database: TestDatabase
let desk: Desk
let env: Record<string, string>
let login: string
const running = new Set<SignerProcess>()

before(async () => {
  database = await createTestDatabase()
  login = await signerLogin(database)
  desk = openDesk(database)
  env = {
    DATA_DIR: signerFolder(),
    DATABASE_SIGNER_URL: login,
    APPROVAL_KEY: approvalKey.toString('hex'),
    SIGNER_MAX_HOUR: '100000',
    LOG_LEVEL: 'warn',
  }
})
after(async () => {
  for (const signer of running) await signer.stop('SIGKILL')
  await database.drop()
})

function start(): SignerProcess {
  const signer = startSigner(env)
  running.add(signer)
  void signer.ended.then(() => running.delete(signer))
  return signer
}

const somebody = '0x52908400098527886e0f7030069857d2e4169ee7'
const count = async (sql: string, ...values: unknown[]): Promise<number> => {
  const [row] = await database.owner.query<{ n: bigint }>('', `select count(*) as n from ${sql}`, values)
  return Number(row?.n)
}
const waiting = () => count(`signing_requests where status = 'waiting'`)

/** Withdrawals from the hot wallet, in order. */
async function askWithdrawals(network: string, many: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < many; i++) {
    ids.push((await desk.withdrawal({ network, to: somebody, amount: BigInt(i + 2) * 1_000_000n })).payment)
  }
  for (const id of ids) await desk.ask(id)
  return ids
}

/** Every payment has one transaction, and together they use the nonces from 0 on, in the order of asking. */
async function assertWhole(network: string, payments: readonly string[]): Promise<void> {
  const hot = await walletOf(network, 'hot')
  const rows = await database.owner.query<{ payment_id: string; nonce: bigint; raw: string }>(
    '',
    'select payment_id, nonce, raw from chain_transactions where network = $1 and from_address = $2 order by nonce',
    [network, hot],
  )
  assert.deepEqual(
    rows.map((row) => Number(row.nonce)),
    payments.map((_, i) => i),
  )
  assert.deepEqual(
    rows.map((row) => row.payment_id),
    payments,
  )
  for (const { nonce, raw } of rows) assert.equal(parseTransaction(raw as `0x02${string}`).nonce ?? 0, Number(nonce))
  const [next] = await database.owner.query<{ next: bigint }>(
    '',
    'select next from wallet_nonces where network = $1 and address = $2',
    [network, hot],
  )
  assert.equal(Number(next?.next), payments.length)
}

test('killed twenty times while fifty requests wait: no nonce is lost, none used twice', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  let state = seed
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
  const payments = await askWithdrawals('BSC', 50)
  // signing is held up by a lock that the test takes and lets go, so that kills meet every part of it
  const holder = new pg.Client(database.url)
  await holder.connect()
  let next = start()
  for (let kill = 0; kill < 20; kill++) {
    const signer = next
    next = start() // which takes over, and often signs beside it
    const held = random() < 0.5
    if (held) await holder.query('begin; lock table wallet_nonces in exclusive mode')
    await signer.ready
    const before = await waiting()
    if (!held) await eventually('it signs something', async () => before === 0 || (await waiting()) < before, 5_000)
    await sleep(random() * 40)
    const ended = signer.stop('SIGKILL')
    if (held) await holder.query('rollback')
    await ended
  }
  await holder.end()
  await eventually('everything is signed', async () => (await waiting()) === 0)
  await next.stop()
  await assertWhole('BSC', payments)
})

test('it outlives a database that is away', async () => {
  const signer = start()
  await signer.ready
  const name = new URL(database.url).pathname.slice(1)
  const server = new pg.Client(database.url.replace(`/${name}`, '/postgres'))
  await server.connect()
  await server.query(`alter database ${name} allow_connections false`)
  const user = new URL(login).username
  await server.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [user])
  await sleep(1_500)
  await server.query(`alter database ${name} allow_connections true`)
  await server.end()
  const payments = await askWithdrawals('ETH', 3)
  await eventually('it signs again', async () => (await waiting()) === 0)
  await assertWhole('ETH', payments)
  assert.equal(await signer.stop(), 0)
})
