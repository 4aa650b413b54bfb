// The ledger as plainly as it can be said: maps, loops and bigints, no database, no batches. The model test plays the
// same commands here and on the real one and compares verdicts and every balance.
// It shares nothing with src/ledger but the numbers of accounts.

import { houseAccount, type PersonKind, personAccount } from '../../src/ledger/accounts.ts'

export type Command =
  | { kind: 'deposit'; person: number; amount: bigint }
  | { kind: 'transfer'; from: number; to: number; amount: bigint; fee: bigint; limited: boolean }
  | { kind: 'keyed'; key: number; from: number; to: number; amount: bigint }
  | { kind: 'internal'; person: number; toNode: boolean; amount: bigint }
  | { kind: 'hold'; person: number; amount: bigint }
  | { kind: 'capture'; hold: number; amount: bigint; keep: boolean }
  | { kind: 'void'; hold: number }
  | { kind: 'expire'; hold: number }
  | { kind: 'fee'; person: number; amount: bigint }
  | { kind: 'adjustment'; person: number; give: boolean; amount: bigint; daysAgo: number }
  | { kind: 'reversal'; journal: number }
  | { kind: 'status'; person: number; to: 'open' | 'frozen' | 'closed' }
  | { kind: 'burst'; payments: { from: number; to: number; amount: bigint }[] }

export const DAILY_LIMIT = 60n
export const people = [10_001n, 10_002n, 10_003n, 10_004n] as const
export const account = (person: number, kind: PersonKind = 'main') => personAccount(people[person] ?? 0n, kind)

type Legs = [account: bigint, amount: bigint][]
interface ModelHold {
  account: bigint
  amount: bigint
  captured: bigint
  status: 'open' | 'captured' | 'voided' | 'expired'
}

export interface Model {
  accounts: Map<bigint, { balance: bigint; held: bigint }>
  holds: ModelHold[]
  journals: { legs: Legs; reversed: boolean }[]
  status: Map<number, string>
  spent: Map<number, bigint>
  answers: Map<number, { body: string; verdict: string }>
}

export const emptyModel = (): Model => ({
  accounts: new Map(),
  holds: [],
  journals: [],
  status: new Map(),
  spent: new Map(),
  answers: new Map(),
})

const isPerson = (id: bigint) => id >= account(0)
const personOf = (id: bigint) => people.findIndex((no) => no === id >> 16n)

function touch(model: Model, id: bigint) {
  const found = model.accounts.get(id) ?? { balance: 0n, held: 0n }
  model.accounts.set(id, found)
  return found
}

/** Moves money and held money, or says why not. The first account in the order of the legs that objects is heard. */
function move(model: Model, legs: Legs, holding: Legs = [], evenIfFrozen = false): string {
  const ids = [...new Set([...legs, ...holding].map(([id]) => id))]
  const sum = (of: Legs, id: bigint) => of.reduce((total, leg) => (leg[0] === id ? total + leg[1] : total), 0n)
  for (const id of ids) {
    const { balance, held } = touch(model, id)
    if (!isPerson(id)) continue
    const by = sum(legs, id)
    const set = sum(holding, id)
    const onlyRelease = set <= 0n && !legs.some((leg) => leg[0] === id)
    if (onlyRelease) continue
    const status = model.status.get(personOf(id))
    if (status === 'closed') return 'AccountClosed'
    if (status === 'frozen' && !evenIfFrozen && (by < 0n || set > 0n)) return 'AccountClosed'
    if (by - set < 0n && balance + by < held + set) return 'InsufficientBalance'
  }
  const running = new Map<bigint, bigint>()
  for (const [id, amount] of legs) {
    const after = (running.get(id) ?? touch(model, id).balance) + amount
    running.set(id, after)
    if (isPerson(id) && amount < 0n && after < 0n) return 'InsufficientBalance'
  }
  for (const [id, amount] of legs) touch(model, id).balance += amount
  for (const [id, amount] of holding) touch(model, id).held += amount
  return 'ok'
}

function book(model: Model, legs: Legs, holding: Legs = [], evenIfFrozen = false): string {
  const verdict = move(model, legs, holding, evenIfFrozen)
  if (verdict === 'ok') model.journals.push({ legs, reversed: false })
  return verdict
}

