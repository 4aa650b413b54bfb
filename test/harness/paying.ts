// A bank that pays out on a development chain: a customer with money from a real deposit, a funded hot wallet, the signer's
// own code under its own role, and rounds of the payment loop that a test takes by hand. Blocks come when a test mines.

import assert from 'node:assert/strict'
import { type Hex, type Log, parseEventLogs } from 'viem'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { openDatabase } from '../../src/base/database.ts'
import { createLog } from '../../src/base/log.ts'
import { orderChecks } from '../../src/domain/audit-book.ts'
import { hotAddress } from '../../src/domain/chain/house-address.ts'
import { networkOf } from '../../src/domain/chain/network.ts'
import { type Advancer, createAdvancer } from '../../src/domain/chain-payment/advance-payments.ts'
import type { ChainPaymentStatus } from '../../src/domain/chain-payment/chain-payment.ts'
import type { Actor, Bank } from '../../src/domain/context.ts'
import { readContact } from '../../src/domain/people/contact.ts'
import { createPerson } from '../../src/domain/people/people.ts'
import { withdrawalPayments } from '../../src/domain/withdrawal/follow-payment.ts'
import { placeWithdrawal } from '../../src/domain/withdrawal/submit-withdrawal.ts'
import { houseAccount } from '../../src/ledger/accounts.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { balancesOf } from '../../src/ledger/balances.ts'
import { createEvmSender } from '../../src/providers/evm-sender.ts'
import { readLimits } from '../../src/signer/limits.ts'
import { openRecord } from '../../src/signer/own-record.ts'
import { type Signer, serveWaiting } from '../../src/signer/serve-requests.ts'
import { accountPath } from '../../src/signer/wallet-address.ts'
import { type Chain, startChain, type Token } from './chain.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { signerKeystore } from './signer-process.ts'
import { actorOf, type Watched, watched, watchedBank } from './watched.ts'

export const usdt = (whole: number | bigint) => BigInt(whole) * 1_000_000n

export interface PaymentLine {
  id: string
  order_id: string
  order_kind: string
  status: ChainPaymentStatus
  reason: string
  to_address: string
  value: bigint
  created_at: Date
}

export interface TransactionLine {
  id: string
  payment_id: string
  nonce: number
  tx_hash: Hex
  raw: Hex
  status: string
  draft: { gas: string; maxFeePerGas: string; maxPriorityFeePerGas: string }
  fee_paid: bigint | null
}

export interface PayingOptions {
  code: 'ETH' | 'BSC'
  chainId: number
  confirmations?: number
  /** Other parameters of the network. */
  network?: object
  /** Whole USDT, and whole coins, in the hot wallet. */
  hotTokens?: number
  hotCoins?: number
  log?: string
}

export interface Paying {
  readonly base: TestDatabase
  readonly chain: Chain
  readonly token: Token
  readonly bank: Bank
  readonly watch: Watched
  readonly hot: string
  readonly networks: object
  /** Chain units of token in the hot wallet at the beginning. */
  readonly started: bigint
  /** Moves the bank's clock ahead. */
  pass(milliseconds: number): void
  /** A loop over this bank, as a process of its own would have; `url` may be a proxy in front of the chain. */
  advancer(options?: { url?: string; timeout?: number; feeCap?: bigint }): Advancer
  /** The signer answers all that waits. */
  sign(): Promise<void>
  /** One customer's withdrawal of so much; answers the order's id. */
  withdraw(amount: bigint, to?: string): Promise<string>
  /** A new address that holds nothing. */
  fresh(): string
  payments(): Promise<PaymentLine[]>
  payment(orderId: string): Promise<PaymentLine>
  /** Of the order's payment, and of the order itself. */
  status(orderId: string): Promise<ChainPaymentStatus>
  order(orderId: string): Promise<{ status: string; tx_hash: string | null }>
  signedFor(orderId: string): Promise<TransactionLine[]>
  inPool(hash: string | undefined): Promise<boolean>
  /** What the customer has, held money included. */
  balance(): Promise<bigint>
  /** From ready to handed to a node. */
  send(advancer: Advancer): Promise<void>
  transactions(paymentId?: string): Promise<TransactionLine[]>
  /** Rounds of loop, signer, blocks and follower until nothing is open, or so many rounds are over. */
  finish(advancer: Advancer, rounds?: number): Promise<void>
  /** Ledger units that have left the hot wallet to others by Transfer logs of the chain as it is now, by receiver. */
  paidOnChain(): Promise<Map<string, bigint>>
  tokens(address: string): Promise<bigint>
  close(): Promise<void>
}

