// A bank with wallets of its own on a development chain: deposit addresses, a hot and a cold wallet, the signer's own code
// under its own role, and runs of treasury and payment loop that a test takes by hand. Blocks come when a test mines; only
// what a test sends exists on the chain, so what the books say can be compared with it to the last unit.

import assert from 'node:assert/strict'
import { CHAIN_ID } from '../../sandbox/tron/genesis.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Database, openDatabase } from '../../src/base/database.ts'
import { createLog } from '../../src/base/log.ts'
import { orderChecks } from '../../src/domain/audit-book.ts'
import { coinDecimals, ledgerCoin } from '../../src/domain/chain/coin.ts'
import { networkOf } from '../../src/domain/chain/network.ts'
import { type Advancer, createAdvancer } from '../../src/domain/chain-payment/advance-payments.ts'
import type { Bank } from '../../src/domain/context.ts'
import type { ChainSender } from '../../src/domain/ports.ts'
import { noteWallets } from '../../src/domain/treasury/note-wallets.ts'
import { type RunReport, runTreasury } from '../../src/domain/treasury/run-treasury.ts'
import { treasuryPayments } from '../../src/domain/treasury/settle-treasury.ts'
import { type TreasuryOrder, treasuryOrders } from '../../src/domain/treasury/treasury-order.ts'
import type { Treasury } from '../../src/domain/treasury/treasury-run.ts'
import { assets, houseAccount } from '../../src/ledger/accounts.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { balancesOf } from '../../src/ledger/balances.ts'
import { createPoster } from '../../src/ledger/poster.ts'
import { createEvmSender } from '../../src/providers/evm-sender.ts'
import { createTronSender } from '../../src/providers/tron-sender.ts'
import { readLimits } from '../../src/signer/limits.ts'
import { openRecord } from '../../src/signer/own-record.ts'
import { type Signer, serveWaiting } from '../../src/signer/serve-requests.ts'
import { accountPath } from '../../src/signer/wallet-address.ts'
import { type Chain, startChain, type Token } from './chain.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { signerKeystore } from './signer-process.ts'
import { startTronTestChain } from './tron-chain.ts'
import { type Watched, watched, watchedBank } from './watched.ts'

export const usdt = (whole: number | bigint) => BigInt(whole) * 1_000_000n

export interface VaultOptions {
  code: 'ETH' | 'BSC' | 'TRX'
  /** Of EVM chains. */
  chainId?: number
  confirmations?: number
  /** Other parameters of the network. */
  network?: object
  /** Thousandths of a coin that the hot wallet is given, by a payment that the bank has to find. */
  hotCoin?: number
  /** Without one there is no cold wallet. */
  cold?: boolean
  /** Most coin that the signer gives a deposit address; a decimal text. */
  maxTopUp?: string
  log?: string
}

export interface Vault {
  readonly base: TestDatabase
  /** Of EVM networks. */
  readonly chain: Chain
  readonly token: Token
  readonly bank: Bank
  readonly watch: Watched
  readonly sender: ChainSender
  /** Of the node. */
  readonly url: string
  readonly hot: string
  readonly cold: string
  /** The chain's units of one ledger unit. */
  readonly factor: bigint
  readonly networks: object
  /** Moves the bank's clock ahead. */
  pass(milliseconds: number): void
  /** Loops of their own over a database, as another process would have. */
  loops(db?: Database, sender?: ChainSender): Loops
  sign(): Promise<void>
  set(name: string, value: string): Promise<void>
  /** A new customer's deposit of so many ledger units, credited. */
  deposit(personNo: bigint, amount: bigint): Promise<string>
  /** A call of the token by its owner. */
  tokenCall(fn: string, ...args: unknown[]): Promise<void>
  /** Tokens or coin from one of the chain's own accounts. */
  send(to: string, amount: bigint, from?: string): Promise<void>
  /** In the chain's smallest unit. */
  sendCoin(to: string, value: bigint): Promise<void>
  mine(blocks?: number): Promise<void>
  /** Runs, rounds, signatures and blocks until no order and no payment is open, or so many rounds are over; each may take some time. */
  finish(loops?: Loops, rounds?: number, passing?: number): Promise<void>
  orders(kind?: TreasuryOrder['kind']): Promise<TreasuryOrder[]>
  statuses(kind: TreasuryOrder['kind']): Promise<string[]>
  booked(kind: 'custody' | 'hot' | 'cold' | 'capital' | 'expense', coin?: boolean): Promise<bigint>
  coinOf(address: string): Promise<bigint>
  /** Chain units. */
  tokensOf(address: string): Promise<bigint>
  openAlerts(): Promise<{ kind: string; data: Record<string, string> }[]>
  /** The books are sound, and say of each wallet what the chain says, to the last unit. */
  prove(): Promise<void>
  close(): Promise<void>
}

