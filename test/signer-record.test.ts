// What the signer remembers by itself: a withdrawal is not paid again and again because a worker says that it died, nor
// because the database has forgotten that it was signed.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { type Entry, openRecord } from '../src/signer/own-record.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type SignerProcess, signerFolder, signerLogin, startSigner } from './harness/signer-process.ts'
import { approvalKey, type Desk, evmDraft, openDesk } from './harness/signing.ts'

let database: TestDatabase
let signer: SignerProcess
let desk: Desk
let env: Record<string, string>

before(async () => {
  database = await createTestDatabase()
  env = {
    DATA_DIR: signerFolder(),
    DATABASE_SIGNER_URL: await signerLogin(database),
    APPROVAL_KEY: approvalKey.toString('hex'),
    SIGNER_MAX_HOUR: '100',
  }
  signer = startSigner(env)
  desk = openDesk(database)
  await signer.ready
})
after(async () => {
  await signer.stop()
  await database.drop()
})

const somebody = '0x52908400098527886e0f7030069857d2e4169ee7'
const move = (sql: string, ...values: unknown[]) => database.db.query('', sql, values)

/** As a worker that lies could do: the newest transaction is said to be dead, and the payment open again. */
async function pretendDeath(payment: string): Promise<void> {
  await move(
    `select chain_transaction_move(1, id, 'signed', 'dead', null, null, null, null, now()) from chain_transactions
     where payment_id = $1 and status = 'signed'`,
    payment,
  )
  await move(`select chain_payment_move(1, $1, 'signed', 'ready', null, '', now())`, payment)
}

test('three deaths of one withdrawal are believed, not a fourth', async () => {
  const { payment } = await desk.withdrawal({ network: 'BSC', to: somebody, amount: 2_000_000n })
  for (let nonce = 0; nonce < 3; nonce++) {
    const { status, reason } = await desk.sign(payment, evmDraft({ minedNonce: nonce }))
    assert.equal(status, 'signed', reason)
    await pretendDeath(payment)
  }
  const { status, reason } = await desk.sign(payment, evmDraft({ minedNonce: 3 }))
  assert.equal(status, 'refused')
  assert.match(reason, /signed 3 times already/)
  assert.equal((await desk.statusOf(payment)).status, 'refused')
})

test('what is said to be dead counts within the hour, as it may have been paid', async () => {
  const { payment } = await desk.withdrawal({ network: 'ETH', to: somebody, amount: 41_000_000n })
  for (let nonce = 0; nonce < 2; nonce++) {
    assert.equal((await desk.sign(payment, evmDraft({ minedNonce: nonce }))).status, 'signed')
    await pretendDeath(payment)
  }
  const again = await desk.sign(payment, evmDraft({ minedNonce: 2 }))
  assert.match(again.reason, /more than 100 USDT within an hour/)
  const other = await desk.withdrawal({ network: 'ETH', to: somebody, amount: 21_000_001n })
  assert.match((await desk.sign(other.payment)).reason, /within an hour/)
  const small = await desk.withdrawal({ network: 'ETH', to: somebody, amount: 21_000_000n })
  assert.equal((await desk.sign(small.payment)).status, 'signed')
})

test('a database that has forgotten a signature gets no second one, also after a restart', async () => {
  const { payment } = await desk.withdrawal({
    network: 'TRX',
    to: 'TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy',
    amount: 41_000_000n,
  })
  const first = await desk.sign(payment)
  assert.equal(first.status, 'signed')
  const forget = async () => {
    await database.owner.query('', 'update chain_payments set tx_id = null where id = $1', [payment])
    await database.owner.query('', 'delete from chain_transactions where payment_id = $1', [payment])
    await database.owner.query('', `update chain_payments set status = 'ready' where id = $1`, [payment])
  }
  await forget()
  const again = await desk.sign(payment)
  assert.equal(again.status, 'refused')
  assert.match(again.reason, new RegExp(`as ${first.tx_hash}, which the database does not know`))
  await signer.stop()
  signer = startSigner(env)
  await forget()
  assert.match((await desk.sign(payment)).reason, new RegExp(`as ${first.tx_hash}`))
  // and the hour counts what the database has forgotten
  const other = await desk.withdrawal({ network: 'TRX', to: 'TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy', amount: 61_000_001n })
  assert.match((await desk.sign(other.payment)).reason, /within an hour/)
})

test('its file: each line once, whole ones alone, and two signers of one folder see each other', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-record-')), 'keystore/signed.jsonl')
  const entry = (order: string, hash: string, nonce: number | null, at = 1_000_000): Entry => ({
    ...{ at, book: 1, network: 'ETH', asset: 'token', order, value: 10n ** 20n, nonce, hash },
  })
  const [one, two] = [openRecord(file), openRecord(file)]
  one.add(entry('a', '0x1', 5))
  one.add(entry('a', '0x1', 5))
  two.add(entry('a', '0x2', 5))
  two.add(entry('b', '0x3', null))
  fs.appendFileSync(file, '{"at":1000000,"book":1,"ord')
  one.add(entry('b', '0x4', null))
  for (const record of [one, two, openRecord(file)]) {
    assert.deepEqual(
      record.of(1, 'a').map(({ hash }) => hash),
      ['0x1', '0x2'],
    )
    assert.deepEqual(record.of(1, 'b')[1], entry('b', '0x4', null))
    assert.deepEqual(record.of(2, 'a'), [])
    const wallet = { book: 1, network: 'ETH', asset: 'token', order: 'c' } as const
    assert.equal(record.since(1_000_000, wallet), 3n * 10n ** 20n, 'one nonce of a, two transactions of b')
    assert.equal(record.since(1_000_000, { ...wallet, order: 'a' }), 2n * 10n ** 20n)
    assert.equal(record.since(1_000_001, wallet), 0n)
    assert.equal(record.since(0, { ...wallet, network: 'BSC' }), 0n)
  }
  assert.equal(fs.statSync(file).mode & 0o777, 0o600)
  fs.rmSync(path.dirname(path.dirname(file)), { recursive: true })
})
