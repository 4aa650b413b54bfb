// How far each network has been read, who reads it, and whether money may leave it.
// The row is also the lock: whoever changes a network's deposits holds it, so crediting and walking back never overlap.

import type { Queries, Tx } from '../../base/database.ts'
import { closeAlert, closeAlerts, raiseAlert } from '../alert.ts'

export interface ChainState {
  phase: 'following' | 'off' | 'halted'
  note: string
  /** The newest block that has been read; null before the first. */
  number: number | null
  hash: string | null
  head: number
  final: number
  answered_at: Date
  money_out_paused_at: Date | null
  money_out_paused_for: string | null
  /** Chain units. */
  dust: bigint
}

const columns = `phase, note, number, hash, head, final, answered_at, money_out_paused_at, money_out_paused_for, dust`

type Raw = Omit<ChainState, 'number' | 'head' | 'final' | 'dust'> & {
  number: bigint | null
  head: bigint
  final: bigint
  dust: string
}

const stateOf = (row: Raw | undefined): ChainState | undefined =>
  row && {
    ...row,
    number: row.number === null ? null : Number(row.number),
    head: Number(row.head),
    final: Number(row.final),
    dust: BigInt(row.dust),
  }

export async function chainStateOf(q: Queries, bookId: number, network: string): Promise<ChainState | undefined> {
  const [row] = await q.query<Raw>(
    'chain-state',
    `select ${columns} from chain_states where book_id = $1 and network = $2`,
    [bookId, network],
  )
  return stateOf(row)
}

/** Every network that the book was ever watched on. */
export async function chainStates(q: Queries, bookId: number): Promise<(ChainState & { network: string })[]> {
  const rows = await q.query<Raw & { network: string }>(
    'chain-states',
    `select network, ${columns} from chain_states where book_id = $1 order by network`,
    [bookId],
  )
  return rows.flatMap((row) => {
    const state = stateOf(row)
    return state ? [{ ...state, network: row.network }] : []
  })
}

/** Takes the network's lock until the transaction ends. */
export async function lockChain(tx: Tx, bookId: number, network: string): Promise<ChainState> {
  const [row] = await tx.query<Raw>(
    'chain-lock',
    `select ${columns} from chain_states where book_id = $1 and network = $2 for no key update`,
    [bookId, network],
  )
  const state = stateOf(row)
  if (!state) throw new Error(`${network} has no state yet`)
  return state
}

/** Makes the row of a network that was never read. */
export async function openChain(q: Queries, bookId: number, network: string): Promise<void> {
  await q.query('chain-open', 'insert into chain_states (book_id, network) values ($1, $2) on conflict do nothing', [
    bookId,
    network,
  ])
}

/**
 * Makes `watcher` the one who reads for the next while, unless another is. Saves the others' work; two at once would
 * do no harm. The database's clock counts, as watchers' clocks may differ.
 */
export async function claimChain(
  q: Queries,
  bookId: number,
  network: string,
  watcher: string,
  forMs: number,
): Promise<boolean> {
  const rows = await q.query(
    'chain-claim',
    `update chain_states set watcher = $3, watched_until = now() + $4::integer * interval '1 millisecond'
     where book_id = $1 and network = $2 and (watcher is null or watcher = $3 or watched_until < now()) returning 1`,
    [bookId, network, watcher, forMs],
  )
  return rows.length > 0
}

export async function leaveChain(q: Queries, bookId: number, network: string, watcher: string): Promise<void> {
  await q.query(
    'chain-leave',
    'update chain_states set watcher = null, watched_until = null where book_id = $1 and network = $2 and watcher = $3',
    [bookId, network, watcher],
  )
}

/** Takes a network off, or back, for a reason that people can read. A halted network stays halted. */
export async function setPhase(
  q: Queries,
  bookId: number,
  network: string,
  phase: 'following' | 'off',
  note: string,
): Promise<void> {
  await q.query(
    'chain-phase',
    `update chain_states set phase = $3, note = $4
     where book_id = $1 and network = $2 and phase <> 'halted' and (phase, note) <> ($3, $4)`,
    [bookId, network, phase, note],
  )
}

/** Stops following: the books and the chain disagree beyond what is remembered. Money out stops with it. */
export async function haltChain(tx: Tx, bookId: number, network: string, note: string): Promise<void> {
  await tx.query(
    'chain-halt',
    `update chain_states set phase = 'halted', note = $3 where book_id = $1 and network = $2`,
    [bookId, network, note],
  )
  await pauseMoneyOut(tx, bookId, network, note)
  await raiseAlert(tx, bookId, {
    key: `chain_halted:${network}`,
    kind: 'chain_halted',
    severity: 'critical',
    data: { network, note },
  })
}

export async function pauseMoneyOut(tx: Queries, bookId: number, network: string, reason: string): Promise<void> {
  await tx.query(
    'chain-pause',
    `update chain_states set money_out_paused_at = coalesce(money_out_paused_at, now()),
       money_out_paused_for = coalesce(money_out_paused_for, $3)
     where book_id = $1 and network = $2`,
    [bookId, network, reason],
  )
}

/** An operator's decision, never a watcher's: what made it stop was looked into. False when it was not paused. */
export async function resumeMoneyOut(tx: Queries, bookId: number, network: string): Promise<boolean> {
  const resumed = await tx.query(
    'chain-resume',
    `update chain_states set money_out_paused_at = null, money_out_paused_for = null
     where book_id = $1 and network = $2 and money_out_paused_at is not null returning 1`,
    [bookId, network],
  )
  for (const kind of ['deep_reorg', 'nonce_taken']) await closeAlerts(tx, bookId, `${kind}:${network}:`)
  await closeAlert(tx, bookId, `chain_halted:${network}`)
  return resumed.length > 0
}

/** Adds to what the network's coin has that is finer than the ledger. The caller holds the network's lock. */
export async function addCoinDust(tx: Tx, bookId: number, network: string, dust: bigint): Promise<void> {
  if (dust === 0n) return
  await tx.query(
    'chain-coin-dust',
    'update chain_states set coin_dust = coin_dust + $3 where book_id = $1 and network = $2',
    [bookId, network, dust.toString()],
  )
}

/** As `claimChain`, for advancing the network's payments. */
export async function claimPayments(
  q: Queries,
  bookId: number,
  network: string,
  payer: string,
  forMs: number,
): Promise<boolean> {
  const rows = await q.query(
    'chain-claim-payments',
    `update chain_states set payer = $3, paying_until = now() + $4::integer * interval '1 millisecond'
     where book_id = $1 and network = $2 and (payer is null or payer = $3 or paying_until < now()) returning 1`,
    [bookId, network, payer, forMs],
  )
  return rows.length > 0
}

export async function leavePayments(q: Queries, bookId: number, network: string, payer: string): Promise<void> {
  await q.query(
    'chain-leave-payments',
    'update chain_states set payer = null, paying_until = null where book_id = $1 and network = $2 and payer = $3',
    [bookId, network, payer],
  )
}
