// Maker and checker: what one operator proposes and others must check before it is done. Kinds are in approval-kinds.ts.
// Must stay true: what is checked is the payload to the letter, by its hash; nobody checks their own, nor twice; it is
// applied in the transaction of the last check, once. The database refuses the same (sql/0010-operators.sql).

import { after } from '../../base/clock.ts'
import { brokenKey, type Queries, type Tx } from '../../base/database.ts'
import { assert, Refusal, type RefusalCode, type RefusalDetails } from '../../base/errors.ts'
import { isId, newId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import type { ApprovalKind, Approved, Operator, Preview } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'
import { hasRole } from './role.ts'

/** Equal to the database's (approval_transitions); test/approvals.test.ts compares the two. */
export const approvalTransitions = {
  open: ['applied', 'rejected', 'cancelled', 'expired'],
  applied: [],
  rejected: [],
  cancelled: [],
  expired: [],
} as const satisfies Record<string, readonly string[]>
export type ApprovalStatus = keyof typeof approvalTransitions
export type Verdict = 'approve' | 'reject'

interface Row {
  id: string
  kind: string
  payload: string
  payload_hash: Buffer
  subject: string
  reason: string
  made_by: string | null
  checks: number
  status: ApprovalStatus
  refusal: { code: RefusalCode; details: RefusalDetails; at: string } | null
  made_at: Date
  expires_at: Date | null
  closed_at: Date | null
  closed_by: string | null
}

export interface Check {
  operatorId: string
  verdict: Verdict
  note: string
  at: Date
}

export interface Approval {
  id: string
  kind: ApprovalKind
  payload: object
  /** SHA-256 of the canonical payload, hexadecimal: what a checker has seen and says yes to. */
  hash: string
  subject: string
  reason: string
  /** Null: the bank itself, for somebody's order. */
  madeBy: string | null
  checksNeeded: number
  checks: Check[]
  status: ApprovalStatus
  /** Why it could not be applied when it was last tried. */
  refusal: { code: RefusalCode; details: RefusalDetails; at: string } | null
  madeAt: Date
  expiresAt: Date | null
  closedAt: Date | null
  closedBy: string | null
}

const aboutOf = (id: string) => `approval:${id}`

export function kindOf(bank: Bank, name: string): ApprovalKind {
  const kind = bank.approvalKinds.find((one) => one.kind === name)
  if (!kind) throw new Refusal('NotFound')
  return kind
}

/** One text for one value: fields in order of their names, no blanks. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined)
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`).join(',')}}`
}

// --- making ---

/** An operator proposes. Refuses `Forbidden`, `InvalidParams`, `ApprovalPending`, and what the kind's `prepare` refuses. */
export const makeApproval = (bank: Bank, operator: Operator, proposal: Proposal): Promise<string> =>
  bank.db.transaction((tx) => makeApprovalIn(bank, tx, operator, proposal))

export interface Proposal {
  kind: string
  payload: object
  reason: string
}

/** `makeApproval` in the caller's transaction. */
export function makeApprovalIn(bank: Bank, tx: Tx, operator: Operator, proposal: Proposal): Promise<string> {
  const kind = kindOf(bank, proposal.kind)
  if (!hasRole(operator, kind.makers)) throw new Refusal('Forbidden', { reason: `made by ${kind.makers.join(', ')}` })
  return open(bank, tx, operator.bookId, kind, proposal.payload, proposal.reason, operator)
}

/**
 * The bank itself asks operators, for somebody's order and in its transaction; then any of them may check. Answers its id.
 * Give the kind `lasts: null` when nobody would do anything about an order whose approval expired.
 */
export function openApproval(bank: Bank, tx: Tx, bookId: number, { kind, payload, reason }: Proposal): Promise<string> {
  return open(bank, tx, bookId, kindOf(bank, kind), payload, reason, undefined)
}

async function open(
  bank: Bank,
  tx: Tx,
  bookId: number,
  kind: ApprovalKind,
  given: object,
  why: string,
  operator: Operator | undefined,
): Promise<string> {
  const reason = why.trim()
  if (reason === '') throw new Refusal('InvalidParams', { pointer: '/reason', reason: 'say why' })
  const payload = await kind.prepare(bank, tx, bookId, kind.readPayload(given))
  const checks = await kind.checks(payload, bank, tx, bookId)
  const subject = kind.subject(payload)
  // what could no longer be checked does not stand in the way
  if (subject !== '')
    for (const due of await dueApprovals(bank, tx, bookId, subject)) await expire(bank, tx, bookId, due)
  const id = newId()
  const at = bank.clock.now()
  const text = canonicalJson(payload)
  const until = kind.lasts === null ? null : after(at, kind.lasts)
  const values = [bookId, id, kind.kind, text, subject, reason, operator?.operatorId ?? null, checks, at, until]
  try {
    await tx.query('approval-open', 'select approval_open($1, $2, $3, $4, $5, $6, $7, $8::smallint, $9, $10)', values)
  } catch (error) {
    if (brokenKey(error) === 'approvals_open') throw new Refusal('ApprovalPending', { subject })
    throw error
  }
  await logAudit(bank, tx, operator ?? { bookId }, {
    action: 'approval.made',
    subject: aboutOf(id),
    data: { kind: kind.kind, payload, reason, checks },
  })
  return id
}

/** Keeps everybody else from an open approval until the transaction ends. False when it is not open. */
export async function holdApproval(tx: Tx, bookId: number, id: string): Promise<boolean> {
  return (await lock(tx, bookId, id))?.status === 'open'
}

/** Whether somebody has said yes or no to it already. Ask with `holdApproval`'s lock taken. */
export async function hasChecks(q: Queries, bookId: number, id: string): Promise<boolean> {
  return (await checksOf(q, bookId, [id])).length > 0
}

/**
 * The bank takes back what it asked for itself: the order is no more. Whoever locks the order's own row, or accounts, takes
 * the approval with `holdApproval` before, as checking does, and drops it after. False when it is not open.
 */
export async function dropApproval(bank: Bank, tx: Tx, bookId: number, id: string): Promise<boolean> {
  const row = await lock(tx, bookId, id)
  if (row?.status !== 'open') return false
  assert(row.made_by === null, 'the bank drops its own approvals only')
  await close(tx, bookId, id, 'cancelled', null, bank.clock.now())
  await logAudit(bank, tx, { bookId }, { action: 'approval.cancelled', subject: aboutOf(id), data: { kind: row.kind } })
  return true
}

// --- checking ---

/** Thrown through the transaction, so that the check is undone with what it would have applied. */
class NotApplied extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/**
 * One operator's word on an approval whose payload has this hash; the last one that is needed applies it. Refuses
 * `NotFound`, `Forbidden`, `ApprovalClosed`, `OwnApproval`, `AlreadyChecked`, `Outdated`, and what applying refuses: then
 * the check does not count, the approval stays open and shows why.
 */
export async function checkApproval(
  bank: Bank,
  operator: Operator,
  id: string,
  check: { verdict: Verdict; hash: string; note: string },
): Promise<ApprovalStatus> {
  try {
    return await bank.db.transaction((tx) => checkIn(bank, tx, operator, id, check))
  } catch (error) {
    if (!(error instanceof NotApplied)) throw error
    const { code, details } = error.refusal
    await bank.db.transaction(async (tx) => {
      const refusal = { code, details, at: bank.clock.now().toISOString() }
      await tx.query('approval-note', 'select approval_note($1, $2, $3)', [
        operator.bookId,
        id,
        JSON.stringify(refusal),
      ])
      await logAudit(bank, tx, operator, {
        action: 'approval.not_applied',
        subject: aboutOf(id),
        data: { code, ...details },
      })
    })
    throw error.refusal
  }
}

async function checkIn(
  bank: Bank,
  tx: Tx,
  operator: Operator,
  id: string,
  { verdict, hash, note }: { verdict: Verdict; hash: string; note: string },
): Promise<ApprovalStatus> {
  const { bookId, operatorId } = operator
  const at = bank.clock.now()
  const row = await lock(tx, bookId, id)
  if (!row) throw new Refusal('NotFound')
  const kind = kindOf(bank, row.kind)
  if (!hasRole(operator, kind.checkers))
    throw new Refusal('Forbidden', { reason: `checked by ${kind.checkers.join(', ')}` })
  const status = statusAt(row, at)
  if (status !== 'open') throw new Refusal('ApprovalClosed', { status })
  if (row.made_by === operatorId) throw new Refusal('OwnApproval')
  const before = await checksOf(tx, bookId, [id])
  if (before.some((one) => one.operatorId === operatorId)) throw new Refusal('AlreadyChecked')
  if (row.payload_hash.toString('hex') !== hash) throw new Refusal('Outdated', { pointer: '/hash' })

  const [left] = await tx.query<{ missing: number }>(
    'approval-check',
    'select approval_check($1, $2, $3, $4, $5, $6, $7) as missing',
    [bookId, id, operatorId, row.payload_hash, verdict, note, at],
  )
  assert(left, 'a function answers')
  const approved: Approved<object> = {
    id,
    bookId,
    payload: payloadOf(row),
    reason: row.reason,
    madeBy: row.made_by ?? undefined,
    checkedBy: [...before.filter((one) => one.verdict === 'approve').map((one) => one.operatorId), operatorId],
    note,
    at,
  }
  const log = (action: 'approval.checked' | 'approval.rejected' | 'approval.applied') =>
    logAudit(bank, tx, operator, { action, subject: aboutOf(id), data: { kind: row.kind, hash, note } })
  if (verdict === 'reject') {
    await applying(() => kind.reject(bank, tx, approved))
    await log('approval.rejected')
    return 'rejected'
  }
  if (left.missing > 0) {
    await log('approval.checked')
    return 'open'
  }
  await applying(() => kind.apply(bank, tx, approved))
  await close(tx, bookId, id, 'applied', operatorId, at)
  await log('approval.applied')
  return 'applied'
}

async function applying(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw error instanceof Refusal ? new NotApplied(error) : error
  }
}