let nextAddress = 0

export async function startPaying(options: PayingOptions): Promise<Paying> {
  const { code, chainId, confirmations = 3, hotTokens = 100_000, hotCoins = 10, log = 'silent' } = options
  const [base, chain] = await Promise.all([createTestDatabase(), startChain(chainId)])
  const decimals = code === 'BSC' ? 18 : 6
  const units = 10n ** BigInt(decimals)
  const token = await chain.deploy(code === 'BSC' ? 'BscUsdt' : 'EthUsdt', 1_000_000_000n * units)
  const networks = {
    [code]: {
      chainId,
      contract: token.address,
      confirmations,
      reviewAbove: '10000000',
      blockTime: 400,
      ...options.network,
    },
  }
  let ahead = 0
  const clock: Clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
  const watching = watchedBank(base, networks, log)
  const bank: Bank = {
    ...watching,
    clock,
    config: { ...watching.config, HOT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.hot) },
  }
  const network = networkOf(bank.networks, code)
  const watch = watched(bank, code, chain.url)
  await watch.catchUp()
  const hot = hotAddress(bank, 1, 'evm') ?? ''
  await base.owner.query(
    '',
    `insert into house_addresses (book_id, family, address, purpose) values (1, 'evm', $1, 'hot') on conflict do nothing`,
    [hot],
  )
  await chain.send(token, 'transfer', [hot, BigInt(hotTokens) * units])
  await chain.rpc('anvil_setBalance', hot, `0x${(BigInt(hotCoins) * 10n ** 18n).toString(16)}`)
  const customer = await newCustomer(bank, base)
  await chain.send(token, 'transfer', [await watch.address(customer.personNo), 1_000_000n * units])
  await chain.mine(confirmations + 1)
  await watch.catchUp()

  const signerDb = openDatabase({ url: base.url, role: 'unipay_signer', max: 6 })
  const signer: Signer = {
    db: signerDb,
    clock,
    log: createLog(log, 'signer'),
    keys: signerKeystore.keys,
    networks: bank.networks,
    limits: { ...readLimits(bank.config, bank.networks), hour: { USDT: usdt(10_000_000), TRX: 0n } },
    cold: { evm: '', tron: '' },
    approvalKey: bank.keys.withdrawalApproval,
    record: openRecord(),
  }

  const paying: Paying = {
    base,
    chain,
    token,
    bank,
    watch,
    hot,
    networks,
    started: await chain.balance(token, hot),
    pass(milliseconds) {
      ahead += milliseconds
    },
    advancer({ url = chain.url, timeout = 2_000, feeCap = network.feeCap } = {}) {
      const sender = createEvmSender({ ...network, rpc: url, timeout, retries: 0 })
      return createAdvancer({
        bank,
        bookId: 1,
        network: { ...network, feeCap },
        sender,
        orders: { withdrawal: withdrawalPayments(bank) },
      })
    },
    sign: () => serveWaiting(signer),
    async withdraw(amount, to = paying.fresh()) {
      const whole = `${amount / 1_000_000n}.${(amount % 1_000_000n).toString().padStart(6, '0')}`
      const input = {
        network: code,
        asset: 'USDT',
        to,
        amount: whole,
        expectedFee: undefined,
        confirmLookalike: true,
        idempotency: undefined,
      } as const
      const { answer } = await placeWithdrawal(bank, customer, input, { prove: async () => {}, usesCode: false })
      return String(answer.id)
    },
    fresh: () => `0x${(++nextAddress).toString(16).padStart(8, '0')}${'ab'.repeat(16)}`,
    async payments() {
      const rows = await base.owner.query<PaymentLine & { value: string }>(
        '',
        `select id, order_id, order_kind, status, reason, to_address, value, created_at from chain_payments
         order by created_at, id`,
      )
      return rows.map((row) => ({ ...row, value: BigInt(row.value) }))
    },
    async payment(orderId) {
      const found = (await paying.payments()).find((one) => one.order_id === orderId)
      if (!found) throw new Error(`there is no payment of ${orderId}`)
      return found
    },
    status: async (orderId) => (await paying.payment(orderId)).status,
    async order(orderId) {
      const [row] = await base.owner.query<{ status: string; tx_hash: string | null }>(
        '',
        'select status, tx_hash from withdrawals where id = $1',
        [orderId],
      )
      if (!row) throw new Error(`there is no order ${orderId}`)
      return row
    },
    signedFor: async (orderId) => paying.transactions((await paying.payment(orderId)).id),
    inPool: async (hash) => (await chain.rpc('eth_getTransactionByHash', hash)) !== null,
    balance: () => watch.balance(customer.personNo),
    async send(advancer) {
      await advancer.advance()
      await paying.sign()
      await advancer.advance()
    },
    async transactions(paymentId) {
      const rows = await base.owner.query<TransactionLine & { nonce: bigint; fee_paid: string | null }>(
        '',
        `select id, payment_id, nonce, tx_hash, raw, status, draft, fee_paid from chain_transactions
         where $1::uuid is null or payment_id = $1 order by nonce, signed_at, id`,
        [paymentId ?? null],
      )
      return rows.map((row) => ({
        ...row,
        nonce: Number(row.nonce),
        fee_paid: row.fee_paid === null ? null : BigInt(row.fee_paid),
      }))
    },
    async finish(advancer, rounds = 40) {
      for (let i = 0; i < rounds; i++) {
        await advancer.advance().catch(() => {})
        await paying.sign()
        await advancer.advance().catch(() => {})
        await chain.mine()
        await watch.catchUp().catch(() => {})
        const open = ['ready', 'signed', 'broadcast', 'uncertain', 'mined']
        if (!(await paying.payments()).some(({ status }) => open.includes(status))) return
      }
    },
    async paidOnChain() {
      const filter = { address: token.address, fromBlock: '0x0', toBlock: 'latest' }
      const logs = parseEventLogs({ abi: transferAbi, logs: await chain.rpc<Log[]>('eth_getLogs', filter) })
      const paid = new Map<string, bigint>()
      for (const { args } of logs) {
        if (args.from.toLowerCase() !== hot) continue
        const to = args.to.toLowerCase()
        paid.set(to, (paid.get(to) ?? 0n) + args.value)
      }
      return paid
    },
    tokens: (address) => chain.balance(token, address),
    async close() {
      chain.stop()
      await signerDb.close()
      await base.drop()
    },
  }
  return paying
}

