// The words of messages about customers' programs: their keys, and what waits for a confirmation.
// Part of inbox-text.ts, in a file of its own; amounts are decimal strings.

/** What each type of message tells, as data. */
export interface ProgramParams {
  api_key_created: { name: string; scopes: string }
  api_key_rotated: { name: string }
  api_key_changed: { name: string; scopes: string }
  api_key_revoked: { name: string }
  withdrawal_verification: { amount: string; asset: string; network: string; to: string; hours: number }
}

type Words<P> = {
  readonly [L in 'zh' | 'en']: { readonly title: string; readonly body: (params: P) => string }
}

const NOT_YOU_ZH = '若非本人操作,请立即撤销该密钥、修改密码并联系客服。'
const NOT_YOU_EN = 'If this was not you, revoke the key, change your password and contact support now.'

export const programTexts: { readonly [T in keyof ProgramParams]: Words<ProgramParams[T]> } = {
  api_key_created: {
    zh: { title: '已创建 API 密钥', body: (p) => `密钥「${p.name}」已创建,权限:${p.scopes}。${NOT_YOU_ZH}` },
    en: { title: 'API key created', body: (p) => `The key “${p.name}” was made; it may: ${p.scopes}. ${NOT_YOU_EN}` },
  },
  api_key_rotated: {
    zh: { title: 'API 密钥已更换', body: (p) => `密钥「${p.name}」有了新的私钥。${NOT_YOU_ZH}` },
    en: { title: 'API key rotated', body: (p) => `The key “${p.name}” has a new secret. ${NOT_YOU_EN}` },
  },
  api_key_changed: {
    zh: { title: 'API 密钥已修改', body: (p) => `密钥「${p.name}」已修改,权限:${p.scopes}。${NOT_YOU_ZH}` },
    en: {
      title: 'API key changed',
      body: (p) => `The key “${p.name}” was changed; it may: ${p.scopes}. ${NOT_YOU_EN}`,
    },
  },
  api_key_revoked: {
    zh: { title: 'API 密钥已撤销', body: (p) => `密钥「${p.name}」已停用。` },
    en: { title: 'API key revoked', body: (p) => `The key “${p.name}” no longer works.` },
  },
  withdrawal_verification: {
    zh: {
      title: '提现待您确认',
      body: (p) =>
        `您的程序申请提现 ${p.amount} ${p.asset}(${p.network})到 ${p.to}。请在 ${p.hours} 小时内到提现记录中核对并确认,否则将自动取消。${NOT_YOU_ZH}`,
    },
    en: {
      title: 'A withdrawal waits for you',
      body: (p) =>
        `A program of yours asked to withdraw ${p.amount} ${p.asset} (${p.network}) to ${p.to}. Compare and confirm it among your withdrawals within ${p.hours} hours, or it is cancelled. ${NOT_YOU_EN}`,
    },
  },
}
