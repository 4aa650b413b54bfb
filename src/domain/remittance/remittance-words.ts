// What customers read about a remittance: each state, why it came to it, and what happens or is to be done next.
// Must stay true: what vendors and operators say is never among these; a state without its words does not compile.

import type { Locale } from '../context.ts'
import type { RemittanceStatus } from './remittance-order.ts'

type Words = { readonly [L in Locale]: string }
const say = (zh: string, en: string): Words => ({ zh, en })

/** Why operators may decline, in words that tell the customer what to do. */
export const remittanceRejections = {
  declined: say(
    '审核未通过。如有疑问,请联系客服。',
    'It was declined after a review. If you have questions, contact support.',
  ),
  source_of_funds: say(
    '需要说明资金来源。请联系客服并提供相关材料。',
    'The source of the funds has to be shown. Contact support with your documents.',
  ),
  unusual_activity: say(
    '检测到异常操作。请检查账户安全,并联系客服确认是您本人操作。',
    'Unusual activity was found. Check the security of your account and contact support to confirm that it was you.',
  ),
} as const satisfies Record<string, Words>
export type RemittanceRejection = keyof typeof remittanceRejections

const reasons = {
  automatic: say('已自动通过', 'Approved automatically'),
  operators: say('人工审核通过', 'Approved after a review'),
  above_auto: say('金额较大,需要人工审核', 'Large amounts are reviewed by our staff'),
  beneficiary_refused: say(
    '收款信息未被接受。请核对收款人姓名、账号和银行后重新提交。',
    'The bank details were not accepted. Check name, account number and bank, then submit a new remittance.',
  ),
  payout_refused: say('付款未被接受。您可以重新提交。', 'The payment was not accepted. You can submit a new one.'),
  payout_failed: say(
    '收款银行未能入账。请核对收款信息后重新提交。',
    'The bank could not credit it. Check the bank details, then submit a new remittance.',
  ),
  no_answer: say('银行处理较慢,正在查询结果', 'The bank is slow to answer; we are asking for the result'),
  contradiction: say('正在与银行核对', 'It is being checked with the bank'),
  by_operators: say('工作人员已与银行核实', 'Our staff has looked into it with the bank'),
  paid_after_all: say('经核实,收款人已收到款项', 'It turned out that the recipient has the money'),
  bank_return: say('收款银行已退回款项', 'The bank sent the money back'),
  ...remittanceRejections,
} as const satisfies Record<string, Words>
export type RemittanceReason = keyof typeof reasons
/** Why an order ended on which operators had the last word; of a failed one that was paid after all. */
export const BY_OPERATORS = 'by_operators' satisfies RemittanceReason
export const PAID_AFTER_ALL = 'paid_after_all' satisfies RemittanceReason

const back = say('款项和手续费已全额退回您的账户', 'The amount and its fee are back in your account')
const underWay = say(
  '银行正在处理,通常 1 个工作日内到账',
  'On its way to the bank; usually there within one working day',
)
const next = {
  submitted: say('正在检查', 'It is being checked'),
  review: say('工作人员正在审核,通常 24 小时内完成', 'Our staff is reviewing it, usually within 24 hours'),
  queued: underWay,
  uncertain: underWay,
  processing: underWay,
  completed: say('已汇出,请收款人查收', 'Done. The bank of the recipient has it.'),
  failed: back,
  rejected: back,
  returned: say('退回的款项已存入您的账户', 'What the bank sent back is in your account'),
} as const satisfies Record<RemittanceStatus, Words>

/** What customers are told a state is: steps of the bank's own are all "processing". */
export const shownStatuses = ['review', 'processing', 'completed', 'failed', 'rejected', 'returned'] as const
export type ShownStatus = (typeof shownStatuses)[number]
const shown = {
  submitted: 'processing',
  review: 'review',
  queued: 'processing',
  uncertain: 'processing',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  rejected: 'rejected',
  returned: 'returned',
} as const satisfies Record<RemittanceStatus, ShownStatus>

export const shownStatus = (status: RemittanceStatus): ShownStatus => shown[status]
export const nextStep = (status: RemittanceStatus, locale: Locale): string => next[status][locale]

/** The sentence of a reason; empty for none, or for one that a newer release wrote. */
export const reasonWords = (reason: string, locale: Locale): string =>
  Object.hasOwn(reasons, reason) ? reasons[reason as RemittanceReason][locale] : ''

/** A note that begins with one of the reasons tells the customer that one. */
export function rejectionOf(note: string): RemittanceRejection {
  const word = /^[a-z_]+/.exec(note)?.[0] ?? ''
  return Object.hasOwn(remittanceRejections, word) ? (word as RemittanceRejection) : 'declined'
}