/** Every payment is where the chain says it is: paid once or not at all, and the sums are equal to the unit. */
export async function expectExplained(world: Paying): Promise<void> {
  const payments = (await world.payments()).filter((one) => one.order_kind === 'withdrawal')
  const paid = await world.paidOnChain()
  for (const { to_address, value, status, id, reason } of payments) {
    assert.ok(['confirmed', 'failed', 'void'].includes(status), `${id} is ${status}: ${reason}`)
    assert.equal(paid.get(to_address) ?? 0n, status === 'confirmed' ? value : 0n, `${id} is ${status}`)
  }
  const confirmed = payments.filter((one) => one.status === 'confirmed').reduce((sum, { value }) => sum + value, 0n)
  assert.equal(world.started - (await world.tokens(world.hot)), confirmed)
  const account = houseAccount('expense', 'GAS', world.watch.network.no)
  const fees = (await world.transactions()).filter((one) => one.status === 'final').map((one) => one.fee_paid ?? 0n)
  assert.equal(
    -(await balancesOf(world.base.db, 1, [account]))(account).balance,
    fees.reduce((sum, fee) => sum + fee / 10n ** 9n, 0n),
    'each fee is booked once',
  )
}

/** The end of a test file: every payment explained, the books proven, and nothing left running. */
export async function endProven(world: Paying | undefined): Promise<void> {
  if (!world) return
  try {
    await expectExplained(world)
    const { faults } = await verifyLedger(world.base.owner, { bookId: 1, orders: orderChecks })
    assert.deepEqual(faults, [])
  } finally {
    await world.close()
  }
}

const transferAbi = [
  {
    type: 'event',
    name: 'Transfer',
    inputs: [
      { name: 'from', type: 'address', indexed: true },
      { name: 'to', type: 'address', indexed: true },
      { name: 'value', type: 'uint256', indexed: false },
    ],
  },
] as const

async function newCustomer(bank: Bank, base: TestDatabase): Promise<Actor> {
  const contact = readContact(bank, { contact: 'payer@example.com', kind: 'email' })
  const person = await bank.db.transaction((tx) =>
    createPerson(bank, tx, { bookId: 1, contact, passwordHash: 'none', locale: 'en' }),
  )
  await base.owner.query('', `update people set kyc_level = 'full' where no = $1`, [person.no])
  return { ...actorOf(person.no), personId: person.id }
}
