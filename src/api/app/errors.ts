// How the app API says each refusal: the document's number and name, the HTTP status, and a sentence for customers.
// Numbers that the document lists are fixed; the others continue its ranges (1000xx access, 2000xx money, 4000xx nodes, 9000xx request).

import type { RefusalCode } from '../../base/errors.ts'

export interface AppError {
  code: number
  status: number
  zh: string
  en: string
}

const say = (code: number, status: number, zh: string, en: string): AppError => ({ code, status, zh, en })

export const appErrors = {
  ChannelUnavailable: say(100001, 400, '该渠道不可用', 'This channel is not available'),
  CodeWrong: say(100002, 400, '验证码错误或已过期', 'The code is wrong or has expired'),
  ContactTaken: say(100003, 409, '该邮箱或手机号已注册', 'This e-mail address or phone number is already registered'),
  InviteCodeUnknown: say(100004, 400, '邀请码不存在', 'Unknown invite code'),
  PasswordWeak: say(100005, 400, '密码强度不足', 'The password is too weak'),
  InvalidCredential: say(100006, 401, '账号或密码错误', 'Wrong account or password'),
  RateLimited: say(100007, 429, '操作过于频繁,请稍后再试', 'Too many requests, please try again later'),
  Unauthorized: say(100008, 401, '未登录或登录已失效', 'Not signed in, or the sign-in has expired'),
  PasswordAlreadySet: say(100009, 409, '已设置登录密码', 'A password is already set'),
  ChallengeUnknown: say(
    100010,
    400,
    '登录验证已失效,请重新登录',
    'The sign-in challenge has expired, please sign in again',
  ),
  Forbidden: say(100011, 403, '没有权限', 'Not allowed'),
  PersonFrozen: say(100012, 403, '账户已被冻结,请联系客服', 'The account is frozen, please contact support'),
  PaymentPasswordNotSet: say(100020, 403, '未设置支付密码', 'No payment password is set'),
  PaymentPasswordWrong: say(100021, 403, '支付密码错误', 'Wrong payment password'),
  PaymentPasswordLocked: say(
    100022,
    403,
    '支付密码错误次数过多,已锁定',
    'Payment password locked after too many wrong attempts',
  ),
  TOTPRequired: say(100023, 403, '需要 TOTP 二次验证', 'A TOTP code is required'),
  TOTPWrong: say(100024, 403, 'TOTP 验证码错误或已使用', 'The TOTP code is wrong or was already used'),
  TOTPAlreadyEnabled: say(100025, 409, '已开启 TOTP', 'TOTP is already enabled'),
  TOTPNotSetUp: say(100026, 409, '未开启 TOTP', 'TOTP is not set up'),
  PaymentPasswordWeak: say(
    100027,
    400,
    '支付密码须为 6 位数字且不能过于简单',
    'The payment password must be 6 digits and not a simple pattern',
  ),
  MoneyOutHeld: say(
    100028,
    403,
    '安全设置变更后 24 小时内不能转出资金',
    'Money cannot leave for 24 hours after a change to the security settings',
  ),
  InsufficientBalance: say(200001, 422, '余额不足', 'Insufficient balance'),
  RecipientUnavailable: say(200002, 422, '收款人不存在或不可收款', 'The recipient does not exist or cannot receive'),
  SelfTransfer: say(200003, 422, '不能转账给自己', 'You cannot send to yourself'),
  InvalidAmount: say(200004, 400, '金额非法', 'Invalid amount'),
  AmountBelowMinimum: say(200005, 422, '金额低于最小限额', 'The amount is below the minimum'),
  AmountAboveMaximum: say(200006, 422, '金额超过单笔限额', 'The amount is above the maximum per payment'),
  LimitExceeded: say(200007, 422, '超过 24 小时限额', 'The limit for 24 hours is exceeded'),
  SameAccount: say(200008, 422, '转出与转入账户相同', 'Source and destination are the same account'),
  AccountClosed: say(200009, 422, '账户不可用', 'The account is not available'),
  HoldNotOpen: say(200010, 409, '冻结已结束', 'The hold is no longer open'),
  HoldExceeded: say(200011, 422, '超过冻结金额', 'More than the hold'),
  JournalUnknown: say(200012, 404, '记录不存在', 'No such movement'),
  AlreadyReversed: say(200013, 409, '已冲正', 'Already reversed'),
  NetworkUnknown: say(200020, 400, '不支持的网络', 'Unsupported network'),
  NetworkUnavailable: say(200021, 503, '该网络暂不可用', 'This network is not available right now'),
  AddressInvalid: say(200030, 400, '收款地址无效', 'This is not an address of the network'),
  AddressForbidden: say(200031, 422, '不能提现到该地址', 'Nothing can be sent to this address'),
  AddressOfCustomer: say(
    200032,
    422,
    '该地址属于本平台客户,请使用站内转账',
    'This address belongs to a customer here, please send a payment instead',
  ),
  AddressNotListed: say(
    200033,
    422,
    '已开启地址白名单,请先将该地址加入地址簿',
    'Only addresses in your address book are paid, please add this one first',
  ),
  AddressTooNew: say(
    200034,
    422,
    '新地址加入地址簿 24 小时后才能使用',
    'A new address can be used 24 hours after it was added',
  ),
  AddressLookalike: say(
    200035,
    422,
    '该地址与您用过的地址首尾相同但并非同一地址,请逐字核对后确认',
    'This address begins and ends like one that you know but is another; compare every character, then confirm',
  ),
  AddressBookFull: say(200036, 422, '地址簿已满', 'The address book is full'),
  FeeChanged: say(200037, 409, '手续费已变更,请确认后重新提交', 'The fee has changed, please confirm the new one'),
  TooLateToCancel: say(200038, 409, '提现已开始处理,不能取消', 'It is too late to cancel this withdrawal'),
  NodesSoldOut: say(400001, 422, '节点库存不足', 'There are not that many nodes left'),
  NodeLimitReached: say(400002, 422, '超过每人节点上限', 'That is more nodes than one customer may hold'),
  PriceChanged: say(400003, 409, '价格已变更,请确认后重新提交', 'The price has changed, please confirm the new one'),
  KYCInvalidFile: say(300001, 400, 'KYC 文件不合法', 'This is not a picture that can be used'),
  IdentityPending: say(300002, 409, '实名认证审核中,请等待结果', 'Your verification is being reviewed'),
  IdentityApproved: say(300003, 409, '已完成实名认证', 'You are verified already'),
  IdentityRequired: say(300004, 403, '请先完成实名认证', 'Verify your identity first'),
  DocumentTaken: say(300005, 409, '该证件已用于其他客户', 'This document belongs to another customer'),
  ApprovalClosed: say(800001, 409, '审批已结束', 'The approval is no longer open'),
  ApprovalPending: say(800002, 409, '同一事项已有待审批', 'There is an open approval about this already'),
  OwnApproval: say(800003, 403, '不能复核自己发起的审批', 'Nobody checks their own approval'),
  AlreadyChecked: say(800004, 409, '您已复核过', 'You have checked this already'),
  Outdated: say(800005, 409, '内容已变化,请刷新后重试', 'It has changed meanwhile, please look again'),
  NotFound: say(900001, 404, '不存在', 'Not found'),
  MethodNotAllowed: say(900002, 405, '请求方法不支持', 'Method not allowed'),
  InvalidParams: say(900003, 400, '参数错误', 'Invalid parameters'),
  PayloadTooLarge: say(900004, 413, '请求体过大', 'The request body is too large'),
  UnsupportedMediaType: say(900005, 415, '不支持的内容类型', 'Unsupported content type'),
  IdempotencyKeyReused: say(900006, 422, '幂等键已用于其他请求', 'The idempotency key was used for another request'),
  IdempotencyInProgress: say(900007, 409, '相同请求正在处理', 'The same request is being processed'),
  Busy: say(900008, 503, '系统繁忙,请稍后重试', 'Busy, please try again shortly'),
  Unavailable: say(900009, 503, '服务暂不可用,请稍后重试', 'Temporarily unavailable, please try again shortly'),
  Internal: say(900099, 500, '服务器内部错误', 'Internal server error'),
} as const satisfies Record<RefusalCode, AppError>
