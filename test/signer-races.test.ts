// Signers that are killed, doubled and cut off from the database: each request is answered once, nonces have no gap and are
// never used twice, and an hour's limit holds to the unit. Also what the signer's login may see and do.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { parseTransaction } from 'viem'
import { signerLoginRefusals } from '../src/main/live-checks.ts'
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
    SIGNER_MAX_HOUR: '1000',
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

/** Sweeps from one deposit address: a wallet for itself, without limits. */
async function askSweeps(index: number, many: number): Promise<string[]> {
  const to = await walletOf('BSC', 'hot')
  const sweep = { network: 'BSC', order_kind: 'sweep', from_purpose: 'deposit', from_index: index } as const
  const ids: string[] = []
  for (let i = 0; i < many; i++) ids.push(await desk.payment({ ...sweep, to_address: to, value: BigInt(i + 1) }))
  for (const id of ids) await desk.ask(id)
  return ids
}

/** Every payment has one transaction, and together they use the nonces from 0 on, in the order of asking. */
async function assertWhole(index: number, payments: readonly string[]): Promise<void> {
  const rows = await database.owner.query<{ payment_id: string; nonce: bigint; raw: string }>(
    '',
    'select payment_id, nonce, raw from chain_transactions where from_address = $1 order by nonce',
    [await walletOf('BSC', 'deposit', index)],
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
  const [next] = await database.owner.query<{ next: bigint }>('', 'select next from wallet_nonces where address = $1', [
    await walletOf('BSC', 'deposit', index),
  ])
  assert.equal(Number(next?.next), payments.length)
}

test('two signers at once: each request has one answer', async () => {
  const [one, two] = [start(), start()]
  await Promise.all([one.ready, two.ready])
  const wallets = [1, 2, 3]
  const asked = await Promise.all(wallets.map((index) => askSweeps(index, 20)))
  await eventually('everything is signed', async () => (await waiting()) === 0)
  for (const [i, payments] of asked.entries()) await assertWhole(wallets[i] ?? 0, payments)
  const doubled = await count('(select payment_id from chain_transactions group by 1 having count(*) > 1) x')
  assert.equal(doubled, 0)
  for (const signer of [one, two]) assert.equal(await signer.stop(), 0, signer.output())
})

test('a hundred requests at once at the edge of the hour: exactly as many as fit', async () => {
  const signers = [start(), start()]
  await Promise.all(signers.map((signer) => signer.ready))
  const orders = await Promise.all(
    Array.from({ length: 100 }, () => desk.withdrawal({ network: 'ETH', to: somebody, amount: 31_000_000n })),
  )
  await Promise.all(orders.map(({ payment }) => desk.ask(payment)))
  await eventually('everything is answered', async () => (await waiting()) === 0)
  const signed = await count(`chain_transactions where network = 'ETH'`)
  assert.equal(signed, 33, '33 times 30 USDT are 990 of the 1000')
  assert.equal(await count(`signing_requests where status = 'refused' and reason like '%within an hour%'`), 67)
  assert.equal(await count(`chain_payments where network = 'ETH' and status = 'ready'`), 67, 'to be asked for again')
  const small = await desk.withdrawal({ network: 'ETH', to: somebody, amount: 11_000_000n })
  assert.equal((await desk.sign(small.payment)).status, 'signed')
  const over = await desk.withdrawal({ network: 'ETH', to: somebody, amount: 1_000_001n })
  assert.equal((await desk.sign(over.payment)).status, 'refused')
  for (const signer of signers) assert.equal(await signer.stop(), 0)
})

describe('its login', () => {
  const mayRead = [
    'books',
    'chain_payments',
    'chain_transactions',
    'deposit_addresses',
    'deposit_keys',
    'house_addresses',
    'schema_migrations',
    'signing_requests',
    'wallet_nonces',
  ]

  test('reads what it decides on and nothing else, and writes nothing', async () => {
    const client = new pg.Client(login)
    await client.connect()
    try {
      const { rows: tables } = await client.query<{ name: string; schema: string; reads: boolean; writes: boolean }>(
        `select relname as name, nspname as schema, has_table_privilege(c.oid, 'select') as reads,
           has_table_privilege(c.oid, 'insert, update, delete, truncate, references, trigger') as writes
         from pg_class c join pg_namespace n on n.oid = relnamespace
         where relkind in ('r', 'p', 'v', 'm', 'S') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
      )
      assert.ok(tables.length > 40)
      assert.deepEqual(
        tables
          .filter(({ reads }) => reads)
          .map(({ name }) => name)
          .sort(),
        mayRead,
      )
      assert.deepEqual(
        tables.filter(({ writes }) => writes),
        [],
      )
      const { rows: columns } = await client.query<{ name: string }>(
        `select a.attname as name from pg_attribute a
         where attrelid = 'withdrawals'::regclass and attnum > 0 and has_column_privilege(attrelid, attnum, 'select') order by 1`,
      )
      assert.deepEqual(
        columns.map(({ name }) => name),
        ['amount', 'asset', 'book_id', 'fee', 'id', 'network', 'status', 'to_address'],
      )
      const { rows: functions } = await client.query<{ name: string }>(
        `select proname as name from pg_proc p join pg_namespace n on n.oid = pronamespace
         where nspname = 'public' and has_function_privilege(p.oid, 'execute') order by 1`,
      )
      assert.deepEqual(
        functions.map(({ name }) => name),
        ['signer_accept', 'signer_refuse'],
      )
      const refused = [
        'select * from people',
        'select * from contacts',
        'select hold_id from withdrawals',
        `update chain_payments set to_address = '${somebody}'`,
        'delete from chain_transactions',
        `insert into signing_requests (book_id, id, payment_id, network, draft) values (1, gen_random_uuid(), gen_random_uuid(), 'ETH', '{}')`,
        `update wallet_nonces set next = 0`,
        `select chain_payment_move(1, gen_random_uuid(), 'ready', 'void', null, '', now())`,
        'set role unipay_app',
        'create table mine (a int)',
      ]
      for (const sql of refused) {
        await assert.rejects(client.query(sql), (error: { code?: string }) => error.code === '42501', sql)
      }
    } finally {
      await client.end()
    }
  })

  test('live mode takes no other', async () => {
    assert.deepEqual(await signerLoginRefusals(login), [])
    const [superuser = ''] = await signerLoginRefusals(database.url)
    assert.match(superuser, /superuser/)
    const name = new URL(login).username
    await database.owner.query('', `grant unipay_app to ${name}`)
    const both = (await signerLoginRefusals(login)).join('\n')
    await database.owner.query('', `revoke unipay_app from ${name}`)
    assert.match(both, /member of unipay_app/)
    await database.owner.query('', `grant update (reason) on chain_payments to ${name}`)
    const column = (await signerLoginRefusals(login)).join('\n')
    await database.owner.query('', `revoke update (reason) on chain_payments from ${name}`)
    assert.match(column, /may write chain_payments/)
    await database.owner.query('', `revoke unipay_signer from ${name}`)
    const none = (await signerLoginRefusals(login)).join('\n')
    await database.owner.query('', `grant unipay_signer to ${name}`)
    assert.match(none, /no member of unipay_signer/)
  })
})