/** Its maker takes it back. Refuses `NotFound`, `Forbidden` to anybody else, `ApprovalClosed`. */
export async function cancelApproval(bank: Bank, operator: Operator, id: string): Promise<void> {
  const { bookId, operatorId } = operator
  await bank.db.transaction(async (tx) => {
    const at = bank.clock.now()
    const row = await lock(tx, bookId, id)
    if (!row) throw new Refusal('NotFound')
    if (row.made_by !== operatorId) throw new Refusal('Forbidden', { reason: 'its maker may' })
    const status = statusAt(row, at)
    if (status !== 'open') throw new Refusal('ApprovalClosed', { status })
    await close(tx, bookId, id, 'cancelled', operatorId, at)
    await logAudit(bank, tx, operator, { action: 'approval.cancelled', subject: aboutOf(id), data: { kind: row.kind } })
  })
}

/** Ends approvals whose time is over. Nothing depends on it: they count as expired from that instant on. */
export async function expireApprovals(bank: Bank, bookId: number): Promise<void> {
  for (const id of await dueApprovals(bank, bank.db, bookId, null)) {
    await bank.db.transaction((tx) => expire(bank, tx, bookId, id))
  }
}

async function dueApprovals(bank: Bank, q: Queries, bookId: number, subject: string | null): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'approvals-due',
    `select id from approvals
     where book_id = $1 and status = 'open' and expires_at <= $2 and ($3::text is null or subject = $3)`,
    [bookId, bank.clock.now(), subject],
  )
  return rows.map((row) => row.id)
}

