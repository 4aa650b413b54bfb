// The signer's process at its only wire, the database: what it signs says exactly what the payment says, as viem and
// tronweb read it, and nothing else is signed.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { utils as tron } from 'tronweb'
import { decodeFunctionData, erc20Abi, getAddress, keccak256, parseTransaction, recoverTransactionAddress } from 'viem'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type SignerProcess, signerFolder, signerKeystore, signerLogin, startSigner } from './harness/signer-process.ts'
import {
  approvalKey,
  type Decided,
  type Desk,
  evmDraft,
  network,
  openDesk,
  tronDraft,
  walletOf,
} from './harness/signing.ts'

let database: TestDatabase
let signer: SignerProcess
let desk: Desk

before(async () => {
  database = await createTestDatabase()
  signer = startSigner({
    DATA_DIR: signerFolder(),
    DATABASE_SIGNER_URL: await signerLogin(database),
    APPROVAL_KEY: approvalKey.toString('hex'),
    LOG_LEVEL: 'info',
  })
  desk = openDesk(database)
  await signer.ready
})
after(async () => {
  await signer.stop()
  await database.drop()
})

const somebody = '0x52908400098527886e0f7030069857d2e4169ee7'
const somebodyOnTron = 'TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy'

interface Said {
  to: string | null | undefined
  value: bigint
  /** Of the token's transfer; undefined when it calls nothing. */
  transfer: readonly [string, bigint] | undefined
  fees: readonly [gas: bigint | undefined, max: bigint | undefined, tip: bigint | undefined]
  nonce: number
}

/** What an EVM transaction says, once it is sure that `from` signed it for the network. */
async function readEvm(code: string, from: string, { status, reason, raw, tx_hash, nonce }: Decided): Promise<Said> {
  assert.equal(status, 'signed', reason)
  const bytes = raw as `0x02${string}`
  const said = parseTransaction(bytes)
  assert.equal(said.type, 'eip1559')
  assert.equal(said.chainId, network(code).chainId)
  assert.equal(keccak256(bytes), tx_hash)
  assert.equal((await recoverTransactionAddress({ serializedTransaction: bytes })).toLowerCase(), from)
  assert.equal(said.nonce ?? 0, Number(nonce))
  const call = said.data && decodeFunctionData({ abi: erc20Abi, data: said.data })
  if (call) assert.equal(call.functionName, 'transfer')
  return {
    to: said.to,
    value: said.value ?? 0n,
    transfer: call ? (call.args as [string, bigint]) : undefined,
    fees: [said.gas, said.maxFeePerGas, said.maxPriorityFeePerGas],
    nonce: Number(nonce),
  }
}

interface TronSaid {
  raw_data: {
    contract: { type: string; parameter: { value: Record<string, unknown>; type_url: string } }[]
    ref_block_bytes: string
    ref_block_hash: string
    expiration: number
    timestamp: number
    fee_limit?: number
  }
}

/** The same of a TRON transaction; addresses as 41… hex. tronweb also makes the same bytes of what it has read. */
async function readTron(from: string, type: string, { status, reason, raw, tx_hash }: Decided) {
  assert.equal(status, 'signed', reason)
  // Transaction: 1 = raw_data, 2 = signature of 65 bytes
  const whole = Buffer.from(raw ?? '', 'hex')
  assert.equal(whole.subarray(0, 1).toString('hex'), '0a')
  assert.equal(whole.subarray(-67, -65).toString('hex'), '1241')
  const length = whole.readUInt8(1) < 128 ? 1 : 2
  const rawData = whole.subarray(1 + length, -67)
  assert.equal(createHash('sha256').update(rawData).digest('hex'), tx_hash)
  const read = tron.deserializeTx.deserializeTransaction(type, rawData.toString('hex')) as TronSaid['raw_data']
  const pb = tron.transaction.txJsonToPb({ raw_data: read, visible: false })
  assert.equal(tron.transaction.txPbToRawDataHex(pb).toLowerCase(), rawData.toString('hex'))
  const signed = tron.crypto.ecRecover(`0x${tx_hash}`, `0x${whole.subarray(-65).toString('hex')}`)
  assert.equal(tron.crypto.getBase58CheckAddress(tron.code.hexStr2byteArray(signed.replace(/^0x/, '41'))), from)
  const [contract] = read.contract
  assert(contract && read.contract.length === 1)
  assert.equal(contract.type, type)
  return { ...read, value: contract.parameter.value }
}
/** As tronweb prints addresses. */
const hex41 = (address: string) => tron.address.toHex(address).toUpperCase()

