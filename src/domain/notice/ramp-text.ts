// The words of messages about what a ramp partner brought or sold for a customer.
// Part of inbox-text.ts, in a file of its own; amounts are decimal strings, `fiat` names its currency.

/** What each type of message tells, as data. */
export interface RampParams {
  ramp_bought: { amount: string; fiat: string }
  ramp_selling: { amount: string; fiat: string; partner: string }
  ramp_sold: { amount: string; fiat: string }
  ramp_given_back: { amount: string; fiat: string }
}

type Words<P> = {
  readonly [L in 'zh' | 'en']: { readonly title: string; readonly body: (params: P) => string }
}

export const rampTexts: { readonly [T in keyof RampParams]: Words<RampParams[T]> } = {
  ramp_bought: {
    zh: { title: '买币到账', body: (p) => `您支付的 ${p.fiat} 已兑换,${p.amount} USDT 已存入您的账户` },
    en: { title: 'USDT bought', body: (p) => `Your ${p.fiat} were exchanged: ${p.amount} USDT are in your account.` },
  },
  ramp_selling: {
    zh: {
      title: '卖币申请',
      body: (p) =>
        `${p.partner} 为您申请卖出 ${p.amount} USDT,换 ${p.fiat}。该金额已冻结。若非本人操作,请立即联系客服。`,
    },
    en: {
      title: 'A sale of USDT',
      body: (p) =>
        `${p.partner} asked to sell ${p.amount} of your USDT for ${p.fiat}. They are held. If this was not you, contact support now.`,
    },
  },
  ramp_sold: {
    zh: { title: '卖币完成', body: (p) => `您卖出的 ${p.amount} USDT 已兑换,${p.fiat} 已汇往您的银行账户` },
    en: { title: 'USDT sold', body: (p) => `Your ${p.amount} USDT were sold: ${p.fiat} went to your bank account.` },
  },
  ramp_given_back: {
    zh: { title: '卖币未成交', body: (p) => `卖出 ${p.amount} USDT 换 ${p.fiat} 的申请已结束,USDT 已退回您的账户` },
    en: {
      title: 'USDT not sold',
      body: (p) => `The sale of ${p.amount} USDT for ${p.fiat} has ended; they are available in your account again.`,
    },
  },
}
