// What operators see of the treasury: each network's wallets, books and chain side by side, and its orders.
// Must stay true: what the chain says is shown with the block that it is of; it is read, and nothing is decided, here.

import { formatAmount } from '../../base/money.ts'
import { assets, houseAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import { chainStateOf } from '../chain/chain-state.ts'
import { coinDecimals, ledgerCoin } from '../chain/coin.ts'
import { coldAddress, hotAddress } from '../chain/house-address.ts'
import { type Network, networkOf } from '../chain/network.ts'
import { type ChainPayment, paymentOfOrder } from '../chain-payment/chain-payment.ts'
import { type ChainTransaction, transactionsOf } from '../chain-payment/chain-transaction.ts'
import { committedBy } from '../chain-payment/committed.ts'
import type { Bank } from '../context.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { moneyOutStopped, type TreasurySettings, treasurySettings } from '../setting.ts'
import { custodyTotal } from './address-custody.ts'
import { type HotDecision, hotDecision } from './decide-moves.ts'
import { openOrders, type TreasuryEvent, type TreasuryOrder, treasuryEvents, treasuryOrder } from './treasury-order.ts'
import { isToHot, tokenUnits } from './treasury-run.ts'
import { askForRun, type TreasuryState, treasuryStates } from './treasury-state.ts'

/** Amounts as decimal texts: USDT with the ledger's decimals, coin with its own. `chain` is null where nothing was read yet. */
export interface WalletView {
  where: 'deposit addresses' | 'hot' | 'cold'
  address: string | null
  books: string
  chain: string | null
}

export interface TreasuryView {
  network: Network
  wallets: WalletView[]
  coin: { hot: string | null; books: string }
  block: number | null
  seenAt: Date | null
  /** Tokens that payments are to take from the hot wallet, and sweeps are to bring. */
  promised: string
  arriving: string
  status: HotDecision['is']
  tooMuch: string
  missing: string
  addressesToSweep: number
  underWay: number
  settings: TreasurySettings
  stopped: string | undefined
  note: string
  ranAt: Date | null
}

const usdt = (units: bigint) => formatAmount(units, assets.USDT.scale)

export async function treasuryView(bank: Bank, bookId: number): Promise<TreasuryView[]> {
  const states = new Map((await treasuryStates(bank.db, bookId)).map((state) => [state.network, state]))
  return Promise.all(bank.networks.map((network) => viewOf(bank, bookId, network, states.get(network.code))))
}

async function viewOf(
  bank: Bank,
  bookId: number,
  network: Network,
  state: TreasuryState | undefined,
): Promise<TreasuryView> {
  const { code, no, family } = network
  const hot = hotAddress(bank, bookId, family)
  const seen = state?.seen ?? null
  const kinds = ['custody', 'hot', 'cold'] as const
  const account = (kind: (typeof kinds)[number]) => houseAccount(kind, 'USDT', no)
  const coin = houseAccount('custody', ledgerCoin(network), no)
  const [of, settings, committed, sweeps, atAddresses, stopped, chain] = await Promise.all([
    balancesOf(bank.db, bookId, [...kinds.map(account), coin]),
    treasurySettings(bank, bookId, code),
    committedBy(bank.db, bookId, code, hot ?? ''),
    openOrders(bank.db, bookId, code, 'sweep'),
    custodyTotal(bank.db, bookId, code, 'token'),
    moneyOutStopped(bank.db, bookId, code),
    chainStateOf(bank.db, bookId, code),
  ])
  const books = (kind: (typeof kinds)[number]) => usdt(-of(account(kind)).balance)
  const onChain = (value: string | null | undefined) =>
    value === null || value === undefined ? null : formatAmount(BigInt(value), network.decimals)
  const tokens = {
    balance: tokenUnits(network, BigInt(seen?.latestHotToken ?? 0)),
    committed: tokenUnits(network, committed.token),
    arriving: sweeps.filter(isToHot).reduce((sum, { amount }) => sum + amount, 0n),
  }
  const decision = chain && seen ? hotDecision(settings, tokens) : ({ is: 'fine' } as const)
  return {
    network,
    wallets: [
      { where: 'deposit addresses', address: null, books: books('custody'), chain: null },
      { where: 'hot', address: hot ?? null, books: books('hot'), chain: onChain(seen?.hotToken) },
      {
        where: 'cold',
        address: coldAddress(bank, family) ?? null,
        books: books('cold'),
        chain: onChain(seen?.coldToken),
      },
    ],
    coin: {
      hot: seen && formatAmount(BigInt(seen.hotCoin), coinDecimals(network)),
      books: formatAmount(-of(coin).balance, assets[ledgerCoin(network)].scale),
    },
    block: seen?.block ?? null,
    seenAt: state?.seen_at ?? null,
    promised: usdt(tokens.committed),
    arriving: usdt(tokens.arriving),
    status: decision.is,
    tooMuch: usdt(decision.is === 'high' ? decision.amount : 0n),
    missing: usdt(decision.is === 'low' ? decision.amount : 0n),
    addressesToSweep: atAddresses.addresses,
    underWay: sweeps.length,
    settings,
    stopped,
    note: state?.note ?? '',
    ranAt: state?.ran_at ?? null,
  }
}

export interface TreasuryOrderView {
  order: TreasuryOrder
  events: TreasuryEvent[]
  payment: ChainPayment | undefined
  transactions: ChainTransaction[]
  topUps: TreasuryOrder[]
}

/** Undefined when there is none. */
export async function treasuryOrderView(
  bank: Bank,
  bookId: number,
  id: string,
): Promise<TreasuryOrderView | undefined> {
  const order = await treasuryOrder(bank.db, bookId, id)
  if (!order) return undefined
  const payment = await paymentOfOrder(bank.db, bookId, order.kind, id)
  const transactions = payment ? (await transactionsOf(bank.db, bookId, [payment.id])).get(payment.id) : undefined
  return {
    order,
    events: await treasuryEvents(bank.db, bookId, id),
    payment,
    transactions: transactions ?? [],
    topUps: await topUpsOf(bank, bookId, id),
  }
}

async function topUpsOf({ db }: Bank, bookId: number, sweepId: string): Promise<TreasuryOrder[]> {
  const rows = await db.query<{ id: string }>(
    'treasury-top-ups',
    'select id from treasury_orders where book_id = $1 and sweep_id = $2 order by created_at, id',
    [bookId, sweepId],
  )
  const orders = await Promise.all(rows.map(({ id }) => treasuryOrder(db, bookId, id)))
  return orders.filter((order) => order !== undefined)
}

/** The loops of a network, or of all, run as soon as they look; it moves nothing that they would not move anyway. */
export async function runNow(bank: Bank, operator: Operator, code: string | undefined): Promise<void> {
  const networks = code === undefined ? bank.networks : [networkOf(bank.networks, code)]
  await bank.db.transaction(async (tx) => {
    for (const network of networks) await askForRun(tx, operator.bookId, network.code)
    await logAudit(bank, tx, operator, { action: 'treasury.asked', subject: `treasury:${code ?? 'ALL'}` })
  })
}
