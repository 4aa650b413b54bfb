// Operators: who works for the house, how they join, and how they leave. Roles come by approval (operator-role.ts).
// Must stay true: an invitation works once and for a day, and is nothing without a password and a confirmed TOTP secret;
// nobody but a shell of the installation can take over an operator that is there.

import { after, hours } from '../../base/clock.ts'
import { hashPassword, hmacSha256, randomToken, seal, sha256, unseal } from '../../base/crypto.ts'
import { brokenKey, type Queries, type Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId, newId } from '../../base/ids.ts'
import type { Bank, Origin } from '../context.ts'
import { queueMessage } from '../notice/message.ts'
import { readContact } from '../people/contact.ts'
import type { SealedColumn } from '../sealed-column.ts'
import { countFromAddress } from '../sign-in/attempt.ts'
import { checkNewPassword } from '../sign-in/password.ts'
import { newTotpSecret, type TotpSecret, totpStep } from '../totp-code.ts'
import type { Operator } from './approval-kind.ts'
import { type AuditActor, logAudit } from './audit-log.ts'
import { endOperatorSessions, openOperatorSession } from './operator-session.ts'
import type { Role } from './role.ts'

const INVITED = hours(24)

export type OperatorStatus = 'invited' | 'active' | 'disabled'

export interface OperatorView {
  id: string
  email: string
  name: string
  roles: Role[]
  status: OperatorStatus
  createdAt: Date
}

interface Row {
  id: string
  email_sealed: Buffer
  name_sealed: Buffer
  roles: Role[]
  status: OperatorStatus
  created_at: Date
}

export const operatorContext = (what: 'email' | 'name' | 'totp', bookId: number, id: string) =>
  `operator ${what} ${bookId} ${id}`

/** One spelling of an address, and what it is found by; another index than customers', so that the two do not meet. */
export function readOperatorEmail(bank: Bank, text: string): { value: string; index: Buffer } {
  const { value } = readContact(bank, { contact: text, kind: 'email' })
  return { value, index: hmacSha256(bank.keys.contactIndex, `operator:${value}`) }
}

export const sealedOperators: readonly SealedColumn[] = (['email', 'name', 'totp'] as const).map((what) => ({
  table: 'operators',
  column: `${what}_sealed`,
  key: { id: 'uuid' },
  context: (bookId, id = '') => operatorContext(what, bookId, id),
}))

const viewOf = (bank: Bank, bookId: number, row: Row): OperatorView => ({
  id: row.id,
  email: unseal(bank.keys.personal, row.email_sealed, operatorContext('email', bookId, row.id)),
  name: unseal(bank.keys.personal, row.name_sealed, operatorContext('name', bookId, row.id)),
  roles: row.roles,
  status: row.status,
  createdAt: row.created_at,
})

const COLUMNS = 'id, email_sealed, name_sealed, roles, status, created_at'

/** All of them, in the order in which they came. */
export async function operators(bank: Bank, bookId: number): Promise<OperatorView[]> {
  const rows = await bank.db.query<Row>(
    'operators',
    `select ${COLUMNS} from operators where book_id = $1 order by created_at, id`,
    [bookId],
  )
  return rows.map((row) => viewOf(bank, bookId, row))
}

/** Refuses `NotFound`. */
export async function operatorById(bank: Bank, q: Queries, bookId: number, id: string): Promise<OperatorView> {
  const sql = `select ${COLUMNS} from operators where book_id = $1 and id = $2`
  const [row] = isId(id) ? await q.query<Row>('operator', sql, [bookId, id]) : []
  if (!row) throw new Refusal('NotFound')
  return viewOf(bank, bookId, row)
}

/** Names by id, for lists of what operators did. */
export async function operatorNames(
  bank: Bank,
  bookId: number,
  ids: Iterable<string | null>,
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== null)
  const rows = await bank.db.query<Pick<Row, 'id' | 'name_sealed'>>(
    'operator-names',
    'select id, name_sealed from operators where book_id = $1 and id = any ($2::uuid[])',
    [bookId, wanted],
  )
  const nameOf = (row: Pick<Row, 'id' | 'name_sealed'>) =>
    unseal(bank.keys.personal, row.name_sealed, operatorContext('name', bookId, row.id))
  return new Map(rows.map((row) => [row.id, nameOf(row)]))
}

// --- inviting ---

export interface Invitation {
  operatorId: string
  /** Shown once; who has it sets the password and the second factor. */
  code: string
  until: Date
}

