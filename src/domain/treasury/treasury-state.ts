// What the treasury of a network last saw, and who runs it: one row per book and network.
// Must stay true: the lease saves double work, and nothing hangs on it; balances are shown with the block they are of.

import type { Queries } from '../../base/database.ts'

/** Chain units on chain, as texts: `final` ones at `block`, the others at the newest block. */
export interface SeenWallets {
  block: number
  hotToken: string
  hotCoin: string
  coldToken: string | null
  latestHotToken: string
  latestHotCoin: string
}

export interface TreasuryState {
  network: string
  note: string
  ran_at: Date | null
  asked_at: Date | null
  seen: SeenWallets | null
  seen_at: Date | null
}

/**
 * Makes `runner` the one who runs a network's treasury for the next while, unless another is; answers whether it is, and
 * since when an operator wants a run at once. The database's clock counts.
 */
export async function claimTreasury(
  q: Queries,
  bookId: number,
  network: string,
  runner: string,
  forMs: number,
): Promise<{ mine: boolean; asked: string | null }> {
  await q.query(
    'treasury-begin',
    'insert into treasury_states (book_id, network) values ($1, $2) on conflict do nothing',
    [bookId, network],
  )
  const [row] = await q.query<{ asked: string | null }>(
    'treasury-claim',
    `update treasury_states set runner = $3, run_until = now() + $4::integer * interval '1 millisecond'
     where book_id = $1 and network = $2 and (runner is null or runner = $3 or run_until < now())
     returning asked_at::text as asked`,
    [bookId, network, runner, forMs],
  )
  return { mine: row !== undefined, asked: row?.asked ?? null }
}

export async function leaveTreasury(q: Queries, bookId: number, network: string, runner: string): Promise<void> {
  await q.query(
    'treasury-leave',
    'update treasury_states set runner = null, run_until = null where book_id = $1 and network = $2 and runner = $3',
    [bookId, network, runner],
  )
}

/** An operator wants a run now. */
export async function askForRun(q: Queries, bookId: number, network: string): Promise<void> {
  await q.query(
    'treasury-ask',
    `insert into treasury_states (book_id, network, asked_at) values ($1, $2, now())
     on conflict (book_id, network) do update set asked_at = now()`,
    [bookId, network],
  )
}

/** Notes a run's end. What was asked for while it was under way is for the next. */
export async function noteRun(
  q: Queries,
  bookId: number,
  network: string,
  { asked, note, at }: { asked: string | null; note: string; at: Date },
): Promise<void> {
  await q.query(
    'treasury-ran',
    `update treasury_states set ran_at = $4, note = $5, asked_at = case when asked_at::text is distinct from $3 then asked_at end
     where book_id = $1 and network = $2`,
    [bookId, network, asked, at, note],
  )
}

export async function noteSeen(
  q: Queries,
  bookId: number,
  network: string,
  seen: SeenWallets,
  at: Date,
): Promise<void> {
  await q.query(
    'treasury-seen',
    'update treasury_states set seen = $3, seen_at = $4 where book_id = $1 and network = $2',
    [bookId, network, JSON.stringify(seen), at],
  )
}

export async function treasuryStates(q: Queries, bookId: number): Promise<TreasuryState[]> {
  return q.query<TreasuryState>(
    'treasury-states',
    'select network, note, ran_at, asked_at, seen, seen_at from treasury_states where book_id = $1 order by network',
    [bookId],
  )
}

/** Whether the sandbox has given the network's hot wallet its first test USDT. */
export async function wasFunded(q: Queries, bookId: number, network: string): Promise<boolean> {
  const rows = await q.query(
    'treasury-was-funded',
    'select from treasury_states where book_id = $1 and network = $2 and funded_at is not null',
    [bookId, network],
  )
  return rows.length > 0
}

export async function noteFunded(q: Queries, bookId: number, network: string, at: Date): Promise<void> {
  await q.query('treasury-funded', 'update treasury_states set funded_at = $3 where book_id = $1 and network = $2', [
    bookId,
    network,
    at,
  ])
}
