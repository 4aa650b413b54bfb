// What the signer does not sign, whoever asks: forged or edited payments, addresses that are not ours, drafts that make no
// sense, and more than its own limits. The bank's processes are taken to be the attacker, and once the database's owner.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newId } from '../src/base/ids.ts'
import { approvalMac } from '../src/domain/chain-payment/approval-mac.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type SignerProcess, signerFolder, signerKeystore, signerLogin, startSigner } from './harness/signer-process.ts'
import { approvalKey, type Desk, evmDraft, network, openDesk, tronDraft, walletOf } from './harness/signing.ts'

let database: TestDatabase
let signer: SignerProcess
let desk: Desk
let env: Record<string, string>
let record: string

before(async () => {
  database = await createTestDatabase()
  env = {
    DATA_DIR: signerFolder(),
    DATABASE_SIGNER_URL: await signerLogin(database),
    APPROVAL_KEY: approvalKey.toString('hex'),
    SIGNER_MAX_PAYMENT: '5000',
    SIGNER_MAX_HOUR: '7000',
    SIGNER_MAX_PAYMENT_TRX: '100',
    SIGNER_MAX_TOP_UP: '{"ETH":"0.05","TRX":"100"}',
    SIGNER_MAX_COIN_HOUR: '{"ETH":"1","BSC":"0.1","TRX":"200"}',
    SIGNER_MAX_GWEI: '100',
    SIGNER_MAX_GAS: '150000',
    SIGNER_MAX_FEE_LIMIT: '40',
    LOG_LEVEL: 'info',
  }
  record = path.join(env.DATA_DIR ?? '', 'keystore/signed.jsonl')
  signer = startSigner(env)
  desk = openDesk(database)
  await signer.ready
})
after(async () => {
  const { rows } = await database.owner.pool.query('select from chain_transactions')
  await signer.stop()
  await database.drop()
  assert.ok(rows.length > 0, 'what was honest was signed')
})

const somebody = '0x52908400098527886e0f7030069857d2e4169ee7'
const thief = '0x8617e340b3d01fa5f11f306f4090fd50e238070d'
const somebodyOnTron = 'TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy'
const order = { network: 'BSC', to: somebody, amount: 20_000_000n }

/** For good: the payment is for operators now. For now: it may be asked for again, with another draft or later. */
async function refused(payment: string, how: 'for good' | 'for now', pattern: RegExp, draft?: object): Promise<void> {
  const { status, reason, raw } = await desk.sign(payment, draft)
  assert.equal(status, 'refused')
  assert.match(reason, pattern)
  assert.equal(raw, null)
  const now = await desk.statusOf(payment)
  assert.equal(now.status, how === 'for good' ? 'refused' : 'ready')
  if (how === 'for good') assert.equal(now.reason, reason)
}
async function signed(payment: string, draft?: object): Promise<void> {
  const { status, reason } = await desk.sign(payment, draft)
  assert.equal(status, 'signed', reason)
}
const edit = (table: string, id: string, change: string, ...values: unknown[]) =>
  database.owner.query('', `update ${table} set ${change} where id = $1`, [id, ...values])

