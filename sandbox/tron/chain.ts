// A TRON chain: its blocks from the first one, the pool of transactions that wait for the next, what is solid and what may
// still be replaced.
// Must stay true: all that changes the chain or runs the virtual machine goes through `exclusive`, one at a time; a block is
// in the journal before anybody can see it; chain time never goes back; what is solid stays.

import { keyedQueue } from '../../src/base/batch.ts'
import { ControlError } from '../chain.ts'
import { toBase58 } from './address.ts'
import { type Block, type Mined, makeBlock, witness } from './block.ts'
import { type BlockPlace, execute, type Prices, tooBig } from './execute.ts'
import { CHAIN_ID, firstBlock, genesisBlock, genesisState } from './genesis.ts'
import { Refused } from './refusal.ts'
import { type Changes, merge, noChanges, type State, stateOver } from './state.ts'
import type { ChainStore, StoredBlock } from './store.ts'
import { signerOf, type Transaction, transactionBytes } from './transaction.ts'
import { createVm, type Vm } from './vm.ts'

export interface ChainOptions {
  /** Blocks that come after one before it is solid. */
  confirmations: number
  /** Least time between two blocks, in milliseconds. */
  blockTime: number
  prices: Prices
  /** Energy that one transaction can use within the time it is given. */
  energyInTime: bigint
  store: ChainStore | undefined
}

export interface TronChain {
  readonly prices: Prices
  readonly genesis: Block
  readonly head: () => Block
  readonly solid: () => Block
  block(number: number): Block | undefined
  blockById(id: string): Block | undefined
  /** A transaction that stands in a block. */
  mined(id: string): { block: Block; index: number; mined: Mined } | undefined
  /** One that waits, and how it would end. */
  pending(id: string): Mined | undefined
  pool(): readonly Mined[]
  /** Takes a transaction into the pool, or throws `Refused`. */
  broadcast(transaction: Transaction): Promise<void>
  /** Makes blocks; what waits goes into the first. */
  mine(count: number): Promise<Block>
  /** Replaces the newest blocks by one more of others. */
  reorganise(depth: number, transactions: 'keep' | 'drop'): Promise<Block>
  /** What is read there now; whatever is written to it is forgotten. */
  view(which: 'head' | 'solid'): State
  /** Runs alone, so that neither the state nor the virtual machine changes meanwhile. */
  alone<T>(work: (vm: Vm) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const MAX_SIZE = 500 * 1024
const MAX_LIFE = 24 * 3_600_000

export async function openChain(options: ChainOptions): Promise<TronChain> {
  const { confirmations, blockTime, prices, store } = options
  const blocks: Block[] = [genesisBlock]
  const byId = new Map<string, number>([[genesisBlock.id, 0]])
  const places = new Map<string, { number: number; index: number }>()
  /** State at the newest solid block, and what each block above it has changed. */
  const base = genesisState()
  const layers: Changes[] = []
  let pool: Mined[] = []
  let pendingLayer = noChanges()

  const vm = createVm({
    chainId: CHAIN_ID,
    energyPrice: prices.energy,
    energyInTime: options.energyInTime,
    blockId: (number) => blocks[number]?.id,
  })
  const queue = keyedQueue<'chain'>()
  let isClosed = false
  const exclusive = <T>(work: () => Promise<T>) =>
    queue('chain', async () => {
      if (isClosed) throw new Error('the chain is closed')
      return work()
    })

  const head = (): Block => blocks.at(-1) ?? genesisBlock
  const solidNumber = () => blocks.length - 1 - layers.length
  const solid = (): Block => blocks[solidNumber()] ?? genesisBlock

  const next = (): BlockPlace => placeAfter(head(), Math.max(head().time + blockTime, Date.now()))
  const placeAfter = (before: Block, time: number): BlockPlace => ({
    number: before.number + 1,
    time,
    witness,
    headTime: before.time,
    genesisTime: genesisBlock.time,
  })

  // --- what a transaction must be before it is executed ---

  function checkReference({ refBlockBytes, refBlockHash }: Transaction): void {
    const number = head().number - ((head().number - Number.parseInt(refBlockBytes, 16)) & 0xffff)
    if (refBlockBytes.length !== 4 || blocks[number]?.id.slice(16, 32) !== refBlockHash)
      throw new Refused('TAPOS_ERROR', 'Tapos check error.')
  }

  function checkTime({ expiration }: Transaction): void {
    if (expiration <= head().time || expiration > head().time + MAX_LIFE)
      throw new Refused('TRANSACTION_EXPIRATION_ERROR', 'Transaction expired')
  }

  function checkSize(transaction: Transaction): void {
    const size = transactionBytes(transaction).length + 128
    if (size > MAX_SIZE) throw tooBig('transaction with result', transaction, size, MAX_SIZE)
  }

  // --- pool ---

  async function broadcast(transaction: Transaction): Promise<void> {
    checkSignature(transaction)
    await exclusive(async () => {
      await admit(transaction)
      store?.addWaiting(transaction)
    })
  }

  async function admit(transaction: Transaction): Promise<void> {
    checkReference(transaction)
    checkSize(transaction)
    checkTime(transaction)
    if (places.has(transaction.id) || pool.some((one) => one.transaction.id === transaction.id))
      throw new Refused('DUP_TRANSACTION_ERROR', 'Dup transaction.')
    // on what waits already, so that nobody spends twice what he has once
    const receipt = await attempt(stateOver([base, ...layers, pendingLayer]), transaction, next())
    pool.push({ transaction, receipt })
  }

  async function attempt(state: State, transaction: Transaction, place: BlockPlace) {
    state.checkpoint()
    try {
      const receipt = await execute(vm, prices, state, transaction, place)
      state.commit()
      return receipt
    } catch (error) {
      state.revert()
      throw error
    }
  }

  // --- blocks ---

  /** A block of what waits. What cannot be executed any more is lost, as on TRON. */
  async function makeNext(time: number, waiting: readonly Transaction[]): Promise<StoredBlock> {
    const place = placeAfter(head(), time)
    const changes = noChanges()
    const state = stateOver([base, ...layers, changes])
    const mined: Mined[] = []
    for (const transaction of waiting) {
      try {
        checkReference(transaction)
        checkTime(transaction)
        mined.push({ transaction, receipt: await attempt(state, transaction, place) })
      } catch (error) {
        if (!(error instanceof Refused)) throw error
      }
    }
    return { block: makeBlock(place.number, head().id, time, mined), changes }
  }

  function append(one: StoredBlock): void {
    store?.addBlock(one)
    link(one)
  }

  function link({ block, changes }: StoredBlock): void {
    blocks.push(block)
    byId.set(block.id, block.number)
    for (const [index, { transaction }] of block.transactions.entries())
      places.set(transaction.id, { number: block.number, index })
    layers.push(changes)
    while (layers.length > confirmations) merge(layers.shift() as Changes, base)
  }

  /** Takes the newest blocks off, down to and with this one. None of them may be solid. */
  function unlink(from: number): StoredBlock[] {
    const taken = blocks.splice(from)
    const theirs = layers.splice(layers.length - taken.length)
    for (const block of taken) {
      byId.delete(block.id)
      for (const { transaction } of block.transactions) places.delete(transaction.id)
    }
    return taken.map((block, i) => ({ block, changes: theirs[i] as Changes }))
  }

  const takePool = (): Transaction[] => {
    const waiting = pool.map(({ transaction }) => transaction)
    pool = []
    pendingLayer = noChanges()
    return waiting
  }

  async function mine(count: number): Promise<Block> {
    for (let i = 0; i < count; i++) append(await makeNext(next().time, takePool()))
    store?.flush()
    return head()
  }

  async function reorganise(depth: number, transactions: 'keep' | 'drop'): Promise<Block> {
    const last = head()
    const from = last.number - depth + 1
    if (from <= solidNumber())
      throw new ControlError(
        `depth is too large: block ${solidNumber()} is solid and stays, so at most ${layers.length} blocks can be replaced`,
      )
    const waiting = takePool()
    const old = unlink(from)
    const removed = old.flatMap(({ block }) => block.transactions.map(({ transaction }) => transaction))
    const back = [...(transactions === 'keep' ? removed : []), ...waiting]
    const made: StoredBlock[] = []
    for (let i = 0; i <= depth; i++) {
      // later than the block that was there: another time makes another block, and time never goes back
      const before = (old[i]?.block ?? last).time
      const time = Math.max(head().time + blockTime, before + 1, i === depth ? Date.now() : 0)
      const one = await makeNext(time, i === depth ? back : [])
      link(one)
      made.push(one)
    }
    try {
      store?.replace(from - 1, made)
    } catch (error) {
      unlink(from) // the disk is full, say: the chain is the one that the journal has
      for (const one of old) link(one)
      throw error
    }
    return head()
  }

  async function recover(): Promise<void> {
    const found = store?.recover()
    for (const one of found?.blocks ?? []) link(one)
    for (const transaction of found?.waiting ?? []) {
      await admit(transaction).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error // its time is over
      })
    }
  }
  await recover()
  if (blocks.length === 1) {
    const { time, transaction } = firstBlock()
    append(await makeNext(time, [transaction]))
    store?.flush()
  }

