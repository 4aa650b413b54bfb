// The launcher with real processes: it starts, says what is wrong, stops in order, and carries on after a kill -9.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { settings } from '../src/base/config.ts'
import { createTestDatabase } from './harness/database.ts'
import { eventually, type Launcher, launch, launchUp, processesOf, temporaryFolder } from './harness/launcher.ts'

const folders: string[] = []
const folder = () => {
  const dir = temporaryFolder()
  folders.push(dir)
  return dir
}
after(() => {
  for (const dir of folders) {
    for (const pid of processesOf(dir)) process.kill(pid, 'SIGKILL')
    fs.rmSync(dir, { recursive: true, force: true })
  }
})

/** Addresses of an outside world at which nobody answers. */
const elsewhere: Record<string, string> = {
  SMTP_URL: 'smtp://127.0.0.1:9',
  SMS_URL: 'http://127.0.0.1:9',
  UQPAY_URL: 'http://127.0.0.1:9',
  UQPAY_FRAME_URL: 'http://127.0.0.1:9',
  SUMSUB_URL: 'http://127.0.0.1:9',
  RATE_URL: 'http://127.0.0.1:9',
  ...Object.fromEntries(
    Object.keys(settings)
      .filter((name) => name.startsWith('RPC_'))
      .map((name) => [name, 'http://127.0.0.1:9']),
  ),
}

const HOLDER = '0x000000000000000000000000000000000000dEaD'
const json = { 'content-type': 'application/json' }

