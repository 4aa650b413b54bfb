// The approval of giving a payment out up: to its end, which pays its order back, or to start anew.
// Must stay true: an approval only says what is wanted; what is in a block is no longer given up, and what was signed is
// given back only when it can never be mined (see domain/chain-payment/give-up.ts).

import { Type as T } from 'typebox'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { ChainPayment } from '../chain-payment/chain-payment.ts'
import { giveUpPayment } from '../chain-payment/give-up.ts'
import { paymentById } from '../chain-payment/show-payments.ts'
import { approvalKind, type Words } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'

/** `void`: it ends; `again`: it starts anew. */
type Outcome = 'void' | 'again'

const unsigned = ['ready', 'refused']
const open = [...unsigned, 'signed', 'broadcast', 'uncertain']

/** Refuses `NotFound`, and `Outdated` what is in a block or over, or what cannot start anew as it has not begun. */
async function openPayment(q: Queries, bookId: number, id: string, outcome: Outcome): Promise<ChainPayment> {
  if (!isId(id)) throw new Refusal('NotFound')
  const payment = await paymentById(q, bookId, id)
  const { status } = payment
  const fits =
    open.includes(status) && payment.order_kind !== 'nonce_fill' && (outcome === 'void' || status !== 'ready')
  if (!fits) throw new Refusal('Outdated', { status })
  return payment
}

const subjectOf = (payment: string) => `payment:${payment}`

const effectOf = ({ status }: ChainPayment, outcome: Outcome): Words => {
  if (unsigned.includes(status)) {
    return outcome === 'void'
      ? { zh: '付款立即作废，订单退款', en: 'The payment ends now, and its order is paid back' }
      : { zh: '重新交签名进程签名', en: 'The signer is asked again' }
  }
  return outcome === 'void'
    ? {
        zh: '以零额交易占用同一 nonce；原交易确定不会上链后订单退款，若原交易先上链则照常完成',
        en: 'Another transaction takes its nonce; paid back once the original can never be mined, or confirmed if it is mined first',
      }
    : {
        zh: '以零额交易占用同一 nonce；原交易确定不会上链后以新 nonce 重新支付',
        en: 'Another transaction takes its nonce; paid anew once the original can never be mined, or confirmed if it is mined first',
      }
}

export const giveUpApproval = approvalKind({
  kind: 'give_up_payment',
  title: { zh: '放弃链上付款', en: 'Giving a payment out up' },
  makers: ['risk', 'finance', 'admin'],
  checkers: ['risk', 'finance', 'admin'],
  payload: T.Object(
    {
      payment: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }),
      outcome: T.Union([T.Literal('void'), T.Literal('again')], {
        description: 'void: it ends and its order is paid back; again: it starts anew',
      }),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ payment }) => subjectOf(payment),
  async prepare(_bank, tx, bookId, payload) {
    await openPayment(tx, bookId, payload.payment, payload.outcome)
    return payload
  },
  describe: ({ payment, outcome }) =>
    outcome === 'void'
      ? { zh: `放弃付款 ${payment} 并退款`, en: `Give payment ${payment} up` }
      : { zh: `放弃付款 ${payment} 并重新支付`, en: `Give payment ${payment} up and pay anew` },
  async preview(_bank, q, bookId, { payment, outcome }) {
    return { journals: [], effects: [effectOf(await openPayment(q, bookId, payment, outcome), outcome)] }
  },
  async apply(bank, tx, { id, bookId, payload: { payment, outcome }, reason }) {
    await openPayment(tx, bookId, payment, outcome)
    await giveUpPayment(tx, bookId, payment, outcome)
    const data = { approval: id, outcome, reason }
    await logAudit(bank, tx, { bookId }, { action: 'payment.given_up', subject: subjectOf(payment), data })
  },
})