describe('withdrawals', () => {
  for (const code of ['ETH', 'BSC']) {
    test(`${code}: the token's transfer of exactly the net amount`, async () => {
      const { payment } = await desk.withdrawal({ network: code, to: somebody, amount: 12_345_678n })
      const said = await readEvm(code, await walletOf(code, 'hot'), await desk.sign(payment))
      assert.deepEqual(said, {
        to: network(code).contract,
        value: 0n,
        transfer: [getAddress(somebody), code === 'ETH' ? 11_345_678n : 11_345_678n * 10n ** 12n],
        fees: [65_000n, 30_000_000_000n, 1_000_000_000n],
        nonce: 0,
      })
      assert.equal((await desk.statusOf(payment)).status, 'signed')
    })
  }

  test('TRX: USDT by a call of the contract, with a fee limit', async () => {
    const { payment } = await desk.withdrawal({ network: 'TRX', to: somebodyOnTron, amount: 12_345_678n })
    const draft = tronDraft()
    const from = await walletOf('TRX', 'hot')
    const said = await readTron(from, 'TriggerSmartContract', await desk.sign(payment, draft))
    assert.equal(said.value.owner_address, hex41(from))
    assert.equal(said.value.contract_address, hex41(network('TRX').contract))
    assert.equal(
      String(said.value.data).toUpperCase(),
      `A9059CBB${hex41(somebodyOnTron).slice(2).padStart(64, '0')}${'AD1F0E'.padStart(64, '0')}`,
    )
    assert.equal(said.value.call_value ?? 0, 0)
    assert.equal(said.fee_limit, draft.feeLimit)
    assert.deepEqual(
      [said.ref_block_bytes.toLowerCase(), said.ref_block_hash, said.expiration, said.timestamp],
      [draft.refBlockBytes, draft.refBlockHash, draft.expiration, draft.timestamp],
    )
  })

  test('TRX: the coin by a plain transfer', async () => {
    const order = { network: 'TRX', asset: 'TRX', to: somebodyOnTron, amount: 400_000_000_000n } as const
    const { payment } = await desk.withdrawal(order)
    const from = await walletOf('TRX', 'hot')
    const said = await readTron(from, 'TransferContract', await desk.sign(payment))
    assert.equal(said.value.owner_address, hex41(from))
    assert.equal(said.value.to_address, hex41(somebodyOnTron))
    assert.equal(said.value.amount, 399_999_000_000)
    assert.equal(said.fee_limit ?? 0, 0)
  })
})

describe('movements within the house', () => {
  test('a sweep from a deposit address to the hot wallet, and to the cold one', async () => {
    for (const [index, to] of [
      [3, await walletOf('BSC', 'hot')],
      [4, signerKeystore.coldAddress('evm')],
    ] as const) {
      const payment = await desk.payment({
        network: 'BSC',
        order_kind: 'sweep',
        from_purpose: 'deposit',
        from_index: index,
        to_address: to,
        value: 10n ** 25n,
      })
      const said = await readEvm('BSC', await walletOf('BSC', 'deposit', index), await desk.sign(payment))
      assert.deepEqual(said.transfer, [getAddress(to), 10n ** 25n])
      assert.equal(said.nonce, 0, 'each address counts for itself')
    }
  })

  test('a sweep of the coin TRX', async () => {
    const to = await walletOf('TRX', 'hot')
    const payment = await desk.payment({
      network: 'TRX',
      order_kind: 'sweep',
      asset: 'coin',
      from_purpose: 'deposit',
      from_index: 5,
      to_address: to,
      value: 77n,
    })
    const said = await readTron(
      await walletOf('TRX', 'deposit', 5),
      'TransferContract',
      await desk.sign(payment, tronDraft({ feeLimit: 0 })),
    )
    assert.deepEqual([said.value.to_address, said.value.amount], [hex41(to), 77])
  })

  test('a move to the cold wallet, of more than one withdrawal may send', async () => {
    const to = signerKeystore.coldAddress('evm')
    const payment = await desk.payment({ network: 'ETH', order_kind: 'cold_move', to_address: to, value: 10n ** 12n })
    const said = await readEvm('ETH', await walletOf('ETH', 'hot'), await desk.sign(payment))
    assert.deepEqual(said.transfer, [getAddress(to), 10n ** 12n])
  })

  test('coin for the fee of a sweep', async () => {
    const to = await desk.depositAddress('ETH', 9)
    const value = 5n * 10n ** 16n
    const payment = await desk.payment({ network: 'ETH', order_kind: 'top_up', asset: 'coin', to_address: to, value })
    const said = await readEvm(
      'ETH',
      await walletOf('ETH', 'hot'),
      await desk.sign(payment, evmDraft({ gas: '21000' })),
    )
    assert.deepEqual([said.to, said.value, said.transfer], [to, value, undefined])
  })
})

