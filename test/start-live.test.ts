// Live mode as README.md says to set it up: three logins, a keystore from the ceremony, nothing of the sandbox.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { freePort } from '../sandbox/free-port.ts'
import { type Postgres, startPostgres } from '../sandbox/postgres.ts'
import { newWords } from '../src/signer/keystore.ts'
import { storeWords } from '../src/signer/seed-file.ts'
import { launch, launchUp, processesOf } from './harness/launcher.ts'

let dir: string
let server: Postgres
let env: Record<string, string>

before(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-live-'))
  fs.chmodSync(dir, 0o711)
  const port = await freePort()
  server = await startPostgres({ dir: path.join(dir, 'postgres'), port })
  const readme = fs.readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
  const sql = /```sql\n(create role unipay_app[\s\S]*?)```/.exec(readme)?.[1] ?? assert.fail('README.md has no SQL')
  const client = new pg.Client(server.url('postgres'))
  await client.connect()
  for (const statement of sql.split('\n')) await client.query(statement.replace('…', 'a password'))
  await client.end()
  const login = (name: string) => `postgres://${name}:a%20password@127.0.0.1:${port}/unipay`
  env = {
    UNIPAY_MODE: 'live',
    MASTER_KEY: 'a1b2c3d4e5f60718293a4b5c6d7e8f90'.repeat(2),
    DATABASE_URL: login('unipay_server'),
    DATABASE_SIGNER_URL: login('unipay_signer_login'),
    DATABASE_OWNER_URL: login('unipay'),
    KEYSTORE_PASSPHRASE: 'a long one of its own',
    SMTP_URL: 'smtp://127.0.0.1:9',
    SMS_URL: 'http://127.0.0.1:9',
    SMS_ACCOUNT: 'AC0123',
    SMS_TOKEN: 'a real one',
  }
})
after(async () => {
  for (const pid of processesOf(path.join(dir, 'data'))) process.kill(pid, 'SIGKILL')
  await server.stop()
  fs.rmSync(dir, { recursive: true, force: true })
})

test('it does not make itself a seed, starts on one from the ceremony, and serves no sandbox', async () => {
  const data = path.join(dir, 'data')
  const without = await launch(env, data)
  assert.equal(await without.ended, 1)
  assert.match(without.output(), /no keystore in .*unipay keystore make/)
  storeWords(path.join(data, 'keystore'), env.KEYSTORE_PASSPHRASE ?? '', newWords(), new Date())
  const launcher = await launchUp(env, data)
  assert.deepEqual(Object.keys(launcher.run().children).sort(), ['api', 'signer', 'worker'])
  assert.deepEqual(Object.keys(launcher.run().env).sort(), [
    'DEPOSIT_XPUB_EVM',
    'DEPOSIT_XPUB_TRON',
    'HOT_XPUB_EVM',
    'HOT_XPUB_TRON',
  ])
  assert.equal((await fetch(`${launcher.base}/readyz`)).status, 200)
  assert.equal((await fetch(`${launcher.base}/sandbox/outbox`)).status, 404)
  assert.equal(await launcher.interrupt(), 0)
})

test('logins that can do more than their roles are refused by name', async () => {
  const swapped = { ...env, DATABASE_URL: env.DATABASE_OWNER_URL ?? '', DATABASE_SIGNER_URL: env.DATABASE_URL ?? '' }
  const launcher = await launch(swapped, path.join(dir, 'other'))
  assert.equal(await launcher.ended, 1)
  assert.match(launcher.output(), /DATABASE_URL logs in as unipay, who owns the ledger's tables/)
  assert.match(launcher.output(), /DATABASE_SIGNER_URL logs in as unipay_server, who is a member of unipay_app/)
})
