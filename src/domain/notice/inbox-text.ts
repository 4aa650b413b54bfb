// The words of inbox messages and of the mails that carry the same news, in both languages.
// One table: a type that is added without its words, or with other parameters, does not compile.

import type { Locale } from '../context.ts'
import { type MoneyParams, moneyTexts } from './money-text.ts'
import { type ProgramParams, programTexts } from './program-text.ts'
import { type RampParams, rampTexts } from './ramp-text.ts'

/** What each type of message tells, as data. Amounts are decimal strings. */
export interface InboxParams extends ProgramParams, MoneyParams, RampParams {
  recharge_credited: RechargeParams
  recharge_reversed: RechargeParams
  transfer_received: { amount: string; from: string; memo: string }
  withdrawal_submitted: WithdrawalParams
  withdrawal_confirmed: WithdrawalParams
  withdrawal_failed: WithdrawalParams & { why: Both }
  withdrawal_rejected: WithdrawalParams & { why: Both }
  withdrawal_cancelled: WithdrawalParams & { why: Both }
  recipient_approved: { recipient: string }
  recipient_rejected: { recipient: string; why: Both }
  remittance_submitted: RemittanceParams
  remittance_completed: RemittanceParams
  remittance_failed: RemittanceParams & { why: Both }
  remittance_rejected: RemittanceParams & { why: Both }
  remittance_returned: RemittanceParams & { credited: string }
  card_active: { last4: string }
  card_failed: Record<string, never>
  card_topped_up: { amount: string }
  card_topup_failed: { amount: string }
  card_declined: { amount: string; merchant: string; why: Both }
  nodes_bought: { quantity: number; amount: string; upt: string }
  node_cashback: { amount: string; from: string }
  node_yield: { amount: string; day: string }
  identity_approved: { stage: 'basic' | 'full' }
  identity_rejected: { stage: 'basic' | 'full'; why: Both; next: Both }
  invitee_joined: { uid: string }
  new_device: { browser: string; os: string; ip: string }
  session_stolen: { browser: string; os: string }
  password_changed: Record<string, never>
  password_reset: Record<string, never>
  contact_changed: { contact: string }
  contact_added: { contact: string }
  login2fa_enabled: { channel: string }
  login2fa_disabled: { channel: string }
  payment_password_set: Record<string, never>
  payment_password_changed: Record<string, never>
  payment_password_reset: Record<string, never>
  payment_password_locked: { minutes: number }
  totp_enabled: Record<string, never>
  totp_disabled: Record<string, never>
  totp_disabled_unproven: Record<string, never>
  withdrawal_address_added: { network: string; address: string }
  allow_list_enabled: Record<string, never>
  allow_list_disabled: Record<string, never>
  webhook_added: { url: string }
  webhook_disabled: { url: string }
}

/** Messages of before there were other assets than USDT do not name it. */
interface RechargeParams {
  amount: string
  asset?: string
  network: string
}

/** `to` is the whole address: a beginning and an end are what forgers make alike. */
interface WithdrawalParams {
  amount: string
  asset: string
  network: string
  to: string
}
/** `to` is the bank and the last digits of the account. */
interface RemittanceParams {
  amount: string
  cnh: string
  to: string
}
/** A sentence that was worked out elsewhere. */
type Both = { zh: string; en: string }

export type InboxType = keyof InboxParams

export interface Words {
  title: string
  body: string
}

type Template<P> = { readonly [L in Locale]: { readonly title: string; readonly body: (params: P) => string } }

const HELD_ZH = '为保障资金安全,24 小时内不能转出资金。若非本人操作,请立即联系客服。'
const HELD_EN =
  'To protect your money, it cannot leave the account for 24 hours. If this was not you, contact support now.'
const NOT_YOU_ZH = '若非本人操作,请立即修改密码并联系客服。'
const NOT_YOU_EN = 'If this was not you, change your password and contact support now.'

