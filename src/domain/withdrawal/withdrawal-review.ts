// What operators are asked about a withdrawal: an approval of the bank's own making, for one order.
// Must stay true: it holds exactly (id, network, asset, address, amount, fee) of the order, and so does its hash; an order
// that is not that any more is not approved; above the second threshold two different operators must have said yes.

import { type Static, Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { formatAmount, parseAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { withdrawal } from '../../ledger/journals.ts'
import { showAddress } from '../chain/address.ts'
import { networkOf } from '../chain/network.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { withdrawalSettings } from '../setting.ts'
import { approveWithdrawal, rejectWithdrawal, type Shown } from './approve-withdrawal.ts'
import { netOf, withdrawalById } from './withdrawal.ts'
import { type Rejection, rejections } from './withdrawal-words.ts'

export const WITHDRAWAL_REVIEW = 'withdrawal_review'

const Payload = T.Object(
  {
    withdrawal: T.String(),
    network: T.String(),
    asset: T.Union([T.Literal('USDT'), T.Literal('TRX')]),
    to_address: T.String(),
    amount: T.String(),
    fee: T.String(),
  },
  { additionalProperties: false },
)
type ReviewPayload = Static<typeof Payload>

export function reviewPayload({ id, network, asset, to_address, amount, fee }: Shown): ReviewPayload {
  const { scale } = assets[asset]
  return {
    withdrawal: id,
    network,
    asset,
    to_address,
    amount: formatAmount(amount, scale),
    fee: formatAmount(fee, scale),
  }
}

function shownOf({ withdrawal: id, network, asset, to_address, amount, fee }: ReviewPayload): Shown {
  const { scale } = assets[asset]
  return { id, network, asset, to_address, amount: parseAmount(amount, scale), fee: parseAmount(fee, scale) }
}

/** What an approval of this order is about, to find it by. */
export const reviewSubject = (id: string): string => `withdrawal:${id}`

const asked = ({ amount, asset, network, to_address }: ReviewPayload) =>
  `${amount} ${asset} (${network}) → ${to_address}`

export const withdrawalReview = approvalKind({
  kind: WITHDRAWAL_REVIEW,
  title: { zh: '提现审核', en: 'Withdrawal' },
  payload: Payload,
  makers: [], // the bank itself asks
  checkers: ['risk', 'finance', 'admin'],
  lasts: null, // a customer's order waits until somebody decides
  async checks(payload, bank, tx, bookId) {
    const { network, asset } = payload
    const { secondReviewAbove } = await withdrawalSettings(bank, bookId, network, asset, { within: tx })
    return shownOf(payload).amount > secondReviewAbove ? 2 : 1
  },
  subject: (payload) => reviewSubject(payload.withdrawal),
  prepare: async (_bank, _tx, _bookId, payload) => payload,
  describe: (payload) => ({ zh: `提现 ${asked(payload)}`, en: `Withdraw ${asked(payload)}` }),
  async preview(bank, q, bookId, payload) {
    const order = await withdrawalById(q, bookId, payload.withdrawal)
    if (order.status !== 'review') throw new Refusal('Outdated', { status: order.status })
    const network = networkOf(bank.networks, order.network)
    const journal = withdrawal({
      id: order.id,
      networkNo: network.no,
      personNo: order.person_no,
      net: netOf(order),
      fee: order.fee,
      asset: order.asset,
    })
    const { scale } = assets[order.asset]
    const sent = `${formatAmount(netOf(order), scale)} ${order.asset} (${order.network}) → ${showAddress(network, order.to_address)}`
    return {
      journals: [journal], // booked when the payment is final
      effects: [
        { zh: `从热钱包支付 ${sent},确认后记账`, en: `Pays ${sent} from the hot wallet; booked when it is final` },
      ],
    }
  },
  async apply(bank, tx, { bookId, payload, note, at }) {
    await approveWithdrawal(bank, tx, bookId, shownOf(payload), { note, at })
  },
  async reject(bank, tx, { bookId, payload, note, at }) {
    await rejectWithdrawal(bank, tx, bookId, shownOf(payload), { reason: rejectionOf(note), note, at })
  },
})

const isRejection = (word: string): word is Rejection => Object.hasOwn(rejections, word)

/** A note that begins with one of the reasons for customers tells them that one, e.g. `source_of_funds: salary unclear`. */
export function rejectionOf(note: string): Rejection {
  const word = /^[a-z_]+/.exec(note)?.[0] ?? ''
  return isRejection(word) ? word : 'declined'
}
