// The command line as people use it: the real program, on a real database and a real chain, by its output and exit codes.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { personAccount } from '../src/ledger/accounts.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { eachOf, runCli } from './harness/cli.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { expectSound } from './harness/ledger.ts'
import { testXpub, type Watched, watched, watchedBank } from './harness/watched.ts'

const CHAIN_ID = 31_020
const ALICE = 10_001n
const BOB = 10_002n

let base: TestDatabase
let chain: Chain
let usdt: Token
let watch: Watched
let dir: string
let env: Record<string, string>

before(async () => {
  ;[base, chain] = await Promise.all([createTestDatabase(), startChain(CHAIN_ID)])
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-cli-'))
  usdt = await chain.deploy('BscUsdt', 10n ** 27n)
  const networks = { BSC: { chainId: CHAIN_ID, contract: usdt.address, confirmations: 2, finality: 'none' } }
  watch = watched(watchedBank(base, networks), 'BSC', chain.url)
  await watch.catchUp()
  env = {
    DATABASE_URL: base.url,
    DATA_DIR: dir,
    NETWORKS: JSON.stringify(networks),
    RPC_BSC: chain.url,
    DEPOSIT_XPUB_EVM: testXpub,
  }
})
after(async () => {
  chain?.stop()
  await base?.drop()
  fs.rmSync(dir, { recursive: true, force: true })
})

const unipay = (args: string, settings?: Record<string, string>) => runCli(args.split(' '), { ...env, ...settings })

// --- usage -----------------------------------------------------------------------------------------------------------

const commands = [
  'doctor',
  'migrate',
  'ledger verify',
  'ledger trial-balance',
  'banks import',
  'chain status',
  'chain rescan',
  'chain resume',
  'chain reread',
  'chain approve',
  'chain reject',
  'reconcile',
  'por build',
  'por verify',
  'withdrawal show',
  'operator invite',
  'operator list',
  'operator disable',
  'api-key create',
  'api-key list',
  'api-key rotate',
  'api-key revoke',
  'api-key demo',
  'merchant create',
  'merchant list',
  'merchant rotate',
  'webhook create',
  'webhook list',
  'webhook deliveries',
  'webhook ping',
  'webhook resend',
  'webhook rotate',
  'demo',
  'sign spot',
  'sign ramp',
  'sign platform',
  'sign webhook',
  'partner create',
  'partner list',
  'partner rotate',
  'keys status',
  'keys rotate',
  'keystore show',
  'keystore verify',
  'keystore passphrase',
]

test('every command helps, and says how it may end', async () => {
  const all = await unipay('--help')
  assert.equal(all.code, 0)
  await eachOf(commands, async (command) => {
    const { code, out } = await unipay(`${command} --help`)
    assert.equal(code, 0, command)
    assert.match(out, new RegExp(`^Usage: unipay ${command}`))
    for (const part of ['--json', '--book <id>', 'Exit codes: 0 done'])
      assert.ok(out.includes(part), `${command}: ${part}`)
    assert.ok(all.out.includes(command.split(' ')[0] ?? ''))
  })
})

