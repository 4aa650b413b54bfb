// What the security log's events are called. One that is newer than this build is shown by its name.

import { texts } from '../../../kit/language.ts'

const events = {
  register: ['注册账户', 'Account created'],
  login: ['登录成功', 'Signed in'],
  login_failed: ['登录失败', 'Sign-in failed'],
  logout: ['退出登录', 'Signed out'],
  device_kicked: ['设备被下线', 'Device signed out'],
  session_stolen: ['检测到异常会话,已强制退出', 'Suspicious session ended'],
  password_set: ['设置登录密码', 'Password set'],
  password_changed: ['修改登录密码', 'Password changed'],
  password_reset: ['重置登录密码', 'Password reset'],
  contact_added: ['绑定联系方式', 'Contact added'],
  contact_changed: ['更换联系方式', 'Contact changed'],
  login2fa_enabled: ['开启登录二次验证', 'Two-step sign-in on'],
  login2fa_disabled: ['关闭登录二次验证', 'Two-step sign-in off'],
  payment_password_set: ['设置支付密码', 'PIN set'],
  payment_password_changed: ['修改支付密码', 'PIN changed'],
  payment_password_reset: ['重置支付密码', 'PIN reset'],
  payment_password_locked: ['支付密码被锁定', 'PIN locked'],
  totp_enabled: ['开启验证器', 'Authenticator on'],
  totp_disabled: ['关闭验证器', 'Authenticator off'],
  totp_disabled_unproven: ['无动态码关闭验证器', 'Authenticator off without a code'],
  withdrawal_address_added: ['添加提现地址', 'Withdrawal address added'],
  withdrawal_address_removed: ['删除提现地址', 'Withdrawal address removed'],
  allow_list_enabled: ['开启地址白名单', 'Allow-list on'],
  allow_list_disabled: ['关闭地址白名单', 'Allow-list off'],
  webhook_added: ['添加回调地址', 'Webhook added'],
  webhook_removed: ['删除回调地址', 'Webhook removed'],
  api_key_created: ['创建 API 密钥', 'API key created'],
  api_key_rotated: ['轮换 API 密钥', 'API key rotated'],
  api_key_changed: ['修改 API 密钥', 'API key changed'],
  api_key_revoked: ['吊销 API 密钥', 'API key revoked'],
} as const

const useWords = texts('security-events', events)

export function useEventWords(): (event: string) => string {
  const say = useWords()
  return (event) => (event in events ? say(event as keyof typeof events) : event)
}