async function expire(bank: Bank, tx: Tx, bookId: number, id: string): Promise<void> {
  const row = await lock(tx, bookId, id)
  if (row?.status !== 'open') return
  await close(tx, bookId, id, 'expired', null, bank.clock.now())
  await logAudit(bank, tx, { bookId }, { action: 'approval.expired', subject: aboutOf(id), data: { kind: row.kind } })
}

async function lock(tx: Tx, bookId: number, id: string): Promise<Row | undefined> {
  if (!isId(id)) return undefined
  const [row] = await tx.query<Row>('approval-lock', 'select * from approval_lock($1, $2)', [bookId, id])
  return row
}

const close = (tx: Tx, bookId: number, id: string, to: ApprovalStatus, by: string | null, at: Date) =>
  tx.query('approval-close', 'select approval_close($1, $2, $3, $4, $5)', [bookId, id, to, by, at])

const payloadOf = (row: Pick<Row, 'payload'>) => JSON.parse(row.payload) as object

const statusAt = (row: Pick<Row, 'status' | 'expires_at'>, at: Date): ApprovalStatus =>
  row.status === 'open' && row.expires_at && row.expires_at <= at ? 'expired' : row.status

// --- reading ---

async function checksOf(
  q: Queries,
  bookId: number,
  ids: readonly string[],
): Promise<(Check & { approvalId: string })[]> {
  return q.query(
    'approval-checks',
    `select approval_id as "approvalId", operator_id as "operatorId", verdict, note, checked_at as at from approval_checks
     where book_id = $1 and approval_id = any ($2::uuid[]) order by checked_at`,
    [bookId, ids],
  )
}

