// What a block holds for us: which transfers are deposits, and of which class. Decided here, once, at first sight.
// Must stay true: only a log of the network's own contract can become USDT, only a plain transfer of coin the coin; an
// amount is what the balance really grew by, never more than the log says; zero is nothing; what comes from our own
// addresses is no deposit.

import type { Queries, Tx } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount, fromChainUnits, MAX_UNITS } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { columnsOf } from '../../ledger/rows.ts'
import { raiseAlert } from '../alert.ts'
import { housePurposes } from '../chain/house-address.ts'
import { coinAsset, decimalsOf, type Network } from '../chain/network.ts'
import { outboxRow, outboxTable } from '../notice/outbox.ts'
import type { BlockHeader, BlockTransfers, ChainReader, TokenTransfer } from '../ports.ts'
import { type Movement, movementsIn } from '../reconciliation/movement.ts'
import { houseReason } from '../treasury/house-transfers.ts'
import type { DepositAsset, DepositClass } from './deposit.ts'
import { ownersOf } from './deposit-address.ts'

export interface Sighting {
  block: BlockHeader
  transfer: TokenTransfer
  class: DepositClass
  reason: string
  asset: DepositAsset
  personNo: bigint
  /** Chain units that really arrived. */
  received: bigint
  /** The same in ledger units, floored. */
  amount: bigint
}

type Class = Pick<Sighting, 'class' | 'reason' | 'asset' | 'amount'>

/** The class of one transfer to a customer's address, and why; nothing when there is nothing to keep. */
export function classify(
  network: Network,
  transfer: TokenTransfer,
  received: bigint,
  fromOurs: boolean,
): Class | undefined {
  if (transfer.value === 0n || received === 0n) return undefined
  const asset = assetOf(network, transfer)
  const foreign = (reason: string): Class => ({ class: 'unsupported', reason, asset: asset ?? 'USDT', amount: 0n })
  if (!asset) {
    const inside = transfer.contract.startsWith(`${network.coin}:`)
    return foreign(inside ? `${network.coin} that a contract paid` : 'another token')
  }
  const { units: amount } = fromChainUnits(received, decimalsOf(network, asset), assets[asset].scale)
  if (amount > MAX_UNITS) return foreign('an amount that cannot be')
  if (fromOurs) return { class: 'internal', reason: 'from our own address', asset, amount }
  if (amount < (asset === 'USDT' ? network.minDeposit : network.minCoinDeposit))
    return { class: 'below_minimum', reason: 'below the minimum', asset, amount }
  return { class: 'customer', reason: '', asset, amount }
}

const assetOf = (network: Network, { contract }: TokenTransfer): DepositAsset | undefined => {
  if (contract === network.contract) return 'USDT'
  return contract === network.coin ? coinAsset(network) : undefined
}

/**
 * Splits what a balance really grew by over the transfers that claim to have filled it. A token that keeps a fee, or one
 * that logs what it did not move, pays less than it says: then each gets its share, the last one the remainder.
 */
export function shareReceived(values: readonly bigint[], grown: bigint): bigint[] {
  const claimed = values.reduce((sum, value) => sum + value, 0n)
  if (grown >= claimed) return [...values]
  if (grown <= 0n) return values.map(() => 0n)
  let left = grown
  return values.map((value, i) => {
    const share = i === values.length - 1 ? left : (value * grown) / claimed
    left -= share
    return share
  })
}

/** What a block holds for us: deposits, and all movements of tokens from or to our addresses. */
export interface Seen {
  sightings: Sighting[]
  movements: Movement[]
}

/** Reads one block and finds what is in it for the book. */
export async function sightBlock(
  q: Queries,
  bookId: number,
  network: Network,
  reader: ChainReader,
  block: BlockHeader,
): Promise<Seen> {
  return sightTransfers(q, bookId, network, reader, block, await reader.transfers(block))
}

