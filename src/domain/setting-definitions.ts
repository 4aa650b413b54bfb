// Which settings there are: name, what each is set for, default, and the order that values of one scope must keep.
// Must stay true: a default is what a careful bank would begin with; a name that was ever changed stays, for its changes
// are in the database under it.

import { assets } from '../ledger/accounts.ts'
import type { Network } from './chain/network.ts'
import { earnDefinitions, earnLadders, earnScopes, earnShares } from './earn/earn-definitions.ts'
import { remittanceDefinitions } from './remittance/remittance-definitions.ts'

export type WithdrawalAsset = 'USDT' | 'TRX'
export const kycLevels = ['none', 'basic', 'full'] as const
export type KycLevel = (typeof kycLevels)[number]

export type Words = { zh: string; en: string }
export type Value = bigint | boolean

export interface Definition {
  /** A rate is a share of something, from 0 to 1 with 6 decimals; a count a whole number. */
  readonly type: 'amount' | 'switch' | 'rate' | 'count'
  /** What it is set for: nothing in particular, `BSC/USDT`, `BSC`, `basic`, `3`, or `transfer_fee/1`. */
  readonly per: 'book' | 'network and asset' | 'network' | 'kyc level' | keyof typeof earnScopes
  readonly about: Words
  readonly fallback: (scope: string) => Value
  /** What it is in live mode, until operators say otherwise; as elsewhere when nothing is said. */
  readonly live?: Value
}

const scale = assets.USDT.scale
const whole = (units: bigint) => units * 10n ** BigInt(scale)
const amount = (per: Definition['per'], zh: string, en: string, fallback: (scope: string) => bigint): Definition => ({
  type: 'amount',
  per,
  about: { zh, en },
  fallback: (scope) => whole(fallback(scope)),
})

/** Whole USDT by network, or the coin TRX. */
const coin = (of: bigint, usdt: (scope: string) => bigint) => (scope: string) =>
  scope === 'TRX/TRX' ? of : usdt(scope)
const usdtFees: Readonly<Record<string, bigint>> = { 'BSC/USDT': 1n, 'TRX/USDT': 2n, 'ETH/USDT': 5n }
/** With 6 decimals, whatever the coin's own. */
const sweepMaxFees: Readonly<Record<string, bigint>> = { ETH: 5_000n, BSC: 2_000n, TRX: 40_000_000n }
const perDay: Readonly<Record<string, bigint>> = { none: 1_000n, basic: 20_000n, full: 200_000n }
const paidPerDay: Readonly<Record<string, bigint>> = { none: 100_000n, basic: 300_000n, full: 500_000n }

