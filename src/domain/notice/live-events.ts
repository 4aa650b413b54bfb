// What happens to customers, live: the outbox's events, the confirmations of their deposits, their unread messages.
// One poll per process and book, only while somebody listens. Must stay true: an event is told once to each listener,
// also when its transaction commits late or the listener comes back with the place it had reached.

import { seconds, sleep, systemClock } from '../../base/clock.ts'
import type { Bank } from '../context.ts'
import { confirmingDeposits, type DepositOrder } from '../deposit/deposit.ts'
import { perBank } from '../per-bank.ts'
import { type InboxMark, inboxMarks } from './inbox.ts'
import { eventsSince, type OutboxEvent } from './outbox.ts'

const PERIOD = 250
/** A transaction may commit this long after its event got its id. */
const LATE = seconds(30)
/** Events kept for one listener who comes back, and in the name of the place it had reached. */
const REPLAY = 500
const REMEMBERED = 50

export type LiveEvent =
  | { kind: 'happened'; event: OutboxEvent }
  | { kind: 'confirming'; deposit: DepositOrder }
  | { kind: 'inbox'; mark: InboxMark }
  /** More happened meanwhile than is kept: what is shown must be read anew. */
  | { kind: 'reset' }

export interface Listener {
  bookId: number
  personNo: bigint
  /** Gets events in order. `place` resumes after this one. */
  tell(event: LiveEvent, place: string): void
}

/**
 * Begins to listen; `from` is a place that was told before, without one it is now. Ends with the function that it
 * answers. What commits after the answer is told.
 */
export async function listen(bank: Bank, listener: Listener, from?: string): Promise<() => void> {
  const place = readPlace(from)
  const now = systemClock.now().getTime()
  const floor = place?.floor ?? now - LATE
  const { bookId, personNo } = listener
  const before = place ? [] : await eventsSince(bank.db, bookId, [personNo], firstIdOf(floor), REPLAY)
  const ear: Ear = {
    listener,
    floor,
    told: place?.told ?? new Set(),
    sent: new Set(before.map((event) => event.id)),
    replay: floor < now - LATE,
    confirmations: new Map(),
    mark: undefined,
  }
  const hub = hubs(bank)
  hub.ears.add(ear)
  if (!hub.running) void run(bank, hub)
  return () => hub.ears.delete(ear)
}

interface Ear {
  listener: Listener
  /** Milliseconds: whatever has an older id was told, or is too late to be. */
  floor: number
  /** Tails of ids that were told in an earlier connection. */
  told: Set<string>
  /** Ids from the floor on that were told in this one, or were there before it, in that order. */
  sent: Set<string>
  replay: boolean
  confirmations: Map<string, number>
  mark: InboxMark | undefined
}

interface Hub {
  ears: Set<Ear>
  running: boolean
}

const hubs = perBank((): Hub => ({ ears: new Set(), running: false }))

async function run(bank: Bank, hub: Hub): Promise<void> {
  hub.running = true
  let failures = 0
  for (let round = 0; hub.ears.size > 0; round++) {
    try {
      for (const [bookId, ears] of Map.groupBy(hub.ears, (ear) => ear.listener.bookId)) {
        await poll(bank, bookId, ears, round % 4 === 0 || ears.some((ear) => ear.mark === undefined))
      }
      failures = 0
    } catch (error) {
      if (failures++ % 20 === 0) bank.log.warn({ err: error }, 'live events cannot be read')
    }
    await sleep(failures > 0 ? 1_000 : PERIOD)
  }
  hub.running = false
}

