// The settings of remittances: who may send how much, what it costs, how old a rate and how long a quote may be.
// Must stay true: a default is what a careful bank would begin with; without an identity check nothing is sent.

import type { Definition } from '../setting-definitions.ts'

const usdt = (zh: string, en: string, whole: bigint): Definition => ({
  type: 'amount',
  per: 'book',
  about: { zh, en },
  fallback: () => whole * 1_000_000n,
})
const count = (zh: string, en: string, fallback: bigint): Definition => ({
  type: 'count',
  per: 'book',
  about: { zh, en },
  fallback: () => fallback,
})
const share = (zh: string, en: string): Definition => ({
  type: 'rate',
  per: 'book',
  about: { zh, en },
  fallback: () => 0n,
})
const perDay: Readonly<Record<string, bigint>> = { none: 0n, basic: 20_000n, full: 100_000n }

export const remittanceDefinitions = {
  'remittance.enabled': {
    type: 'switch',
    per: 'book',
    about: { zh: '是否开放跨境汇款', en: 'Whether customers may send remittances' },
    fallback: () => true,
  },
  'remittance.fee': usdt('每笔汇款手续费(USDT)', 'Fee of a remittance (USDT)', 1n),
  'remittance.feeRate': share('按本金另收的手续费比例', 'Share of the principal that is a fee as well'),
  'remittance.margin': share('汇率加点(占汇率的比例)', 'Share of the exchange rate that the house keeps'),
  'remittance.min': usdt('单笔最小汇款额(USDT)', 'Least principal of a remittance (USDT)', 10n),
  'remittance.max': usdt('单笔最大汇款额(USDT)', 'Most that one remittance may send (USDT)', 20_000n),
  'remittance.autoBelow': usdt('不超过此额自动放行(USDT)', 'Up to this amount no operator is asked (USDT)', 2_000n),
  'remittance.secondReviewAbove': usdt(
    '超过此额须两人复核(USDT)',
    'Above this amount two operators must approve (USDT)',
    10_000n,
  ),
  'remittance.perDay': {
    type: 'amount',
    per: 'kyc level',
    about: { zh: '24 小时汇款限额(USDT)', en: 'Most that a customer may remit in 24 hours (USDT)' },
    fallback: (level) => (perDay[level] ?? 0n) * 1_000_000n,
  },
  'remittance.rateMaxAge': count('汇率最长有效秒数', 'Seconds after which an exchange rate is no longer used', 900n),
  'remittance.deadlineHours': count(
    '汇款在途超过此小时数即告警',
    'Hours after which a remittance that is still on its way is told to operators',
    48n,
  ),
  'remittance.quoteLife': count('报价有效秒数', 'Seconds for which a quote holds', 120n),
} as const satisfies Record<string, Definition>