describe('withdrawals that were not approved as they stand', () => {
  test('a forged approval', async () => {
    const { order: id, payment } = await desk.withdrawal(order)
    const forged = approvalMac(Buffer.alloc(32, 1), {
      ...{ bookId: 1, id, network: 'BSC', asset: 'token', to: somebody },
      ...{ value: 19n * 10n ** 18n, amount: 20_000_000n, fee: 1_000_000n },
    })
    await edit('chain_payments', payment, 'approval_mac = $2', forged)
    await refused(payment, 'for good', /approval does not belong/)
  })

  test("another order's approval", async () => {
    const [first, second] = [await desk.withdrawal(order), await desk.withdrawal(order)]
    const [row] = await database.owner.query<{ mac: Buffer }>(
      '',
      'select approval_mac as mac from chain_payments where id = $1',
      [first.payment],
    )
    await edit('chain_payments', second.payment, 'approval_mac = $2', row?.mac)
    await refused(second.payment, 'for good', /approval does not belong/)
  })

  test('payment and order edited alike after approval, each field', async () => {
    const both: [string, string, unknown, string, unknown][] = [
      ['address', 'to_address = $2', thief, 'to_address = $2', thief],
      ['amount', 'value = $2', '29000000000000000000', 'amount = $2', 30_000_000n],
      ['fee', 'value = $2', '19500000000000000000', 'fee = $2', 500_000n],
      ['amount and fee', 'value = value + $2', 0, 'amount = amount + $2, fee = fee + $2', 1_000_000n],
    ]
    for (const [what, paymentChange, paymentValue, orderChange, orderValue] of both) {
      const { order: id, payment } = await desk.withdrawal(order)
      await edit('chain_payments', payment, paymentChange, paymentValue)
      await edit('withdrawals', id, orderChange, orderValue)
      await refused(payment, 'for good', /approval does not belong/)
      assert.ok(what)
    }
    const { order: id, payment } = await desk.withdrawal(order)
    await edit('chain_payments', payment, 'network = $2, value = $3', 'ETH', '19000000')
    await edit('withdrawals', id, 'network = $2', 'ETH')
    await refused(payment, 'for good', /approval does not belong/)
  })

  test('a payment that differs from its order', async () => {
    const changes: [string, unknown, RegExp][] = [
      ['to_address = $2', thief, /another address/],
      ['value = $2', '19000000000000000001', /not the amount of the order/],
      ['value = $2', '20000000000000000000', /not the amount of the order/],
      ['asset = $2', 'coin', /another network or asset/],
    ]
    for (const [change, value, pattern] of changes) {
      const { payment } = await desk.withdrawal(order)
      await edit('chain_payments', payment, change, value)
      await refused(payment, 'for good', pattern)
    }
  })

  test('no order behind it, or one that does not stand', async () => {
    const id = newId()
    const mac = approvalMac(approvalKey, {
      ...{ bookId: 1, id, network: 'BSC', asset: 'token', to: somebody },
      ...{ value: 10n ** 18n, amount: 2_000_000n, fee: 1_000_000n },
    })
    const payment = await desk.payment({
      ...{ network: 'BSC', order_kind: 'withdrawal', order_id: id },
      ...{ to_address: somebody, value: 10n ** 18n, approval_mac: mac },
    })
    await refused(payment, 'for good', /no withdrawal behind/)
    for (const status of ['submitted', 'cancelled', 'rejected', 'failed']) {
      const one = await desk.withdrawal(order)
      const settled = ['cancelled', 'rejected', 'failed'].includes(status) ? 'now()' : 'null'
      await edit('withdrawals', one.order, `status = $2, settled_at = ${settled}`, status)
      await refused(one.payment, 'for good', new RegExp(`the order is ${status}`))
    }
  })

  test('a coin that customers do not have', async () => {
    const { order: id, payment } = await desk.withdrawal({ ...order, network: 'TRX', asset: 'TRX', to: somebodyOnTron })
    await edit(
      'chain_payments',
      payment,
      'network = $2, to_address = $3, from_address = $4',
      'BSC',
      somebody,
      await walletOf('BSC', 'hot'),
    )
    await edit('withdrawals', id, 'network = $2, to_address = $3', 'BSC', somebody)
    await refused(payment, 'for good', /TRX is not the coin of BSC/)
  })

  test('an honest one beside them', async () => signed((await desk.withdrawal(order)).payment))
})