test('wrong usage: 2', async () => {
  const cases: [string, RegExp][] = [
    ['frobnicate', /unknown command/],
    ['ledger verify --what', /unknown option '--what'/],
    ['ledger verify --book x', /whole number/],
    ['ledger verify --book 9', /there is no book 9; this database has 1/],
    ['chain rescan --network BSC', /required option '--from/],
    ['chain rescan --network BSC --from 9 --to 3', /--to must not be before --from/],
    ['chain rescan --network BSC --from 0 --to 900000', /at most 100000 blocks/],
    ['chain reread BSC many', /a block is a whole number/],
  ]
  await eachOf(cases, async ([args, expected]) => {
    const { code, said } = await unipay(args)
    assert.match(said, expected)
    assert.equal(code, 2, args)
  })
  const wrong = await unipay('chain status --json', { PORT: 'x', NETWORKS: '{"BSC":{"no":0}}' })
  assert.deepEqual([wrong.code, Object.keys(wrong.json)], [2, ['error']])
  assert.match(wrong.said, /PORT="x" must be a whole number/)
})

test('what cannot be reached: 3; what the bank refuses: 1', async () => {
  const cases: [string, Record<string, string>, number, RegExp][] = [
    ['ledger trial-balance', { DATABASE_URL: '' }, 3, /there is no database to ask: start UniPay/],
    ['chain status', { DATABASE_URL: 'postgres://u:secret-word@127.0.0.1:1/x' }, 3, /the database does not answer/],
    ['chain status', { DATABASE_URL: base.url.replace(/\/[^/]*$/, '/nowhere') }, 3, /does not exist/],
    ['ledger verify', { DATABASE_URL: base.url.replace(/\/[^/]*$/, '/postgres') }, 3, /has no UniPay schema/],
    ['chain rescan --network ETH --from 1 --to 2', {}, 3, /ETH has no node to read from: set RPC_ETH/],
    [
      'chain rescan --network BSC --from 1 --to 2',
      { RPC_BSC: 'http://127.0.0.1:9/secret-word' },
      3,
      /the node does not/,
    ],
    ['chain resume DOGE', {}, 1, /refused: NetworkUnknown/],
    ['chain approve r-01900000-0000-7000-8000-000000000001', {}, 1, /refused: NotFound/],
  ]
  await eachOf(cases, async ([args, settings, expected, pattern]) => {
    const { code, out, said } = await unipay(args, settings)
    assert.match(said, pattern)
    assert.equal(code, expected, `${args}: ${said}`)
    assert.doesNotMatch(out + said, /secret-word/)
  })
  assert.ok(!fs.existsSync(path.join(dir, 'master.key')), 'looking at things makes no key')
})

test('npx unipay works from the checkout, with the oldest Node there is', async () => {
  const { code, json } = await runCli(
    ['ledger', 'trial-balance', '--json'],
    { ...env, HOME: dir },
    { program: ['npx', '--no-install', 'unipay'] },
  )
  assert.deepEqual([code, json.balanced], [0, true])
})

// --- commands --------------------------------------------------------------------------------------------------------

test('migrate: says what is to be applied, applies it once, and is at head then', async () => {
  const url = new URL(base.url)
  url.pathname = `/cli_${process.pid}`
  const client = new pg.Client(base.url)
  await client.connect()
  await client.query(`create database cli_${process.pid}`)
  try {
    const settings = { DATABASE_URL: url.href }
    const dry = await unipay('migrate --dry-run', settings)
    assert.equal(dry.code, 0, dry.said)
    assert.match(dry.out, /^to apply:\n {2}0001-ledger\.sql\n/)
    const first = await unipay('migrate --json', settings)
    assert.equal(first.code, 0, first.said)
    assert.equal((first.json.applied as string[])[0], '0001-ledger.sql')
    assert.equal((await unipay('migrate', settings)).out, 'the schema is at head\n')
    assert.equal((await unipay('ledger verify', settings)).code, 0)
    await client.query(`create role cli_${process.pid} login password 'x' in role unipay_app`)
    const other = new pg.Client(url.href)
    await other.connect()
    await other.query(`delete from schema_migrations where name = '0003-transfers.sql'`)
    await other.end()
    url.username = `cli_${process.pid}`
    url.password = 'x'
    const notOwner = await unipay('migrate', { DATABASE_URL: url.href })
    assert.equal(notOwner.code, 3)
    assert.match(notOwner.said, /permission denied .* Set DATABASE_OWNER_URL/)
  } finally {
    await client.query(`drop database cli_${process.pid} with (force)`)
    await client.query(`drop role if exists cli_${process.pid}`)
    await client.end()
  }
})

test('ledger: proves the books and adds them up', async () => {
  await chain.send(usdt, 'transfer', [await watch.address(ALICE), 5n * 10n ** 18n])
  await chain.mine(3)
  await watch.catchUp()
  const sound = await unipay('ledger verify')
  assert.deepEqual([sound.code, sound.said], [0, ''])
  assert.match(sound.out, /✓ I1 entries sum to zero per asset[\s\S]*The books are sound\.\n$/)

  const balance = await unipay('ledger trial-balance')
  assert.equal(balance.code, 0)
  assert.match(balance.out, /USDT +main of people +1 +5\.00 +0\n/)
  assert.match(balance.out, /USDT +custody BSC +1 +-5\.00 +0\n/)
  assert.match(balance.out, /USDT sums to 0\n/)
  const json = (await unipay('ledger trial-balance --json')).json
  assert.deepEqual(json.sums, [{ asset: 'USDT', scale: 6, sum: '0' }])

  await base.owner.query('', 'update accounts set balance = balance + 7 where id = $1', [personAccount(ALICE, 'main')])
  const faulty = await unipay('ledger verify --json')
  assert.deepEqual([faulty.code, faulty.json.sound], [1, false])
  const uneven = await unipay('ledger trial-balance')
  assert.equal(uneven.code, 1)
  assert.match(uneven.out, /USDT sums to 0\.000007\n/)
  await base.owner.query('', 'update accounts set balance = balance - 7 where id = $1', [personAccount(ALICE, 'main')])
})

test('chain rescan: what was missed is found and credited, what is known stays', async () => {
  const [known, missed] = await Promise.all([watch.address(ALICE), watch.address(BOB)])
  const from = (await chain.head()) + 1
  await chain.send(usdt, 'transfer', [known, 3n * 10n ** 18n])
  await chain.send(usdt, 'transfer', [missed, 4n * 10n ** 18n])
  await chain.mine(400) // so far back that the block is not remembered any more
  await watch.catchUp()
  const before = await watch.balance(BOB)
  // as if the watcher had never seen it
  await base.owner.query('', 'delete from journals where order_id in (select id from deposits where person_no = $1)', [
    BOB,
  ])
  const gone = await base.owner.query<{ id: string }>('', 'delete from deposits where person_no = $1 returning id', [
    BOB,
  ])
  assert.equal(gone.length, 1)
  const entries = await base.owner.query<{ account_id: bigint; amount: bigint }>(
    '',
    `delete from entries e where not exists (select from journals j where j.book_id = e.book_id and j.id = e.journal_id)
     returning account_id, amount`,
  )
  for (const { account_id, amount } of entries) {
    await base.owner.query('', 'update accounts set balance = balance - $2, seq = seq - 1 where id = $1', [
      account_id,
      amount,
    ])
  }
  assert.equal(await watch.balance(BOB), before - 4_000_000n)

  const head = await chain.head()
  const first = await unipay(`chain rescan --network BSC --from ${from} --to ${head} --json`)
  assert.equal(first.code, 0, first.said)
  const { blocks, seen, found, settled } = first.json
  assert.deepEqual({ blocks, seen, found, settled }, { blocks: head - from + 1, seen: 2, found: 1, settled: 1 })
  assert.equal(await watch.balance(BOB), before)
  const again = await unipay(`chain rescan --network BSC --from ${from} --to ${head}`)
  assert.match(again.out, /hold 2 transfers to our addresses; nothing had been missed, 0 settled now/)
  const beyond = await unipay(`chain rescan --network BSC --from ${from} --to ${head + 10}`)
  assert.equal(beyond.code, 1)
  assert.match(beyond.said, /refused: NetworkUnavailable/)
  await expectSound(base.db)
  const status = await unipay('chain status')
  assert.match(status.out, /^BSC {3}following, block \d+, 0 behind/)
})

// --- doctor ----------------------------------------------------------------------------------------------------------

interface Finding {
  part: string
  status: string
  says: string
  next?: string
}

describe('doctor', () => {
  const examine = async (settings: Record<string, string> = {}) => {
    const ran = await unipay('doctor --json', settings)
    const findings = ran.json.findings as Finding[]
    const of = (part: string) => findings.filter((finding) => finding.part === part)
    for (const { status, next } of findings) assert.equal(status === 'ok', next === undefined, 'says what to do next')
    return { ...ran, findings, of }
  }
  const plant = (sql: string) => base.owner.query('', sql)

  before(async () => {
    await chain.mine(1)
    await watch.catchUp()
    await plant(`insert into worker_heartbeats (worker_id, seen_at) values ('test', now() + interval '1 hour')`)
    await plant(`insert into audits values (1, now(), 5, 3, 6, 3, 0) on conflict do nothing`)
  })

  test('all that is there is looked at', async () => {
    const { code, findings, of } = await examine()
    assert.equal(code, 0, JSON.stringify(findings))
    const parts = ['configuration', 'database', 'database clock', 'schema', 'worker', 'jobs', 'book 1', 'keystore evm']
    for (const part of [...parts, 'alerts', 'network BSC', 'network BSC watch']) {
      assert.equal(of(part)[0]?.status, 'ok', `${part}: ${JSON.stringify(of(part))}`)
    }
    assert.equal(of('network ETH')[0]?.status, 'warn', 'it has no node')
    assert.equal(of('database role')[0]?.status, 'warn', 'the test is a superuser')
    const people = await unipay('doctor')
    assert.match(people.out, /✓ network BSC +chain 31020, 18 decimals, block \d+ \d+ s ago\n/)
    assert.match(people.out, /! network ETH +is off: it has no node\n +→ set RPC_ETH/)
    assert.match(people.out, /Nothing is broken; \d+ should be looked at\.\n$/)
  })

  test('what is wrong in the database is named', async () => {
    const faults: { plant: string; cure: string; part: string; status: string; says: RegExp }[] = [
      {
        plant: `insert into alerts (book_id, id, key, kind, severity, data) values
          (1, gen_random_uuid(), 'deep_reorg:BSC:7', 'deep_reorg', 'critical', '{"depth":30}'),
          (1, gen_random_uuid(), 'malformed_logs:BSC', 'malformed_logs', 'warning', '{}')`,
        cure: 'delete from alerts',
        part: 'alert',
        status: 'fail',
        says: /deep_reorg:BSC:7 since .* {"depth":30}/,
      },
      {
        plant: 'update audits set faults = 2',
        cure: 'update audits set faults = 0',
        part: 'book 1',
        status: 'fail',
        says: /2 faults found/,
      },
      {
        plant: `update worker_heartbeats set seen_at = now() - interval '1 minute'`,
        cure: `update worker_heartbeats set seen_at = now() + interval '1 hour'`,
        part: 'worker',
        status: 'fail',
        says: /none has been heard of/,
      },
      {
        plant: `select graphile_worker.add_job('x', run_at := now() - interval '5 minutes')`,
        cure: 'delete from graphile_worker._private_jobs',
        part: 'jobs',
        status: 'warn',
        says: /[1-9]\d* wait, the oldest for 3\d\d s/, // mails about money wait as well: no worker runs here
      },
      {
        plant: `update chain_states set money_out_paused_at = now(), money_out_paused_for = 'a test'`,
        cure: 'update chain_states set money_out_paused_at = null, money_out_paused_for = null',
        part: 'network BSC watch',
        status: 'fail',
        says: /money out is paused: a test/,
      },
      {
        plant: 'update deposit_keys set key_print = sha256(key_print)',
        cure: `update deposit_keys set key_print = sha256('${testXpub}'::bytea)`,
        part: 'keystore evm',
        status: 'fail',
        says: /is not the one of the 2 addresses/,
      },
    ]
    for (const fault of faults) await plant(fault.plant)
    const { code, of } = await examine()
    for (const fault of faults) await plant(fault.cure)
    assert.equal(code, 1)
    for (const { part, status, says } of faults) {
      const [found] = of(part).filter((finding) => finding.status === status)
      assert.match(found?.says ?? '', says, `${part}: ${JSON.stringify(of(part))}`)
    }
    assert.ok(of('alert').some((finding) => finding.status === 'warn'))

    await plant(`insert into schema_migrations values ('9999-later.sql', 'x')`)
    const newer = await examine()
    await plant(`delete from schema_migrations where name = '9999-later.sql'`)
    assert.equal(newer.code, 1)
    assert.match(newer.of('schema')[0]?.says ?? '', /newer than this code: it has 9999-later\.sql/)
  })

  test('what is wrong outside is named, and secrets are not', async () => {
    const wrongChain = { NETWORKS: JSON.stringify({ BSC: { chainId: 5, contract: usdt.address } }) }
    const cases: [Record<string, string>, string, RegExp][] = [
      [wrongChain, 'network BSC', /the node is of chain 31020, not 5/],
      [{ RPC_BSC: 'http://127.0.0.1:9/secret-word' }, 'network BSC', /./],
      [{ DATABASE_URL: '' }, 'database', /none is named/],
      [{ DATABASE_URL: 'postgres://u:secret-word@127.0.0.1:1/x' }, 'database', /does not answer/],
      [{ UNIPAY_MODE: 'live', MASTER_KEY: '0123456789abcdef'.repeat(4) }, 'configuration', /SMTP_URL is empty/],
    ]
    await eachOf(cases, async ([settings, part, says]) => {
      const { code, of, out, said } = await examine(settings)
      const failed = of(part).filter(({ status }) => status === 'fail')
      assert.ok(
        failed.some((finding) => says.test(finding.says)),
        `${part}: ${out}`,
      )
      assert.equal(code, 1)
      assert.doesNotMatch(out + said, /secret-word/)
    })
  })
})