/** Finds our part in what a block was read to hold. Owners are looked up now, after the block was read. */
export async function sightTransfers(
  q: Queries,
  bookId: number,
  network: Network,
  reader: ChainReader,
  block: BlockHeader,
  found: BlockTransfers,
): Promise<Seen> {
  const sightings = await sightDeposits(q, bookId, network, reader, block, found)
  return { sightings, movements: await movementsIn(q, bookId, network, block, found.transfers) }
}

/** What was seen in several blocks, in their order. */
export const seenIn = (blocks: readonly Seen[]): Seen => ({
  sightings: blocks.flatMap((one) => one.sightings),
  movements: blocks.flatMap((one) => one.movements),
})

async function sightDeposits(
  q: Queries,
  bookId: number,
  network: Network,
  reader: ChainReader,
  block: BlockHeader,
  { transfers, malformed }: BlockTransfers,
): Promise<Sighting[]> {
  if (malformed.length > 0) {
    await raiseAlert(q, bookId, {
      key: `malformed_logs:${network.code}`,
      kind: 'malformed_logs',
      severity: 'warning',
      data: { network: network.code, block: block.number, tx: malformed[0] ?? '' },
    })
  }
  const candidates = transfers.filter((transfer) => transfer.value > 0n)
  if (candidates.length === 0) return []
  const addresses = new Set(candidates.flatMap(({ from, to }) => [from, to]))
  const owners = await ownersOf(q, bookId, network.family, [...addresses])
  const ours = candidates.filter(({ to }) => typeof owners.get(to) === 'bigint')
  const houses = await toHouse(q, bookId, network, candidates, owners)
  const received = await receivedBy(network, reader, block, candidates, [...ours, ...houses.keys()])
  const kept = ours.flatMap((transfer): Sighting[] => {
    const personNo = owners.get(transfer.to)
    const arrived = received.get(transfer) ?? transfer.value
    const found = classify(network, transfer, arrived, owners.has(transfer.from))
    return found && typeof personNo === 'bigint' ? [{ block, transfer, personNo, received: arrived, ...found }] : []
  })
  for (const [transfer, reason] of houses) {
    if (reason === undefined) continue
    const arrived = received.get(transfer) ?? transfer.value
    const { units: amount } = fromChainUnits(arrived, network.decimals, assets.USDT.scale)
    if (arrived === 0n || amount > MAX_UNITS) continue
    kept.push({ block, transfer, class: 'house', reason, asset: 'USDT', personNo: 0n, received: arrived, amount })
  }
  return kept
}

/** Tokens to wallets of the house, with why they are the house's to book; without a reason our own payments book them. */
async function toHouse(
  q: Queries,
  bookId: number,
  network: Network,
  candidates: readonly TokenTransfer[],
  owners: ReadonlyMap<string, bigint | 'house'>,
): Promise<Map<TokenTransfer, string | undefined>> {
  const some = candidates.filter(({ contract, to }) => contract === network.contract && owners.get(to) === 'house')
  if (some.length === 0) return new Map()
  const purposes = await housePurposes(q, bookId, network.family, [
    ...new Set(some.flatMap(({ from, to }) => [from, to])),
  ])
  const party = (address: string) => {
    const owner = owners.get(address)
    return owner === 'house' ? purposes.get(address) : owner
  }
  return new Map(some.map((transfer) => [transfer, houseReason(party(transfer.from), party(transfer.to))]))
}

/** Checks the logs of our token against the balances of the addresses that they fill. */
async function receivedBy(
  network: Network,
  reader: ChainReader,
  block: BlockHeader,
  all: readonly TokenTransfer[],
  ours: readonly TokenTransfer[],
): Promise<Map<TokenTransfer, bigint>> {
  const token = all.filter(({ contract }) => contract === network.contract)
  const byAddress = Map.groupBy(
    ours.filter(({ contract, from, to }) => contract === network.contract && from !== to),
    ({ to }) => to,
  )
  const received = new Map<TokenTransfer, bigint>()
  await Promise.all(
    [...byAddress].map(async ([address, incoming]) => {
      const change = await reader.received(block, address)
      const values = incoming.map(({ value }) => value)
      if (change === undefined) return // the node has forgotten that state; the pinned contract's log stands
      const sent = token.reduce(
        (sum, { from, to, value }) => (from === address && to !== address ? sum + value : sum),
        0n,
      )
      const shares = shareReceived(values, change + sent)
      for (const [i, transfer] of incoming.entries()) received.set(transfer, shares[i] ?? 0n)
    }),
  )
  return received
}