describe('addresses', () => {
  test('it pays from its own keys alone, and from the one that is named', async () => {
    const one = await desk.withdrawal(order)
    await edit('chain_payments', one.payment, 'from_address = $2', thief)
    await refused(one.payment, 'for good', /not the one that our key makes/)
    const to = await walletOf('BSC', 'hot')
    const sweep = {
      network: 'BSC',
      order_kind: 'sweep',
      from_purpose: 'deposit',
      from_index: 4,
      to_address: to,
    } as const
    const other = { ...sweep, from_address: await walletOf('BSC', 'deposit', 5) }
    await refused(await desk.payment(other), 'for good', /not the one that our key makes/)
    await signed(await desk.payment(sweep))
  })

  test('it sweeps into our own wallets alone', async () => {
    const sweep = { network: 'BSC', order_kind: 'sweep', from_purpose: 'deposit', from_index: 4 } as const
    const otherBook = await walletOf('BSC', 'hot', 0, 2)
    const deposit = await walletOf('BSC', 'deposit', 5)
    for (const to of [thief, otherBook, deposit])
      await refused(await desk.payment({ ...sweep, to_address: to }), 'for good', /our hot or cold wallet/)
    const hot = await walletOf('BSC', 'hot')
    const fromHot = { ...sweep, from_purpose: 'hot', from_index: 0, to_address: hot } as const
    await refused(await desk.payment(fromHot), 'for good', /from a deposit address/)
  })

  test('it fills the cold wallet of its own configuration alone', async () => {
    const move = { network: 'BSC', order_kind: 'cold_move', to_address: thief } as const
    await refused(await desk.payment(move), 'for good', /not the cold wallet/)
    const cold = signerKeystore.coldAddress('evm')
    const fromDeposit = { ...move, to_address: cold, from_purpose: 'deposit', from_index: 4 } as const
    await refused(await desk.payment(fromDeposit), 'for good', /from the hot wallet/)
  })

  test('it tops up deposit addresses alone, with coin, up to its limit', async () => {
    const to = await desk.depositAddress('ETH', 7)
    const topUp = { network: 'ETH', order_kind: 'top_up', asset: 'coin', to_address: to } as const
    const most = 5n * 10n ** 16n
    await refused(await desk.payment({ ...topUp, value: most + 1n }), 'for good', /more than 0\.05 ETH/)
    await refused(await desk.payment({ ...topUp, asset: 'token' }), 'for good', /coin from the hot wallet/)
    await refused(await desk.payment({ ...topUp, to_address: thief }), 'for good', /this is none/)
    await signed(await desk.payment({ ...topUp, value: most }))
    // a line in the table of addresses is not enough
    await database.owner.query(
      '',
      `insert into deposit_addresses (book_id, family, address, person_no, key_index) values (1, 'evm', $1, 10999, 99)`,
      [thief],
    )
    await refused(await desk.payment({ ...topUp, to_address: thief }), 'for good', /deposit address is not the one/)
    const onBsc = { ...topUp, network: 'BSC', from_address: await walletOf('BSC', 'hot') }
    await refused(await desk.payment(onBsc), 'for good', /more than 0 BNB/)
  })

  test('it fills nonces with nothing, to itself', async () => {
    const fill = { network: 'ETH', order_kind: 'nonce_fill', asset: 'coin' } as const
    const self = await walletOf('ETH', 'hot')
    const wrong: [object, RegExp][] = [
      [{ to_address: self, value: 1n }, /with 0 to itself/],
      [{ to_address: thief, value: 0n }, /with 0 to itself/],
      [{ to_address: self, value: 0n, asset: 'token' }, /only EVM networks/],
      [{ to_address: self, value: 0n }, /in the place of/],
    ]
    for (const [change, pattern] of wrong) {
      await refused(await desk.payment({ ...fill, ...change }), 'for good', pattern)
    }
  })

  test('addresses that are no one’s, not canonical, or of another family', async () => {
    const { contract } = network('BSC')
    const wrong: [string, RegExp][] = [
      [contract, /lost/],
      [`0x${'0'.repeat(40)}`, /the network itself/],
      [somebody.toUpperCase().replace('0X', '0x'), /canonical/],
      [somebodyOnTron, /canonical/],
      ['', /canonical/],
    ]
    for (const [to, pattern] of wrong) {
      const { payment } = await desk.withdrawal({ ...order, to })
      await refused(payment, 'for good', pattern)
    }
  })

  test('networks that it does not know', async () => {
    const { payment } = await desk.withdrawal(order)
    await edit('chain_payments', payment, 'network = $2', 'XYZ')
    await refused(payment, 'for good', /XYZ is no network/, evmDraft())
  })
})

describe('drafts', () => {
  test('EVM drafts that make no sense, or cost more than is granted', async () => {
    const { payment } = await desk.withdrawal(order)
    const wrong: [object, RegExp][] = [
      [evmDraft({ gas: '20999' }), /20999 gas/],
      [evmDraft({ gas: '150001' }), /SIGNER_MAX_GAS/],
      [evmDraft({ maxFeePerGas: '100000000001' }), /SIGNER_MAX_GWEI/],
      [evmDraft({ maxFeePerGas: '0', maxPriorityFeePerGas: '0' }), /pays nothing/],
      [evmDraft({ maxPriorityFeePerGas: '30000000001' }), /tip/],
      [evmDraft({ minedNonce: 20_000 }), /20000 transactions of the wallet are mined/],
      [evmDraft({ minedNonce: -1 }), /no draft/],
      [evmDraft({ minedNonce: 1.5 }), /no draft/],
      [evmDraft({ gas: '0x10000' }), /no draft/],
      [evmDraft({ gas: '65000n' }), /no draft/],
      [{ ...evmDraft(), gas: 65_000 }, /no draft/],
      [tronDraft(), /no draft of an EVM/],
      [[], /no draft/],
      [{}, /no draft/],
    ]
    for (const [draft, pattern] of wrong) await refused(payment, 'for now', pattern, draft)
    await signed(payment)
  })

  test('TRON drafts that make no sense, or cost more than is granted', async () => {
    const { payment } = await desk.withdrawal({ network: 'TRX', to: somebodyOnTron, amount: 5_000_000n })
    const now = Date.now()
    const wrong: [object, RegExp][] = [
      [tronDraft({ expiration: now - 1, timestamp: now - 60_000 }), /expires in the past/],
      [tronDraft({ expiration: now + 86_400_000 + 60_000 }), /24 hours/],
      [tronDraft({ timestamp: now - 2 * 86_400_000 }), /another time/],
      [tronDraft({ feeLimit: 0 }), /fee limit of 0/],
      [tronDraft({ feeLimit: 40_000_001 }), /SIGNER_MAX_FEE_LIMIT/],
      [tronDraft({ feeLimit: -1 }), /no draft/],
      [tronDraft({ refBlockBytes: 'b1' }), /no draft/],
      [tronDraft({ refBlockHash: 'zz02030405060708' }), /no draft/],
      [evmDraft(), /no draft of a TRON/],
    ]
    for (const [draft, pattern] of wrong) await refused(payment, 'for now', pattern, draft)
    await signed(payment, tronDraft({ feeLimit: 40_000_000 }))
  })
})

