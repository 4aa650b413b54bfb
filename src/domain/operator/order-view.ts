// Any order by its id, whatever it is of: what it says, the steps it took, and what it moved and held in the ledger.
// A module's orders are found here once its finder stands in `finders`.
// Must stay true: who looked at which order is in the audit log before it is shown.

import type { Queries } from '../../base/database.ts'
import { isRefusal, Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { type Asset, assets } from '../../ledger/accounts.ts'
import { type JournalView, journalsOfOrder } from '../../ledger/balances.ts'
import { type Hold, holdsOfOrder } from '../../ledger/holds.ts'
import type { Bank } from '../context.ts'
import { depositRecord, depositSteps } from '../deposit/deposit-record.ts'
import { internalTransferById, transferById } from '../transfer.ts'
import { withdrawalById, withdrawalEvents } from '../withdrawal/withdrawal.ts'
import type { Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'
import { earnFinders } from './earn-finders.ts'
import { rampFinder } from './ramp-finder.ts'
import { vendorFinders } from './vendor-finders.ts'

export interface OrderStep {
  from: string | null
  to: string
  note: string
  at: Date
}

export interface FoundOrder {
  kind: string
  status: string
  /** Numbers of the customers that it concerns. */
  people: bigint[]
  createdAt: Date
  /** What else there is to say, as texts; amounts are decimal strings. */
  fields: Record<string, string | null>
  steps: OrderStep[]
}

const text = (units: bigint, asset: Asset = 'USDT') => formatAmount(units, assets[asset].scale, 2)

type Finder = (q: Queries, bookId: number, id: string) => Promise<FoundOrder | undefined>

const finders: readonly Finder[] = [
  async (q, bookId, id) => {
    const order = await transferById(q, bookId, id)
    return (
      order && {
        kind: 'transfer',
        status: order.status,
        people: [order.from_no, order.to_no],
        createdAt: order.created_at,
        fields: {
          from: `U${order.from_no}`,
          to: `U${order.to_no}`,
          amount: text(order.amount),
          fee: text(order.fee),
          memo: order.memo,
        },
        steps: [],
      }
    )
  },
  async (q, bookId, id) => {
    const order = await internalTransferById(q, bookId, id)
    return (
      order && {
        kind: 'transfer_internal',
        status: 'success',
        people: [order.person_no],
        createdAt: order.created_at,
        fields: { from: order.from_account, to: order.to_account, amount: text(order.amount) },
        steps: [],
      }
    )
  },
  async (q, bookId, id) => {
    const order = await depositRecord(q, bookId, id)
    return (
      order && {
        kind: 'deposit',
        status: order.status,
        people: [order.person_no],
        createdAt: order.created_at,
        fields: {
          network: order.network,
          asset: order.asset,
          class: order.class,
          amount_received: text(order.amount_received, order.asset),
          amount_credited: text(order.amount_credited, order.asset),
          owed: text(order.owed, order.asset),
          from_address: order.from_address,
          address: order.address,
          tx_hash: order.tx_hash,
          block_number: `${order.block_number}`,
          reason: order.reason,
        },
        steps: (await depositSteps(q, bookId, id)).map((step) => ({
          from: step.from_status,
          to: step.to_status,
          note: step.reason,
          at: step.at,
        })),
      }
    )
  },
  async (q, bookId, id) => {
    const order = await absent(withdrawalById(q, bookId, id))
    return (
      order && {
        kind: 'withdrawal',
        status: order.status,
        people: [order.person_no],
        createdAt: order.created_at,
        fields: {
          network: order.network,
          asset: order.asset,
          to_address: order.to_address,
          amount: text(order.amount, order.asset),
          fee: text(order.fee, order.asset),
          tx_hash: order.tx_hash,
          reason: order.reason,
          approval: order.approval_id,
        },
        steps: (await withdrawalEvents(q, bookId, id)).map((step) => ({
          from: step.from_status,
          to: step.to_status,
          note: [step.reason, step.note, step.tx_hash].filter((one) => one).join(' · '),
          at: step.at,
        })),
      }
    )
  },
  ...earnFinders,
  rampFinder,
  ...vendorFinders,
]

/** What is not there, as nothing. */
async function absent<V>(work: Promise<V>): Promise<V | undefined> {
  try {
    return await work
  } catch (error) {
    if (isRefusal(error, 'NotFound')) return undefined
    throw error
  }
}

export interface OrderView extends FoundOrder {
  id: string
  journals: JournalView[]
  holds: Hold[]
}

/** An order by its id, whatever it is of; told to nobody yet. */
export async function findOrder(bank: Bank, bookId: number, id: string): Promise<FoundOrder | undefined> {
  const found = await Promise.all(finders.map((find) => find(bank.db, bookId, id)))
  return found.find((one) => one !== undefined)
}

/** Refuses `NotFound`. */
export async function seeOrder(bank: Bank, operator: Operator, id: string): Promise<OrderView> {
  const { bookId } = operator
  if (!isId(id)) throw new Refusal('NotFound')
  const journals = await journalsOfOrder(bank.db, bookId, id)
  const order = (await findOrder(bank, bookId, id)) ?? bare(journals)
  if (!order) throw new Refusal('NotFound')
  const people = order.people.map((no) => `U${no}`)
  await logAudit(bank, bank.db, operator, { action: 'order.seen', subject: `${order.kind}:${id}`, data: { people } })
  return { ...order, id, journals, holds: await holdsOfOrder(bank.db, bookId, id) }
}

/** An order that nothing but the ledger knows of, e.g. an adjustment: its approval has the same id. */
function bare(journals: readonly JournalView[]): FoundOrder | undefined {
  const [first] = journals
  if (!first) return undefined
  return {
    kind: first.order_kind,
    status: 'booked',
    people: [],
    createdAt: first.recorded_at,
    fields: { memo: first.memo },
    steps: [],
  }
}