/**
 * Writes what was sighted and answers how much of it was new, or is here again. The caller holds the network's lock.
 * Sighting again what stands changes nothing.
 */
export async function recordSightings(
  tx: Tx,
  bookId: number,
  network: Network,
  found: readonly Sighting[],
  at: Date,
): Promise<number> {
  const sightings = await withoutRepeats(tx, bookId, network, found)
  if (sightings.length === 0) return 0
  const rows = await tx.query<Sighted>(
    'deposits-sight',
    `select id, class, person_no, asset, amount, tx_hash from deposits_sight(
       $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
    [
      bookId,
      network.code,
      sightings.map(() => newId()),
      sightings.map((s) => s.transfer.txHash),
      sightings.map((s) => s.transfer.ordinal),
      sightings.map((s) => s.class),
      sightings.map((s) => s.reason),
      sightings.map((s) => s.asset),
      sightings.map((s) => s.personNo),
      sightings.map((s) => s.transfer.to),
      sightings.map((s) => s.transfer.from),
      sightings.map((s) => s.transfer.contract),
      sightings.map((s) => s.transfer.value.toString()),
      sightings.map((s) => s.received.toString()),
      sightings.map((s) => s.amount),
      sightings.map((s) => s.block.number),
      sightings.map((s) => s.block.hash),
      sightings.map((s) => s.block.minedAt.toISOString()),
      network.confirmations,
      at,
    ],
  )
  const events = rows
    .filter((row) => row.class === 'customer')
    .map(({ id, person_no, asset, amount, tx_hash }) => {
      const text = formatAmount(amount, assets[asset].scale, 2)
      const data = { id, chain: network.code, asset, amount: text, tx_hash }
      return outboxRow(bookId, person_no, 'deposit.detected', data, at)
    })
  if (events.length > 0) await tx.query('ledger-rows-outbox', outboxTable.insert(1), columnsOf(events))
  return rows.length
}

interface Sighted {
  id: string
  class: DepositClass
  person_no: bigint
  asset: DepositAsset
  amount: bigint
  tx_hash: string
}

/** Of one foreign token at one address a single row is kept: enough to act on, and nothing for a spammer to fill. */
async function withoutRepeats(
  tx: Tx,
  bookId: number,
  network: Network,
  found: readonly Sighting[],
): Promise<Sighting[]> {
  const foreign = found.filter((s) => s.class === 'unsupported')
  if (foreign.length === 0) return [...found]
  const pair = (contract: string, address: string) => `${contract} ${address}`
  const place = (txHash: string, ordinal: number) => `${txHash} ${ordinal}`
  const rows = await tx.query<{ contract: string; address: string; tx_hash: string; ordinal: number }>(
    'deposits-foreign',
    `select contract, address, tx_hash, ordinal from deposits
     where book_id = $1 and network = $2 and class = 'unsupported' and status <> 'orphaned'
       and (contract, address) in (select * from unnest($3::text[], $4::text[]))`,
    [bookId, network.code, foreign.map((s) => s.transfer.contract), foreign.map((s) => s.transfer.to)],
  )
  const kept = new Map(rows.map((row) => [pair(row.contract, row.address), place(row.tx_hash, row.ordinal)]))
  return found.filter((s) => {
    if (s.class !== 'unsupported') return true
    const key = pair(s.transfer.contract, s.transfer.to)
    const mine = place(s.transfer.txHash, s.transfer.ordinal)
    const first = kept.get(key) ?? mine
    kept.set(key, first)
    return first === mine
  })
}