  return {
    prices,
    genesis: genesisBlock,
    head,
    solid,
    block: (number) => blocks[number],
    blockById: (id) => blocks[byId.get(id) ?? -1],
    mined(id) {
      const place = places.get(id)
      if (!place) return undefined
      const block = blocks[place.number]
      const mined = block?.transactions[place.index]
      return block && mined ? { block, index: place.index, mined } : undefined
    },
    pending: (id) => pool.find(({ transaction }) => transaction.id === id),
    pool: () => pool,
    broadcast,
    mine: (count) => exclusive(() => mine(count)),
    reorganise: (depth, transactions) => exclusive(() => reorganise(depth, transactions)),
    view: (which) => stateOver(which === 'head' ? [base, ...layers, noChanges()] : [base, noChanges()]),
    alone: (work) => exclusive(() => work(vm)),
    close: () =>
      exclusive(async () => {
        isClosed = true
        store?.close()
      }),
  }
}

/** One key, one signature: the accounts here have the permissions that every account has at first. */
function checkSignature({ id, signatures, owner }: Transaction): void {
  const refuse = (why: string) => new Refused('SIGERROR', `Validate signature error: ${why}`)
  const [signature] = signatures
  if (signature === undefined) throw refuse('miss sig or contract')
  if (signatures.length > 1)
    throw refuse(`Signature count is ${signatures.length} more than key counts of permission : 1`)
  if (signature.length < 130) throw refuse(`Signature size is ${signature.length / 2}`)
  const signer = signerOf(Buffer.from(id, 'hex'), signature)
  if (signer === undefined) throw refuse('Signature could not be recovered')
  if (signer !== owner)
    throw refuse(`${signature} is signed by ${toBase58(signer)} but it is not contained of permission.`)
}
