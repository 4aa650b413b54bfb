// Follows a chain, block by block by hash: records what is in it, settles what has become final, walks back when the
// chain did. Must stay true: blocks, their deposits and the place reached commit together; what a node says about a
// block is only used if that block's parent is the one we have; a deep reorganisation is believed only after it lasts.
// Where headers do not sum up receipts, every block is read a second time when it is final; see read-final.ts.

import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { raiseAlert } from '../alert.ts'
import { type ChainState, chainStateOf, haltChain, lockChain, openChain, pauseMoneyOut } from '../chain/chain-state.ts'
import type { Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import type { BlockHeader, ChainReader } from '../ports.ts'
import { recordMovements, undoMovements } from '../reconciliation/movement.ts'
import { loseDeposits } from './lose-deposits.ts'
import { type FinalReader, finalReader } from './read-final.ts'
import { type DueBlock, secondOpinion } from './second-opinion.ts'
import { type DepositRow, depositColumns, settleDue } from './settle-deposits.ts'
import { recordSightings, type Seen, seenIn, sightBlock } from './sight-deposits.ts'

/** Blocks that go into one transaction when far behind. */
const SPAN = 50
/** Deposits that are settled in one transaction. */
const BATCH = 200
/** Blocks before the first that are remembered, so that an early reorganisation can be walked back. */
const RUN_UP = 64

export interface Follower {
  /** Reads on as far as one span goes. True when there may be more to do at once. */
  advance(): Promise<boolean>
  /** Credits what is final. Answers how many were settled. */
  settle(): Promise<number>
  /** An operator's way out of a halt, and to read a stretch again: as if block `number` were the newest that was read. */
  reread(number: number): Promise<void>
  /**
   * Reads blocks that were read before once more: deposits that are known stay as they are, missed ones are found and
   * settled as ever. Moves nothing else. `onProgress` hears the last block that is done.
   */
  rescan(from: number, to: number, onProgress?: (block: number) => void): Promise<Rescan>
}

export interface Rescan {
  blocks: number
  /** Transfers to our addresses that the blocks hold, and those of them that had been missed. */
  seen: number
  found: number
}

type Followed = ChainState & { number: number; hash: string }

/** `second`: a node of somebody else, whose word large deposits need as well; see second-opinion.ts. */
export function createFollower(
  bank: Bank,
  bookId: number,
  network: Network,
  reader: ChainReader,
  second?: ChainReader,
): Follower {
  const { db } = bank
  const again: FinalReader | undefined = finalReader(bank, bookId, network, reader)
  const opinion = second && secondOpinion(bank, bookId, network, second)
  /** A fork below booked deposits that was seen once; it has to be seen again before it is believed. */
  let suspect = ''

  async function advance(): Promise<boolean> {
    const head = await reader.head()
    const final = network.finality === 'finalized' && !again ? await reader.final() : 0
    const state = await stateOr(head)
    if (!state || state.phase === 'halted') return false
    if (head < state.number) {
      // a node that lags, or a chain that became shorter: only a different block at that height tells them apart
      const [theirs] = await reader.headers([head])
      const ours = await knownBlocks([head])
      if (theirs && ours.has(head) && ours.get(head) !== theirs.hash) return rewind(state, head)
      return false
    }
    const last = Math.min(head, state.number + SPAN)
    const [tip, ...next] = await reader.headers(range(state.number, last))
    if (!tip) return false
    if (tip.hash !== state.hash) return rewind(state, head)
    const blocks = linked(tip, next)
    const seen = await sightAll(blocks)
    const reached = blocks.at(-1) ?? tip
    const moved = await db.transaction(async (tx) => {
      const now = await lockChain(tx, bookId, network.code)
      if (now.hash !== state.hash || now.number !== state.number) return false // another watcher was faster
      await remember(tx, blocks)
      await note(tx, seen)
      await forget(tx, reached.number)
      await place(tx, reached, head, final)
      return blocks.length > 0
    })
    return moved && reached.number < head
  }

  /** The state, or its beginning: at the head of the first moment, for no address was shown before. */
  async function stateOr(head: number): Promise<Followed | undefined> {
    const state = await chainStateOf(db, bookId, network.code)
    if (state && state.number !== null && state.hash !== null)
      return { ...state, number: state.number, hash: state.hash }
    await openChain(db, bookId, network.code)
    const headers = await reader.headers(range(Math.max(0, head - RUN_UP), head))
    const [first, ...rest] = headers
    if (!first) return undefined
    const blocks = [first, ...linked(first, rest)]
    const tip = blocks.at(-1)
    if (tip?.number !== head) return undefined
    await db.transaction(async (tx) => {
      const now = await lockChain(tx, bookId, network.code)
      if (now.number !== null) return
      await remember(tx, blocks)
      await tx.query('chain-start', 'update chain_states set start_number = $3 where book_id = $1 and network = $2', [
        bookId,
        network.code,
        tip.number,
      ])
      await place(tx, tip, head, 0)
    })
    return undefined
  }

  async function sightAll(blocks: readonly BlockHeader[]): Promise<Seen> {
    const found: Seen[] = []
    for (let i = 0; i < blocks.length; i += 4) {
      const some = blocks.slice(i, i + 4).map((block) => sightBlock(db, bookId, network, reader, block))
      found.push(...(await Promise.all(some)))
    }
    return seenIn(found)
  }

  /** Answers how many deposits were new. */
  async function note(tx: Tx, { sightings, movements }: Seen): Promise<number> {
    await recordMovements(bank, tx, bookId, network, movements)
    return recordSightings(tx, bookId, network, sightings, bank.clock.now())
  }

  async function knownBlocks(numbers: readonly number[]): Promise<Map<number, string>> {
    const rows = await db.query<{ number: bigint; hash: string }>(
      'chain-blocks',
      'select number, hash from chain_blocks where book_id = $1 and network = $2 and number = any ($3::bigint[])',
      [bookId, network.code, numbers],
    )
    return new Map(rows.map((row) => [Number(row.number), row.hash]))
  }

  async function remember(tx: Tx, blocks: readonly BlockHeader[]) {
    if (blocks.length === 0) return
    await tx.query(
      'chain-remember',
      `insert into chain_blocks (book_id, network, number, hash, parent_hash)
       select $1, $2, * from unnest($3::bigint[], $4::text[], $5::text[])`,
      [bookId, network.code, blocks.map((b) => b.number), blocks.map((b) => b.hash), blocks.map((b) => b.parentHash)],
    )
  }

  /** Blocks too old to be walked back to, unless a deposit in one of them still waits or it is to be read again. */
  async function forget(tx: Tx, newest: number) {
    await tx.query(
      'chain-forget',
      `delete from chain_blocks where book_id = $1 and network = $2 and number < least($3::bigint,
         (select min(block_number) from deposits where book_id = $1 and network = $2 and status = 'pending'),
         (select final from chain_states where book_id = $1 and network = $2 and $4))`,
      [bookId, network.code, newest - network.maxReorg, again !== undefined],
    )
  }

  async function place(tx: Tx, at: Pick<BlockHeader, 'number' | 'hash'>, head: number, final: number) {
    await tx.query(
      'chain-place',
      `update chain_states set number = $3, hash = $4, head = $5, final = greatest(final, $6), answered_at = now()
       where book_id = $1 and network = $2`,
      [bookId, network.code, at.number, at.hash, head, final],
    )
  }

  // --- walking back ---

  /** Our newest block is not in the node's chain: finds the newest that is, and undoes what came after it. */
  async function rewind(state: Followed, head: number): Promise<boolean> {
    const fork = await findFork(state, head)
    if (!fork) {
      const certain = suspect === 'none in common'
      suspect = 'none in common'
      if (!certain) return false // one strange answer is no reason to stop
      await db.transaction(async (tx) => {
        const now = await lockChain(tx, bookId, network.code)
        if (now.hash === state.hash)
          await haltChain(tx, bookId, network.code, `a reorganisation goes deeper than ${network.maxReorg} blocks`)
      })
      return false
    }
    return walkBack(state, fork, head)
  }

  interface Fork {
    /** The newest block that both have. */
    number: number
    hash: string
    /** Tells this branch from another one. */
    next: string
  }

  async function findFork(state: Followed, head: number): Promise<Fork | undefined> {
    let next = ''
    for (let top = Math.min(state.number, head); top >= 0; top -= SPAN) {
      const numbers = range(Math.max(0, top - SPAN + 1), top).reverse()
      const ours = await knownBlocks(numbers)
      if (ours.size === 0) return undefined
      const theirs = await reader.headers(numbers)
      for (const [i, number] of numbers.entries()) {
        const header = theirs[i]
        if (header && ours.get(number) === header.hash) return { number, hash: header.hash, next }
        if (header) next = header.hash
      }
    }
    return undefined
  }

  async function walkBack(state: Followed, fork: Fork, head: number): Promise<boolean> {
    return db.transaction(async (tx) => {
      const now = await lockChain(tx, bookId, network.code)
      if (now.hash !== state.hash || now.number !== state.number) return true
      const lost = await standingAbove(tx, fork.number)
      const booked = lost.filter((row) => ['credited', 'below_minimum', 'rejected', 'house'].includes(row.status))
      if (booked.length > 0) {
        const depth = state.number - fork.number
        await pauseMoneyOut(
          tx,
          bookId,
          network.code,
          `a reorganisation of ${depth} blocks undid ${booked.length} booked deposits`,
        )
        await raiseAlert(tx, bookId, {
          key: `deep_reorg:${network.code}:${fork.number}`,
          kind: 'deep_reorg',
          severity: 'critical',
          data: { network: network.code, fork: fork.number, depth, deposits: booked.length },
        })
        // money is taken back only for a branch that is seen twice and is itself as long as what we credit on
        const name = `${fork.number} ${fork.next}`
        const lasting = suspect === name && head - fork.number >= network.confirmations
        suspect = name
        if (!lasting) return false
      }
      suspect = ''
      await loseDeposits(bank, tx, bookId, network, lost)
      await undoMovements(tx, bookId, network.code, fork.number)
      await tx.query(
        'chain-unremember',
        'delete from chain_blocks where book_id = $1 and network = $2 and number > $3',
        [bookId, network.code, fork.number],
      )
      await place(tx, fork, head, 0)
      await again?.backTo(tx, fork.number)
      return true
    })
  }

  async function reread(number: number): Promise<void> {
    const headers = await reader.headers(range(Math.max(0, number - RUN_UP), number))
    const [first, ...rest] = headers
    const blocks = first ? [first, ...linked(first, rest)] : []
    const tip = blocks.at(-1)
    if (tip?.number !== number) throw new Error(`the node has no whole chain up to block ${number}`)
    const head = await reader.head()
    await db.transaction(async (tx) => {
      await lockChain(tx, bookId, network.code)
      await loseDeposits(bank, tx, bookId, network, await standingAbove(tx, number))
      await undoMovements(tx, bookId, network.code, number)
      await tx.query('chain-forget-all', 'delete from chain_blocks where book_id = $1 and network = $2', [
        bookId,
        network.code,
      ])
      await remember(tx, blocks)
      await place(tx, tip, head, 0)
      await again?.backTo(tx, tip.number)
      await tx.query(
        'chain-revive',
        `update chain_states set phase = 'following', note = '' where book_id = $1 and network = $2`,
        [bookId, network.code],
      )
    })
  }

  async function standingAbove(tx: Tx, number: number): Promise<DepositRow[]> {
    return tx.query<DepositRow>(
      'deposits-lost',
      `select ${depositColumns} from deposits d
       where d.book_id = $1 and d.network = $2 and d.block_number > $3 and d.status not in ('orphaned', 'reversed') order by d.id`,
      [bookId, network.code, number],
    )
  }

  async function rescan(from: number, to: number, onProgress = (_block: number) => {}): Promise<Rescan> {
    const unable = (reason: string) => new Refusal('NetworkUnavailable', { network: network.code, reason })
    const total = { blocks: 0, seen: 0, found: 0 }
    for (let first = from; first <= to; first += SPAN) {
      const numbers = range(first, Math.min(to, first + SPAN - 1))
      const last = numbers.at(-1) ?? to
      const [tip, ...rest] = await reader.headers(numbers)
      const blocks = tip ? [tip, ...linked(tip, rest)] : []
      if (blocks.length < numbers.length) throw unable(`the node has no whole chain from block ${first} to ${last}`)
      const seen = await sightAll(blocks)
      total.found += await db.transaction(async (tx) => {
        const { phase, number } = await lockChain(tx, bookId, network.code)
        if (phase !== 'following' || (number ?? -1) < last) {
          throw unable(`it is ${phase} and was read up to block ${number ?? 'none'}`)
        }
        const ours = await knownBlocks(numbers)
        const other = blocks.find((block) => (ours.get(block.number) ?? block.hash) !== block.hash)
        if (other) throw unable(`the node has another block ${other.number} than the one that was read`)
        const found = await note(tx, seen)
        // a deposit is settled in a block that is remembered; `forget` lets go of these once that is done
        if (found > 0)
          await remember(
            tx,
            blocks.filter((block) => !ours.has(block.number)),
          )
        return found
      })
      total.blocks += blocks.length
      total.seen += seen.sightings.length
      onProgress(last)
    }
    return total
  }

  // --- settling ---

  async function settle(): Promise<number> {
    let settled = 0
    await again?.readFinal()
    for (;;) {
      const blocks = await dueBlocks()
      const headers = await reader.headers(blocks.map((block) => block.number))
      // a block that the node no longer has there is left alone: the next advance finds out what happened
      const sound = blocks.filter((block, i) => headers[i]?.hash === block.hash)
      if (sound.length === 0) return settled
      const proven = await again?.provenIn(sound)
      const agreed = await opinion?.on(sound)
      const count = await settleBatch(sound, proven, agreed)
      settled += count
      if (count < BATCH && blocks.length < SPAN) return settled
      if (count === 0) return settled
    }
  }

  const due = `d.book_id = $1 and d.network = $2 and d.status = 'pending'
    and d.block_number <= s.number - d.confirmations + 1 and ($3 = 'none' or d.block_number <= s.final)`

  async function dueBlocks(): Promise<DueBlock[]> {
    const rows = await db.query<{ number: bigint; hash: string; largest: bigint }>(
      'deposits-due-blocks',
      `select d.block_number as number, d.block_hash as hash, max(d.amount_received) as largest
       from deposits d join chain_states s using (book_id, network)
       where ${due} and s.phase = 'following' group by 1, 2 order by 1 limit ${SPAN}`,
      [bookId, network.code, network.finality],
    )
    return rows.map((row) => ({ ...row, number: Number(row.number) }))
  }

  /**
   * `proven` says which deposits the final view tells of; without it, the blocks' own hashes did. `agreed` says which
   * may be settled for what the second node says.
   */
  async function settleBatch(
    blocks: readonly DueBlock[],
    proven: ((row: DepositRow) => boolean) | undefined,
    agreed: ((row: DepositRow) => boolean) | undefined,
  ): Promise<number> {
    return db.transaction(async (tx) => {
      await lockChain(tx, bookId, network.code)
      const rows = await tx.query<DepositRow>(
        'deposits-due',
        `select ${depositColumns}
         from deposits d join chain_states s using (book_id, network)
         join chain_blocks b on b.book_id = d.book_id and b.network = d.network and b.number = d.block_number and b.hash = d.block_hash
         where ${due} and (d.block_number, d.block_hash) in (select * from unnest($4::bigint[], $5::text[]))
         order by d.block_number, d.id limit ${BATCH}`,
        [bookId, network.code, network.finality, blocks.map((b) => b.number), blocks.map((b) => b.hash)],
      )
      const told = proven ? rows.filter(proven) : rows
      await again?.tellDisputed(tx, rows, told)
      const sound = agreed ? told.filter(agreed) : told
      if (agreed) await opinion?.tell(tx, told, agreed)
      await settleDue(bank, tx, bookId, network, sound)
      return sound.length
    })
  }

  return { advance, settle, reread, rescan }
}

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)

/** As many of the headers as hang together, one on the other, beginning on `tip`. */
function linked(tip: BlockHeader, headers: readonly (BlockHeader | undefined)[]): BlockHeader[] {
  const chain: BlockHeader[] = []
  let parent = tip
  for (const header of headers) {
    if (header?.parentHash !== parent.hash || header.number !== parent.number + 1) break
    chain.push(header)
    parent = header
  }
  return chain
}