async function poll(bank: Bank, bookId: number, ears: readonly Ear[], withInbox: boolean): Promise<void> {
  const now = systemClock.now().getTime() // ids carry the system's time, whatever clock the bank goes by
  const people = [...new Set(ears.map((ear) => ear.listener.personNo))]
  // confirmations are read first: the event of a deposit that is seen here is then surely seen below
  const confirming = Map.groupBy(await confirmingDeposits(bank.db, bookId, people), (deposit) => deposit.person_no)
  const events = Map.groupBy(
    await eventsSince(bank.db, bookId, people, firstIdOf(now - LATE), REPLAY),
    (event) => event.person_no,
  )
  const marks = withInbox ? await inboxMarks(bank.db, bookId, people) : undefined
  for (const ear of ears) {
    const { personNo } = ear.listener
    if (ear.replay) {
      ear.replay = false
      await replay(bank, ear)
    }
    const over = tellEvents(ear, events.get(personNo) ?? [])
    tellConfirmations(ear, confirming.get(personNo) ?? [], over)
    const mark = marks?.get(personNo)
    if (mark) tellInbox(ear, mark)
    forget(ear, now - LATE)
  }
}

/** What happened since a listener left, when that is longer ago than every poll looks back. */
async function replay(bank: Bank, ear: Ear): Promise<void> {
  const { bookId, personNo } = ear.listener
  const missed = await eventsSince(bank.db, bookId, [personNo], firstIdOf(ear.floor), REPLAY + 1)
  if (missed.length <= REPLAY) {
    tellEvents(ear, missed)
    return
  }
  ear.listener.tell({ kind: 'reset' }, placeOf(ear))
  for (const event of missed) ear.sent.add(event.id)
}

/** Answers the orders that are no longer waiting. */
function tellEvents(ear: Ear, events: readonly OutboxEvent[]): Set<unknown> {
  const over = new Set<unknown>()
  for (const event of events) {
    if (timeOf(event.id) < ear.floor) continue
    if (/^deposit\.(credited|orphaned|reversed)$/.test(event.type)) over.add(event.data.id)
    if (ear.sent.has(event.id) || ear.told.has(tailOf(event.id))) continue
    ear.sent.add(event.id)
    ear.listener.tell({ kind: 'happened', event }, placeOf(ear))
  }
  return over
}

function tellConfirmations(ear: Ear, deposits: readonly DepositOrder[], over: ReadonlySet<unknown>): void {
  const counts = new Map<string, number>()
  for (const deposit of deposits) {
    if (over.has(deposit.id)) continue
    counts.set(deposit.id, deposit.confirmations)
    if (ear.confirmations.get(deposit.id) === deposit.confirmations) continue
    ear.listener.tell({ kind: 'confirming', deposit }, placeOf(ear))
  }
  ear.confirmations = counts
}

function tellInbox(ear: Ear, mark: InboxMark): void {
  if (ear.mark?.newest === mark.newest && ear.mark.unread === mark.unread) return
  ear.mark = mark
  ear.listener.tell({ kind: 'inbox', mark }, placeOf(ear))
}

function forget(ear: Ear, before: number): void {
  if (before <= ear.floor) return
  ear.floor = before
  for (const id of ear.sent) if (timeOf(id) < before) ear.sent.delete(id)
  if (ear.sent.size === 0) ear.told.clear()
}

// --- places: the time before which all is told, and what was told after it, so that late commits are neither lost nor
// told twice ---

const timeOf = (id: string) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
const tailOf = (id: string) => id.slice(-8)

/** The lowest id that can be given at that time. */
function firstIdOf(milliseconds: number): string {
  const hex = Math.max(0, milliseconds).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

function placeOf(ear: Ear): string {
  const newest = [...ear.sent].slice(-REMEMBERED)
  const [oldest] = newest
  const floor = oldest !== undefined && ear.sent.size > REMEMBERED ? timeOf(oldest) : ear.floor
  const told = [...[...ear.told].slice(-REMEMBERED), ...newest.map(tailOf)]
  return [floor.toString(36), ...told].join('.')
}

function readPlace(text: string | undefined): { floor: number; told: Set<string> } | undefined {
  if (text === undefined || !/^[0-9a-z]{6,9}(\.[0-9a-f]{8}){0,100}$/.test(text)) return undefined
  const [time = '', ...told] = text.split('.')
  const floor = Number.parseInt(time, 36)
  return floor <= systemClock.now().getTime() ? { floor, told: new Set(told) } : undefined
}
