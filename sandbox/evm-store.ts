// A development chain on disk: a journal of its blocks (time and raw transactions, from which the node makes the very same
// blocks again) and now and then the node's whole state, so that little has to be made again.
// Must stay true: a block is in the journal, on disk, before the next one is mined; a torn last line is a line not written;
// the state that is loaded lies far enough back that every block young enough to be reorganised is made again in memory.

import fs from 'node:fs'
import path from 'node:path'
import type { Hex } from './json-rpc.ts'
import { writeWhole } from './write-whole.ts'

export interface StoredBlock {
  number: number
  hash: Hex
  time: number
  /** Base fee. The node works it out itself, but not rightly after blocks were taken back. */
  fee: Hex
  raw: Hex[]
}

type Line = { block: StoredBlock } | { cut: number } | { seen: Hex[] }

/** What a node needs to be where the chain was. */
export interface Recovery {
  /** Of block 0. */
  genesisTime: number
  /** State to start from; without it the chain starts at block 0. */
  state: { number: number; file: string } | undefined
  /** The blocks after it, in order. */
  blocks: StoredBlock[]
  /** Raw transactions that were waiting, and perhaps still are. */
  waiting: Hex[]
}

export interface ChainStore {
  recover(): Recovery
  /** Adds to the journal and returns when it is on disk. */
  addBlocks(blocks: readonly StoredBlock[]): void
  addWaiting(raw: readonly Hex[]): void
  /** The chain now ends at this block; what followed is no longer part of it. */
  cut(number: number): void
  /** True when enough blocks have come since the last saved state. */
  wantsState(number: number): boolean
  /** `waiting`: the raw transactions that wait now; older notes of waiting ones are dropped. */
  saveState(number: number, state: Uint8Array, waiting: readonly Hex[]): void
}

const STATE_EVERY = 500
/** Blocks that a node makes again in memory at least, and so the deepest reorganisation that works after a restart. */
export const REPLAYED = 256

export function openChainStore(dir: string): ChainStore {
  fs.mkdirSync(dir, { recursive: true })
  const journal = path.join(dir, 'journal.jsonl')
  const genesisTime = readGenesisTime(path.join(dir, 'genesis.json'))
  if (!fs.existsSync(journal)) writeWhole(journal, '')
  else dropTornLine(journal)
  const fd = fs.openSync(journal, 'a', 0o600)
  let out = fd

  const stateFile = (number: number) => path.join(dir, `state-${number}.json`)
  const states = () =>
    fs
      .readdirSync(dir)
      .map((name) => Number(/^state-(\d+)\.json$/.exec(name)?.[1] ?? Number.NaN))
      .filter((number) => !Number.isNaN(number))
      .sort((a, b) => a - b)
  let newestState = states().at(-1) ?? 0

  function append(line: Line): void {
    fs.writeSync(out, `${JSON.stringify(line)}\n`)
  }
  const flush = () => fs.fdatasyncSync(out)

  function read(): { blocks: StoredBlock[]; waiting: Hex[] } {
    let blocks: StoredBlock[] = []
    const waiting = new Set<Hex>()
    for (const text of fs.readFileSync(journal, 'utf8').split('\n')) {
      if (text === '') continue
      const line = JSON.parse(text) as Line
      if ('block' in line) {
        blocks.push(line.block)
        for (const raw of line.block.raw) waiting.delete(raw)
      } else if ('cut' in line) blocks = blocks.filter((block) => block.number <= line.cut)
      else for (const raw of line.seen) waiting.add(raw)
    }
    return { blocks, waiting: [...waiting] }
  }

  /** The newest state that is old enough; 0 stands for the beginning. */
  const stateFor = (head: number) =>
    states()
      .filter((number) => number <= head - REPLAYED)
      .at(-1) ?? 0

  return {
    recover() {
      const { blocks, waiting } = read()
      const from = stateFor(blocks.at(-1)?.number ?? 0)
      return {
        genesisTime,
        state: from === 0 ? undefined : { number: from, file: stateFile(from) },
        blocks: blocks.filter((block) => block.number > from),
        waiting,
      }
    },
    addBlocks(blocks) {
      for (const block of blocks) append({ block })
      flush()
    },
    addWaiting(raw) {
      append({ seen: [...raw] })
      flush()
    },
    cut(number) {
      for (const state of states()) if (state > number) fs.rmSync(stateFile(state))
      newestState = states().at(-1) ?? 0
      append({ cut: number })
      flush()
    },
    wantsState: (number) => number - newestState >= STATE_EVERY,
    saveState(number, state, waiting) {
      writeWhole(stateFile(number), state)
      newestState = number
      const needed = stateFor(number)
      const blocks = read().blocks.filter((block) => block.number > needed)
      const lines: Line[] = [...blocks.map((block) => ({ block })), { seen: [...waiting] }]
      writeWhole(journal, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
      const old = out
      out = fs.openSync(journal, 'a', 0o600)
      fs.closeSync(old)
      for (const state of states()) if (state < needed) fs.rmSync(stateFile(state))
    },
  }
}

/** Block 0 must come out the same at every start. */
function readGenesisTime(file: string): number {
  if (!fs.existsSync(file)) writeWhole(file, JSON.stringify({ time: Math.floor(Date.now() / 1000) }))
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { time: number }).time
}

/** A process that was killed while it wrote leaves half a line, which was never acted upon. */
function dropTornLine(file: string): void {
  const bytes = fs.readFileSync(file)
  const end = bytes.lastIndexOf(0x0a) + 1
  if (end < bytes.length) fs.truncateSync(file, end)
}