describe('its own limits, although everything was approved', () => {
  test('of one payment', async () => {
    const large = { network: 'ETH', to: somebody, fee: 1_000_000n }
    const over = await desk.withdrawal({ ...large, amount: 5_001_000_001n })
    await refused(over.payment, 'for good', /more than 5000 USDT in one payment/)
    await signed((await desk.withdrawal({ ...large, amount: 5_001_000_000n })).payment)
    const trx = { network: 'TRX', asset: 'TRX', to: somebodyOnTron, fee: 1_000_000n } as const
    await refused(
      (await desk.withdrawal({ ...trx, amount: 101_000_001n })).payment,
      'for good',
      /SIGNER_MAX_PAYMENT_TRX/,
    )
  })

  test('of an hour, and what is older counts no more', async () => {
    const next = await desk.withdrawal({ network: 'ETH', to: somebody, fee: 1_000_000n, amount: 2_001_000_001n })
    await refused(next.payment, 'for now', /more than 7000 USDT within an hour/)
    const since = (minutes: number) =>
      database.owner.query(
        '',
        `update chain_transactions set signed_at = now() - $1::integer * interval '1 minute' where network = 'ETH'`,
        [minutes],
      )
    await since(59)
    await refused(next.payment, 'for now', /within an hour/)
    await since(62)
    await refused(next.payment, 'for now', /within an hour/) // it remembers more than it is told
    await signer.stop()
    const text = fs.readFileSync(record, 'utf8')
    fs.writeFileSync(
      record,
      text.replace(/"at":(\d+)/g, (_, at: string) => `"at":${Number(at) - 61 * 60_000}`),
    )
    signer = startSigner(env)
    await signed(next.payment)
  })

  test('of the coin that a hot wallet spends on fees and top-ups in an hour', async () => {
    // 150000 gas at 100 gwei: 0.015 BNB
    const dear = evmDraft({ gas: '150000', maxFeePerGas: '100000000000' })
    const hour = (minutes: number) =>
      database.owner.query(
        '',
        `update chain_transactions set signed_at = now() - $1::integer * interval '1 minute' where network in ('BSC', 'TRX')`,
        [minutes],
      )
    await hour(62)
    for (let i = 0; i < 6; i++) await signed((await desk.withdrawal(order)).payment, dear)
    const next = await desk.withdrawal(order)
    await refused(next.payment, 'for now', /more than 0\.1 BNB on fees and top-ups within an hour/, dear)
    await signed(next.payment, evmDraft({ gas: '100000', maxFeePerGas: '100000000000' }))
    // on TRON what it gave away counts as well: 100 and 40, then 60 more than 200
    const to = await desk.depositAddress('TRX', 8)
    const topUp = { network: 'TRX', order_kind: 'top_up', asset: 'coin', to_address: to, value: 100_000_000n } as const
    await signed(await desk.payment(topUp), tronDraft({ feeLimit: 40_000_000 }))
    await refused(
      await desk.payment({ ...topUp, value: 60_000_001n }),
      'for now',
      /200 TRX/,
      tronDraft({ feeLimit: 0 }),
    )
    await signed(await desk.payment({ ...topUp, value: 60_000_000n }), tronDraft({ feeLimit: 0 }))
    // what is swept pays for itself
    const sweep = { network: 'BSC', order_kind: 'sweep', from_purpose: 'deposit', from_index: 4 } as const
    await signed(await desk.payment({ ...sweep, to_address: await walletOf('BSC', 'hot') }), dear)
  })
})
