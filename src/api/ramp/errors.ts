// How the ramp API says each refusal: the code on the wire, the HTTP status, a sentence in Chinese and in English. The
// document has no table of its own but 000000; this one is documented in docs/ramp.md.
// 1000xx access and signatures, 2000xx orders and money, 3000xx identity, 9000xx the request and the server.

import type { RefusalCode } from '../../base/errors.ts'

export interface RampError {
  code: string
  status: number
  zh: string
  en: string
}

export const SUCCESS = '000000'

const say = (code: string, status: number, zh: string, en: string): RampError => ({ code, status, zh, en })

/** What only other APIs run into. */
const elsewhere = say('200099', 422, '无法完成该请求', 'The request cannot be carried out')

export const rampErrors = {
  Unauthorized: say('100001', 401, '缺少签名信息,或链接无效', 'Not signed, or the link is not valid'),
  ApiKeyUnknown: say('100002', 401, 'API KEY 不存在或已失效', 'The API key is unknown or has ended'),
  SignatureWrong: say('100003', 401, '签名错误', 'The signature is wrong'),
  RequestExpired: say(
    '100004',
    401,
    '请求已过期,时间戳须在前后 5 分钟内',
    'The timestamp is not within 5 minutes of now',
  ),
  RequestRepeated: say('100005', 401, '签名已使用,请重新签名', 'This signature was used before, sign anew'),
  Forbidden: say('100006', 403, '没有权限', 'Not allowed'),
  CodeWrong: say('100007', 400, '验证码错误或已过期', 'The code is wrong or has expired'),
  IdempotencyKeyReused: say('200001', 409, '订单编号已用于其他订单', 'The order number was used for another order'),
  InvalidAmount: say('200002', 400, '金额非法', 'Invalid amount'),
  AmountBelowMinimum: say('200003', 422, '金额低于最小限额', 'The amount is below the minimum'),
  AmountAboveMaximum: say('200004', 422, '金额超过单笔限额', 'The amount is above the maximum'),
  LimitExceeded: say('200005', 422, '超过 24 小时限额', 'The limit for 24 hours is exceeded'),
  InsufficientBalance: say('200006', 422, '可用余额不足', 'Not enough is available'),
  AccountClosed: say('200007', 422, '账户不可用', 'The account is not available'),
  RateUnavailable: say(
    '200008',
    503,
    '汇率暂不可用,请稍后重试',
    'There is no current exchange rate, try again shortly',
  ),
  IdempotencyInProgress: say('200009', 409, '相同订单正在处理', 'The same order is being processed'),
  PersonFrozen: say('200010', 422, '用户不可用', 'The customer is not available'),
  KYCInvalidFile: say('300001', 400, '证件照片不合法', 'This is not a picture that can be used'),
  IdentityPending: say('300002', 409, '实名认证审核中', 'The verification is being reviewed'),
  IdentityApproved: say('300003', 409, '已完成实名认证', 'Verified already'),
  IdentityRequired: say('300004', 403, '请先完成实名认证', 'The identity has to be verified first'),
  Outdated: say('300005', 409, '当前状态不支持此操作', 'Not possible in the present state'),
  InvalidParams: say('900001', 400, '参数错误', 'Invalid parameters'),
  NotFound: say('900002', 404, '不存在', 'Not found'),
  MethodNotAllowed: say('900003', 405, '请求方法不支持', 'Method not allowed'),
  PayloadTooLarge: say('900004', 413, '请求体过大', 'The request body is too large'),
  UnsupportedMediaType: say('900005', 415, '不支持的内容类型', 'Unsupported content type'),
  RateLimited: say('900006', 429, '请求过于频繁,请稍后再试', 'Too many requests, try again later'),
  Busy: say('900007', 503, '系统繁忙,请稍后重试', 'Busy, try again shortly'),
  Unavailable: say('900008', 503, '服务暂不可用,请稍后重试', 'Temporarily unavailable, try again shortly'),
  Internal: say('900099', 500, '服务器内部错误', 'Internal server error'),
  // what customers, their programs and operators run into elsewhere
  InvalidCredential: elsewhere,
  ContactTaken: elsewhere,
  InviteCodeUnknown: elsewhere,
  PasswordWeak: elsewhere,
  PasswordAlreadySet: elsewhere,
  ChallengeUnknown: elsewhere,
  ChannelUnavailable: elsewhere,
  PaymentPasswordNotSet: elsewhere,
  PaymentPasswordWrong: elsewhere,
  PaymentPasswordLocked: elsewhere,
  PaymentPasswordWeak: elsewhere,
  TOTPRequired: elsewhere,
  TOTPWrong: elsewhere,
  TOTPAlreadyEnabled: elsewhere,
  TOTPNotSetUp: elsewhere,
  MoneyOutHeld: elsewhere,
  SameAccount: elsewhere,
  SelfTransfer: elsewhere,
  RecipientUnavailable: elsewhere,
  HoldNotOpen: elsewhere,
  HoldExceeded: elsewhere,
  JournalUnknown: elsewhere,
  AlreadyReversed: elsewhere,
  NetworkUnknown: elsewhere,
  NetworkUnavailable: elsewhere,
  AddressInvalid: elsewhere,
  AddressForbidden: elsewhere,
  AddressOfCustomer: elsewhere,
  AddressNotListed: elsewhere,
  AddressTooNew: elsewhere,
  AddressLookalike: elsewhere,
  AddressBookFull: elsewhere,
  FeeChanged: elsewhere,
  TooLateToCancel: elsewhere,
  NodesSoldOut: elsewhere,
  NodeLimitReached: elsewhere,
  PriceChanged: elsewhere,
  RecipientNotApproved: elsewhere,
  RecipientExists: elsewhere,
  RecipientListFull: elsewhere,
  QuoteExpired: elsewhere,
  DocumentTaken: elsewhere,
  CardAccountExists: elsewhere,
  CardAccountNotOpen: elsewhere,
  CardTopupNeeded: elsewhere,
  CardExists: elsewhere,
  CardNotUsable: elsewhere,
  IPNotAllowed: elsewhere,
  ScopeMissing: elsewhere,
  ApiKeyListFull: elsewhere,
  ApprovalClosed: elsewhere,
  ApprovalPending: elsewhere,
  OwnApproval: elsewhere,
  AlreadyChecked: elsewhere,
} as const satisfies Record<RefusalCode, RampError>
