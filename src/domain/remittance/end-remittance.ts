// The last word of operators on a remittance whose vendor contradicts itself or never answers: paid, failed, or returned.
// Must stay true: two of them say it, of the order as it stands; the money goes the ways that it always goes; the vendor's
// answer that they knew is not brought up again, another one is.

import { type Static, Type as T } from 'typebox'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { post } from '../../ledger/post.ts'
import type { Journal } from '../../ledger/posting.ts'
import { remittanceLoss, remittancePaid, remittanceReturned } from '../../ledger/remittance-journals.ts'
import { closeAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import { approvalKind, type Words } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { lockRemittance, moveRemittance, noteReason, type Remittance, remittanceById } from './remittance-order.ts'
import { VENDOR } from './remittance-review.ts'
import { BY_OPERATORS, PAID_AFTER_ALL } from './remittance-words.ts'
import { alertKey, complete, creditReturn, fail } from './settle-remittance.ts'

const { scale } = assets.USDT

const Payload = T.Object(
  {
    remittance: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }),
    outcome: T.Union([T.Literal('paid'), T.Literal('failed'), T.Literal('returned')], {
      description:
        'paid: the bank has it; failed: nobody was paid, all comes back; returned: it came back after it was paid',
    }),
    amount: T.Optional(
      T.String({ maxLength: 40, description: 'USDT that came back, for returned; all when not said' }),
    ),
    status: T.Optional(T.String({ maxLength: 20, description: "the order's, filled in when it is proposed" })),
  },
  { additionalProperties: false },
)
type Ending = Static<typeof Payload>

/** What an ending does to an order. */
type Way = 'complete' | 'fail' | 'return' | 'lose'

interface Ended {
  order: Remittance
  way: Way
  amount: bigint
}

/** Refuses `NotFound`, `InvalidParams`, and `Outdated` an order that such a word does not fit, or that has moved on. */
function fitting(order: Remittance, { outcome, amount, status }: Ending): Ended {
  const way = wayOf(order, outcome)
  if (way === undefined || (status !== undefined && status !== order.status))
    throw new Refusal('Outdated', { status: order.status })
  if (amount !== undefined && way !== 'return')
    throw new Refusal('InvalidParams', { pointer: '/payload/amount', reason: 'only of what was returned' })
  const back = amount === undefined ? order.principal : parsePositiveAmount(amount, scale, '/payload/amount')
  if (back > order.principal)
    throw new Refusal('InvalidParams', { pointer: '/payload/amount', reason: 'more than was sent' })
  return { order, way, amount: back }
}

function wayOf({ status, reason, payout_id: payoutId }: Remittance, outcome: Ending['outcome']): Way | undefined {
  const open = status === 'uncertain' || status === 'processing'
  if (outcome === 'failed') return open ? 'fail' : undefined
  if (outcome === 'returned') return status === 'completed' ? 'return' : undefined
  // without a payout of the vendor's nothing says that it was paid
  if (payoutId === null) return undefined
  if (open) return 'complete'
  return status === 'failed' && reason !== PAID_AFTER_ALL ? 'lose' : undefined
}

async function seen(bank: Bank, q: Queries, bookId: number, payload: Ending): Promise<Ended> {
  if (!isId(payload.remittance)) throw new Refusal('NotFound')
  return fitting(await remittanceById(bank, q, bookId, payload.remittance), payload)
}

function journalsOf(id: string, { order, way, amount }: Ended): Journal[] {
  const { id: orderId, person_no: personNo, principal } = order
  if (way === 'complete') return [remittancePaid({ id: orderId, vendor: VENDOR, principal })]
  if (way === 'return') return [remittanceReturned({ id: orderId, personNo, vendor: VENDOR, amount })]
  if (way === 'lose') return [remittanceLoss({ id, vendor: VENDOR, principal, memo: orderId })]
  return []
}

const text = (units: bigint) => formatAmount(units, scale, 2)
const effects: Readonly<Record<Way, (of: Ended) => Words>> = {
  complete: () => ({ zh: '汇款按已到账结束', en: 'The remittance ends as paid' }),
  fail: ({ order }) => ({
    zh: `${text(order.principal + order.fee)} USDT 连同手续费退回客户`,
    en: `${text(order.principal + order.fee)} USDT, the fee included, go back to the customer`,
  }),
  return: ({ amount }) => ({ zh: `${text(amount)} USDT 退回客户`, en: `${text(amount)} USDT go back to the customer` }),
  lose: ({ order }) => ({
    zh: `收款人已收到,而款项已退回客户:${text(order.principal)} USDT 由本行承担,向客户追回须另行调整`,
    en: `The recipient has it and the customer got it back: the house bears ${text(order.principal)} USDT; getting it back takes an adjustment`,
  }),
}

export const remittanceEnd = approvalKind({
  kind: 'remittance_end',
  title: { zh: '裁定结果不明的汇款', en: 'The last word on a remittance' },
  makers: ['risk', 'finance'],
  checkers: ['finance', 'admin'],
  payload: Payload,
  checks: () => 1,
  subject: ({ remittance }) => `remittance:${remittance}`,
  async prepare(bank, tx, bookId, payload) {
    const { order, way, amount } = await seen(bank, tx, bookId, payload)
    return { ...payload, status: order.status, ...(way === 'return' ? { amount: text(amount) } : {}) }
  },
  describe({ remittance, outcome, amount }) {
    const zh = { paid: '已到账', failed: '未付款', returned: `已退回 ${amount ?? ''} USDT` }[outcome]
    const en = { paid: 'paid', failed: 'not paid', returned: `returned with ${amount ?? ''} USDT` }[outcome]
    return { zh: `裁定汇款 ${remittance} 为${zh}`, en: `Remittance ${remittance} is ${en}` }
  },
  async preview(bank, q, bookId, payload, id) {
    const ended = await seen(bank, q, bookId, payload)
    return { journals: journalsOf(id, ended), effects: [effects[ended.way](ended)] }
  },
  async apply(bank, tx, { id, bookId, payload, reason, at }) {
    if (!isId(payload.remittance)) throw new Refusal('NotFound')
    const ended = fitting(await lockRemittance(bank, tx, bookId, payload.remittance), payload)
    const step = { reason: BY_OPERATORS, note: reason.slice(0, 300), at }
    const { order, way, amount } = ended
    const { status } = order
    if (way === 'complete') {
      if (status === 'uncertain') await moveRemittance(tx, bookId, { ...order, status }, 'processing', { at })
      await complete(tx, bookId, { ...order, status: 'processing' }, step)
    } else if (way === 'fail') {
      if (status === 'uncertain' || status === 'processing') await fail(tx, bookId, { ...order, status }, step)
    } else if (way === 'return') {
      if (status === 'completed') await creditReturn(tx, bookId, { ...order, status }, amount, step)
    } else {
      for (const journal of journalsOf(id, ended)) await post(tx, { bookId, journal })
      await noteReason(tx, bookId, order.id, PAID_AFTER_ALL)
    }
    await closeAlert(tx, bookId, alertKey(order.id))
    const data = { approval: id, reason, outcome: payload.outcome, people: [`U${order.person_no}`] }
    await logAudit(bank, tx, { bookId }, { action: 'remittance.ended', subject: `remittance:${order.id}`, data })
  },
})