function payment(model: Model, from: number, to: number, amount: bigint, fee = 0n, limited = false): string {
  const legs: Legs = [
    [account(from), -amount - fee],
    [account(to), amount],
  ]
  if (fee > 0n) legs.push([houseAccount('fees'), fee])
  const spent = model.spent.get(from) ?? 0n
  if (!limited) return book(model, legs)
  // money is looked at first, the limit second
  const probe = structuredClone(model)
  const verdict = book(probe, legs)
  if (verdict !== 'ok') {
    for (const [id] of legs) touch(model, id)
    return verdict
  }
  if (spent + amount > DAILY_LIMIT) {
    for (const [id] of legs) touch(model, id)
    return 'LimitExceeded'
  }
  model.spent.set(from, spent + amount)
  return book(model, legs)
}

/** A hold or journal picked by a number: the newest at 0, and one that never was where there are too few. */
export const newest = <T>(list: readonly T[], back: number): T | undefined => list[list.length - 1 - back]

/** Plays a command on the model. One verdict per payment. */
export function play(model: Model, command: Command): string[] {
  switch (command.kind) {
    case 'deposit': {
      const { person, amount } = command
      const custody = houseAccount('custody', 'USDT', 1)
      return [
        book(model, [
          [custody, -amount],
          [account(person), amount],
        ]),
      ]
    }
    case 'transfer':
      return [payment(model, command.from, command.to, command.amount, command.fee, command.limited)]
    case 'keyed': {
      const { key, from, to, amount } = command
      const body = `${from} ${to} ${amount}`
      const before = model.answers.get(key)
      touch(model, account(from))
      touch(model, account(to))
      if (before) return [before.body === body ? before.verdict : 'IdempotencyKeyReused']
      const verdict = payment(model, from, to, amount)
      model.answers.set(key, { body, verdict })
      return [verdict]
    }
    case 'internal': {
      const [from, to] = command.toNode ? (['main', 'node'] as const) : (['node', 'main'] as const)
      const { person, amount } = command
      return [
        book(model, [
          [account(person, from), -amount],
          [account(person, to), amount],
        ]),
      ]
    }
    case 'hold': {
      const { person, amount } = command
      const verdict = move(model, [], [[account(person), amount]])
      if (verdict === 'ok') model.holds.push({ account: account(person), amount, captured: 0n, status: 'open' })
      return [verdict]
    }
    case 'capture': {
      const hold = newest(model.holds, command.hold)
      if (!hold) return ['HoldNotOpen']
      const fees = houseAccount('fees')
      touch(model, hold.account)
      touch(model, fees)
      if (hold.status !== 'open') return ['HoldNotOpen']
      const left = hold.amount - hold.captured
      if (command.amount > left) return ['HoldExceeded']
      const kept = command.keep && command.amount < left
      const release: Legs = [[hold.account, kept ? -command.amount : -left]]
      const verdict = book(
        model,
        [
          [hold.account, -command.amount],
          [fees, command.amount],
        ],
        release,
      )
      if (verdict === 'ok') {
        hold.captured += command.amount
        if (!kept) hold.status = 'captured'
      }
      return [verdict]
    }
    case 'void':
    case 'expire': {
      const hold = newest(model.holds, command.hold)
      if (hold?.status !== 'open') return ['HoldNotOpen']
      const verdict = move(model, [], [[hold.account, -(hold.amount - hold.captured)]])
      if (verdict === 'ok') hold.status = command.kind === 'void' ? 'voided' : 'expired'
      return [verdict]
    }
    case 'fee': {
      const { person, amount } = command
      return [
        book(model, [
          [account(person), -amount],
          [houseAccount('fees'), amount],
        ]),
      ]
    }
    case 'adjustment': {
      const { person, give, amount } = command
      const [from, to] = give
        ? [houseAccount('suspense'), account(person)]
        : [account(person), houseAccount('suspense')]
      return [
        book(
          model,
          [
            [from, -amount],
            [to, amount],
          ],
          [],
          true,
        ),
      ]
    }
    case 'reversal': {
      const journal = newest(model.journals, command.journal)
      if (!journal) return ['JournalUnknown']
      if (journal.reversed) return ['AlreadyReversed']
      const verdict = book(
        model,
        journal.legs.map(([id, amount]) => [id, -amount]),
      )
      if (verdict === 'ok') journal.reversed = true
      return [verdict]
    }
    case 'status':
      model.status.set(command.person, command.to)
      return ['ok']
    case 'burst':
      return command.payments.map(({ from, to, amount }) => payment(model, from, to, amount))
  }
}
