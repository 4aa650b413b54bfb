// Whose customers are whose: found by number, openId or contact, listed, and seen as a tree of invitations.
// Must stay true: every look names the merchant, so that another's customer is as absent as nobody, in words and in work;
// a customer's inviter is a customer of the same merchant, so a chain never leaves it; every list is bounded.

import { randomToken } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { nationalPart } from '../people/contact.ts'
import { contactsOfMany, type OwnContact, ownersOf } from '../people/directory.ts'
import { type Person, personByNo } from '../people/people.ts'
import type { Merchant } from './merchant.ts'
import { indicesOf } from './merchant-contact.ts'

/** Generations of inviters that are told. */
export const SUPERIORS = 5
/** Invited by an invited, of each: what a page shows of them. */
export const MOST_CHILDREN = 20

export interface Membership {
  person_no: bigint
  person_id: string
  open_id: string
  inviter_no: bigint | null
  joined_at: Date
}

const COLUMNS = 'person_no, person_id, open_id, inviter_no, joined_at'

/** A merchant's customer with what the bank knows of them. */
export interface MerchantCustomer {
  person: Person
  openId: string
  joinedAt: Date
  /** Undefined: invited by the merchant itself. */
  inviter: Person | undefined
  email: string
  /** Without its country's code. */
  mobile: string
}

