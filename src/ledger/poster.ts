// Group commit. Postings that wait while a batch is being written go together in the next one: one lock round, one
// set of statements, one commit for all of them. Under load that makes the ledger several times faster than a commit a
// payment; when idle a posting goes out at once.
// Must stay true: nobody is answered before the commit; a bad posting fails alone; an unknown commit is looked up by
// key before anything is written again.

import { sleep } from '../base/clock.ts'
import { asRefusal, brokenKey, type Database, isDisconnected, isTransient } from '../base/database.ts'
import { Refusal } from '../base/errors.ts'
import { isPersonAccount } from './accounts.ts'
import { applyBatch } from './apply.ts'
import { accountsOf, openAccounts } from './desk.ts'
import type { Outcome, Posting } from './posting.ts'

export interface Poster {
  /** Resolves after the commit. Rejects only when the outcome is unknown (`Unavailable`), refused for load (`Busy`), or a bug. */
  submit(posting: Posting): Promise<Outcome>
  /** Postings waiting or under way, for metrics and shutdown. */
  readonly depth: number
  readonly stats: { batches: number; postings: number; retries: number }
  /** Resolves when all that was submitted has been answered. */
  drain(): Promise<void>
}

export interface PosterOptions {
  /** Most postings in one transaction. */
  batch?: number
  /** Transactions under way at once per book. */
  lanes?: number
  /** Postings that may wait; more are refused as Busy, because they would time out anyway. */
  queue?: number
  /** How long a lost connection is retried before the outcome is reported as unknown, in milliseconds. */
  patience?: number
}

interface Waiting {
  posting: Posting
  accounts: bigint[]
  /** Those of them that belong to customers: the house's are shared by all and may be waited for in the database. */
  people: bigint[]
  /** How often it was left because its accounts were busy. */
  passed: number
  resolve: (outcome: Outcome) => void
  reject: (error: unknown) => void
}

interface Book {
  waiting: Waiting[]
  /** Lanes that are up, with a batch or about to look for one. */
  running: number
  /** Lanes that carry a batch. */
  working: number
  /** Customers' accounts of transactions under way, with how many postings there use them. */
  busy: Map<bigint, number>
  /** Accounts known to be open; the rest are opened before a transaction begins. */
  open: Set<bigint>
}

const KNOWN_OPEN = 1_000_000
/** Times that a posting may be passed over before its accounts are kept free for it. */
const PATIENCE = 3

