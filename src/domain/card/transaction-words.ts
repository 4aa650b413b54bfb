// How a card payment is told to the customer: what it was, and why one was declined, in plain words of both languages.
// Must stay true: the issuer's own words never reach the customer; a reason that we do not know is told as such.

import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Locale } from '../context.ts'
import type { CardTransaction } from './card-transaction.ts'

/** As streams and lists show it. */
export const shownTransaction = (
  row: Pick<CardTransaction, 'transaction_id' | 'card_id' | 'type' | 'status' | 'amount' | 'at'>,
  merchant: string,
) => ({
  id: row.transaction_id,
  card_id: row.card_id,
  type: row.type,
  status: row.status,
  billing_amount: formatAmount(row.amount, assets.USDT.scale, 2),
  billing_currency: 'USD',
  merchant_name: merchant,
  transaction_time: row.at.toISOString(),
})

const declines: readonly (readonly [RegExp, { zh: string; en: string }])[] = [
  [
    /insufficient|not enough|balance|\b51\b/i,
    { zh: '卡余额不足,请充值后重试', en: 'The card had too little on it. Top it up and try again.' },
  ],
  [/frozen|inactive|blocked|suspend/i, { zh: '卡已冻结或暂停使用', en: 'The card is frozen or blocked.' }],
  [/expir/i, { zh: '卡已过期', en: 'The card has expired.' }],
  [/cvv|cvc|security code|\bn7\b/i, { zh: '安全码不正确', en: 'The security code was wrong.' }],
  [/limit|exceed|\b61\b/i, { zh: '超出卡的消费限额', en: 'It was more than the card may spend at once.' }],
  [
    /merchant|category|mcc/i,
    { zh: '该类商户不支持使用此卡', en: 'The card cannot be used with this kind of merchant.' },
  ],
  [/country|region|geo/i, { zh: '该地区不支持使用此卡', en: 'The card cannot be used in this country.' }],
  [/3ds|authenticat|verif/i, { zh: '身份验证未通过', en: 'The payment was not confirmed by its holder.' }],
  [/fraud|risk|suspic/i, { zh: '出于安全考虑被拒绝', en: 'It was declined for safety.' }],
]

const other = { zh: '发卡方拒绝了这笔交易', en: 'The issuer declined it.' }

export const declineWords = (description: string, locale: Locale): string =>
  (declines.find(([pattern]) => pattern.test(description))?.[1] ?? other)[locale]
