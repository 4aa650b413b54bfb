// Customers: who they are, their status and language, what others may see of them.
// Must stay true: names stand sealed in the table; a person is found by id or UID within one book, never across.

import { randomToken, seal, unseal } from '../../base/crypto.ts'
import { brokenKey, type Queries, type Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { setAccountsStatus } from '../../ledger/balances.ts'
import type { Bank, Locale } from '../context.ts'
import type { NoticeChoices } from '../notice/notice-choice.ts'
import { loaderByBook } from '../per-bank.ts'
import type { SealedColumn } from '../sealed-column.ts'
import type { KycLevel } from '../setting-definitions.ts'
import { endAllSessions } from '../sign-in/session-life.ts'
import { type Contact, maskContact, maskName } from './contact.ts'
import { attachContact, contactsOf, detachContacts } from './directory.ts'

export type PersonStatus = 'active' | 'frozen' | 'deleted'
export type Channel = 'sms' | 'email'

export interface Person {
  readonly bookId: number
  readonly id: string
  readonly no: bigint
  /** `U10001` */
  readonly uid: string
  readonly status: PersonStatus
  readonly locale: Locale
  readonly nickname: string | null
  /** What other customers may see: "张*三", "u***@example.com", "138****1234". */
  readonly maskedName: string
  /** `#RRGGBB`, the same for ever. */
  readonly avatarColor: string
  readonly inviteCode: string
  readonly hasPassword: boolean
  readonly login2fa: readonly Channel[]
  /** The state of the newest basic identity check. */
  readonly kycStatus: 'none' | 'pending' | 'approved' | 'rejected'
  /** What holds of all that was checked; limits go by it. */
  readonly kycLevel: KycLevel
  readonly isNode: boolean
  readonly levelSystem: number
  /** An operator's override; null when the system's level holds. */
  readonly levelManual: number | null
  readonly moneyOutHeldUntil: Date | null
  /** By which ways they want to hear of money; see notice/notice-choice.ts. */
  readonly noticeChoices: NoticeChoices
  readonly createdAt: Date
}

interface PersonRow {
  id: string
  no: bigint
  status: PersonStatus
  locale: Locale
  nickname_sealed: Buffer | null
  label_sealed: Buffer
  invite_code: string
  has_password: boolean
  login2fa: Channel[]
  kyc_status: Person['kycStatus']
  kyc_level: KycLevel
  is_node: boolean
  level_system: number
  level_manual: number | null
  money_out_held_until: Date | null
  notice_choices: NoticeChoices
  created_at: Date
}

const COLUMNS = `id, no, status, locale, nickname_sealed, label_sealed, invite_code, password_hash is not null as has_password,
  login2fa, kyc_status, kyc_level, is_node, level_system, level_manual, money_out_held_until, notice_choices,
  created_at`

const palette = ['#7B3AC2', '#2563EB', '#0F766E', '#B45309', '#BE123C', '#4338CA', '#15803D', '#A21CAF'] as const

const nameContext = (bookId: number, personId: string) => `name ${bookId} ${personId}`
export const sealedNames: readonly SealedColumn[] = ['nickname_sealed', 'label_sealed'].map((column) => ({
  table: 'people',
  column,
  key: { id: 'uuid' },
  context: nameContext,
}))

// names are opened when somebody looks at them: a payment reads its recipient's row and seldom the name
const personOf = (bank: Bank, bookId: number, row: PersonRow): Person => ({
  bookId,
  id: row.id,
  no: row.no,
  uid: `U${row.no}`,
  status: row.status,
  locale: row.locale,
  get nickname() {
    return row.nickname_sealed && unseal(bank.keys.personal, row.nickname_sealed, nameContext(bookId, row.id))
  },
  get maskedName() {
    return unseal(bank.keys.personal, row.label_sealed, nameContext(bookId, row.id))
  },
  avatarColor: palette[Number.parseInt(row.id.slice(-2), 16) % palette.length] ?? palette[0],
  inviteCode: row.invite_code,
  hasPassword: row.has_password,
  login2fa: row.login2fa,
  kycStatus: row.kyc_status,
  kycLevel: row.kyc_level,
  isNode: row.is_node,
  levelSystem: row.level_system,
  levelManual: row.level_manual,
  moneyOutHeldUntil: row.money_out_held_until,
  noticeChoices: row.notice_choices,
  createdAt: row.created_at,
})

// --- reading, many at once ---

/** By id. */
export const personById = loaderByBook<string, Person>(async (bank, bookId, ids) => {
  const rows = await bank.db.query<PersonRow>(
    'people-by-id',
    `select ${COLUMNS} from people where book_id = $1 and id = any ($2::uuid[])`,
    [bookId, ids],
  )
  return new Map(rows.map((row) => [row.id, personOf(bank, bookId, row)]))
})

/** By number. */
export const personByNo = loaderByBook<bigint, Person>(async (bank, bookId, nos) => {
  const rows = await bank.db.query<PersonRow>(
    'people-by-no',
    `select ${COLUMNS} from people where book_id = $1 and no = any ($2::bigint[])`,
    [bookId, nos],
  )
  return new Map(rows.map((row) => [row.no, personOf(bank, bookId, row)]))
})

/** By `U10001`; anything that is not a UID is nobody's. */
export async function personByUid(bank: Bank, bookId: number, uid: string): Promise<Person | undefined> {
  const match = /^U([1-9]\d{4,17})$/.exec(uid)
  return match?.[1] ? personByNo(bank, bookId, BigInt(match[1])) : undefined
}

/** The person of a signed-in actor: must be there. */
export async function ownPerson(bank: Bank, actor: { bookId: number; personId: string }): Promise<Person> {
  const person = await personById(bank, actor.bookId, actor.personId)
  if (!person) throw new Refusal('Unauthorized')
  return person
}

// --- writing ---

export interface NewPerson {
  bookId: number
  /** Null: somebody of whom a partner knows no contact, and who signs in nowhere. */
  contact: Contact | null
  passwordHash: string | null
  locale: Locale
}

/** Makes a customer, whose contact is proved or proved later, when its owner asks for a code. Refuses `ContactTaken`. */
export async function createPerson(
  bank: Bank,
  tx: Tx,
  { bookId, contact, passwordHash, locale }: NewPerson,
): Promise<Person> {
  const id = newId()
  const shown = contact ? maskContact(contact.kind, contact.value) : '***'
  const label = seal(bank.keys.personal, shown, nameContext(bookId, id))
  if (contact) await attachContact(bank, tx, bookId, id, contact)
  const [row] = await tx.query<PersonRow>(
    'person-create',
    `insert into people (book_id, id, locale, label_sealed, invite_code, password_hash, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
    [bookId, id, locale, label, newInviteCode(), passwordHash, bank.clock.now()],
  )
  if (!row) throw new Error('no row came back')
  await tx.query('person-factors', 'insert into payment_factors (book_id, person_id) values ($1, $2)', [bookId, id])
  return personOf(bank, bookId, row)
}

/** True when two customers drew the same invite code: draw again. */
export const inviteCodeCollided = (error: unknown): boolean => brokenKey(error) === 'people_invite_code'

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** `INV` and eight letters that are not mistaken for one another. */
const newInviteCode = (): string =>
  `INV${[...Buffer.from(randomToken(8), 'base64url')].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`

/** The number of the person whose invite code it is. Refuses `InviteCodeUnknown`. */
export async function inviterByCode(q: Queries, bookId: number, inviteCode: string): Promise<bigint> {
  const [row] = await q.query<{ no: bigint }>(
    'person-by-invite',
    `select no from people where book_id = $1 and invite_code = $2 and status <> 'deleted'`,
    [bookId, inviteCode.trim().toUpperCase()],
  )
  if (!row) throw new Refusal('InviteCodeUnknown', { pointer: '/invite_code' })
  return row.no
}

/** Changes the name that others see (masked), or the language. */
export async function updateProfile(
  bank: Bank,
  actor: { bookId: number; personId: string },
  change: { nickname?: string | null | undefined; locale?: Locale | undefined },
): Promise<void> {
  await bank.db.transaction(async (tx) => {
    if (change.locale !== undefined) await setLocale(tx, actor.bookId, actor.personId, change.locale)
    if (change.nickname === undefined) return
    const nickname = change.nickname?.normalize('NFC').trim() || null
    if (nickname !== null && [...nickname].length > 32) {
      throw new Refusal('InvalidParams', { pointer: '/nickname', reason: 'at most 32 characters' })
    }
    const sealed = nickname && seal(bank.keys.personal, nickname, nameContext(actor.bookId, actor.personId))
    await tx.query('person-nickname', 'update people set nickname_sealed = $3 where book_id = $1 and id = $2', [
      actor.bookId,
      actor.personId,
      sealed,
    ])
    await refreshLabel(bank, tx, actor.bookId, actor.personId)
  })
}

export async function setLocale(q: Queries, bookId: number, personId: string, locale: Locale): Promise<void> {
  await q.query('person-locale', 'update people set locale = $3 where book_id = $1 and id = $2 and locale <> $3', [
    bookId,
    personId,
    locale,
  ])
}

/** Works out anew what others see, after the nickname or a contact changed. */
export async function refreshLabel(bank: Bank, tx: Tx, bookId: number, personId: string): Promise<void> {
  const [row] = await tx.query<{ nickname_sealed: Buffer | null }>(
    'person-lock',
    'select nickname_sealed from people where book_id = $1 and id = $2 for no key update',
    [bookId, personId],
  )
  const context = nameContext(bookId, personId)
  const [first] = await contactsOf(bank, tx, bookId, personId)
  const label = row?.nickname_sealed
    ? maskName(unseal(bank.keys.personal, row.nickname_sealed, context))
    : first
      ? maskContact(first.kind, first.value)
      : '***'
  await tx.query('person-label', 'update people set label_sealed = $3 where book_id = $1 and id = $2', [
    bookId,
    personId,
    seal(bank.keys.personal, label, context),
  ])
}

export async function passwordHashOf(q: Queries, bookId: number, personId: string): Promise<string | null> {
  const [row] = await q.query<{ password_hash: string | null }>(
    'person-password-hash',
    'select password_hash from people where book_id = $1 and id = $2',
    [bookId, personId],
  )
  return row?.password_hash ?? null
}

/** Stores a password's hash; with `only: null` no more than where there is none. False when it was not stored. */
export async function setPasswordHash(
  q: Queries,
  bookId: number,
  personId: string,
  hash: string,
  only?: null,
): Promise<boolean> {
  const stored = await q.query(
    'person-password',
    `update people set password_hash = $3
     where book_id = $1 and id = $2 and status <> 'deleted' and (not $4::boolean or password_hash is null) returning 1`,
    [bookId, personId, hash, only === null],
  )
  return stored.length > 0
}

export async function setLogin2fa(
  q: Queries,
  bookId: number,
  personId: string,
  channel: Channel,
  on: boolean,
): Promise<void> {
  await q.query(
    'person-login2fa',
    `update people set login2fa = case when $4::boolean then array_append(array_remove(login2fa, $3), $3)
       else array_remove(login2fa, $3) end
     where book_id = $1 and id = $2`,
    [bookId, personId, channel, on],
  )
}

/** Keeps money from leaving until an instant; a hold that lasts longer already stays. */
export async function holdMoneyOut(q: Queries, bookId: number, personId: string, until: Date): Promise<void> {
  await q.query(
    'person-hold',
    'update people set money_out_held_until = greatest(money_out_held_until, $3::timestamptz) where book_id = $1 and id = $2',
    [bookId, personId, until],
  )
}

/** What they chose so far, kept from everybody else until the transaction ends. */
export async function lockNoticeChoices(tx: Tx, bookId: number, personId: string): Promise<NoticeChoices | undefined> {
  const [row] = await tx.query<{ notice_choices: NoticeChoices }>(
    'person-notices-lock',
    'select notice_choices from people where book_id = $1 and id = $2 for no key update',
    [bookId, personId],
  )
  return row?.notice_choices
}

export const setNoticeChoices = (tx: Tx, bookId: number, personId: string, choices: NoticeChoices): Promise<unknown> =>
  tx.query('person-notices', 'update people set notice_choices = $3::jsonb where book_id = $1 and id = $2', [
    bookId,
    personId,
    JSON.stringify(choices),
  ])

/** `changePersonStatus` in a transaction of its own. */
export const setPersonStatus = (bank: Bank, bookId: number, personId: string, status: PersonStatus): Promise<bigint> =>
  bank.db.transaction((tx) => changePersonStatus(bank, tx, bookId, personId, status))

/**
 * Answers with their number. Freezes (may look, may not pay), unfreezes, or deletes. A deleted customer is signed out and forgotten: contacts and
 * names are erased, the number and the books stay. Refuses `NotFound`, and `Outdated` what is so already.
 */
export async function changePersonStatus(
  bank: Bank,
  tx: Tx,
  bookId: number,
  personId: string,
  status: PersonStatus,
): Promise<bigint> {
  const [person] = await tx.query<{ no: bigint; status: PersonStatus }>(
    'person-status-lock',
    'select no, status from people where book_id = $1 and id = $2 for no key update',
    [bookId, personId],
  )
  if (!person || person.status === 'deleted') throw new Refusal('NotFound')
  if (person.status === status) throw new Refusal('Outdated', { status })
  await tx.query('person-status', 'update people set status = $3 where book_id = $1 and id = $2', [
    bookId,
    personId,
    status,
  ])
  await setAccountsStatus(tx, bookId, person.no, accountsStatus[status])
  if (status !== 'deleted') return person.no
  await detachContacts(tx, bookId, personId)
  await tx.query(
    'person-erase',
    'update people set nickname_sealed = null, password_hash = null, login2fa = default where book_id = $1 and id = $2',
    [bookId, personId],
  )
  await refreshLabel(bank, tx, bookId, personId)
  await endAllSessions(bank, tx, bookId, personId, 'deleted')
  return person.no
}

const accountsStatus = { active: 'open', frozen: 'frozen', deleted: 'closed' } as const satisfies Record<
  PersonStatus,
  string
>

// --- levels: the system's own, and an operator's override ---

export const effectiveLevel = (person: Pick<Person, 'levelSystem' | 'levelManual'>): number =>
  person.levelManual ?? person.levelSystem

export interface Levels {
  no: bigint
  system: number
  manual: number | null
  isNode: boolean
}

const LEVELS = 'no, level_system as system, level_manual as manual, is_node as "isNode"'

export const levelsOf = (q: Queries, bookId: number, nos: readonly bigint[]): Promise<Levels[]> =>
  q.query<Levels>('levels', `select ${LEVELS} from people where book_id = $1 and no = any ($2::bigint[]) order by no`, [
    bookId,
    nos,
  ])

/** The same, kept from everybody else until the transaction ends. */
export const lockLevels = (tx: Tx, bookId: number, nos: readonly bigint[]): Promise<Levels[]> =>
  tx.query<Levels>(
    'levels-lock',
    `select ${LEVELS} from people where book_id = $1 and no = any ($2::bigint[]) order by no for no key update`,
    [bookId, nos],
  )

/** Records what the rules of the node programme worked out. */
export async function setSystemLevel(
  q: Queries,
  bookId: number,
  personNo: bigint,
  { level, isNode }: { level: number; isNode: boolean },
): Promise<void> {
  await q.query('level-system', 'update people set level_system = $3, is_node = $4 where book_id = $1 and no = $2', [
    bookId,
    personNo,
    level,
    isNode,
  ])
}

/** Sets an operator's override, or lifts it with null. */
export async function overrideLevel(q: Queries, bookId: number, personNo: bigint, level: number | null): Promise<void> {
  await q.query('level-manual', 'update people set level_manual = $3 where book_id = $1 and no = $2', [
    bookId,
    personNo,
    level,
  ])
}
