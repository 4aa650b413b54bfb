// A bank whose customers withdraw over HTTP. The chain's part is played: payments are moved by the same functions as the
// signer and the loop use, each under its own role, with bytes that nobody will ever send.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Tx } from '../../src/base/database.ts'
import { newId } from '../../src/base/ids.ts'
import {
  type ChainPayment,
  type ChainPaymentStatus,
  movePayment,
  paymentOfOrder,
} from '../../src/domain/chain-payment/chain-payment.ts'
import {
  type ChainTransaction,
  moveTransaction,
  transactionsOf,
} from '../../src/domain/chain-payment/chain-transaction.ts'
import { lockPayment } from '../../src/domain/chain-payment/payer.ts'
import { withdrawalPayments } from '../../src/domain/withdrawal/follow-payment.ts'
import { withdrawalChecks } from '../../src/domain/withdrawal/withdrawal-checks.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { accountPath } from '../../src/signer/wallet-address.ts'
import { type Answer, startWorld, type World } from './customers.ts'
import type { TestDatabase } from './database.ts'
import { makePayer, type Payer } from './hosted.ts'
import { signerKeystore } from './signer-process.ts'
import { testXpub } from './watched.ts'

export const usdt = (whole: number | bigint) => BigInt(whole) * 1_000_000n

export interface Order {
  id: string
  status: string
  chain: string
  asset: string
  amount: string
  fee: string
  amount_net: string
  to_address: string
  reason: string
  next_step: string
  can_cancel: boolean
  tx_hash: string | null
  explorer_url: string | null
  confirmations: number
  confirmations_required: number
  settled_at: string | null
  timeline: { status: string; at: string; reason: string; next_step: string; tx_hash: string | null }[]
}

export interface Submitted {
  order_id: string
  status: string
  fee: string
  amount: string
  amount_net: string
  to_address: string
}

export interface Withdrawing {
  readonly world: World
  /** Somebody with a PIN, this much USDT (units), and identity checks passed. */
  payer(amount?: bigint, kyc?: 'none' | 'basic' | 'full'): Promise<Payer>
  /** Asks for a withdrawal of whole or decimal USDT. */
  submit(payer: Payer, amount: string, change?: object, headers?: Record<string, string>): Promise<Answer<Submitted>>
  order(payer: Payer, id: string): Promise<Order>
  cancel(payer: Payer, id: string): Promise<Answer<Order>>
  /** What the customer has: balance and held, in units. */
  money(payer: Payer): Promise<{ balance: bigint; held: bigint }>
  /** Moves the order's payment as the signer and the loop would, step by step. */
  pay(id: string, ...steps: ChainPaymentStatus[]): Promise<void>
  payment(id: string): Promise<ChainPayment | undefined>
  /** The books are whole, and each order has what its state asks for. */
  expectSound(): Promise<void>
  close(): Promise<void>
}

let addresses = 0
/** An address that nobody was ever paid at. */
export const freshAddress = () => `0x${randomBytes(18).toString('hex')}${(++addresses).toString(16).padStart(4, '0')}`

/** The id behind the prefix. */
export const bare = (id: string) => id.replace(/^w-/, '')

export async function startWithdrawing(env: Record<string, string> = {}): Promise<Withdrawing> {
  const world = await startWorld({
    DEPOSIT_XPUB_EVM: testXpub,
    HOT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.hot),
    HOT_XPUB_TRON: signerKeystore.publicKeyAt(accountPath.tron.hot),
    ...env,
  })
  await followNetworks(world.database)
  const { bank, database } = world
  return {
    world,
    async payer(amount = 0n, kyc = 'full') {
      const payer = await makePayer(world, amount)
      await database.owner.query('', 'update people set kyc_level = $2 where id = $1', [payer.id, kyc])
      return payer
    },
    submit(payer, amount, change = {}, headers = {}) {
      const body = { chain: 'BSC', to_address: freshAddress(), amount, payment_password: payer.pin, ...change }
      return world.call('POST', '/api/withdrawal/usdt', body, { token: payer.access, headers })
    },
    async order(payer, id) {
      const path = `/api/withdrawal/usdt/orders/${id}`
      const { data, text } = await world.call<Order>('GET', path, undefined, { token: payer.access })
      assert.ok(data, text)
      return data
    },
    cancel: (payer, id) => world.call('POST', `/api/withdrawal/usdt/orders/${id}/cancel`, {}, { token: payer.access }),
    async money(payer) {
      const [row] = await database.owner.query<{ balance: bigint; held: bigint }>(
        '',
        'select balance, held from accounts where book_id = 1 and id = ($1::bigint << 16) + 257',
        [payer.no],
      )
      return row ?? { balance: 0n, held: 0n }
    },
    async pay(id, ...steps) {
      for (const to of steps) await play(world, bare(id), to)
    },
    payment: (id) => paymentOfOrder(bank.db, 1, 'withdrawal', bare(id)),
    async expectSound() {
      const { faults } = await verifyLedger(database.owner, { bookId: 1, orders: withdrawalChecks })
      assert.deepEqual(faults, [])
    },
    close: () => world.close(),
  }
}