/** Add a setting here; the console lists and changes whatever stands in this table. */
export const settingDefinitions = {
  'transfer.fee': amount('book', '站内转账手续费(USDT)', 'Fee of a payment to another customer (USDT)', () => 0n),
  'transfer.perDay': amount(
    'kyc level',
    '24 小时站内转账限额(USDT)',
    'Most that a customer may send to others here in 24 hours (USDT)',
    (level) => paidPerDay[level] ?? 0n,
  ),
  'notice.mailFrom': amount(
    'book',
    '收支达到此额发送邮件(USDT,客户可自行更改)',
    'From this amount on money in and out is told by mail, unless a customer chose another (USDT)',
    () => 100n,
  ),
  'transfer.programPerDay': amount(
    'book',
    '24 小时内站内转账超过此额后程序不能再转(USDT)',
    'Programs send no more once this much was sent to others here in 24 hours (USDT)',
    () => 50_000n,
  ),
  'identity.keptDays': {
    type: 'count',
    per: 'book',
    about: {
      zh: '实名资料保留天数(销户或驳回后)',
      en: 'How many days identity checks are kept after they were turned away, or their customer left',
    },
    fallback: () => 1_825n,
  },
  'withdrawal.enabled': {
    type: 'switch',
    per: 'network and asset',
    about: { zh: '是否开放提币', en: 'Whether customers may withdraw' },
    fallback: () => true,
  },
  'withdrawal.fee': amount(
    'network and asset',
    '提币手续费',
    'Fee of a withdrawal',
    coin(1n, (scope) => usdtFees[scope] ?? 1n),
  ),
  'withdrawal.min': amount(
    'network and asset',
    '单笔最小提币额',
    'Least amount of a withdrawal',
    coin(5n, () => 10n),
  ),
  'withdrawal.max': amount(
    'network and asset',
    '单笔最大提币额',
    'Most that one withdrawal may take',
    coin(500_000n, () => 100_000n),
  ),
  'withdrawal.autoBelow': amount(
    'network and asset',
    '不超过此额自动放行',
    'Up to this amount no operator is asked',
    coin(5_000n, () => 1_000n),
  ),
  'withdrawal.secondReviewAbove': amount(
    'network and asset',
    '超过此额须两人复核',
    'Above this amount two operators must approve',
    coin(250_000n, () => 50_000n),
  ),
  'withdrawal.confirmAbove': amount(
    'network and asset',
    '程序提币超过此额须客户在应用内确认',
    'Above this amount a program’s withdrawal waits until the customer confirms it',
    coin(50_000n, () => 10_000n),
  ),
  'withdrawal.perDay': amount(
    'kyc level',
    '24 小时提币限额(USDT)',
    'Most that a customer may withdraw in 24 hours (USDT)',
    (level) => perDay[level] ?? 0n,
  ),
  'treasury.hotFloor': amount(
    'network',
    '热钱包下限(USDT)',
    'Below this the hot wallet is filled up (USDT)',
    () => 1_000n,
  ),
  'treasury.hotTarget': amount(
    'network',
    '热钱包目标(USDT)',
    'To this the hot wallet is filled up or emptied (USDT)',
    () => 20_000n,
  ),
  'treasury.hotCeiling': amount(
    'network',
    '热钱包上限(USDT)',
    'Above this what is too much goes to the cold wallet (USDT)',
    () => 100_000n,
  ),
  'treasury.sweepAbove': amount(
    'network',
    '归集起点(USDT)',
    'Deposit addresses with less are not swept (USDT)',
    () => 50n,
  ),
  'treasury.sweepMaxFee': {
    type: 'amount',
    per: 'network',
    about: {
      zh: '单笔归集最高网络费(网络的币)',
      en: "While a sweep may cost more than this, none begins (the network's coin)",
    },
    fallback: (network) => sweepMaxFees[network] ?? 10_000n,
  },
  'treasury.coinSweepAbove': amount(
    'network',
    '主币归集起点(网络的币)',
    "Coin that customers paid in is swept from here on (the network's coin; only where customers may hold it)",
    () => 100n,
  ),
  'card.enabled': {
    type: 'switch',
    per: 'book',
    about: { zh: '是否开放卡充值', en: 'Whether customers may top up cards' },
    fallback: () => true,
  },
  'card.topupFee': amount('book', '卡充值手续费(USDT)', 'Fee of a card top-up (USDT)', () => 0n),
  'card.topupMin': amount('book', '单笔最小卡充值(USDT)', 'Least amount of a card top-up (USDT)', () => 10n),
  'card.topupMax': amount('book', '单笔最大卡充值(USDT)', 'Most that one card top-up may take (USDT)', () => 10_000n),
  'card.deadlineHours': {
    type: 'count',
    per: 'book',
    about: {
      zh: '发卡方往来超过此小时数未清即告警',
      en: 'Hours after which what the issuer has not confirmed is told to operators',
    },
    fallback: () => 24n,
  },
  'card.firstTopup': amount(
    'book',
    '开卡门槛:累计充值(USDT)',
    'What must have been topped up before a first card (USDT)',
    () => 20n,
  ),
  'ramp.secondReviewAbove': amount(
    'book',
    '出入金订单超过此额须两人复核(USDT)',
    'Above this amount two operators must approve an order of a ramp partner (USDT)',
    () => 10_000n,
  ),
  'ramp.deadlineHours': {
    type: 'count',
    per: 'book',
    about: {
      zh: '出入金订单待打款或待放币超过此小时数即告警',
      en: 'Hours after which a ramp order that waits for the house is told to operators',
    },
    fallback: () => 24n,
  },
  ...earnDefinitions,
  ...remittanceDefinitions,
} as const satisfies Record<string, Definition>

export type SettingName = keyof typeof settingDefinitions

export const definitions: Readonly<Record<string, Definition>> = settingDefinitions

/** Of the values of one scope: each is at most the next (or, with `<`, less). */
export const orders: readonly (readonly [SettingName, '<=' | '<', SettingName])[] = [
  ['withdrawal.fee', '<', 'withdrawal.min'],
  ['withdrawal.min', '<=', 'withdrawal.max'],
  ['withdrawal.autoBelow', '<=', 'withdrawal.secondReviewAbove'],
  ['remittance.min', '<=', 'remittance.max'],
  ['remittance.autoBelow', '<=', 'remittance.secondReviewAbove'],
  ['card.topupMin', '<=', 'card.topupMax'],
  ['treasury.hotFloor', '<=', 'treasury.hotTarget'],
  ['treasury.hotTarget', '<=', 'treasury.hotCeiling'],
]

/** Shares of one whole, each a setting with its scope: together never more than it. */
export const shares: readonly (readonly (readonly [SettingName, string])[])[] = earnShares

/** Settings whose values do not fall from one scope to the next. */
export const ladders: readonly SettingName[] = [...earnLadders, 'transfer.perDay']

/** What there is to set in this installation. */
export function settingScopes(networks: readonly Network[], per: Definition['per']): string[] {
  if (per === 'book') return ['']
  if (per === 'level' || per === 'level above 0' || per === 'fee and layer') return [...earnScopes[per]]
  if (per === 'kyc level') return [...kycLevels]
  if (per === 'network') return networks.map(({ code }) => code)
  return networks.flatMap(({ code, coin: paysWith }) =>
    paysWith === 'TRX' ? [`${code}/USDT`, `${code}/TRX`] : [`${code}/USDT`],
  )
}