async function post(
  base: string,
  url: string,
  body: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(base + url, { method: 'POST', headers: json, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const isReady = async (base: string) => (await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok

/** Registers somebody with the code from the outbox. */
async function register(base: string, contact: string): Promise<void> {
  const sent = await post(base, '/api/auth/code/send', { contact, type: 'email', scene: 'register' })
  assert.equal(sent.body.code, 0, JSON.stringify(sent))
  let code = ''
  await eventually('the code arrives', async () => {
    const mails = (await (await fetch(`${base}/sandbox/outbox?to=${contact}`)).json()) as { code: string }[]
    code = mails[0]?.code ?? ''
    return code !== ''
  })
  const done = await post(base, '/api/auth/register', {
    contact,
    type: 'email',
    code,
    password: 'correct horse battery 9',
  })
  assert.equal(done.body.code, 0, JSON.stringify(done))
}
async function canLogIn(base: string, contact: string): Promise<boolean> {
  const login = await post(base, '/api/auth/login', { contact, type: 'email', password: 'correct horse battery 9' })
  return login.body.code === 0
}

describe('what is wrong is said', () => {
  const refuses = async (settings: Record<string, string>, ...patterns: RegExp[]) => {
    const launcher = await launch(settings, folder())
    assert.equal(await launcher.ended, 1, launcher.output())
    for (const pattern of patterns) assert.match(launcher.output(), pattern)
    assert.doesNotMatch(launcher.output(), /\n {4}at /, 'no stack trace')
  }

  test('every wrong value is named', () =>
    refuses({ PORT: 'many', LOG_LEVEL: 'loud', NETWORKS: '{}' }, /PORT="many"/, /LOG_LEVEL="loud"/))

  test('wrong network parameters are named', () =>
    refuses({ NETWORKS: '{"ETH":{"confirmations":0}}' }, /ETH\.confirmations/))

  test('a port that is taken', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as net.AddressInfo
    await refuses({ PORT: String(port) }, new RegExp(`port ${port} .* taken`), /Set PORT/)
    server.close()
  })

  test('a database that does not answer', () =>
    refuses(
      { DATABASE_URL: 'postgres://unipay:x@127.0.0.1:1/bank' },
      /database bank at 127\.0\.0\.1:1 does not answer/,
      /DATABASE_URL/,
    ))

  test('a database that refuses, or is not there, and a schema that is newer', async () => {
    const database = await createTestDatabase()
    try {
      const url = new URL(database.url)
      url.password = 'wrong'
      await refuses({ DATABASE_URL: url.href }, /refuses the user/)
      const missing = new URL(database.url)
      missing.pathname = '/no_such_database'
      await refuses({ DATABASE_URL: missing.href }, /no_such_database .*does not exist/)
      await database.owner.query('', "insert into schema_migrations (name, checksum) values ('9999-future.sql', 'x')")
      await refuses({ DATABASE_URL: database.url, ...elsewhere }, /newer than this code.*9999-future/)
    } finally {
      await database.drop()
    }
  })

  test('live mode refuses everything unsafe, by name', async () => {
    const dir = folder()
    await refuses({ UNIPAY_MODE: 'live' }, /MASTER_KEY is missing/)
    const key = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'.repeat(2)
    fs.writeFileSync(path.join(dir, 'master.key'), key)
    await refuses(
      {
        UNIPAY_MODE: 'live',
        MASTER_KEY: key,
        DATA_DIR: dir,
        NETWORKS: '{"ETH":{"chainId":313371}}',
        SMS_ACCOUNT: 'ACsandbox',
      },
      /DATABASE_URL is empty/,
      /DATABASE_SIGNER_URL is empty/,
      /SMTP_URL is empty/,
      /SMS_URL is empty/,
      /KEYSTORE_PASSPHRASE is empty/,
      /SMS_TOKEN is the sandbox's default secret/,
      /SMS_ACCOUNT/,
      /MASTER_KEY is the one that the sandbox made/,
      /NETWORKS makes ETH a development chain/,
    )
    const database = await createTestDatabase()
    try {
      await database.owner.query(
        '',
        `alter database ${new URL(database.url).pathname.slice(1)} set synchronous_commit = off`,
      )
      await refuses(
        {
          UNIPAY_MODE: 'live',
          MASTER_KEY: key,
          DATABASE_URL: database.url,
          DATABASE_SIGNER_URL: database.url,
          SMTP_URL: 'smtp://127.0.0.1:9',
          SMS_URL: 'http://127.0.0.1:9',
          SMS_ACCOUNT: 'AC0123',
          SMS_TOKEN: 'a real one',
          KEYSTORE_PASSPHRASE: 'a long one of its own',
        },
        /superuser/,
        /fsync=off/,
        /synchronous_commit=off/,
      )
    } finally {
      await database.drop()
    }
  })
})

describe('a running installation', () => {
  let first: Launcher
  const dir = folder()

  before(async () => {
    first = await launchUp({}, dir)
    await register(first.base, 'alice@example.com')
    const paid = await post(first.base, '/sandbox/faucet', { network: 'BSC', address: HOLDER, amount: '12.5' })
    assert.equal(paid.status, 200)
  })
  after(async () => {
    await first.interrupt()
  })

  /** A customer, a mined payment and a mail: what was acknowledged before must be there. */
  async function assertWhole(): Promise<void> {
    await eventually('the installation is ready again', () => isReady(first.base))
    await eventually('the customer can log in', () => canLogIn(first.base, 'alice@example.com'), 10_000)
    await eventually('the chain answers', async () => (await balance()) === 12_500_000_000_000_000_000n)
    const mails = (await (await fetch(`${first.base}/sandbox/outbox?to=ALICE@example.com`)).json()) as object[]
    assert.ok(mails.length >= 1)
  }
  async function balance(): Promise<bigint> {
    const networks = (await (await fetch(`${first.base}/sandbox/networks`)).json()) as {
      network: string
      rpc: string
      contract: string
    }[]
    const bsc = networks.find((one) => one.network === 'BSC')
    const call = { to: bsc?.contract, data: `0x70a08231${HOLDER.slice(2).padStart(64, '0')}` }
    const request = { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [call, 'latest'] }
    const response = await fetch(bsc?.rpc ?? '', { method: 'POST', headers: json, body: JSON.stringify(request) })
    return BigInt(((await response.json()) as { result: string }).result)
  }
  const pidIn = (file: string) => Number(fs.readFileSync(path.join(dir, file), 'utf8').split('\n')[0])

  test('serves, and says where', async () => {
    assert.equal((await fetch(`${first.base}/healthz`)).status, 200)
    for (const where of ['/docs', '/healthz', '/sandbox/outbox', '/sandbox/faucet'])
      assert.ok(first.output().includes(first.base + where))
    assert.equal(fs.statSync(path.join(dir, 'master.key')).mode & 0o777, 0o600)
    assert.equal(fs.statSync(path.join(dir, 'run.json')).mode & 0o777, 0o600)
  })

  test('each process sees the secrets that it needs and no others', () => {
    const { children, env } = first.run()
    const seenBy = (name: string) => {
      const lines = fs.readFileSync(`/proc/${children[name]?.pid}/environ`, 'utf8').split('\0')
      return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
    }
    const signers = ['KEYSTORE_PASSPHRASE', 'APPROVAL_KEY', 'DATABASE_SIGNER_URL']
    for (const name of ['sandbox', 'api', 'worker']) {
      const seen = seenBy(name)
      for (const secret of [...signers, 'DATABASE_OWNER_URL'])
        assert.equal(seen.has(secret), false, `${name} ${secret}`)
    }
    const signer = seenBy('signer')
    const known = [...signer.keys()].filter((name) => name in settings)
    assert.deepEqual(known.sort(), ['APPROVAL_KEY', 'DATABASE_SIGNER_URL', 'DATA_DIR', 'NETWORKS'])
    assert.match(signer.get('DATABASE_SIGNER_URL') ?? '', /^postgres:\/\/unipay_signer_login:/)
    assert.notEqual(signer.get('APPROVAL_KEY'), fs.readFileSync(path.join(dir, 'master.key'), 'utf8').trim())
    assert.equal(signer.get('APPROVAL_KEY')?.length, 64)
    const said = ['DEPOSIT_XPUB_EVM', 'DEPOSIT_XPUB_TRON', 'HOT_XPUB_EVM', 'HOT_XPUB_TRON']
    for (const key of said) for (const name of ['api', 'worker']) assert.match(seenBy(name).get(key) ?? '', /^xpub/)
    for (const cold of ['COLD_ADDRESS_EVM', 'COLD_ADDRESS_TRON']) assert.ok(seenBy('worker').get(cold))
    for (const secret of [...signers, 'DATABASE_OWNER_URL']) assert.equal(secret in env, false, `${secret} in run.json`)
    const listens = fs.readFileSync(`/proc/${children.signer?.pid}/net/tcp`, 'utf8')
    const own = new Set(
      fs.readdirSync(`/proc/${children.signer?.pid}/fd`).map((fd) => {
        try {
          return fs.readlinkSync(`/proc/${children.signer?.pid}/fd/${fd}`)
        } catch {
          return '' // closed meanwhile
        }
      }),
    )
    const open = listens
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && own.has(`socket:[${inode}]`))
    assert.deepEqual(open, [], 'the signer listens on nothing')
  })

  test('its folder is not shared', async () => {
    const second = await launch({}, dir)
    assert.equal(await second.ended, 1)
    assert.match(second.output(), new RegExp(`in use by another UniPay \\(process ${first.pid}\\)`))
  })

  test('another one runs beside it, and Ctrl-C ends it in order', async () => {
    const other = await launchUp({}, folder())
    assert.ok(await isReady(other.base))
    assert.equal(await canLogIn(other.base, 'alice@example.com'), false)
    const began = performance.now()
    assert.equal(await other.interrupt(), 0)
    assert.ok(performance.now() - began < 10_000)
    assert.deepEqual(processesOf(other.dataDir), [])
    assert.ok(await isReady(first.base))
  })

  test('PostgreSQL, a chain, the worker, the API and the sandbox may be killed', async () => {
    process.kill(pidIn('postgres/data/postmaster.pid'), 'SIGKILL')
    await assertWhole()
    process.kill(pidIn('sandbox/bsc/anvil.pid'), 'SIGKILL')
    await assertWhole()
    for (const name of ['worker', 'api', 'signer', 'sandbox']) {
      const { pid } = first.run().children[name] ?? { pid: 0 }
      process.kill(pid, 'SIGKILL')
      await eventually(`another ${name}`, () => ![0, pid].includes(first.run().children[name]?.pid ?? 0))
      await assertWhole()
    }
  })

  test('the launcher may be killed: its children end, and the next start carries on', async () => {
    const port = new URL(first.base).port
    process.kill(first.pid, 'SIGKILL')
    await first.ended
    first = await launchUp({ PORT: port }, dir)
    await assertWhole()
  })

  test('everything may be killed at once', async () => {
    const port = new URL(first.base).port
    for (const pid of processesOf(dir)) process.kill(pid, 'SIGKILL')
    await first.ended
    const began = performance.now()
    first = await launchUp({ PORT: port }, dir)
    assert.ok(performance.now() - began < 15_000)
    await assertWhole()
  })
})

test('a signer that runs elsewhere is not started here, and its secrets have no business here', async () => {
  const key = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'.repeat(2)
  const wrong = await launch(
    { UNIPAY_MODE: 'live', MASTER_KEY: key, SIGNER_RUNS: 'elsewhere', KEYSTORE_PASSPHRASE: 'a long one of its own' },
    folder(),
  )
  assert.equal(await wrong.ended, 1)
  assert.match(wrong.output(), /HOT_XPUB_TRON is empty: where the signer runs elsewhere/)
  assert.match(wrong.output(), /KEYSTORE_PASSPHRASE is set: it belongs to the machine of the signer alone/)

  const database = await createTestDatabase()
  const launcher = await launchUp({ DATABASE_URL: database.url, SIGNER_RUNS: 'elsewhere', ...elsewhere }, folder())
  try {
    assert.deepEqual(Object.keys(launcher.run().children).sort(), ['api', 'worker'])
    assert.equal(fs.existsSync(path.join(launcher.dataDir, 'keystore')), false)
  } finally {
    await launcher.interrupt()
    await database.drop()
  }
})

test('with everything named, nothing of the sandbox starts', async () => {
  const database = await createTestDatabase()
  const launcher = await launchUp({ DATABASE_URL: database.url, ...elsewhere }, folder())
  try {
    assert.deepEqual(Object.keys(launcher.run().children).sort(), ['api', 'signer', 'worker'])
    assert.equal((await fetch(`${launcher.base}/sandbox/outbox`)).status, 404)
    assert.equal(launcher.run().env.DATABASE_URL, undefined)
  } finally {
    await launcher.interrupt()
    await database.drop()
  }
})
