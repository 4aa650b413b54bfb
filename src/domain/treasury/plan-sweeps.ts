// Chooses which deposit addresses are swept next, how much, and to where.
// Must stay true: no more than the books have at an address and the chain shows there, at a final block and at the newest;
// only so many sweeps are under way at once; what is promised to the hot wallet counts before the next is sent there.

import { toChainUnits } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { coinAsset } from '../chain/network.ts'
import { depositIndexes } from '../deposit/deposit-address.ts'
import { moneyOutStopped } from '../setting.ts'
import { type Candidate, type CustodyAsset, sweepCandidates } from './address-custody.ts'
import { bookCoinFunding } from './coin-funding.ts'
import { coinSweepAmount, pauseAfter, sweepAmount, sweepDestination } from './decide-moves.ts'
import { openOrders, planOrder } from './treasury-order.ts'
import { coinOfSetting, feeLimit, isWouldFail, type Run, tokenUnits } from './treasury-run.ts'

/** Sweeps of one network that are under way at once: customers' withdrawals share the hot wallet with their top-ups. */
export const AT_ONCE = 20

const pauses = Array.from({ length: 12 }, (_, i) => pauseAfter(i + 1))

export interface Planned {
  count: number
  /** Why nothing was planned although there is something to sweep; for people. */
  note: string
}

export async function planSweeps(run: Run): Promise<Planned> {
  const { bank, bookId, network, settings, cold } = run
  const candidates = await candidatesOf(run, 'token', settings.sweepAbove)
  const [first] = candidates
  if (!first) return { count: 0, note: '' }
  if (await isTooDear(run, first)) return { count: 0, note: 'the network asks for more than a sweep may cost' }
  const addresses = candidates.map(({ address }) => address)
  const [final, latest, indexes] = await Promise.all([
    run.sender.finalBalances(
      (['token', 'coin'] as const).flatMap((asset) => addresses.map((address) => ({ address, asset }))),
    ),
    Promise.all(addresses.map((address) => run.sender.balance(address, 'token'))),
    depositIndexes(bank.db, bookId, network.family, addresses),
  ])
  let count = 0
  for (const [i, { address, units: booked }] of candidates.entries()) {
    const onChain = { final: final.balances[i] ?? 0n, latest: latest[i] ?? 0n }
    const has = { booked, final: tokenUnits(network, onChain.final), latest: tokenUnits(network, onChain.latest) }
    const amount = sweepAmount(has, settings.sweepAbove)
    const index = indexes.get(address)
    if (amount === 0n || index === undefined) continue
    // where customers hold the coin it is theirs; elsewhere what strangers sent here will pay for our fees
    const coin = { balance: final.balances[addresses.length + i] ?? 0n, block: final.block }
    if (!coinAsset(network)) await bookCoinFunding(run, address, coin)
    const purpose = sweepDestination(settings, run.tokens, cold !== undefined)
    const made = await plan(run, {
      asset: 'token',
      address,
      index,
      purpose,
      amount,
      value: toChainUnits(amount, network.decimals, assets.USDT.scale),
    })
    if (!made) continue
    count++
    if (purpose === 'hot') run.tokens.arriving += amount
  }
  return { count, note: '' }
}

/**
 * Customers' coin, where they may hold it. What the next sweep of tokens from the address may cost stays there. A coin is
 * one account of the books wherever it stands; so nothing but the fee of this is booked.
 */
export async function planCoinSweeps(run: Run): Promise<number> {
  const { bank, bookId, network, settings, sender } = run
  if (!coinAsset(network)) return 0
  const candidates = await candidatesOf(run, 'coin', settings.coinSweepAbove)
  const indexes = await depositIndexes(
    bank.db,
    bookId,
    network.family,
    candidates.map(({ address }) => address),
  )
  let count = 0
  for (const { address } of candidates) {
    const index = indexes.get(address)
    if (index === undefined) continue
    const [final, latest, draft] = await Promise.all([
      sender.balance(address, 'coin', 'final'),
      sender.balance(address, 'coin'),
      sender.draft({ asset: 'coin', from: address, to: run.hot, value: 1n }),
    ])
    const above = coinOfSetting(network, settings.coinSweepAbove)
    const value = coinSweepAmount({ final, latest }, feeLimit(run), sender.maxFee(draft), above)
    if (value === 0n) continue
    const amount = value // the coins that customers hold have the ledger's scale
    if (await plan(run, { asset: 'coin', address, index, purpose: 'hot', amount, value })) count++
  }
  return count
}

async function candidatesOf(run: Run, asset: CustodyAsset, above: bigint): Promise<Candidate[]> {
  const { bank, bookId, network } = run
  const open = await openOrders(bank.db, bookId, network.code, 'sweep')
  const limit = AT_ONCE - open.length
  if (limit <= 0) return []
  return sweepCandidates(bank.db, bookId, network.code, asset, { above, pauses, now: bank.clock.now(), limit })
}

/** What one sweep costs tells of them all; of one that would fail anyway its beginning tells. */
async function isTooDear(run: Run, { address, units }: Candidate): Promise<boolean> {
  const { network, sender, hot } = run
  const value = toChainUnits(units, network.decimals, assets.USDT.scale)
  try {
    const draft = await sender.draft({ asset: 'token', from: address, to: hot, value })
    return sender.maxFee(draft) > feeLimit(run)
  } catch (error) {
    if (!isWouldFail(error)) throw error
    return false
  }
}

interface Plan {
  asset: CustodyAsset
  address: string
  index: number
  purpose: 'hot' | 'cold'
  amount: bigint
  value: bigint
}

async function plan(run: Run, { asset, address, index, purpose, amount, value }: Plan): Promise<boolean> {
  const { bank, bookId, network, hot, cold } = run
  return bank.db.transaction(async (tx) => {
    if ((await moneyOutStopped(tx, bookId, network.code)) !== undefined) return false
    const order = {
      kind: 'sweep' as const,
      network: network.code,
      asset,
      from_address: address,
      from_index: index,
      to_address: purpose === 'cold' ? (cold ?? hot) : hot,
      to_purpose: purpose,
      amount,
      value,
    }
    return (await planOrder(tx, bookId, order, bank.clock.now())) !== undefined
  })
}
