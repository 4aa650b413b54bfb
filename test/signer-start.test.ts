// On what the signer does not start, each said in a sentence; and what it tells of its keys when it does.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { eventually } from './harness/launcher.ts'
import { signerFolder, signerKeystore, signerLogin, startSigner } from './harness/signer-process.ts'
import { approvalKey } from './harness/signing.ts'

let database: TestDatabase
let env: Record<string, string>
before(async () => {
  database = await createTestDatabase()
  env = {
    DATA_DIR: signerFolder(),
    DATABASE_SIGNER_URL: await signerLogin(database),
    APPROVAL_KEY: approvalKey.toString('hex'),
  }
})
after(() => database.drop())

const live = { UNIPAY_MODE: 'live' }
const cold = `0x${'Ab'.repeat(20)}`

test('what is wrong is said, and it ends', async () => {
  const other =
    'xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudhUd9yLb6qx39T9nMdj'
  const wrong: [Record<string, string>, RegExp][] = [
    [{ KEYSTORE_PASSPHRASE: 'not the passphrase' }, /does not open with this passphrase/],
    [{ KEYSTORE_PASSPHRASE: 'short' }, /at least 12 characters/],
    [{ ...live, KEYSTORE_PASSPHRASE: '' }, /KEYSTORE_PASSPHRASE is not set/],
    [{ ...live, DATA_DIR: path.join(env.DATA_DIR ?? '', 'empty') }, /no keystore in .*unipay keystore make/],
    [{ APPROVAL_KEY: '' }, /APPROVAL_KEY is not set/],
    [{ DATABASE_SIGNER_URL: '' }, /DATABASE_SIGNER_URL is not set/],
    [{ HOT_XPUB_TRON: other }, /HOT_XPUB_TRON is set, and is not of the keystore/],
    [{ COLD_ADDRESS_EVM: cold }, /COLD_ADDRESS_EVM is no address: its checksum/],
    [{ ...live, COLD_ADDRESS_TRON: signerKeystore.coldAddress('tron') }, /a cold wallet has keys of its own/],
    [{ SIGNER_MAX_TOP_UP: '{"ETH":0.05}' }, /SIGNER_MAX_TOP_UP has no amount of coin for ETH/],
    [{ SIGNER_MAX_TOP_UP: '5' }, /SIGNER_MAX_TOP_UP must be a JSON object/],
    [{ NETWORKS: '{"ETH":{"decimals":-1}}' }, /ETH\.decimals must be/],
  ]
  const ends = wrong.map(async ([settings, pattern]) => {
    const signer = startSigner({ ...env, ...settings })
    assert.equal(await signer.ended, 1, `${pattern}`)
    assert.match(signer.output(), pattern)
    assert.doesNotMatch(signer.output(), /\n {4}at |abandon/)
  })
  await Promise.all(ends)
})

test('in live mode a login that can do more than sign ends it', async () => {
  const signer = startSigner({ ...env, ...live, DATABASE_SIGNER_URL: database.url })
  assert.equal(await signer.ended, 1)
  assert.match(signer.output(), /is a superuser/)
})

test('it tells its public keys, and a cold wallet in the sandbox alone; a database that is away is waited for', async () => {
  const sandbox = startSigner(env)
  const told = await sandbox.ready
  const keys = ['DEPOSIT_XPUB_EVM', 'DEPOSIT_XPUB_TRON', 'HOT_XPUB_EVM', 'HOT_XPUB_TRON']
  assert.deepEqual(Object.keys(told).sort(), [...keys, 'COLD_ADDRESS_EVM', 'COLD_ADDRESS_TRON'].sort())
  assert.equal(told.COLD_ADDRESS_TRON, signerKeystore.coldAddress('tron'))
  assert.equal(await sandbox.stop(), 0)

  const nowhere = 'postgres://signer:x@127.0.0.1:1/bank'
  const signer = startSigner({
    ...env,
    ...live,
    ...told,
    COLD_ADDRESS_EVM: '',
    COLD_ADDRESS_TRON: '',
    DATABASE_SIGNER_URL: nowhere,
  })
  assert.deepEqual(Object.keys(await signer.ready).sort(), keys)
  await eventually('it says that it waits', () => /the database does not answer/.test(signer.output()))
  assert.equal(await signer.stop(), 0)
})