describe('a second transaction', () => {
  /** A payment that was signed, with its transaction. */
  async function signed(code = 'BSC') {
    const to = code === 'TRX' ? somebodyOnTron : somebody
    const { payment } = await desk.withdrawal({ network: code, to, amount: 20_000_000n })
    const first = await desk.sign(payment)
    assert.equal(first.status, 'signed', first.reason)
    const [row] = await database.owner.query<{ id: string }>(
      '',
      'select id from chain_transactions where tx_hash = $1',
      [first.tx_hash],
    )
    return { payment, first, id: row?.id ?? '' }
  }
  const raised = { maxFeePerGas: '33750000000', maxPriorityFeePerGas: '1125000000' }

  test('replaces the first with its nonce, at an eighth more in both fees', async () => {
    const { payment, first, id } = await signed()
    const low = [
      { ...raised, maxFeePerGas: '33749999999' },
      { ...raised, maxPriorityFeePerGas: '1124999999' },
    ]
    for (const fees of low) {
      const { status, reason } = await desk.sign(payment, evmDraft(fees), id)
      assert.equal(status, 'refused')
      assert.match(reason, /an eighth more/)
    }
    const second = await desk.sign(payment, evmDraft(raised), id)
    const said = await readEvm('BSC', await walletOf('BSC', 'hot'), second)
    assert.equal(said.nonce, Number(first.nonce))
    assert.deepEqual(said.fees.slice(1), [33_750_000_000n, 1_125_000_000n])
    // a third has to beat the second, also when it names the first
    const third = await desk.sign(payment, evmDraft(raised), id)
    assert.equal(third.status, 'refused')
    const next = await desk.sign((await desk.withdrawal({ network: 'BSC', to: somebody, amount: 2_000_000n })).payment)
    assert.equal(Number(next.nonce), Number(first.nonce) + 1)
  })

  test('is not signed beside one that may still be mined', async () => {
    const { payment } = await signed()
    const { status, reason } = await desk.sign(payment, evmDraft({ minedNonce: 50 }))
    assert.equal(status, 'refused')
    assert.match(reason, /may still be mined/)
    assert.equal((await desk.statusOf(payment)).status, 'signed', 'the payment goes on with what it has')
  })

  test("fills the nonce of another payment's that is stuck", async () => {
    const { first, id } = await signed('ETH')
    const self = await walletOf('ETH', 'hot')
    const fill = { network: 'ETH', order_kind: 'nonce_fill', asset: 'coin', to_address: self, value: 0n } as const
    const payment = await desk.payment(fill)
    const answer = await desk.sign(payment, evmDraft({ ...raised, gas: '21000' }), id)
    const said = await readEvm('ETH', self, answer)
    assert.deepEqual([said.to, said.value, said.transfer, said.nonce], [self, 0n, undefined, Number(first.nonce)])
    const without = await desk.sign(await desk.payment(fill), evmDraft({ gas: '21000' }))
    assert.equal(without.status, 'refused')
    assert.match(without.reason, /in the place of a transaction/)
  })

  test('another payment does not take its nonce', async () => {
    const { id } = await signed()
    const { payment } = await desk.withdrawal({ network: 'BSC', to: somebody, amount: 20_000_000n })
    const { status, reason } = await desk.sign(payment, evmDraft(raised), id)
    assert.equal(status, 'refused')
    assert.match(reason, /another payment's/)
  })

  test('on EVM takes a new nonce once the first is dead', async () => {
    const { payment, first, id } = await signed()
    await die(payment, id)
    const early = await desk.sign(payment, evmDraft({ minedNonce: Number(first.nonce) }))
    assert.match(early.reason, /not taken by another transaction yet/)
    const second = await desk.sign(payment, evmDraft({ minedNonce: Number(first.nonce) + 1 }))
    assert.equal(second.status, 'signed', second.reason)
    assert.ok(Number(second.nonce) > Number(first.nonce))
  })

  test('on TRON waits until the first is dead and two minutes past its end by the own clock', async () => {
    const { payment, id } = await signed('TRX')
    const replacing = await desk.sign(payment, tronDraft(), id)
    assert.match(replacing.reason, /no replacing/)
    await die(payment, id)
    const ended = (secondsAgo: number) =>
      database.owner.query(
        '',
        `update chain_transactions set expires_at = now() - $2::integer * interval '1 second' where id = $1`,
        [id, secondsAgo],
      )
    await ended(110)
    const early = await desk.sign(payment)
    assert.match(early.reason, /two minutes/)
    await ended(121)
    const second = await desk.sign(payment)
    assert.equal(second.status, 'signed', second.reason)
  })

  /** As the payment loop does it once the chain has proven it. */
  async function die(payment: string, id: string): Promise<void> {
    await database.db.query(
      '',
      `select chain_transaction_move(1, $1, 'signed', 'dead', null, null, null, null, now())`,
      [id],
    )
    await database.db.query('', `select chain_payment_move(1, $1, 'signed', 'ready', null, '', now())`, [payment])
  }
})

test('it logs ids and hashes, and neither keys nor words', async () => {
  const output = signer.output()
  assert.match(output, /"signed"/)
  assert.match(output, new RegExp(signerKeystore.fingerprint))
  assert.doesNotMatch(output, /abandon|xprv|passphrase of some/)
  assert.ok(!output.includes(approvalKey.toString('hex')))
})