async function viewsOf(bank: Bank, bookId: number, rows: readonly Row[]): Promise<Approval[]> {
  const ids = rows.map(({ id }) => id)
  const checks = Map.groupBy(await checksOf(bank.db, bookId, ids), (check) => check.approvalId)
  const at = bank.clock.now()
  return rows.map((row) => ({
    id: row.id,
    kind: kindOf(bank, row.kind),
    payload: payloadOf(row),
    hash: row.payload_hash.toString('hex'),
    subject: row.subject,
    reason: row.reason,
    madeBy: row.made_by,
    checksNeeded: row.checks,
    checks: checks.get(row.id) ?? [],
    status: statusAt(row, at),
    refusal: row.refusal,
    madeAt: row.made_at,
    expiresAt: row.expires_at,
    closedAt: row.closed_at ?? (statusAt(row, at) === 'expired' ? row.expires_at : null),
    closedBy: row.closed_by,
  }))
}

/** Refuses `NotFound`. */
export async function approvalById(bank: Bank, bookId: number, id: string): Promise<Approval> {
  const rows = isId(id)
    ? await bank.db.query<Row>('approval-find', 'select * from approvals where book_id = $1 and id = $2', [bookId, id])
    : []
  const [approval] = await viewsOf(bank, bookId, rows)
  if (!approval) throw new Refusal('NotFound')
  return approval
}

export interface ApprovalFilter {
  status?: ApprovalStatus | undefined
  kind?: string | undefined
  subject?: string | undefined
  madeBy?: string | undefined
}

/** Newest first, and how many there are. */
export async function approvals(
  bank: Bank,
  bookId: number,
  filter: ApprovalFilter & { offset: number; size: number },
): Promise<{ items: Approval[]; total: number }> {
  const where = `book_id = $1 and ($2::text is null or $2 = case when status = 'open' and expires_at <= $6 then 'expired' else status end)
    and ($3::text is null or kind = $3) and ($4::text is null or subject = $4) and ($5::uuid is null or made_by = $5)`
  const { status, kind, subject, madeBy, offset, size } = filter
  const values = [bookId, status ?? null, kind ?? null, subject ?? null, madeBy ?? null, bank.clock.now()]
  const [count] = await bank.db.query<{ n: number }>(
    'approvals-count',
    `select count(*)::int as n from approvals where ${where}`,
    values,
  )
  const rows = await bank.db.query<Row>(
    'approvals-list',
    `select * from approvals where ${where} order by id desc limit $7 offset $8`,
    [...values, size, offset],
  )
  return { items: await viewsOf(bank, bookId, rows), total: count?.n ?? 0 }
}

/** What applying it now would do, or why it could not be done now. */
export async function previewApproval(bank: Bank, bookId: number, approval: Approval): Promise<Preview | Refusal> {
  try {
    return await approval.kind.preview(bank, bank.db, bookId, approval.payload, approval.id)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
