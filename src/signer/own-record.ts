// What this signer signed for withdrawals, in a file of its own beside the keystore. The database could be an old copy, or
// changed by somebody who would be paid twice; this is what the signer itself remembers.
// Must stay true: a line is on disk before the signature is stored anywhere else; lines are added and never changed. After
// a crash in between, the same request gives the same bytes again, and so no second line that counts.

import fs from 'node:fs'
import path from 'node:path'

export interface Entry {
  /** Milliseconds by the signer's clock. */
  at: number
  book: number
  network: string
  asset: 'token' | 'coin'
  order: string
  /** Chain units. */
  value: bigint
  /** Transactions with one nonce count as one: at most one of them is ever mined. */
  nonce: number | null
  hash: string
}

export interface OwnRecord {
  /** What was signed for an order. */
  of(book: number, order: string): readonly Entry[]
  /** Chain units signed for other orders of a hot wallet since then, each nonce once. */
  since(at: number, wallet: Pick<Entry, 'book' | 'network' | 'asset' | 'order'>): bigint
  add(entry: Entry): void
}

/** Transactions of one slot exclude each other. */
export const slotOf = ({ nonce, hash }: { nonce: number | null; hash: string }): string =>
  nonce === null ? hash : `${nonce}`

/** How long entries are kept at hand for `since`. */
const AT_HAND = 2 * 3_600_000

/** Reads what the file says, also what another signer of this folder adds to it. Without a file it only remembers. */
export function openRecord(file?: string): OwnRecord {
  const byOrder = new Map<string, Entry[]>()
  let recent: Entry[] = []
  let read = 0
  const fd = file === undefined ? undefined : openFile(file)

  const remember = (entry: Entry) => {
    const key = `${entry.book} ${entry.order}`
    const known = byOrder.get(key)
    if (known?.some(({ hash }) => hash === entry.hash)) return
    byOrder.set(key, [...(known ?? []), entry])
    recent = [...recent.filter(({ at }) => at > entry.at - AT_HAND), entry]
  }

  /** Takes in what was added since. A last line without its end is one that a crash cut off, before anything was stored. */
  function catchUp(): void {
    if (fd === undefined) return
    const { size } = fs.fstatSync(fd)
    if (size === read) return
    const fresh = Buffer.alloc(size - read)
    fs.readSync(fd, fresh, 0, fresh.length, read)
    const whole = fresh.lastIndexOf(0x0a) + 1
    read += whole
    for (const line of fresh.subarray(0, whole).toString().split('\n')) {
      const entry = parse(line)
      if (entry) remember(entry)
    }
  }
  catchUp()

  return {
    of(book, order) {
      catchUp()
      return byOrder.get(`${book} ${order}`) ?? []
    },
    since(at, { book, network, asset, order }) {
      catchUp()
      const slots = new Map<string, bigint>()
      for (const entry of recent) {
        const other = entry.order !== order
        const same = entry.book === book && entry.network === network && entry.asset === asset
        if (other && same && entry.at >= at) slots.set(`${entry.order} ${slotOf(entry)}`, entry.value)
      }
      return [...slots.values()].reduce((sum, value) => sum + value, 0n)
    },
    add(entry) {
      if (fd === undefined) return remember(entry)
      // the line before it may have lost its end in a crash
      fs.writeSync(fd, `\n${JSON.stringify({ ...entry, value: entry.value.toString() })}\n`)
      fs.fdatasyncSync(fd)
      catchUp()
    },
  }
}

function openFile(file: string): number {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  return fs.openSync(file, 'a+', 0o600)
}

function parse(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as Omit<Entry, 'value'> & { value: string }
    return { ...entry, value: BigInt(entry.value) }
  } catch {
    return undefined // empty, or cut off
  }
}
