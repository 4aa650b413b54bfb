// A TRON development chain on disk: a journal of its blocks with their transactions, receipts and what they changed, so that
// after a kill the very same chain is read back without executing anything.
// Must stay true: a block is on disk before anybody is told of it; a torn last line is a line that was not written.

import fs from 'node:fs'
import path from 'node:path'
import { writeWhole } from '../write-whole.ts'
import type { Block, Mined, Receipt } from './block.ts'
import { type Changes, changesFromText, changesToText, noChanges } from './state.ts'
import { readTransaction, type Transaction } from './transaction.ts'

export interface StoredBlock {
  readonly block: Block
  readonly changes: Changes
}

export interface Recovered {
  readonly blocks: readonly StoredBlock[]
  /** Transactions that were waiting for a block. */
  readonly waiting: readonly Transaction[]
}

export interface ChainStore {
  recover(): Recovered
  addBlock(block: StoredBlock): void
  /** Returns when all blocks are on disk. */
  flush(): void
  /** Returns when it is on disk. */
  addWaiting(transaction: Transaction): void
  /** What followed this block is no longer part of the chain, these are: both or neither. Returns when it is on disk. */
  replace(number: number, blocks: readonly StoredBlock[]): void
  close(): void
}

type Sent = [raw: string, signatures: readonly string[]]
interface BlockLine {
  n: number
  id: string
  t: number
  root?: string
  txs?: [Sent, Receipt][]
  changes?: ReturnType<typeof changesToText>
}
type Line = BlockLine | { cut: number; blocks: BlockLine[] } | { seen: Sent }

const NO_ROOT = '0'.repeat(64)
/** What an empty block changes; shared, for there are many. */
const nothing = noChanges()

/** The journal begins with the block after `genesis`. */
export function openChainStore(dir: string, genesis: Block): ChainStore {
  fs.mkdirSync(dir, { recursive: true })
  const journal = path.join(dir, 'journal.jsonl')
  if (!fs.existsSync(journal)) writeWhole(journal, '')
  const lines = readLines(journal)
  const fd = fs.openSync(journal, 'a', 0o600)

  let size = fs.fstatSync(fd).size
  function append(line: Line): void {
    const bytes = Buffer.from(`${JSON.stringify(line, asText)}\n`)
    try {
      fs.appendFileSync(fd, bytes)
      size += bytes.length
    } catch (error) {
      fs.ftruncateSync(fd, size) // half a line in the middle could never be read again
      throw error
    }
  }
  const flush = () => fs.fdatasyncSync(fd)
  return {
    recover: () => recover(lines.splice(0), genesis.id),
    addBlock: (block) => append(blockLine(block)),
    flush,
    addWaiting(transaction) {
      append({ seen: sent(transaction) })
      flush()
    },
    replace(number, blocks) {
      append({ cut: number, blocks: blocks.map(blockLine) })
      flush()
    },
    close: () => fs.closeSync(fd),
  }
}

const sent = ({ raw, signatures }: Transaction): Sent => [raw, signatures]
const received = ([raw, signatures]: Sent): Transaction => readTransaction(Buffer.from(raw, 'hex'), signatures)

function blockLine({ block: { number, id, time, root, transactions }, changes }: StoredBlock): BlockLine {
  const line = { n: number, id, t: time }
  if (transactions.length === 0) return line
  const txs = transactions.map(({ transaction, receipt }): [Sent, Receipt] => [sent(transaction), receipt])
  return { ...line, root, txs, changes: changesToText(changes) }
}

function recover(lines: readonly Line[], parent: string): Recovered {
  const blocks: StoredBlock[] = []
  const waiting = new Map<string, Transaction>()
  const add = (line: BlockLine) => {
    const transactions = (line.txs ?? []).map(([one, receipt]): Mined => ({ transaction: received(one), receipt }))
    for (const { transaction } of transactions) waiting.delete(transaction.id)
    const { n: number, id, t: time, root = NO_ROOT } = line
    const above = blocks.at(-1)?.block.id ?? parent
    const block = { number, id, parent: above, time, root, transactions }
    blocks.push({ block, changes: line.changes ? changesFromText(line.changes) : nothing })
  }
  for (const line of lines) {
    if ('seen' in line) {
      const transaction = received(line.seen)
      waiting.set(transaction.id, transaction)
    } else if ('cut' in line) {
      while ((blocks.at(-1)?.block.number ?? 0) > line.cut) blocks.pop()
      for (const one of line.blocks) add(one)
    } else add(line)
  }
  return { blocks, waiting: [...waiting.values()] }
}

// integers of any size, told from texts: "123n" cannot be hex or a name
const asText = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)
const fromText = (_: string, value: unknown) =>
  typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value

/** A process that was killed while it wrote leaves half a line, which was never acted upon. */
function readLines(file: string): Line[] {
  const bytes = fs.readFileSync(file)
  const end = bytes.lastIndexOf(0x0a) + 1
  if (end < bytes.length) fs.truncateSync(file, end)
  return (
    bytes
      .subarray(0, end)
      .toString('utf8')
      .split('\n')
      .filter((text) => text !== '')
      // the shortest lines are the empty blocks, by far the most; a reviver would make them ten times slower
      .map((text) => (/\d+n"/.test(text) ? JSON.parse(text, fromText) : JSON.parse(text)) as Line)
  )
}