export interface Invitee {
  email: string
  name: string
}

/**
 * For a shell of the installation, which is trusted: this is how the first operators come, roles and all. Answers with an
 * invitation code that works once and for a day. Refuses `InvalidParams`, and `ContactTaken` when there is one already.
 */
export async function inviteOperator(bank: Bank, invitee: Invitee & { roles: readonly Role[] }): Promise<Invitation> {
  const bookId = bank.config.DEFAULT_BOOK
  return bank.db.transaction(async (tx) => {
    const invitation = await insertOperator(bank, tx, bookId, invitee, invitee.roles)
    await logAudit(
      bank,
      tx,
      { bookId },
      {
        action: 'operator.invited',
        subject: `operator:${invitation.operatorId}`,
        data: { roles: invitee.roles },
      },
    )
    return invitation
  })
}

/** Likewise for a shell: an operator who lost password or authenticator starts again, with the roles they had. */
export async function reinviteOperator(bank: Bank, email: string): Promise<Invitation> {
  const bookId = bank.config.DEFAULT_BOOK
  const { index } = readOperatorEmail(bank, email)
  return bank.db.transaction(async (tx) => {
    const invitation = newInvitation(bank)
    const [row] = await tx.query<{ id: string }>(
      'operator-reinvite',
      `update operators set status = 'invited', password_hash = null, totp_sealed = null, totp_confirmed_at = null,
         totp_last_step = 0, invitation_hash = $3, invited_until = $4
       where book_id = $1 and email_index = $2 returning id`,
      [bookId, index, sha256(invitation.code), invitation.until],
    )
    if (!row) throw new Refusal('NotFound')
    await endOperatorSessions(bank, tx, bookId, row.id, 'invited again')
    await logAudit(
      bank,
      tx,
      { bookId },
      { action: 'operator.invited', subject: `operator:${row.id}`, data: { again: true } },
    )
    return { operatorId: row.id, ...invitation }
  })
}

/**
 * An operator invites a colleague, who has no role until two others agree on one. The code goes to the colleague by mail
 * and nowhere else: whoever invites cannot become the invited.
 */
export async function inviteColleague(bank: Bank, tx: Tx, operator: Operator, invitee: Invitee): Promise<string> {
  const { bookId } = operator
  const { operatorId, code, until } = await insertOperator(bank, tx, bookId, invitee, [])
  await queueMessage(bank, tx, {
    kind: 'email',
    to: readOperatorEmail(bank, invitee.email).value,
    locale: operator.locale,
    until: until.getTime(),
    body: { about: 'invitation', code, hours: 24, url: bank.config.PUBLIC_URL },
  })
  await logAudit(bank, tx, operator, { action: 'operator.invited', subject: `operator:${operatorId}` })
  return operatorId
}

function newInvitation(bank: Bank): { code: string; until: Date } {
  return { code: randomToken(24), until: after(bank.clock.now(), INVITED) }
}