export interface Loops {
  readonly treasury: Treasury
  readonly advancer: Advancer
  run(): Promise<RunReport>
}

export async function startVault(options: VaultOptions): Promise<Vault> {
  const { code, confirmations = 3, hotCoin = 1_000, log = 'silent' } = options
  const [base, world] = await Promise.all([
    createTestDatabase(),
    code === 'TRX' ? tronWorld(options) : evmWorld(options),
  ])
  const { token, factor, family } = world
  const cold = options.cold === false ? '' : world.cold
  const { chainId } = world
  const networks = { [code]: { chainId, contract: token.address, confirmations, blockTime: 400, ...options.network } }
  let ahead = 0
  const clock: Clock = { now: () => new Date(Math.max(systemClock.now().getTime(), world.time()) + ahead) }
  const watching = watchedBank(base, networks, log)
  const { publicKeyAt } = signerKeystore
  const bank: Bank = {
    ...watching,
    clock,
    config: {
      ...watching.config,
      DEPOSIT_XPUB_EVM: publicKeyAt(accountPath.evm.deposit),
      DEPOSIT_XPUB_TRON: publicKeyAt(accountPath.tron.deposit),
      HOT_XPUB_EVM: family === 'evm' ? publicKeyAt(accountPath.evm.hot) : '',
      HOT_XPUB_TRON: family === 'tron' ? publicKeyAt(accountPath.tron.hot) : '',
      COLD_ADDRESS_EVM: family === 'evm' ? cold : '',
      COLD_ADDRESS_TRON: family === 'tron' ? cold : '',
    },
  }
  const network = networkOf(bank.networks, code)
  await noteWallets(bank, 1)
  const watch = watched(bank, code, world.url)
  await world.mine(1)
  await watch.catchUp()
  const here = { ...network, rpc: world.url, timeout: 2_000 }
  const sender = family === 'evm' ? createEvmSender(here) : createTronSender(here)
  const hot = await hotOf(base)
  const signerDb = openDatabase({ url: base.url, role: 'unipay_signer', max: 4 })
  const signer: Signer = {
    db: signerDb,
    clock,
    log: createLog(log, 'signer'),
    keys: signerKeystore.keys,
    networks: bank.networks,
    limits: readLimits({ ...bank.config, ...topUpLimit(options) }, bank.networks),
    cold: { evm: family === 'evm' ? cold : '', tron: family === 'tron' ? cold : '' },
    approvalKey: bank.keys.withdrawalApproval,
    record: openRecord(),
  }
  const settle = async (blocks = confirmations + world.lag) => {
    await world.mine(blocks)
    await watch.catchUp()
  }
  let changes = 0

  const vault: Vault = {
    base,
    get chain() {
      if (!world.chain) throw new Error(`${code} is no EVM network`)
      return world.chain
    },
    token,
    bank,
    watch,
    sender,
    url: world.url,
    hot,
    cold,
    factor,
    networks,
    pass(milliseconds) {
      ahead += milliseconds
    },
    loops(db = base.db, own = sender) {
      const ours = { ...bank, db, poster: createPoster(db) }
      const treasury = { bank: ours, bookId: 1, network, sender: own }
      const payments = treasuryPayments(ours)
      return {
        treasury,
        advancer: createAdvancer({ ...treasury, orders: { sweep: payments, top_up: payments, cold_move: payments } }),
        run: () => runTreasury(treasury),
      }
    },
    sign: () => serveWaiting(signer),
    async set(name, value) {
      const approval = '00000000-0000-7000-8000-000000000001'
      await base.owner.query(
        '',
        `insert into setting_changes (book_id, no, name, scope, value, before, reason, made_by, checked_by, approval_id, changed_at)
         values (1, $1, $2, $3, $4, '', 'test', $5, array[gen_random_uuid()], $5, now())`,
        [++changes, `treasury.${name}`, code, value, approval],
      )
    },
    async deposit(personNo, amount) {
      const address = await watch.address(personNo)
      await vault.send(address, amount)
      await settle()
      return address
    },
    send: (to, amount, from) => world.send('transfer', [to, amount * factor], from),
    tokenCall: (fn, ...args) => world.send(fn, args),
    sendCoin: world.sendCoin,
    mine: settle,
    async finish(loops = vault.loops(), rounds = 60, passing = 0) {
      for (let i = 0; i < rounds; i++) {
        vault.pass(passing)
        await loops.run()
        await loops.advancer.advance()
        await vault.sign()
        await loops.advancer.advance()
        await settle(1)
        const [row] = await base.owner.query<{ open: boolean }>(
          '',
          `select exists (select from treasury_orders where status in ('planned', 'topping_up', 'moving'))
               or exists (select from chain_payments where status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined')) as open`,
        )
        if (row?.open) continue
        const { planned, begun } = await loops.run()
        if (planned + begun === 0) return
      }
    },
    async orders(kind) {
      const all = await treasuryOrders(base.owner, 1, { kind, offset: 0, size: 1_000 })
      return all.reverse()
    },
    statuses: async (kind) => (await vault.orders(kind)).map(({ status }) => status),
    async booked(kind, coin = false) {
      const id = houseAccount(kind, coin ? ledgerCoin(network) : 'USDT', network.no)
      const { balance } = (await balancesOf(base.db, 1, [id]))(id)
      return kind === 'capital' ? balance : -balance
    },
    coinOf: world.coinOf,
    tokensOf: world.tokensOf,
    openAlerts: () =>
      base.owner.query('', 'select kind, data from alerts where book_id = 1 and closed_at is null order by kind'),
    prove: () => prove(vault),
    async close() {
      await world.stop()
      await signerDb.close()
      await base.drop()
    },
  }
  if (hotCoin > 0) {
    await vault.sendCoin(hot, BigInt(hotCoin) * world.milliCoin)
    await settle()
    await vault.loops().run()
  }
  return vault
}

