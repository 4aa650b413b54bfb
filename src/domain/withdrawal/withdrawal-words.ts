// What customers read about a withdrawal: each state, why it came to it, and what happens or is to be done next.
// Must stay true: operators' own notes are never among these; a state or a reason without its words does not compile.

import type { Locale } from '../context.ts'
import type { WithdrawalStatus } from './withdrawal.ts'

type Words = { readonly [L in Locale]: string }
const say = (zh: string, en: string): Words => ({ zh, en })

/** Why operators may decline, in words that tell the customer what to do. */
export const rejections = {
  declined: say(
    '审核未通过。如有疑问,请联系客服。',
    'It was declined after a review. If you have questions, contact support.',
  ),
  address_risk: say(
    '收款地址存在风险。请改用其他地址,重新提交提现。',
    'The address is known for fraud or other risks. Use another address and submit a new withdrawal.',
  ),
  verify_identity: say(
    '需要先完成实名认证。认证通过后请重新提交提现。',
    'Your identity has to be verified first. Complete the verification, then submit a new withdrawal.',
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
export type Rejection = keyof typeof rejections

const reasons = {
  automatic: say('已自动通过', 'Approved automatically'),
  operators: say('人工审核通过', 'Approved after a review'),
  above_auto: say('金额较大,需要人工审核', 'Large amounts are reviewed by our staff'),
  asks_owner: say('由您的程序发起,等待您确认', 'A program of yours asked for it; it waits for you'),
  not_confirmed: say('未在规定时间内确认,已自动取消', 'Nobody confirmed it in time'),
  by_customer: say('您已取消', 'Cancelled by you'),
  by_operator: say(
    '已由客服取消。如有疑问,请联系客服。',
    'Cancelled by our staff. If you have questions, contact support.',
  ),
  not_sent: say(
    '未能发送到链上,没有任何款项转出。您可以重新提交提现。',
    'It could not be sent, and nothing has left. You can submit a new withdrawal.',
  ),
  reverted: say(
    '链上交易执行失败,对方没有收到款项。请核对收款地址能否接收后重新提交。',
    'The network refused the transfer and nothing arrived. Check that the address can receive, then submit a new withdrawal.',
  ),
  sent_again: say('上一笔链上交易已失效,将重新发送', 'The earlier transaction ran out; it will be sent again'),
  reorganised: say('所在区块被链上重组替换,正在重新确认', 'The network replaced its block; it is being confirmed anew'),
  ...rejections,
} as const satisfies Record<string, Words>
export type WithdrawalReason = keyof typeof reasons

const next = {
  submitted: say('正在检查', 'It is being checked'),
  verification: say(
    '请核对收款地址和金额后确认,或取消。24 小时内未确认将自动取消。',
    'Compare address and amount, then confirm or cancel it. It is cancelled by itself after 24 hours.',
  ),
  review: say(
    '工作人员正在审核,通常 24 小时内完成。审核完成前您可以取消。',
    'Our staff is reviewing it, usually within 24 hours. You can cancel until then.',
  ),
  approved: say('即将发送到链上。发送前您可以取消。', 'It is about to be sent. You can cancel until it is.'),
  processing: say('已发送,等待网络打包', 'It was sent and waits for the network to include it'),
  confirming: say('已打包,等待网络确认', 'It is in a block and waits for confirmations'),
  confirmed: say('提现已完成,请在收款地址查收', 'Done. It has arrived at the address.'),
  failed: say('款项和手续费已全额退回您的账户', 'The amount and its fee are back in your account'),
  rejected: say('款项和手续费已全额退回您的账户', 'The amount and its fee are back in your account'),
  cancelled: say('款项和手续费已全额退回您的账户', 'The amount and its fee are back in your account'),
} as const satisfies Record<WithdrawalStatus, Words>

export const nextStep = (status: WithdrawalStatus, locale: Locale): string => next[status][locale]

/** The sentence of a reason; empty for none, or for one that a newer release wrote. */
export const reasonWords = (reason: string, locale: Locale): string =>
  Object.hasOwn(reasons, reason) ? reasons[reason as WithdrawalReason][locale] : ''