const templates = {
  recharge_credited: {
    zh: { title: '充值到账', body: (p) => `您的充值 ${p.amount} ${p.asset ?? 'USDT'} 已到账(${p.network})` },
    en: {
      title: 'Deposit credited',
      body: (p) => `Your deposit of ${p.amount} ${p.asset ?? 'USDT'} on ${p.network} has been credited.`,
    },
  },
  recharge_reversed: {
    zh: {
      title: '充值撤销',
      body: (p) => `因 ${p.network} 链上区块重组,您的充值 ${p.amount} ${p.asset ?? 'USDT'} 已失效,入账已撤销`,
    },
    en: {
      title: 'Deposit taken back',
      body: (p) =>
        `A reorganisation of ${p.network} undid your deposit of ${p.amount} ${p.asset ?? 'USDT'}, so its credit was taken back.`,
    },
  },
  transfer_received: {
    zh: { title: '收到转账', body: (p) => `${p.from} 向您转账 ${p.amount} USDT${p.memo ? `,备注:${p.memo}` : ''}` },
    en: {
      title: 'Payment received',
      body: (p) => `${p.from} sent you ${p.amount} USDT${p.memo ? `: ${p.memo}` : '.'}`,
    },
  },
  withdrawal_submitted: {
    zh: {
      title: '提现已提交',
      body: (p) => `您提现 ${p.amount} ${p.asset}(${p.network})至 ${p.to} 的申请已提交。${NOT_YOU_ZH}`,
    },
    en: {
      title: 'Withdrawal submitted',
      body: (p) => `Your withdrawal of ${p.amount} ${p.asset} on ${p.network} to ${p.to} was submitted. ${NOT_YOU_EN}`,
    },
  },
  withdrawal_confirmed: {
    zh: { title: '提现成功', body: (p) => `您提现的 ${p.amount} ${p.asset}(${p.network})已到达 ${p.to}` },
    en: {
      title: 'Withdrawal confirmed',
      body: (p) => `Your withdrawal of ${p.amount} ${p.asset} on ${p.network} has arrived at ${p.to}.`,
    },
  },
  withdrawal_failed: {
    zh: {
      title: '提现失败',
      body: (p) => `您提现 ${p.amount} ${p.asset}(${p.network})未成功,款项和手续费已退回账户。${p.why.zh}`,
    },
    en: {
      title: 'Withdrawal failed',
      body: (p) =>
        `Your withdrawal of ${p.amount} ${p.asset} on ${p.network} failed. The money and the fee are back in your account. ${p.why.en}`,
    },
  },
  withdrawal_rejected: {
    zh: {
      title: '提现未通过',
      body: (p) => `您提现 ${p.amount} ${p.asset}(${p.network})未通过审核,款项和手续费已退回账户。${p.why.zh}`,
    },
    en: {
      title: 'Withdrawal declined',
      body: (p) =>
        `Your withdrawal of ${p.amount} ${p.asset} on ${p.network} was declined. The money and the fee are back in your account. ${p.why.en}`,
    },
  },
  withdrawal_cancelled: {
    zh: {
      title: '提现已取消',
      body: (p) => `您提现 ${p.amount} ${p.asset}(${p.network})已取消,款项和手续费已退回账户。${p.why.zh}`,
    },
    en: {
      title: 'Withdrawal cancelled',
      body: (p) =>
        `Your withdrawal of ${p.amount} ${p.asset} on ${p.network} was cancelled. The money and the fee are back in your account. ${p.why.en}`,
    },
  },
  recipient_approved: {
    zh: { title: '收款人审核通过', body: (p) => `收款人 ${p.recipient} 已通过审核,可以汇款` },
    en: { title: 'Recipient approved', body: (p) => `You can now send remittances to ${p.recipient}.` },
  },
  recipient_rejected: {
    zh: { title: '收款人审核未通过', body: (p) => `收款人 ${p.recipient} 未通过审核。${p.why.zh}` },
    en: { title: 'Recipient declined', body: (p) => `${p.recipient} was declined. ${p.why.en}` },
  },
  remittance_submitted: {
    zh: {
      title: '汇款已提交',
      body: (p) => `您向 ${p.to} 汇款 ${p.amount} USDT(约 ${p.cnh} CNH)的申请已提交。${NOT_YOU_ZH}`,
    },
    en: {
      title: 'Remittance submitted',
      body: (p) => `Your remittance of ${p.amount} USDT (${p.cnh} CNH) to ${p.to} was submitted. ${NOT_YOU_EN}`,
    },
  },
  remittance_completed: {
    zh: { title: '汇款成功', body: (p) => `您汇出的 ${p.cnh} CNH 已到达 ${p.to}` },
    en: { title: 'Remittance completed', body: (p) => `Your remittance of ${p.cnh} CNH has reached ${p.to}.` },
  },
  remittance_failed: {
    zh: {
      title: '汇款失败',
      body: (p) => `您向 ${p.to} 汇款 ${p.amount} USDT 未成功,款项和手续费已退回账户。${p.why.zh}`,
    },
    en: {
      title: 'Remittance failed',
      body: (p) =>
        `Your remittance of ${p.amount} USDT to ${p.to} failed. The money and the fee are back in your account. ${p.why.en}`,
    },
  },
  remittance_rejected: {
    zh: {
      title: '汇款未通过',
      body: (p) => `您向 ${p.to} 汇款 ${p.amount} USDT 未通过审核,款项和手续费已退回账户。${p.why.zh}`,
    },
    en: {
      title: 'Remittance declined',
      body: (p) =>
        `Your remittance of ${p.amount} USDT to ${p.to} was declined. The money and the fee are back in your account. ${p.why.en}`,
    },
  },
  remittance_returned: {
    zh: { title: '汇款被退回', body: (p) => `收款银行退回了您向 ${p.to} 的汇款,${p.credited} USDT 已存入您的账户` },
    en: {
      title: 'Remittance returned',
      body: (p) => `The bank sent back your remittance to ${p.to}. ${p.credited} USDT are in your account.`,
    },
  },
  card_active: {
    zh: { title: '卡已激活', body: ({ last4 }) => `您的虚拟卡(尾号 ${last4})已激活,可以使用。` },
    en: { title: 'Your card is ready', body: ({ last4 }) => `Your virtual card ending in ${last4} is active.` },
  },
  card_failed: {
    zh: { title: '开卡失败', body: () => '发卡方未能制卡,您的资金仍在卡账户中。请稍后重试或联系客服。' },
    en: {
      title: 'No card could be made',
      body: () => 'The issuer could not make your card. Your money is still on the card account. Try again later.',
    },
  },
  card_topped_up: {
    zh: { title: '充值到卡成功', body: ({ amount }) => `${amount} USDT 已充值到您的卡。` },
    en: { title: 'Card topped up', body: ({ amount }) => `${amount} USDT was put onto your card.` },
  },
  card_topup_failed: {
    zh: { title: '充值到卡失败', body: ({ amount }) => `充值 ${amount} USDT 未成功,资金已退回原账户。` },
    en: {
      title: 'Card top-up failed',
      body: ({ amount }) => `The top-up of ${amount} USDT did not go through. Your money is back where it was.`,
    },
  },
  card_declined: {
    zh: { title: '卡消费被拒绝', body: (p) => `${p.merchant} ${p.amount} USD:${p.why.zh}` },
    en: { title: 'Card payment declined', body: (p) => `${p.merchant}, ${p.amount} USD: ${p.why.en}` },
  },
  nodes_bought: {
    zh: { title: '节点购买成功', body: (p) => `您以 ${p.amount} USDT 购买了 ${p.quantity} 个节点,获赠 ${p.upt} UPT` },
    en: {
      title: 'Nodes bought',
      body: (p) =>
        `You bought ${p.quantity === 1 ? 'a node' : `${p.quantity} nodes`} for ${p.amount} USDT and received ${p.upt} UPT.`,
    },
  },
  node_cashback: {
    zh: { title: '邀请返现到账', body: (p) => `${p.from} 购买了节点,返现 ${p.amount} USDT 已存入您的节点账户` },
    en: {
      title: 'Cashback received',
      body: (p) => `${p.from} bought nodes: ${p.amount} USDT cashback is in your node account.`,
    },
  },
  node_yield: {
    zh: { title: '节点收益到账', body: (p) => `${p.day} 的节点收益 ${p.amount} USDT 已存入您的节点账户` },
    en: {
      title: 'Node yield received',
      body: (p) => `Your nodes earned ${p.amount} USDT on ${p.day}; it is in your node account.`,
    },
  },
  identity_approved: {
    zh: {
      title: '实名认证已通过',
      body: ({ stage }) => `您的${stage === 'full' ? '增强' : '基础'}实名认证已通过,转账与提现限额已提高。`,
    },
    en: {
      title: 'You are verified',
      body: ({ stage }) =>
        `Your ${stage === 'full' ? 'full' : 'basic'} identity verification was approved; you can send and withdraw more a day.`,
    },
  },
  identity_rejected: {
    zh: { title: '实名认证未通过', body: (p) => `您的实名认证未通过:${p.why.zh}。${p.next.zh}。` },
    en: {
      title: 'Your verification was not approved',
      body: (p) => `Your identity verification was not approved: ${p.why.en}. ${p.next.en}.`,
    },
  },
  invitee_joined: {
    zh: { title: '新成员加入', body: (p) => `${p.uid} 通过您的邀请码加入了您的团队` },
    en: { title: 'New team member', body: (p) => `${p.uid} joined your team with your invite code.` },
  },
  new_device: {
    zh: { title: '新设备登录', body: (p) => `您的账户在新设备上登录:${p.browser} / ${p.os},IP ${p.ip}。${NOT_YOU_ZH}` },
    en: {
      title: 'Sign-in from a new device',
      body: (p) => `Signed in with ${p.browser} on ${p.os}, IP ${p.ip}. ${NOT_YOU_EN}`,
    },
  },
  session_stolen: {
    zh: {
      title: '登录已被终止',
      body: (p) => `检测到登录凭证被重复使用,已退出设备 ${p.browser} / ${p.os}。${NOT_YOU_ZH}`,
    },
    en: {
      title: 'A sign-in was ended',
      body: (p) => `A used sign-in token came back, so ${p.browser} on ${p.os} was signed out. ${NOT_YOU_EN}`,
    },
  },
  password_changed: {
    zh: { title: '登录密码已修改', body: () => `您的登录密码已修改,其他设备已退出登录。${NOT_YOU_ZH}` },
    en: {
      title: 'Password changed',
      body: () => `Your password was changed and other devices were signed out. ${NOT_YOU_EN}`,
    },
  },
  password_reset: {
    zh: { title: '登录密码已重置', body: () => `您的登录密码已通过验证码重置,所有设备已退出登录。${HELD_ZH}` },
    en: {
      title: 'Password reset',
      body: () => `Your password was reset by code and all devices were signed out. ${HELD_EN}`,
    },
  },
  contact_changed: {
    zh: { title: '联系方式已变更', body: (p) => `您的账户联系方式已变更为 ${p.contact}。${HELD_ZH}` },
    en: { title: 'Contact changed', body: (p) => `The contact of your account is now ${p.contact}. ${HELD_EN}` },
  },
  contact_added: {
    zh: { title: '联系方式已添加', body: (p) => `您的账户新增了联系方式 ${p.contact}。${NOT_YOU_ZH}` },
    en: { title: 'Contact added', body: (p) => `${p.contact} was added to your account. ${NOT_YOU_EN}` },
  },
  login2fa_enabled: {
    zh: { title: '登录二次验证已开启', body: (p) => `登录二次验证(${p.channel})已开启` },
    en: { title: 'Sign-in verification on', body: (p) => `Two-step sign-in by ${p.channel} is now on.` },
  },
  login2fa_disabled: {
    zh: { title: '登录二次验证已关闭', body: (p) => `登录二次验证(${p.channel})已关闭。${NOT_YOU_ZH}` },
    en: {
      title: 'Sign-in verification off',
      body: (p) => `Two-step sign-in by ${p.channel} is now off. ${NOT_YOU_EN}`,
    },
  },
  payment_password_set: {
    zh: { title: '支付密码已设置', body: () => `您已设置支付密码。${NOT_YOU_ZH}` },
    en: { title: 'Payment password set', body: () => `A payment password was set. ${NOT_YOU_EN}` },
  },
  payment_password_changed: {
    zh: { title: '支付密码已修改', body: () => `您的支付密码已修改。${NOT_YOU_ZH}` },
    en: { title: 'Payment password changed', body: () => `Your payment password was changed. ${NOT_YOU_EN}` },
  },
  payment_password_reset: {
    zh: { title: '支付密码已重置', body: () => `您的支付密码已重置。${HELD_ZH}` },
    en: { title: 'Payment password reset', body: () => `Your payment password was reset. ${HELD_EN}` },
  },
  payment_password_locked: {
    zh: { title: '支付密码已锁定', body: (p) => `支付密码连续输错,已锁定 ${p.minutes} 分钟。${NOT_YOU_ZH}` },
    en: {
      title: 'Payment password locked',
      body: (p) => `Too many wrong payment passwords: locked for ${p.minutes} minutes. ${NOT_YOU_EN}`,
    },
  },
  totp_enabled: {
    zh: { title: 'TOTP 已开启', body: () => `您的账户已开启 TOTP 二次验证。${NOT_YOU_ZH}` },
    en: { title: 'TOTP enabled', body: () => `Payments now need a code of your authenticator app. ${NOT_YOU_EN}` },
  },
  totp_disabled: {
    zh: { title: 'TOTP 已关闭', body: () => `您的账户已关闭 TOTP 二次验证。${NOT_YOU_ZH}` },
    en: {
      title: 'TOTP disabled',
      body: () => `Payments no longer need a code of your authenticator app. ${NOT_YOU_EN}`,
    },
  },
  totp_disabled_unproven: {
    zh: { title: 'TOTP 已关闭', body: () => `您的账户已在未验证 TOTP 的情况下关闭二次验证。${HELD_ZH}` },
    en: { title: 'TOTP disabled', body: () => `TOTP was switched off without a TOTP code. ${HELD_EN}` },
  },
  withdrawal_address_added: {
    zh: {
      title: '提现地址已添加',
      body: (p) => `地址簿新增了 ${p.network} 地址 ${p.address},白名单模式下 24 小时后可用。${NOT_YOU_ZH}`,
    },
    en: {
      title: 'Withdrawal address added',
      body: (p) =>
        `${p.address} on ${p.network} was added to your address book. In allow-list mode it can be paid after 24 hours. ${NOT_YOU_EN}`,
    },
  },
  allow_list_enabled: {
    zh: { title: '地址白名单已开启', body: () => `现在只能提现到地址簿中的地址。${NOT_YOU_ZH}` },
    en: {
      title: 'Allow-list mode is on',
      body: () => `Withdrawals now go to addresses in your address book only. ${NOT_YOU_EN}`,
    },
  },
  allow_list_disabled: {
    zh: { title: '地址白名单即将关闭', body: () => `地址白名单将在 24 小时后关闭,在此之前可以重新开启。${NOT_YOU_ZH}` },
    en: {
      title: 'Allow-list mode will end',
      body: () => `Allow-list mode ends in 24 hours; until then you can switch it on again. ${NOT_YOU_EN}`,
    },
  },
  ...programTexts,
  ...rampTexts,
  ...moneyTexts,
  webhook_added: {
    zh: { title: 'Webhook 已添加', body: (p) => `账户动态将发送到 ${p.url}。${NOT_YOU_ZH}` },
    en: { title: 'Webhook added', body: (p) => `What happens to your account is now sent to ${p.url}. ${NOT_YOU_EN}` },
  },
  webhook_disabled: {
    zh: { title: 'Webhook 已停用', body: (p) => `${p.url} 连续三天未能接收通知,已停用。修复后请重新启用并补拉事件。` },
    en: {
      title: 'Webhook disabled',
      body: (p) => `${p.url} did not take anything for three days. Mend it, enable it again and fetch what you missed.`,
    },
  },
} satisfies { readonly [T in InboxType]: Template<InboxParams[T]> }

const isInboxType = (type: string): type is InboxType => Object.hasOwn(templates, type)

/** A message in words. A type that a newer release wrote, and this one does not know, is told as just that. */
export function inboxWords(type: string, params: object, locale: Locale): Words {
  if (!isInboxType(type)) {
    return locale === 'zh'
      ? { title: '新消息', body: '您有一条新消息' }
      : { title: 'New message', body: 'You have a new message.' }
  }
  const { title, body } = templates[type][locale] as { title: string; body: (params: object) => string }
  return { title, body: body(params) }
}
