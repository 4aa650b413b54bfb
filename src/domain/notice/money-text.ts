// The words of messages about money that came with notices by mail: what was sent, spent with a card, earned in a day.
// Must stay true: both languages say the same; amounts are decimal strings.

export interface MoneyParams {
  transfer_sent: { amount: string; to: string; memo: string }
  card_paid: { amount: string; merchant: string }
  card_refunded: { amount: string; merchant: string }
  card_released: { amount: string; last4: string }
  /** `total`: of which `commissions` and `yields`; what is nothing is empty. */
  earnings_daily: { day: string; amount: string; commissions: string; yields: string }
}

const parts = (p: MoneyParams['earnings_daily'], words: { commissions: string; yields: string }, and: string) =>
  (['commissions', 'yields'] as const).flatMap((one) => (p[one] ? [`${words[one]} ${p[one]} USDT`] : [])).join(and)

export const moneyTexts = {
  transfer_sent: {
    zh: {
      title: '转账已发出',
      body: (p: MoneyParams['transfer_sent']) =>
        `您向 ${p.to} 转账 ${p.amount} USDT${p.memo ? `,备注:${p.memo}` : ''}。若非本人操作,请立即修改密码并联系客服。`,
    },
    en: {
      title: 'Payment sent',
      body: (p: MoneyParams['transfer_sent']) =>
        `You sent ${p.amount} USDT to ${p.to}${p.memo ? `: ${p.memo}` : '.'} If this was not you, change your password and contact support now.`,
    },
  },
  card_paid: {
    zh: { title: '卡消费', body: (p: MoneyParams['card_paid']) => `${p.merchant || '商户'} ${p.amount} USD` },
    en: {
      title: 'Card payment',
      body: (p: MoneyParams['card_paid']) => `${p.merchant || 'A merchant'}, ${p.amount} USD`,
    },
  },
  card_refunded: {
    zh: {
      title: '卡退款',
      body: (p: MoneyParams['card_refunded']) => `${p.merchant || '商户'} 退款 ${p.amount} USD,已记入您的卡账户`,
    },
    en: {
      title: 'Card refund',
      body: (p: MoneyParams['card_refunded']) =>
        `${p.merchant || 'A merchant'} refunded ${p.amount} USD; it is on your card account.`,
    },
  },
  card_released: {
    zh: {
      title: '卡余额已退回',
      body: (p: MoneyParams['card_released']) => `尾号 ${p.last4} 的卡余额 ${p.amount} USDT 已退回您的主账户`,
    },
    en: {
      title: 'Money given back from your card',
      body: (p: MoneyParams['card_released']) =>
        `${p.amount} USDT that were left on your card ending in ${p.last4} are in your main account.`,
    },
  },
  earnings_daily: {
    zh: {
      title: '每日收益',
      body: (p: MoneyParams['earnings_daily']) =>
        `您 ${p.day} 共收益 ${p.amount} USDT(${parts(p, { commissions: '返佣', yields: '节点收益' }, ',')})`,
    },
    en: {
      title: 'What you earned',
      body: (p: MoneyParams['earnings_daily']) =>
        `On ${p.day} you earned ${p.amount} USDT (${parts(p, { commissions: 'commissions', yields: 'yield of nodes' }, ', ')}).`,
    },
  },
} as const
