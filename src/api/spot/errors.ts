// How the spot API says each refusal: a code as text, the HTTP status, a sentence for whoever wrote the program.
// Codes that the document's publishers are known to use keep their meaning; ours continue them (1101xx money, 1102xx the
// rest). docs/errors.md is printed from this table.

import type { RefusalCode } from '../../base/errors.ts'

export interface SpotError {
  code: string
  status: number
  zh: string
  en: string
}

const say = (code: string, status: number, zh: string, en: string): SpotError => ({ code, status, zh, en })

/** A field that must be there and is not. */
export const missingParameter = say('70003', 400, '缺少必填参数', 'Missing parameters')

export const spotErrors = {
  // the request
  InvalidParams: say('2', 400, '参数错误', 'Parameter error'),
  NotFound: say('404', 404, '不存在', 'Not found'),
  MethodNotAllowed: say('405', 405, '请求方法不支持', 'Method not allowed'),
  PayloadTooLarge: say('413', 413, '请求体过大', 'The request body is too large'),
  UnsupportedMediaType: say('415', 415, '不支持的内容类型', 'Unsupported content type'),
  RateLimited: say('110041', 429, '接口访问次数过快', 'Interface access times are too fast'),
  // who is asking
  Unauthorized: say('100003', 401, '缺少签名参数', 'api-key, nonce, timestamp and sign are required'),
  ApiKeyUnknown: say('100004', 401, 'app-key 不存在', 'app-key not found'),
  SignatureWrong: say('100005', 401, '参数签名错误', 'Parameter signature error'),
  RequestExpired: say('100008', 401, '请求已过期', 'Request expired'),
  RequestRepeated: say('100009', 401, '随机数已使用', 'The nonce was used before'),
  IPNotAllowed: say('100010', 403, 'IP 不在白名单中', 'IP not in whitelist'),
  ScopeMissing: say('100011', 403, '该密钥没有此权限', 'This API key does not support this operation'),
  PersonFrozen: say('100012', 403, '账户已被冻结', 'The account is frozen'),
  Forbidden: say('100013', 403, '没有权限', 'Not allowed'),
  // money
  RecipientUnavailable: say('10016', 422, '用户不存在', 'User does not exist'),
  InvalidAmount: say('10058', 400, '数量精度错误', 'Volume precision error'),
  AmountBelowMinimum: say('110007', 422, '数量低于最小限额', 'The amount is below the minimum, or not above the fee'),
  AddressNotListed: say('110008', 422, '只能提币到免认证地址', 'Only withdrawals to whitelisted addresses are allowed'),
  AddressTooNew: say('110008', 422, '新的免认证地址 24 小时后可用', 'A whitelisted address can be used after 24 hours'),
  InsufficientBalance: say('110101', 422, '余额不足', 'Insufficient balance'),
  AmountAboveMaximum: say('110102', 422, '数量超过单笔限额', 'The amount is above the maximum'),
  LimitExceeded: say('110103', 422, '超过 24 小时限额', 'The limit for 24 hours is exceeded'),
  SelfTransfer: say('110104', 422, '不能转账给自己', 'You cannot send to yourself'),
  SameAccount: say('110105', 422, '转出与转入账户相同', 'Source and destination are the same account'),
  AccountClosed: say('110106', 422, '账户不可用', 'The account is not available'),
  MoneyOutHeld: say(
    '110107',
    403,
    '安全设置变更后 24 小时内不能转出资金',
    'Money cannot leave for 24 hours after a change of security',
  ),
  IdempotencyKeyReused: say('110108', 422, 'outBizId 已用于其他请求', 'outBizId was used for another request'),
  IdempotencyInProgress: say('110109', 409, '相同请求正在处理', 'The same request is being processed'),
  TooLateToCancel: say('110110', 409, '已不能撤销', 'It can no longer be cancelled'),
  NetworkUnknown: say('110111', 400, '不支持的网络', 'Unsupported network'),
  NetworkUnavailable: say('110112', 503, '该网络暂不可用', 'This network is not available right now'),
  AddressInvalid: say('110113', 400, '地址无效', 'This is not an address of the network'),
  AddressForbidden: say('110114', 422, '不能提币到该地址', 'Nothing can be sent to this address'),
  AddressOfCustomer: say(
    '110115',
    422,
    '该地址属于本平台用户,请使用站内转账',
    'This address belongs to a user here, use inside_transfer',
  ),
  AddressLookalike: say('110116', 422, '该地址与已知地址相似', 'This address resembles a known one'),
  FeeChanged: say('110117', 409, '手续费已变更', 'The fee has changed'),
  Outdated: say('110118', 409, '内容已变化', 'It has changed meanwhile'),
  RateUnavailable: say('110119', 503, '汇率暂不可用', 'There is no current exchange rate'),
  AddressBookFull: say('110120', 422, '地址簿已满', 'The address book is full'),
  // us
  Busy: say('110201', 503, '系统繁忙,请稍后重试', 'Busy, please try again shortly'),
  Unavailable: say('110202', 503, '服务暂不可用', 'Temporarily unavailable'),
  Internal: say('500', 500, '系统错误', 'System error'),
  // what a program cannot come upon by itself, but a verb that it shares with the app can say
  InvalidCredential: say('110211', 403, '账号或密码错误', 'Wrong account or password'),
  CodeWrong: say('110212', 400, '验证码错误', 'Wrong code'),
  ContactTaken: say('110213', 409, '该联系方式已注册', 'This contact is registered already'),
  InviteCodeUnknown: say('110214', 400, '邀请码不存在', 'Unknown invite code'),
  PasswordWeak: say('110215', 400, '密码强度不足', 'The password is too weak'),
  PasswordAlreadySet: say('110216', 409, '已设置密码', 'A password is already set'),
  ChallengeUnknown: say('110217', 400, '验证已失效', 'The challenge has expired'),
  ChannelUnavailable: say('110218', 400, '该渠道不可用', 'This channel is not available'),
  PaymentPasswordNotSet: say('110219', 403, '未设置支付密码', 'No payment password is set'),
  PaymentPasswordWrong: say('110220', 403, '支付密码错误', 'Wrong payment password'),
  PaymentPasswordLocked: say('110221', 403, '支付密码已锁定', 'The payment password is locked'),
  PaymentPasswordWeak: say('110222', 400, '支付密码过于简单', 'The payment password is too simple'),
  TOTPRequired: say('110223', 403, '需要 TOTP', 'A TOTP code is required'),
  TOTPWrong: say('110224', 403, 'TOTP 错误', 'Wrong TOTP code'),
  TOTPAlreadyEnabled: say('110225', 409, '已开启 TOTP', 'TOTP is on already'),
  TOTPNotSetUp: say('110226', 409, '未开启 TOTP', 'TOTP is not set up'),
  HoldNotOpen: say('110227', 409, '冻结已结束', 'The hold is no longer open'),
  HoldExceeded: say('110228', 422, '超过冻结金额', 'More than the hold'),
  JournalUnknown: say('110229', 404, '记录不存在', 'No such movement'),
  AlreadyReversed: say('110230', 409, '已冲正', 'Already reversed'),
  NodesSoldOut: say('110231', 422, '节点库存不足', 'Not that many nodes are left'),
  NodeLimitReached: say('110232', 422, '超过节点上限', 'More nodes than one may hold'),
  PriceChanged: say('110233', 409, '价格已变更', 'The price has changed'),
  RecipientNotApproved: say('110234', 422, '收款人未通过审核', 'The recipient is not approved'),
  RecipientExists: say('110235', 409, '收款人已存在', 'The recipient exists already'),
  RecipientListFull: say('110236', 422, '收款人已满', 'The list of recipients is full'),
  QuoteExpired: say('110237', 409, '报价已过期', 'The quote has expired'),
  KYCInvalidFile: say('110238', 400, '文件不合法', 'This file cannot be used'),
  IdentityPending: say('110239', 409, '实名认证审核中', 'The verification is being reviewed'),
  IdentityApproved: say('110240', 409, '已完成实名认证', 'Verified already'),
  IdentityRequired: say('110241', 403, '请先完成实名认证', 'Verify your identity first'),
  DocumentTaken: say('110242', 409, '证件已用于其他客户', 'The document belongs to another customer'),
  CardAccountExists: say('110243', 409, '卡账户已开通', 'The card account is open already'),
  CardAccountNotOpen: say('110244', 409, '卡账户未开通', 'The card account is not open'),
  CardTopupNeeded: say('110245', 422, '请先充值到卡账户', 'Top up the card account first'),
  CardExists: say('110246', 409, '已有一张卡', 'There is a card already'),
  CardNotUsable: say('110247', 409, '该卡不可用', 'The card cannot be used now'),
  ApiKeyListFull: say('110248', 422, 'API 密钥已满', 'There are as many API keys as there can be'),
  ApprovalClosed: say('110249', 409, '审批已结束', 'The approval is closed'),
  ApprovalPending: say('110250', 409, '已有待审批', 'There is an open approval already'),
  OwnApproval: say('110251', 403, '不能复核自己发起的审批', 'Nobody checks their own approval'),
  AlreadyChecked: say('110252', 409, '已复核过', 'Checked already'),
} as const satisfies Record<RefusalCode, SpotError>