async function insertOperator(
  bank: Bank,
  tx: Tx,
  bookId: number,
  { email, name: given }: Invitee,
  roles: readonly Role[],
): Promise<Invitation> {
  const { value, index } = readOperatorEmail(bank, email)
  const name = given.normalize('NFC').trim()
  if (name === '' || [...name].length > 60) {
    throw new Refusal('InvalidParams', { pointer: '/name', reason: '1 to 60 characters' })
  }
  const operatorId = newId()
  const invitation = newInvitation(bank)
  const sealed = (what: 'email' | 'name', text: string) =>
    seal(bank.keys.personal, text, operatorContext(what, bookId, operatorId))
  const values = [
    bookId,
    operatorId,
    index,
    sealed('email', value),
    sealed('name', name),
    [...new Set(roles)].sort(),
    sha256(invitation.code),
    invitation.until,
    bank.clock.now(),
  ]
  try {
    await tx.query(
      'operator-insert',
      `insert into operators (book_id, id, email_index, email_sealed, name_sealed, roles, invitation_hash, invited_until, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      values,
    )
  } catch (error) {
    if (brokenKey(error) === 'operators_email') throw new Refusal('ContactTaken')
    throw error
  }
  return { operatorId, ...invitation }
}

// --- joining ---

interface InvitedRow {
  id: string
  email_sealed: Buffer
  totp_sealed: Buffer | null
  password_hash: string | null
}

/** Whose invitation it is. Every code that is not a live one is refused alike (`CodeWrong`). */
async function invitedBy(bank: Bank, origin: Origin, code: string): Promise<InvitedRow> {
  const bookId = bank.config.DEFAULT_BOOK
  await countFromAddress(bank, bookId, 'invitation-address', origin.ip)
  const [row] = await bank.db.query<InvitedRow>(
    'operator-by-invitation',
    `select id, email_sealed, totp_sealed, password_hash from operators
     where book_id = $1 and invitation_hash = $2 and invited_until > $3 and status = 'invited'`,
    [bookId, sha256(code), bank.clock.now()],
  )
  if (!row) throw new Refusal('CodeWrong')
  return row
}

/** The first step: a password, and a TOTP secret to be confirmed. Asked again, it starts again. */
export async function acceptInvitation(
  bank: Bank,
  origin: Origin,
  { code, password }: { code: string; password: string },
): Promise<TotpSecret> {
  const bookId = bank.config.DEFAULT_BOOK
  const row = await invitedBy(bank, origin, code)
  const email = unseal(bank.keys.personal, row.email_sealed, operatorContext('email', bookId, row.id))
  checkNewPassword(password, [email])
  const hash = await hashPassword(password)
  const totp = newTotpSecret(email)
  const stored = await bank.db.query(
    'operator-accept',
    `update operators set password_hash = $4, totp_sealed = $5, totp_last_step = 0
     where book_id = $1 and id = $2 and invitation_hash = $3 and status = 'invited' returning 1`,
    [
      bookId,
      row.id,
      sha256(code),
      hash,
      seal(bank.keys.personal, totp.secret, operatorContext('totp', bookId, row.id)),
    ],
  )
  if (stored.length === 0) throw new Refusal('CodeWrong')
  return totp
}

/** The second step: a code of that secret. It uses the invitation up and signs in. Answers the session's token. */
export async function confirmInvitation(
  bank: Bank,
  origin: Origin & { requestId: string },
  { code, totpCode }: { code: string; totpCode: string },
): Promise<string> {
  const bookId = bank.config.DEFAULT_BOOK
  const row = await invitedBy(bank, origin, code)
  if (!row.totp_sealed || row.password_hash === null) throw new Refusal('TOTPNotSetUp')
  const now = bank.clock.now()
  const secret = unseal(bank.keys.personal, row.totp_sealed, operatorContext('totp', bookId, row.id))
  const step = totpStep(secret, totpCode, now)
  if (step === undefined) throw new Refusal('TOTPWrong')
  return bank.db.transaction(async (tx) => {
    const joined = await tx.query(
      'operator-join',
      `update operators set status = 'active', totp_confirmed_at = $5, totp_last_step = $6, invitation_hash = null, invited_until = null
       where book_id = $1 and id = $2 and invitation_hash = $3 and totp_sealed = $4 and status = 'invited' returning 1`,
      [bookId, row.id, sha256(code), row.totp_sealed, now, step],
    )
    if (joined.length === 0) throw new Refusal('CodeWrong')
    const { token, session } = await openOperatorSession(bank, tx, bookId, row.id, origin)
    const actor = { ...origin, bookId, operatorId: row.id, sessionId: session, roles: [] }
    await logAudit(bank, tx, actor, { action: 'operator.joined', subject: `operator:${row.id}` })
    return token
  })
}

// --- leaving ---

/** Ends an operator's access at once. Not one's own; and it is undone by a new invitation from the shell alone. */
export async function disableOperator(bank: Bank, operator: Operator, id: string, reason: string): Promise<void> {
  if (id === operator.operatorId) throw new Refusal('Forbidden', { reason: 'not oneself' })
  await disable(bank, operator, id, reason)
}

/** Likewise for a shell of the installation. Refuses `NotFound`. */
export const disableFromShell = (bank: Bank, bookId: number, id: string, reason: string): Promise<void> =>
  disable(bank, { bookId }, id, reason)

async function disable(bank: Bank, by: AuditActor, id: string, reason: string): Promise<void> {
  const { bookId } = by
  await bank.db.transaction(async (tx) => {
    const { status } = await operatorById(bank, tx, bookId, id)
    if (status === 'disabled') return
    await tx.query(
      'operator-disable',
      `update operators set status = 'disabled', invitation_hash = null, invited_until = null where book_id = $1 and id = $2`,
      [bookId, id],
    )
    await endOperatorSessions(bank, tx, bookId, id, 'disabled')
    await logAudit(bank, tx, by, { action: 'operator.disabled', subject: `operator:${id}`, data: { reason } })
  })
}
