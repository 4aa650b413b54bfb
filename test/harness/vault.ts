// A bank with wallets of its own on a development chain: deposit addresses, a hot and a cold wallet, the signer's own code
// under its own role, and runs of treasury and payment loop that a test takes by hand. Blocks come when a test mines; only
// what a test sends exists on the chain, so what the books say can be compared with it to the last unit.

import assert from 'node:assert/strict'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Database, openDatabase } from '../../src/base/database.ts'
import { createLog } from '../../src/base/log.ts'
import { orderChecks } from '../../src/domain/audit-book.ts'
import { coinUnits, ledgerCoin } from '../../src/domain/chain/coin.ts'
import { networkOf } from '../../src/domain/chain/network.ts'
import { type Advancer, createAdvancer } from '../../src/domain/chain-payment/advance-payments.ts'
import type { Bank } from '../../src/domain/context.ts'
import type { ChainSender } from '../../src/domain/ports.ts'
import { noteWallets } from '../../src/domain/treasury/note-wallets.ts'
import { type RunReport, runTreasury } from '../../src/domain/treasury/run-treasury.ts'
import { treasuryPayments } from '../../src/domain/treasury/settle-treasury.ts'
import { type TreasuryOrder, treasuryOrders } from '../../src/domain/treasury/treasury-order.ts'
import type { Treasury } from '../../src/domain/treasury/treasury-run.ts'
import { houseAccount } from '../../src/ledger/accounts.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { balancesOf } from '../../src/ledger/balances.ts'
import { createPoster } from '../../src/ledger/poster.ts'
import { createEvmSender } from '../../src/providers/evm-sender.ts'
import { readLimits } from '../../src/signer/limits.ts'
import { type Signer, serveWaiting } from '../../src/signer/serve-requests.ts'
import { accountPath } from '../../src/signer/wallet-address.ts'
import { type Chain, startChain, type Token } from './chain.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { signerKeystore } from './signer-process.ts'
import { type Watched, watched, watchedBank } from './watched.ts'

export const usdt = (whole: number | bigint) => BigInt(whole) * 1_000_000n
export const ether = (thousandths: number) => BigInt(thousandths) * 10n ** 15n

export interface VaultOptions {
  code: 'ETH' | 'BSC'
  chainId: number
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
  readonly chain: Chain
  readonly token: Token
  readonly bank: Bank
  readonly watch: Watched
  readonly sender: ChainSender
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
  /** Tokens or coin from one of the chain's own accounts. */
  send(to: string, amount: bigint, from?: string): Promise<void>
  sendCoin(to: string, wei: bigint): Promise<void>
  mine(blocks?: number): Promise<void>
  /** Runs, rounds, signatures and blocks until no order and no payment is open, or so many rounds are over; each may take some time. */
  finish(loops?: Loops, rounds?: number, passing?: number): Promise<void>
  orders(kind?: TreasuryOrder['kind']): Promise<TreasuryOrder[]>
  statuses(kind: TreasuryOrder['kind']): Promise<string[]>
  booked(kind: 'custody' | 'hot' | 'cold' | 'capital' | 'expense', coin?: boolean): Promise<bigint>
  coinOf(address: string): Promise<bigint>
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
  const { code, chainId, confirmations = 3, hotCoin = 1_000, log = 'silent' } = options
  const [base, chain] = await Promise.all([createTestDatabase(), startChain(chainId)])
  const decimals = code === 'BSC' ? 18 : 6
  const factor = 10n ** BigInt(decimals - 6)
  const token = await chain.deploy(code === 'BSC' ? 'BscUsdt' : 'EthUsdt', usdt(1_000_000_000) * factor)
  const [owner = '', , , coldAccount = ''] = chain.accounts
  const cold = options.cold === false ? '' : coldAccount.toLowerCase()
  const networks = { [code]: { chainId, contract: token.address, confirmations, blockTime: 400, ...options.network } }
  let ahead = 0
  const clock: Clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
  const watching = watchedBank(base, networks, log)
  const bank: Bank = {
    ...watching,
    clock,
    config: {
      ...watching.config,
      DEPOSIT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.deposit),
      HOT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.hot),
      COLD_ADDRESS_EVM: cold,
    },
  }
  const network = networkOf(bank.networks, code)
  await noteWallets(bank, 1)
  const watch = watched(bank, code, chain.url)
  await chain.mine()
  await watch.catchUp()
  const sender = createEvmSender({ ...network, rpc: chain.url, timeout: 2_000 })
  const hot = await hotOf(base)
  const signerDb = openDatabase({ url: base.url, role: 'unipay_signer', max: 4 })
  const signer: Signer = {
    db: signerDb,
    clock,
    log: createLog(log, 'signer'),
    keys: signerKeystore.keys,
    networks: bank.networks,
    limits: readLimits({ ...bank.config, ...topUpLimit(options) }, bank.networks),
    cold: { evm: cold, tron: '' },
    approvalKey: bank.keys.withdrawalApproval,
  }
  const settle = async (blocks = confirmations) => {
    await chain.mine(blocks)
    await watch.catchUp()
  }
  let changes = 0

  const vault: Vault = {
    base,
    chain,
    token,
    bank,
    watch,
    sender,
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
    async send(to, amount, from = owner) {
      await chain.send(token, 'transfer', [to, amount * factor], { from, gas: 200_000 })
    },
    async sendCoin(to, wei) {
      await chain.rpc('eth_sendTransaction', { from: owner, to, value: `0x${wei.toString(16)}`, gas: '0x5208' })
    },
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
    coinOf: async (address) => BigInt(await chain.rpc<string>('eth_getBalance', address, 'latest')),
    openAlerts: () =>
      base.owner.query('', 'select kind, data from alerts where book_id = 1 and closed_at is null order by kind'),
    prove: () => prove(vault),
    async close() {
      chain.stop()
      await signerDb.close()
      await base.drop()
    },
  }
  if (hotCoin > 0) {
    await vault.sendCoin(hot, ether(hotCoin))
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

async function prove(vault: Vault): Promise<void> {
  const { base, chain, token, hot, cold, factor, bank } = vault
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
      custody: await sum((address) => chain.balance(token, address)),
      hot: await chain.balance(token, hot),
      cold: cold === '' ? 0n : await chain.balance(token, cold),
    },
    {
      custody: (await vault.booked('custody')) * factor + dust,
      hot: (await vault.booked('hot')) * factor,
      cold: (await vault.booked('cold')) * factor,
    },
    'tokens on chain are what the books say',
  )
  const coins = (await vault.coinOf(hot)) + (await sum(vault.coinOf))
  const { units } = coinUnits(network, 10n ** 18n)
  const booked = ((await vault.booked('custody', true)) * 10n ** 18n) / units + BigInt(state?.coin_dust ?? 0)
  assert.equal(coins, booked, 'coin on chain is what the books say')
}
