// What a withdrawal would cost and how long it would take, before anybody proves anything; and what each network offers.
// Must stay true: a quote refuses what the submission would refuse of amount and address, and tells the rest as warnings;
// its fee can be given back as `expected_fee`, so that no other is ever charged.

import { isRefusal } from '../../base/errors.ts'
import { personAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import type { Network } from '../chain/network.ts'
import type { Actor, Bank, Locale } from '../context.ts'
import { ownPerson } from '../people/people.ts'
import { moneyOutStopped, type WithdrawalSettings, withdrawalSettings } from '../setting.ts'
import type { KycLevel, WithdrawalAsset } from '../setting-definitions.ts'
import { checkDestination, openFor, priceWithdrawal } from './check-withdrawal.ts'
import { leftToday, perDayOf } from './daily-limit.ts'
import { acquaintanceOf } from './lookalike.ts'

const warnings = {
  lookalike: {
    zh: '该地址与您用过的地址首尾相同,但并非同一地址。请逐字核对。',
    en: 'This address begins and ends like one that you know, but is another. Compare every character.',
  },
  new_address: {
    zh: '您第一次向该地址提现。链上转账无法撤回,请仔细核对。',
    en: 'You have not paid this address before. What is sent on chain cannot be taken back.',
  },
  insufficient_balance: { zh: '可用余额不足', en: 'More than is available in your account' },
  limit_exceeded: { zh: '超过 24 小时提现限额', en: 'More than is left of the limit for 24 hours' },
  delayed: {
    zh: '该网络暂停转出,提现会排队,恢复后自动处理',
    en: 'Payments on this network are paused; your withdrawal would wait and go out by itself',
  },
  held: {
    zh: '安全设置变更后 24 小时内不能转出资金',
    en: 'Money cannot leave for 24 hours after a change to the security settings',
  },
} as const satisfies Record<string, { readonly [L in Locale]: string }>
export type Warning = keyof typeof warnings
export const warningCodes = Object.keys(warnings) as Warning[]
export const warningWords = (code: Warning, locale: Locale): string => warnings[code][locale]

export interface Quote {
  network: Network
  asset: WithdrawalAsset
  /** Canonical; null when none was given. */
  to: string | null
  amount: bigint
  fee: bigint
  net: bigint
  settings: WithdrawalSettings
  perDay: bigint
  leftToday: bigint
  available: bigint
  needsReview: boolean
  /** Milliseconds until it has arrived; null when people have to look first. */
  eta: number | null
  warnings: Warning[]
  /** The known address that the given one resembles. */
  lookalike: string | null
}

/** Until the payment is signed and a node has it. */
const HANDLING = 10_000
const etaOf = ({ confirmations, blockTime }: Network) => HANDLING + (confirmations + 1) * blockTime

/** Refuses what check-withdrawal.ts refuses but look-alikes. Without an address, what does not depend on one. */
export async function quoteWithdrawal(
  bank: Bank,
  actor: Actor,
  input: { network: string; asset: WithdrawalAsset; amount: string; to: string | undefined },
): Promise<Quote> {
  const { network, asset, settings, amount, perDay, person } = await priceWithdrawal(bank, actor, input)
  const to = input.to === undefined ? undefined : await checkDestination(bank, actor, network, input.to)
  const { bookId, personNo } = actor
  const account = personAccount(personNo, 'main', asset)
  const [left, balances, stopped, acquaintance] = await Promise.all([
    leftToday(bank.db, bookId, personNo, asset, perDay),
    balancesOf(bank.db, bookId, [account]),
    moneyOutStopped(bank.db, bookId, network.code),
    to === undefined ? undefined : acquaintanceOf(bank, bank.db, actor, to),
  ])
  const { balance, held } = balances(account)
  const isHeld = person.moneyOutHeldUntil !== null && person.moneyOutHeldUntil > bank.clock.now()
  const applies: Record<Warning, boolean> = {
    lookalike: acquaintance?.lookalike !== undefined,
    new_address: acquaintance?.known === false,
    insufficient_balance: amount > balance - held,
    limit_exceeded: amount > left,
    delayed: stopped !== undefined,
    held: isHeld,
  }
  const needsReview = amount > settings.autoBelow
  return {
    network,
    asset,
    to: to ?? null,
    amount,
    fee: settings.fee,
    net: amount - settings.fee,
    settings,
    perDay,
    leftToday: left,
    available: balance - held,
    needsReview,
    eta: needsReview || stopped !== undefined ? null : etaOf(network),
    warnings: warningCodes.filter((code) => applies[code]),
    lookalike: acquaintance?.lookalike ?? null,
  }
}

export interface Offer {
  network: Network
  settings: WithdrawalSettings
  /** Whether one can be submitted now. */
  open: boolean
  /** Whether it would wait because money out is stopped. */
  delayed: boolean
  eta: number
}

export interface Offers {
  offers: Offer[]
  level: KycLevel
  perDay: bigint
  leftToday: bigint
}

/** What customers can choose from to withdraw USDT. */
export async function withdrawalOffers(bank: Bank, actor: Actor): Promise<Offers> {
  const { bookId, personNo } = actor
  const asset = 'USDT'
  const person = await ownPerson(bank, actor)
  const perDay = await perDayOf(bank, bookId, person.kycLevel, asset, { max: 0n })
  const offers = await Promise.all(bank.networks.map((network) => offerOf(bank, bookId, network, asset)))
  return {
    offers,
    level: person.kycLevel,
    perDay,
    leftToday: await leftToday(bank.db, bookId, personNo, asset, perDay),
  }
}

async function offerOf(bank: Bank, bookId: number, network: Network, asset: WithdrawalAsset): Promise<Offer> {
  const [settings, open, stopped] = await Promise.all([
    withdrawalSettings(bank, bookId, network.code, asset),
    isOpen(bank, bookId, network, asset),
    moneyOutStopped(bank.db, bookId, network.code),
  ])
  return { network, settings, open, delayed: stopped !== undefined, eta: etaOf(network) }
}

async function isOpen(bank: Bank, bookId: number, network: Network, asset: WithdrawalAsset): Promise<boolean> {
  try {
    await openFor(bank, bookId, network, asset)
    return true
  } catch (error) {
    if (isRefusal(error, 'NetworkUnavailable')) return false
    throw error
  }
}
