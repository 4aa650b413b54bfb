// The change to another seed as docs/keys.md describes it, by running what stands there.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { depositAddress } from '../src/domain/deposit/deposit-address.ts'
import { keystoreOf, newWords } from '../src/signer/keystore.ts'
import { accountPath, addressAt, keyPath } from '../src/signer/wallet-address.ts'
import { type Chain, startChain } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { actorOf, watched, watchedBank } from './harness/watched.ts'

let database: TestDatabase
let chain: Chain
before(async () => {
  ;[database, chain] = await Promise.all([createTestDatabase(), startChain(31_573)])
})
after(async () => {
  chain.stop()
  await database.drop()
})

test('old addresses are let go once nothing is on them, and customers get new ones', async () => {
  const text = fs.readFileSync(path.join(import.meta.dirname, '../docs/keys.md'), 'utf8')
  const sql = /## Another seed[\s\S]*?```sql\n([\s\S]*?)```/.exec(text)?.[1] ?? assert.fail('docs/keys.md has no SQL')
  const token = await chain.deploy('BscUsdt', 10n ** 27n)
  const bank = watchedBank(database, { BSC: { chainId: 31_573, contract: token.address } })
  const { catchUp, network } = watched(bank, 'BSC', chain.url)
  await catchUp()
  const alice = actorOf(10_001n)
  const old = await depositAddress(bank, alice, network)

  const keystore = keystoreOf(newWords())
  const next = { ...bank, config: { ...bank.config, DEPOSIT_XPUB_EVM: keystore.publicKeyAt(accountPath.evm.deposit) } }
  assert.equal(await depositAddress(next, alice, network), old, 'an address that is there stays')
  await assert.rejects(depositAddress(next, actorOf(10_002n), network), /NetworkUnavailable/, 'two seeds do not mix')

  await database.owner.query('', `insert into address_custody values (1, 'BSC', 'token', $1, 5)`, [old])
  const shell = await database.owner.pool.connect()
  await assert.rejects(shell.query(sql), /still hold money/)
  await shell.query('rollback')
  shell.release()
  await database.owner.query('', 'delete from address_custody')
  await database.owner.pool.query(sql)
  const fresh = await depositAddress(next, alice, network)
  assert.equal(fresh, await addressAt(keystore.keys, 'evm', keyPath('evm', 'deposit', 1, 0)))
})