export function createPoster(
  db: Database,
  { batch = 500, lanes = 2, queue = 20_000, patience = 4_000 }: PosterOptions = {},
): Poster {
  const books = new Map<number, Book>()
  const stats = { batches: 0, postings: 0, retries: 0 }
  let depth = 0
  let idle: (() => void)[] = []

  /**
   * The next postings that may share a transaction, in order of arrival. Left for later are a second change of the same
   * hold, and what touches an account of a transaction under way: it would only wait for that one's locks. So two
   * lanes never wait for each other, and a hot account's postings gather while its batch is being committed. With a
   * lane to spare half is left to it, except what could not run there anyway.
   */
  function take(book: Book): Waiting[] {
    const taken: Waiting[] = []
    const left: Waiting[] = []
    const holds = new Set<string>()
    const mine = new Set<bigint>()
    const reserved = new Set<bigint>()
    const share = book.working + 1 < lanes ? Math.max(32, Math.ceil(book.waiting.length / 2)) : batch
    for (const item of book.waiting) {
      const hold = item.posting.change?.id
      const free = !item.people.some((id) => book.busy.has(id) || reserved.has(id))
      const wanted = taken.length < share || item.people.some((id) => mine.has(id))
      if (free && wanted && taken.length < batch && (hold === undefined || !holds.has(hold))) {
        taken.push(item)
        for (const id of item.people) mine.add(id)
        if (hold !== undefined) holds.add(hold)
      } else {
        left.push(item)
        // two hot accounts, each busy in another lane, could keep a payment between them waiting for ever
        if (!free && ++item.passed > PATIENCE) for (const id of item.people) reserved.add(id)
      }
    }
    book.waiting = left
    return taken
  }

  function mark(book: Book, items: Waiting[], by: 1 | -1) {
    for (const id of items.flatMap((item) => item.people)) {
      const uses = (book.busy.get(id) ?? 0) + by
      if (uses > 0) book.busy.set(id, uses)
      else book.busy.delete(id)
    }
  }

  /** One lane: takes batches until nothing is left that it may take. */
  async function run(bookId: number, book: Book) {
    book.running++
    await new Promise(setImmediate) // lets the requests that arrived in this turn of the event loop join
    for (let items = take(book); items.length > 0; items = take(book)) {
      mark(book, items, 1)
      book.working++
      if (book.waiting.length > 0 && book.running < lanes) void run(bookId, book)
      await settle(bookId, items, false)
      mark(book, items, -1)
      book.working--
      depth -= items.length
    }
    book.running--
    if (depth === 0) {
      for (const wake of idle) wake()
      idle = []
    }
  }

  async function openNew(bookId: number, items: Waiting[]) {
    const book = books.get(bookId)
    const fresh = [...new Set(items.flatMap((item) => item.accounts))].filter((id) => !book?.open.has(id))
    if (!book || fresh.length === 0) return
    await openAccounts(db, bookId, fresh)
    if (book.open.size > KNOWN_OPEN) book.open.clear()
    for (const id of fresh) book.open.add(id)
  }

  async function settle(bookId: number, items: Waiting[], known: boolean, collisions = 0): Promise<void> {
    try {
      const outcomes = await commit(bookId, items, known)
      items.forEach((item, i) => {
        const outcome = outcomes[i]
        if (outcome) item.resolve(outcome)
      })
    } catch (error) {
      const [first] = items
      if (isDisconnected(error) || error instanceof Refusal) {
        for (const item of items) item.reject(asRefusal(error))
      } else if (items.length > 1) {
        // one of them broke a rule of the database: halve until it stands alone and the others are through
        const middle = items.length >> 1
        await settle(bookId, items.slice(0, middle), true)
        await settle(bookId, items.slice(middle), true)
      } else if (first && brokenKey(error) !== undefined && collisions < 3) {
        await settle(bookId, items, true, collisions + 1) // another process was first with this key: now it can be found
      } else {
        first?.reject(error)
      }
    }
  }

  async function commit(bookId: number, items: Waiting[], known: boolean): Promise<Outcome[]> {
    const postings = items.map((item) => item.posting)
    const deadline = performance.now() + patience
    for (let attempt = 1; ; attempt++) {
      try {
        await openNew(bookId, items)
        const outcomes = await db.transaction((tx) => applyBatch(tx, bookId, postings, known))
        stats.batches++
        stats.postings += postings.length
        return outcomes
      } catch (error) {
        const again = isTransient(error) ? attempt <= 5 : isDisconnected(error) && performance.now() < deadline
        if (!again) throw error
        known ||= isDisconnected(error) // it may have been committed just before the connection broke
        stats.retries++
        await sleep(Math.min(50 * attempt, 250))
      }
    }
  }

  return {
    stats,
    get depth() {
      return depth
    },
    submit: (posting) =>
      new Promise((resolve, reject) => {
        if (depth >= queue) return reject(new Refusal('Busy', { retryAfter: 1 }))
        const book: Book = books.get(posting.bookId) ?? {
          waiting: [],
          running: 0,
          working: 0,
          busy: new Map(),
          open: new Set(),
        }
        books.set(posting.bookId, book)
        const accounts = accountsOf(posting)
        book.waiting.push({ posting, accounts, people: accounts.filter(isPersonAccount), passed: 0, resolve, reject })
        depth++
        if (book.running < lanes) void run(posting.bookId, book)
      }),
    drain: () => (depth === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  }
}