const topUpLimit = ({ code, maxTopUp }: VaultOptions) =>
  maxTopUp === undefined ? {} : { SIGNER_MAX_TOP_UP: JSON.stringify({ [code]: maxTopUp }) }

async function hotOf({ owner }: TestDatabase): Promise<string> {
  const [row] = await owner.query<{ address: string }>('', `select address from house_addresses where purpose = 'hot'`)
  return row?.address ?? ''
}

/** What a vault needs of a chain, whatever it is made of. */
interface World {
  family: 'evm' | 'tron'
  chain?: Chain
  chainId: number
  url: string
  token: Token
  cold: string
  /** Chain units of one ledger unit of the token, and of a thousandth of the coin. */
  factor: bigint
  milliCoin: bigint
  /** Blocks that its final part is behind confirmations. */
  lag: number
  /** The chain's own clock, where it runs ahead. */
  time(): number
  mine(blocks: number): Promise<void>
  /** A call of the token, by its owner unless said. */
  send(fn: string, args: unknown[], from?: string): Promise<void>
  sendCoin(to: string, value: bigint): Promise<void>
  tokensOf(address: string): Promise<bigint>
  coinOf(address: string): Promise<bigint>
  stop(): Promise<void>
}

async function evmWorld({ code, chainId = 31_099 }: VaultOptions): Promise<World> {
  const chain = await startChain(chainId)
  const factor = 10n ** (code === 'BSC' ? 12n : 0n)
  const token = await chain.deploy(code === 'BSC' ? 'BscUsdt' : 'EthUsdt', usdt(1_000_000_000) * factor)
  const [owner = '', , , cold = ''] = chain.accounts
  return {
    family: 'evm',
    chain,
    chainId,
    url: chain.url,
    token,
    cold: cold.toLowerCase(),
    factor,
    milliCoin: 10n ** 15n,
    lag: 0,
    time: () => 0,
    mine: (blocks) => chain.mine(blocks),
    send: async (fn, args, from = owner) => void (await chain.send(token, fn, args, { from, gas: 200_000 })),
    async sendCoin(to, value) {
      await chain.rpc('eth_sendTransaction', { from: owner, to, value: `0x${value.toString(16)}`, gas: '0x5208' })
    },
    tokensOf: (address) => chain.balance(token, address),
    coinOf: async (address) => BigInt(await chain.rpc<string>('eth_getBalance', address, 'latest')),
    stop: async () => chain.stop(),
  }
}

