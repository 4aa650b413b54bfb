// How the operators' API says each refusal: the HTTP status and a sentence for operators. The code on the wire is the
// refusal's own name. What only customers can run into is said here as well: an operator reads it beside an order.

import type { RefusalCode } from '../../base/errors.ts'

export interface ConsoleError {
  status: number
  zh: string
  en: string
}

const say = (status: number, zh: string, en: string): ConsoleError => ({ status, zh, en })

export const consoleErrors = {
  InvalidParams: say(400, '参数错误', 'Invalid parameters'),
  NotFound: say(404, '不存在', 'Not found'),
  MethodNotAllowed: say(405, '请求方法不支持', 'Method not allowed'),
  PayloadTooLarge: say(413, '请求体过大', 'The request body is too large'),
  UnsupportedMediaType: say(415, '不支持的内容类型', 'Unsupported content type'),
  RateLimited: say(429, '操作过于频繁,请稍后再试', 'Too many requests, please try again later'),
  Unauthorized: say(401, '未登录或登录已失效', 'Not signed in, or the session has ended'),
  Forbidden: say(403, '没有权限', 'Your roles do not allow this'),
  InvalidCredential: say(401, '邮箱、密码或动态口令错误', 'Wrong e-mail address, password or code'),
  CodeWrong: say(400, '邀请码无效或已过期', 'The invitation is not valid or has expired'),
  ContactTaken: say(409, '该邮箱已有运营人员', 'There is an operator with this e-mail address'),
  InviteCodeUnknown: say(400, '邀请码不存在', 'Unknown invite code'),
  PasswordWeak: say(400, '密码强度不足', 'The password is too weak'),
  PasswordAlreadySet: say(409, '已设置登录密码', 'A password is already set'),
  ChallengeUnknown: say(400, '登录验证已失效', 'The sign-in challenge has expired'),
  ChannelUnavailable: say(400, '该渠道不可用', 'This channel is not available'),
  PersonFrozen: say(409, '客户已被冻结', 'The customer is frozen'),
  PaymentPasswordNotSet: say(409, '客户未设置支付密码', 'The customer has no payment password'),
  PaymentPasswordWrong: say(403, '支付密码错误', 'Wrong payment password'),
  PaymentPasswordLocked: say(403, '支付密码已锁定', 'The payment password is locked'),
  PaymentPasswordWeak: say(400, '支付密码过于简单', 'The payment password is too simple'),
  TOTPRequired: say(403, '需要动态口令', 'A TOTP code is required'),
  TOTPWrong: say(403, '动态口令错误或已使用', 'The TOTP code is wrong or was already used'),
  TOTPAlreadyEnabled: say(409, '已绑定动态口令', 'TOTP is already set up'),
  TOTPNotSetUp: say(409, '未绑定动态口令', 'TOTP is not set up'),
  MoneyOutHeld: say(409, '客户处于转出暂停期', 'The customer cannot send money for the time being'),
  InsufficientBalance: say(422, '账户余额不足', 'The account does not have that much available'),
  InvalidAmount: say(400, '金额非法', 'Invalid amount'),
  AmountBelowMinimum: say(422, '金额低于最小限额', 'The amount is below the minimum'),
  AmountAboveMaximum: say(422, '金额超过单笔限额', 'The amount is above the maximum'),
  LimitExceeded: say(422, '超过 24 小时限额', 'The limit for 24 hours is exceeded'),
  SameAccount: say(422, '转出与转入账户相同', 'Source and destination are the same account'),
  SelfTransfer: say(422, '收付款人相同', 'Payer and recipient are the same'),
  RecipientUnavailable: say(422, '收款人不可收款', 'The recipient cannot receive'),
  AccountClosed: say(422, '账户已关闭', 'The account is closed'),
  HoldNotOpen: say(409, '冻结已结束', 'The hold is no longer open'),
  HoldExceeded: say(422, '超过冻结金额', 'More than the hold'),
  JournalUnknown: say(404, '凭证不存在', 'No such journal'),
  AlreadyReversed: say(409, '已冲正', 'Already reversed'),
  IdempotencyKeyReused: say(422, '幂等键已用于其他请求', 'The idempotency key was used for another request'),
  IdempotencyInProgress: say(409, '相同请求正在处理', 'The same request is being processed'),
  NetworkUnknown: say(400, '不支持的网络', 'Unsupported network'),
  NetworkUnavailable: say(503, '该网络暂不可用', 'This network is not available right now'),
  AddressInvalid: say(400, '地址无效', 'This is not an address of the network'),
  AddressForbidden: say(422, '禁止付款到该地址', 'Nothing may be sent to this address'),
  AddressOfCustomer: say(422, '该地址属于平台客户', 'This address belongs to a customer'),
  AddressNotListed: say(422, '地址不在客户白名单', "The address is not in the customer's address book"),
  AddressTooNew: say(422, '地址加入地址簿未满 24 小时', 'The address has been in the address book for less than a day'),
  AddressLookalike: say(422, '地址与客户用过的地址首尾相同', 'The address looks like one that the customer used'),
  AddressBookFull: say(422, '地址簿已满', 'The address book is full'),
  FeeChanged: say(409, '手续费已变更', 'The fee has changed'),
  TooLateToCancel: say(409, '提现已开始处理', 'The withdrawal is under way already'),
  NodesSoldOut: say(422, '节点库存不足', 'There are not that many nodes left'),
  NodeLimitReached: say(422, '超过每人节点上限', 'That is more nodes than one customer may hold'),
  PriceChanged: say(409, '价格已变更', 'The price has changed'),
  ApprovalClosed: say(409, '审批已结束', 'The approval is no longer open'),
  ApprovalPending: say(409, '同一事项已有待审批', 'There is an open approval about this already'),
  OwnApproval: say(403, '不能复核自己发起或涉及自己的审批', 'Nobody checks what they made or what is about them'),
  AlreadyChecked: say(409, '您已复核过', 'You have checked this already'),
  Outdated: say(409, '内容已变化,请刷新后重试', 'It has changed meanwhile, please look again'),
  Busy: say(503, '系统繁忙,请稍后重试', 'Busy, please try again shortly'),
  Unavailable: say(503, '服务暂不可用,请稍后重试', 'Temporarily unavailable, please try again shortly'),
  Internal: say(500, '服务器内部错误', 'Internal server error'),
} as const satisfies Record<RefusalCode, ConsoleError>
