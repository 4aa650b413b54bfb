// The second reading, for chains whose headers do not sum up their receipts (TRON): each block is read once more from what
// the chain calls final, and a deposit is credited only when that view tells of it, to the letter, right before.
// Must stay true: what was missed at first sight is found here; `final` of such a network means "read again up to here";
// a deposit that only the first view told of stays pending, and an operator hears of it.

import type { Tx } from '../../base/database.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import { chainStateOf, lockChain } from '../chain/chain-state.ts'
import type { Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import type { ChainReader, TokenTransfer } from '../ports.ts'
import { recordMovements } from '../reconciliation/movement.ts'
import type { DepositRow } from './settle-deposits.ts'
import { recordSightings, type Seen, seenIn, sightTransfers } from './sight-deposits.ts'

/** Blocks that go into one transaction. */
const SPAN = 50
/** Blocks that are asked for at once. */
const LANES = 4

type Place = { number: number; hash: string }

export interface FinalReader {
  /** Reads all blocks again that have become final, and notes what the first reading missed. */
  readFinal(): Promise<void>
  /** Asks for blocks in the final view now; answers whether a deposit of one of them is in it. */
  provenIn(blocks: readonly Place[]): Promise<(row: DepositRow) => boolean>
  /** Raises or closes the alert about deposits that are due and not in the final view. */
  tellDisputed(tx: Tx, due: readonly DepositRow[], proven: readonly DepositRow[]): Promise<void>
  /** What comes after this block is to be read again. The caller holds the network's lock. */
  backTo(tx: Tx, number: number): Promise<void>
}

/** Nothing for chains that need no second reading. */
export function finalReader(
  bank: Bank,
  bookId: number,
  network: Network,
  reader: ChainReader,
): FinalReader | undefined {
  const { db } = bank
  if (!reader.finalTransfers) return undefined
  const finalTransfers = reader.finalTransfers
  const alertKey = `deposit_disputed:${network.code}`

  async function readFinal(): Promise<void> {
    const newest = await reader.final()
    while (await readSpan(newest));
  }

  /** True when there may be more. */
  async function readSpan(newest: number): Promise<boolean> {
    const state = await chainStateOf(db, bookId, network.code)
    if (state?.phase !== 'following' || state.number === null || state.final >= newest) return false
    const blocks = await blocksBetween(state.final, newest)
    const last = blocks.at(-1)
    if (!last) return false
    const each: Seen[] = []
    for (let i = 0; i < blocks.length; i += LANES) {
      each.push(...(await Promise.all(blocks.slice(i, i + LANES).map(sightFinal))))
    }
    const { sightings, movements } = seenIn(each)
    const moved = await db.transaction(async (tx) => {
      const now = await lockChain(tx, bookId, network.code)
      const same = now.final === state.final && now.hash === state.hash && now.phase === 'following'
      if (!same) return false // another watcher was faster, or the chain went back
      await recordMovements(bank, tx, bookId, network, movements)
      await recordSightings(tx, bookId, network, sightings, bank.clock.now())
      await tx.query('chain-final', 'update chain_states set final = $3 where book_id = $1 and network = $2', [
        bookId,
        network.code,
        last.number,
      ])
      return true
    })
    return moved && blocks.length === SPAN
  }

  async function blocksBetween(after: number, upTo: number): Promise<Place[]> {
    const rows = await db.query<{ number: bigint; hash: string }>(
      'chain-blocks-between',
      `select number, hash from chain_blocks
       where book_id = $1 and network = $2 and number > $3 and number <= $4 order by number limit ${SPAN}`,
      [bookId, network.code, after, upTo],
    )
    return rows.map(({ number, hash }) => ({ number: Number(number), hash }))
  }

  async function sightFinal(place: Place): Promise<Seen> {
    const { block, ...found } = await finalTransfers(place)
    return sightTransfers(db, bookId, network, reader, block, found)
  }

  async function provenIn(blocks: readonly Place[]): Promise<(row: DepositRow) => boolean> {
    const proven = new Set<string>()
    for (let i = 0; i < blocks.length; i += LANES) {
      const some = await Promise.all(blocks.slice(i, i + LANES).map((block) => finalTransfers(block)))
      for (const { block, transfers } of some) for (const transfer of transfers) proven.add(nameOf(block, transfer))
    }
    return (row) => proven.has(nameOf({ number: Number(row.block_number) }, transferOf(row)))
  }

  async function tellDisputed(tx: Tx, due: readonly DepositRow[], proven: readonly DepositRow[]): Promise<void> {
    const known = new Set(proven.map((row) => row.id))
    const disputed = due.filter((row) => !known.has(row.id))
    const [first] = disputed
    if (first) {
      await raiseAlert(tx, bookId, {
        key: alertKey,
        kind: 'deposit_disputed',
        severity: 'critical',
        data: { network: network.code, deposits: disputed.length, deposit: first.id, tx: first.tx_hash },
      })
    } else if (due.length > 0) {
      await closeAlert(tx, bookId, alertKey) // whichever process raised it
    }
  }

  async function backTo(tx: Tx, number: number): Promise<void> {
    await tx.query(
      'chain-final-back',
      'update chain_states set final = least(final, $3) where book_id = $1 and network = $2',
      [bookId, network.code, number],
    )
  }

  return { readFinal, provenIn, tellDisputed, backTo }
}

/** What tells a transfer from every other, to the letter. */
export const nameOf = ({ number }: { number: number }, transfer: TokenTransfer): string => {
  const { txHash, ordinal, contract, from, to, value } = transfer
  return [number, txHash, ordinal, contract, from, to, value].join(' ')
}

export const transferOf = (row: DepositRow): TokenTransfer => ({
  txHash: row.tx_hash,
  ordinal: row.ordinal,
  contract: row.contract,
  from: row.from_address,
  to: row.address,
  value: BigInt(row.value),
})