/** As the watchers note a network that they have begun to read. */
export async function followNetworks({ owner }: TestDatabase): Promise<void> {
  await owner.query(
    '',
    `insert into chain_states (book_id, network, number, hash, head)
     select 1, u.code, 1000, '0x00', 1000 from unnest(array['ETH', 'BSC', 'TRX']) u (code) on conflict do nothing`,
  )
}

async function play({ bank, database }: World, orderId: string, to: ChainPaymentStatus): Promise<void> {
  const payment = await paymentOfOrder(bank.db, 1, 'withdrawal', orderId)
  assert.ok(payment, 'the order has a payment')
  if (to === 'signed') return sign(database, payment)
  await database.db.transaction(async (tx) => {
    const locked = await lockPayment(tx, 1, payment.id)
    const transaction = (await transactionsOf(tx, 1, [payment.id])).get(payment.id)?.[0]
    if (transaction) await moveAlong(tx, transaction, to)
    const counts = to !== 'void' && to !== 'ready' ? transaction : undefined
    const at = bank.clock.now()
    const move = movePayment as (...args: unknown[]) => Promise<boolean>
    assert.ok(await move(tx, 1, payment.id, locked.status, to, { txId: counts?.id ?? null, at }), `${to} is a step`)
    await withdrawalPayments(bank).paymentMoved(tx, 1, locked, to, counts?.tx_hash ?? null)
  })
}

/** What becomes of the transaction when the payment takes a step. */
async function moveAlong(tx: Tx, { id, status }: ChainTransaction, to: ChainPaymentStatus): Promise<void> {
  const at = new Date()
  const block = { number: 990, hash: `0x${'0b'.repeat(32)}`, fee: 21_000n * 10n ** 9n }
  switch (to) {
    case 'broadcast':
    case 'uncertain':
      await moveTransaction(tx, 1, id, status, 'sent', { at })
      break
    case 'mined':
      await moveTransaction(tx, 1, id, status, 'mined', { mined: { ...block, success: true }, at })
      break
    case 'failed': // it was mined badly, as we see only now
      await moveTransaction(tx, 1, id, status, 'mined', { mined: { ...block, success: false }, at })
      await moveTransaction(tx, 1, id, 'mined', 'final', { at })
      break
    case 'confirmed':
      await moveTransaction(tx, 1, id, status, 'final', { at })
      break
    case 'ready':
      await moveTransaction(tx, 1, id, status, 'dead', { at })
      break
    default:
  }
}

async function sign({ db, signer }: TestDatabase, payment: ChainPayment): Promise<void> {
  const request = newId()
  await db.query(
    '',
    `insert into signing_requests (book_id, id, payment_id, network, draft) values (1, $1, $2, $3, '{}')`,
    [request, payment.id, payment.network],
  )
  const hash = `0x${randomBytes(32).toString('hex')}`
  const tron = payment.network === 'TRX'
  const [next] = await db.query<{ next: bigint }>(
    '',
    'select next from wallet_nonces where network = $1 and address = $2',
    [payment.network, payment.from_address],
  )
  await signer.query('', 'select signer_accept(1, $1, $2, $3, $4, $5, $6)', [
    request,
    newId(),
    tron ? null : (next?.next ?? 0n),
    tron ? new Date(Date.now() + 3_600_000) : null,
    hash,
    '0xtest',
  ])
}
