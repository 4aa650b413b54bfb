// What an approval can be of. A kind says who may make and who must check it, what it holds, what it would do, and does it.
//
// To add one: write `export const xApproval = approvalKind({…})` beside the verb it calls, and put it on the list in
// approval-kinds.ts. The console then has its route, its preview and its place in the queue; nothing else is to be done.
//
// Must stay true: `preview` and `apply` work the same thing out by the same code; `apply` runs in the transaction of the
// last check and refuses, rather than adapts, when what it was made for has changed.

import type { Static, TObject } from 'typebox'
import { Compile } from 'typebox/schema'
import { hours } from '../../base/clock.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Journal } from '../../ledger/posting.ts'
import type { Bank, Origin } from '../context.ts'
import type { Role } from './role.ts'

export interface Words {
  zh: string
  en: string
}

/** A signed-in operator. */
export interface Operator extends Origin {
  readonly bookId: number
  readonly operatorId: string
  readonly sessionId: string
  readonly roles: readonly Role[]
  readonly requestId: string
}

/** What applying would do. */
export interface Preview {
  /** Movements of money, leg by leg, as they would be booked. */
  journals: readonly Pick<Journal, 'kind' | 'memo' | 'legs' | 'valueAt'>[]
  /** All else, in a sentence each. */
  effects: readonly Words[]
}

/** An approval that has all its checks, as it is applied. */
export interface Approved<P> {
  readonly id: string
  readonly bookId: number
  readonly payload: P
  readonly reason: string
  /** Undefined: the bank itself, for somebody's order. */
  readonly madeBy: string | undefined
  readonly checkedBy: readonly string[]
  /** What the operator whose word ended it said. */
  readonly note: string
  readonly at: Date
}

interface Typed<P> {
  /** `snake_case`; part of the route's address and of the rows in the database for ever. */
  readonly kind: string
  readonly title: Words
  readonly makers: readonly Role[]
  readonly checkers: readonly Role[]
  /** How many different operators must check, the maker not among them. */
  checks(payload: P, bank: Bank, tx: Tx, bookId: number): number | Promise<number>
  /** How long it can be checked; null for ever. A day when it does not say. */
  readonly lasts?: number | null
  /** What it is about, e.g. `deposit:<id>`: no two open approvals of this kind are about the same. Empty: any number. */
  subject(payload: P): string
  /**
   * Refuses what cannot be done anyway, and answers with the payload as it will be kept: complete, amounts as texts.
   * Runs when it is made, before anybody has checked.
   */
  prepare(bank: Bank, tx: Tx, bookId: number, payload: P): Promise<P>
  describe(payload: P): Words
  preview(bank: Bank, q: Queries, bookId: number, payload: P, id: string): Promise<Preview>
  /** Does it. A refusal leaves the approval open, with the refusal shown. */
  apply(bank: Bank, tx: Tx, approval: Approved<P>): Promise<void>
  /** What else is to be done when an operator says no, e.g. giving an order's money back. */
  reject?(bank: Bank, tx: Tx, approval: Approved<P>): Promise<void>
}

/** A kind whose payloads come from outside: read by its schema before they are believed. */
export interface ApprovalKind extends Omit<Typed<never>, 'lasts' | PayloadMethod> {
  readonly lasts: number | null
  readonly payload: TObject
  readPayload(payload: unknown): object
  checks(payload: object, bank: Bank, tx: Tx, bookId: number): Promise<number>
  subject(payload: object): string
  prepare(bank: Bank, tx: Tx, bookId: number, payload: object): Promise<object>
  describe(payload: object): Words
  preview(bank: Bank, q: Queries, bookId: number, payload: object, id: string): Promise<Preview>
  apply(bank: Bank, tx: Tx, approval: Approved<object>): Promise<void>
  reject(bank: Bank, tx: Tx, approval: Approved<object>): Promise<void>
}
type PayloadMethod = 'checks' | 'subject' | 'prepare' | 'describe' | 'preview' | 'apply' | 'reject'

const LASTS = hours(24)

/** Declares a kind. `payload` is a strict object of texts, booleans and lists of texts: amounts are decimal strings. */
export function approvalKind<S extends TObject>(parts: { payload: S } & Typed<Static<S>>): ApprovalKind {
  type P = Static<S>
  const validator = Compile(parts.payload)
  const read = (payload: unknown): P => {
    if (validator.Check(payload)) return payload as P
    const [, [first]] = validator.Errors(payload)
    throw new Refusal('InvalidParams', {
      pointer: `/payload${first?.instancePath ?? ''}`,
      reason: first?.message ?? '',
    })
  }
  const readApproved = (approval: Approved<object>): Approved<P> => ({ ...approval, payload: read(approval.payload) })
  return {
    kind: parts.kind,
    title: parts.title,
    makers: parts.makers,
    checkers: parts.checkers,
    lasts: parts.lasts === undefined ? LASTS : parts.lasts,
    payload: parts.payload,
    readPayload: (payload) => read(payload) as object,
    checks: async (payload, bank, tx, bookId) => parts.checks(read(payload), bank, tx, bookId),
    subject: (payload) => parts.subject(read(payload)),
    prepare: async (bank, tx, bookId, payload) => (await parts.prepare(bank, tx, bookId, read(payload))) as object,
    describe: (payload) => parts.describe(read(payload)),
    preview: (bank, q, bookId, payload, id) => parts.preview(bank, q, bookId, read(payload), id),
    apply: (bank, tx, approval) => parts.apply(bank, tx, readApproved(approval)),
    reject: async (bank, tx, approval) => parts.reject?.(bank, tx, readApproved(approval)),
  }
}
