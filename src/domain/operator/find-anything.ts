// One field that finds anything: a customer, an order, a payment, a journal, an approval, a transaction, a request.
// Must stay true: who looked for what is in the audit log, but for contacts, which are written down nowhere; what a search
// finds is told by its kind and id alone, and looking at it is a look of its own.

import { isRefusal, type RefusalCode } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { journalById } from '../../ledger/balances.ts'
import { paymentById, paymentsOfTransaction } from '../chain-payment/show-payments.ts'
import type { Bank } from '../context.ts'
import { depositsOfTransaction } from '../deposit/deposit-record.ts'
import { approvalById } from './approval.ts'
import type { Operator } from './approval-kind.ts'
import { auditOfRequest, logAudit } from './audit-log.ts'
import { findCustomer } from './customer-view.ts'
import { findOrder } from './order-view.ts'

export interface Found {
  kind: 'customer' | 'order' | 'payment' | 'journal' | 'approval' | 'deposit' | 'request'
  id: string
  /** What of it can be shown at once: a UID, the order's kind, the request's action. */
  about: string
}

const HASH = /^(?:0x)?[0-9a-f]{64}$/i
const REQUEST = /^[\w-]{8,64}$/
/** Refusals that say: nothing is called so. */
const ABSENT: readonly RefusalCode[] = ['NotFound', 'JournalUnknown', 'InvalidParams']

export async function findAnything(bank: Bank, operator: Operator, text: string): Promise<Found[]> {
  const typed = text.trim()
  const id = typed.toLowerCase().replace(/^[a-z]{1,2}-/, '')
  if (isId(id)) return byId(bank, operator, id)
  if (HASH.test(typed)) return byHash(bank, operator, typed)
  // what is no contact at all may be a request's id
  const person = /^U\d|@|^\+?[\d ()-]+$/.test(typed) ? await absent(findCustomer(bank, operator, typed)) : undefined
  if (person) return [{ kind: 'customer', id: person.id, about: person.uid }]
  return REQUEST.test(typed) ? byRequest(bank, operator, typed) : []
}

async function byId(bank: Bank, operator: Operator, id: string): Promise<Found[]> {
  const { bookId } = operator
  await logAudit(bank, bank.db, operator, { action: 'bank.searched', subject: `id:${id}` })
  const [person, order, approval, payment, journal] = await Promise.all([
    findCustomer(bank, operator, id),
    findOrder(bank, bookId, id),
    absent(approvalById(bank, bookId, id)),
    absent(paymentById(bank.db, bookId, id)),
    absent(journalById(bank.db, bookId, id)),
  ])
  return [
    person && ({ kind: 'customer', id, about: person.uid } as const),
    order && ({ kind: 'order', id, about: order.kind } as const),
    approval && ({ kind: 'approval', id, about: approval.kind.kind } as const),
    payment && ({ kind: 'payment', id, about: payment.order_kind } as const),
    journal && ({ kind: 'journal', id, about: journal.kind } as const),
  ].filter((found) => found !== undefined)
}

async function byHash(bank: Bank, operator: Operator, typed: string): Promise<Found[]> {
  const { bookId } = operator
  await logAudit(bank, bank.db, operator, { action: 'bank.searched', subject: `transaction:${typed}` })
  const networks = bank.networks.map(({ code }) => code)
  const bare = typed.toLowerCase().replace(/^0x/, '')
  const spellings = [bare, `0x${bare}`]
  const found = await Promise.all(
    spellings.flatMap((hash) => [
      depositsOfTransaction(bank.db, bookId, networks, hash).then((rows) =>
        rows.map(({ id, network }): Found => ({ kind: 'deposit', id, about: network })),
      ),
      paymentsOfTransaction(bank.db, bookId, networks, hash).then((rows) =>
        rows.map(({ id, network, order_kind }): Found => ({ kind: 'payment', id, about: `${order_kind} ${network}` })),
      ),
    ]),
  )
  return found.flat()
}

/** What a request did; only those may ask who may read the audit log. */
async function byRequest(bank: Bank, operator: Operator, requestId: string): Promise<Found[]> {
  if (!operator.roles.some((role) => role === 'risk' || role === 'admin')) return []
  await logAudit(bank, bank.db, operator, { action: 'bank.searched', subject: `request:${requestId}` })
  const rows = await auditOfRequest(bank.db, operator.bookId, requestId)
  return rows.map(({ action, subject }) => ({ kind: 'request', id: requestId, about: `${action} ${subject}` }))
}

async function absent<V>(work: Promise<V>): Promise<V | undefined> {
  try {
    return await work
  } catch (error) {
    if (isRefusal(error) && ABSENT.includes(error.code)) return undefined
    throw error
  }
}
