// The signer's process at its only wire, the database: what it signs says exactly what the payment says, and whatever is
// not as it must be is refused with a reason.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { decodeFunctionData, erc20Abi, getAddress, keccak256, parseTransaction, recoverTransactionAddress } from 'viem'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type SignerProcess, signerFolder, signerLogin, startSigner } from './harness/signer-process.ts'
import { approvalKey, type Desk, network, openDesk, walletOf } from './harness/signing.ts'

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
    LOG_LEVEL: 'info',
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

describe('what it signs', () => {
  for (const code of ['ETH', 'BSC']) {
    test(`a withdrawal on ${code} is the token's transfer of exactly the net amount`, async () => {
      const { payment } = await desk.withdrawal({ network: code, to: somebody, amount: 12_345_678n })
      const { status, reason, raw, tx_hash, nonce } = await desk.sign(payment)
      assert.equal(status, 'signed', reason)
      const bytes = raw as `0x02${string}`
      const said = parseTransaction(bytes)
      assert.equal(said.chainId, network(code).chainId)
      assert.equal(said.to, network(code).contract)
      assert.equal(said.value ?? 0n, 0n)
      assert.equal(said.nonce ?? 0, Number(nonce))
      const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data: said.data ?? '0x' })
      assert.equal(functionName, 'transfer')
      assert.deepEqual(args, [getAddress(somebody), code === 'ETH' ? 11_345_678n : 11_345_678n * 10n ** 12n])
      assert.equal(
        await recoverTransactionAddress({ serializedTransaction: bytes }),
        getAddress(await walletOf(code, 'hot')),
      )
      assert.equal(keccak256(bytes), tx_hash)
      assert.equal((await desk.statusOf(payment)).status, 'signed')
    })
  }
})