export async function insertMembership(
  tx: Tx,
  { bookId, id }: Merchant,
  person: Pick<Person, 'id' | 'no'>,
  inviterNo: bigint | null,
  at: Date,
): Promise<string> {
  const openId = randomToken(18)
  await tx.query(
    'merchant-customer-insert',
    `insert into merchant_customers (book_id, merchant_id, person_no, person_id, open_id, inviter_no, joined_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [bookId, id, person.no, person.id, openId, inviterNo, at],
  )
  return openId
}

// --- one ---

async function one(q: Queries, merchant: Merchant, where: 'person_no' | 'open_id', value: bigint | string) {
  const [row] = await q.query<Membership>(
    `merchant-customer-by-${where}`,
    `select ${COLUMNS} from merchant_customers where book_id = $1 and merchant_id = $2 and ${where} = $3`,
    [merchant.bookId, merchant.id, value],
  )
  return row
}

export const customerByNo = (q: Queries, merchant: Merchant, no: bigint): Promise<Membership | undefined> =>
  one(q, merchant, 'person_no', no)

/** Whether one of these people is the merchant's. */
export async function customersAmong(
  q: Queries,
  merchant: Merchant,
  personIds: readonly string[],
): Promise<Membership[]> {
  return q.query<Membership>(
    'merchant-customers-among',
    `select ${COLUMNS} from merchant_customers where book_id = $1 and merchant_id = $2 and person_id = any ($3::uuid[])`,
    [merchant.bookId, merchant.id, personIds],
  )
}

/** How a customer is named: by the first of these that is said. */
export interface CustomerName {
  uid?: string | undefined
  openId?: string | undefined
  emailOrPhone?: string | undefined
}

const UID = /^[1-9]\d{4,17}$/
const nobody = () => new Refusal('NotFound', { reason: 'no such customer' })

/** Refuses `InvalidParams` when nothing is said, `NotFound` what is nobody's or another's. */
export async function findCustomer(bank: Bank, merchant: Merchant, name: CustomerName): Promise<Membership> {
  const { uid = '', openId = '', emailOrPhone = '' } = name
  let row: Membership | undefined
  if (uid !== '') row = UID.test(uid) ? await one(bank.db, merchant, 'person_no', BigInt(uid)) : undefined
  else if (openId !== '') row = await one(bank.db, merchant, 'open_id', openId)
  else if (emailOrPhone !== '') row = await byContact(bank, merchant, emailOrPhone)
  else throw new Refusal('InvalidParams', { pointer: '/uid', reason: 'one of uid, openId and emailOrPhone' })
  if (!row) throw nobody()
  return row
}

/** A phone number may come with its country's code or without: then it is the only one that ends so, or nobody's. */
async function byContact(bank: Bank, merchant: Merchant, text: string): Promise<Membership | undefined> {
  const owners = await ownersOf(bank.db, indicesOf(bank, merchant, text))
  const found = await customersAmong(bank.db, merchant, owners)
  return found.length === 1 ? found[0] : undefined
}

// --- with their data ---

/** In the order of the rows; people are read together. */
export async function describeCustomers(
  bank: Bank,
  { bookId }: Merchant,
  rows: readonly Membership[],
): Promise<MerchantCustomer[]> {
  const contacts = await contactsOfMany(
    bank,
    bookId,
    rows.map((row) => row.person_id),
  )
  return Promise.all(
    rows.map(async ({ person_no, person_id, open_id, inviter_no, joined_at }) => {
      const [person, inviter] = await Promise.all([
        personByNo(bank, bookId, person_no),
        inviter_no === null ? undefined : personByNo(bank, bookId, inviter_no),
      ])
      if (!person) throw new Error('a customer of a merchant is a person')
      const own = contacts.get(person_id) ?? []
      const textOf = (kind: OwnContact['kind']) => own.find((contact) => contact.kind === kind)?.value ?? ''
      const [email, mobile] = [textOf('email'), textOf('mobile')]
      return {
        person,
        openId: open_id,
        joinedAt: joined_at,
        inviter,
        email,
        mobile: mobile === '' ? '' : nationalPart(mobile),
      }
    }),
  )
}

// --- many ---

interface Page {
  offset: number
  size: number
}

/** Those who joined at or after an instant, in the order in which they did, and how many. */
export async function customersSince(
  bank: Bank,
  merchant: Merchant,
  since: Date,
  { offset, size }: Page,
): Promise<{ items: MerchantCustomer[]; count: number }> {
  const whose = [merchant.bookId, merchant.id, since]
  const rows = await bank.db.query<Membership>(
    'merchant-customers-since',
    `select ${COLUMNS} from merchant_customers where book_id = $1 and merchant_id = $2 and joined_at >= $3
     order by joined_at, person_no limit $4 offset $5`,
    [...whose, size, offset],
  )
  const [total] = await bank.db.query<{ count: number }>(
    'merchant-customers-since-count',
    'select count(*)::int as count from merchant_customers where book_id = $1 and merchant_id = $2 and joined_at >= $3',
    whose,
  )
  return { items: await describeCustomers(bank, merchant, rows), count: total?.count ?? 0 }
}

export async function countCustomers(q: Queries, { bookId, id }: Merchant): Promise<number> {
  const [row] = await q.query<{ count: number }>(
    'merchant-customers-count',
    'select count(*)::int as count from merchant_customers where book_id = $1 and merchant_id = $2',
    [bookId, id],
  )
  return row?.count ?? 0
}

// --- the tree ---

/** The customer and those above, the inviter first: five at most. */
export async function chainAbove(bank: Bank, merchant: Merchant, name: CustomerName): Promise<MerchantCustomer[]> {
  const chain = [await findCustomer(bank, merchant, name)]
  while (chain.length <= SUPERIORS) {
    const above = chain.at(-1)?.inviter_no ?? null
    const row = above === null ? undefined : await customerByNo(bank.db, merchant, above)
    if (!row) break
    chain.push(row)
  }
  return describeCustomers(bank, merchant, chain)
}

export interface Invited extends MerchantCustomer {
  children: MerchantCustomer[]
}

export interface TreeBelow {
  customer: MerchantCustomer
  levelOneCount: number
  levelTwoCount: number
  invited: Invited[]
}

/** Whom a customer invited, newest first, each with the newest of those whom they invited. */
export async function treeBelow(bank: Bank, merchant: Merchant, name: CustomerName, page: Page): Promise<TreeBelow> {
  const row = await findCustomer(bank, merchant, name)
  const whose = [merchant.bookId, merchant.id]
  const [counts] = await bank.db.query<{ one: number; two: number }>(
    'merchant-tree-counts',
    `select count(distinct c.person_no)::int as one, count(g.person_no)::int as two
     from merchant_customers c left join merchant_customers g
       on g.book_id = $1 and g.merchant_id = $2 and g.inviter_no = c.person_no
     where c.book_id = $1 and c.merchant_id = $2 and c.inviter_no = $3`,
    [...whose, row.person_no],
  )
  const invited = await bank.db.query<Membership>(
    'merchant-tree-invited',
    `select ${COLUMNS} from merchant_customers where book_id = $1 and merchant_id = $2 and inviter_no = $3
     order by joined_at desc, person_no desc limit $4 offset $5`,
    [...whose, row.person_no, page.size, page.offset],
  )
  const children = await bank.db.query<Membership>(
    'merchant-tree-children',
    `select c.* from unnest($3::bigint[]) p (no) cross join lateral (
       select ${COLUMNS} from merchant_customers where book_id = $1 and merchant_id = $2 and inviter_no = p.no
       order by joined_at desc, person_no desc limit $4) c`,
    [...whose, invited.map((each) => each.person_no), MOST_CHILDREN],
  )
  const [customer, ...people] = await describeCustomers(bank, merchant, [row, ...invited, ...children])
  if (!customer) throw new Error('as many as there were rows')
  const below = Map.groupBy(people.slice(invited.length), ({ inviter }) => inviter?.no)
  return {
    customer,
    levelOneCount: counts?.one ?? 0,
    levelTwoCount: counts?.two ?? 0,
    invited: people.slice(0, invited.length).map((each) => ({ ...each, children: below.get(each.person.no) ?? [] })),
  }
}