/** The chain's clock goes fast; the bank's follows it, as transactions end by it. */
const BLOCK = 30_000

async function tronWorld({ confirmations = 3 }: VaultOptions): Promise<World> {
  const chain = await startTronTestChain({ confirmations, blockTime: BLOCK })
  const { usdt: token } = chain
  const accounts = new Map(chain.accounts.map((account) => [account.address, account]))
  return {
    family: 'tron',
    chainId: CHAIN_ID,
    url: chain.url,
    token,
    cold: chain.accounts[2]?.address ?? '',
    factor: 1n,
    milliCoin: 1_000n,
    lag: 2,
    time: () => chain.node.head().time,
    mine: (blocks) => chain.mine(blocks),
    async send(fn, args, from) {
      const account = from === undefined ? undefined : accounts.get(from)
      await chain.send(token, fn, args, account ? { from: account } : {})
    },
    sendCoin: async (to, value) => void (await chain.sendTrx(to, value)),
    tokensOf: (address) => chain.balance(token, address),
    coinOf: async (address) => chain.trx(address),
    stop: () => chain.stop(),
  }
}

async function prove(vault: Vault): Promise<void> {
  const { base, hot, cold, factor, bank } = vault
  const { faults } = await verifyLedger(base.owner, { bookId: 1, orders: orderChecks })
  assert.deepEqual(faults, [])
  const rows = await base.owner.query<{ address: string }>('', 'select address from deposit_addresses')
  const sum = async (of: (address: string) => Promise<bigint>) => {
    let total = 0n
    for (const { address } of rows) total += await of(address)
    return total
  }
  const [network] = bank.networks.filter(({ code }) => code in vault.networks)
  assert.ok(network)
  const [state] = await base.owner.query<{ dust: string; coin_dust: string }>(
    '',
    'select dust, coin_dust from chain_states where network = $1',
    [network.code],
  )
  const dust = BigInt(state?.dust ?? 0)
  assert.deepEqual(
    {
      custody: await sum(vault.tokensOf),
      hot: await vault.tokensOf(hot),
      cold: cold === '' ? 0n : await vault.tokensOf(cold),
    },
    {
      custody: (await vault.booked('custody')) * factor + dust,
      hot: (await vault.booked('hot')) * factor,
      cold: (await vault.booked('cold')) * factor,
    },
    'tokens on chain are what the books say',
  )
  const coins = (await vault.coinOf(hot)) + (await sum(vault.coinOf))
  const fine = 10n ** BigInt(coinDecimals(network) - assets[ledgerCoin(network)].scale)
  const booked = (await vault.booked('custody', true)) * fine + BigInt(state?.coin_dust ?? 0)
  assert.equal(coins, booked, 'coin on chain is what the books say')
}
