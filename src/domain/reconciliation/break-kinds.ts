// Every way in which two sides can disagree, in words for operators.
// Must stay true: a kind that a query names stands here (a test compares the two); a kind never changes its meaning, as
// breaks of the past carry it.

import type { Words } from '../operator/approval-kind.ts'

const words = (zh: string, en: string): Words => ({ zh, en })

export const breakKinds = {
  // the chain against movements
  balance_off: words('地址余额与转账记录不符', 'An address holds something else than its transfers make'),
  coin_short: words('链币少于应有', 'A wallet has less coin than is explained'),
  // movements against what was signed
  unknown_outgoing: words('有代币转出但本系统未签名', 'Tokens left, and nobody here signed it'),
  outgoing_amount: words('转出金额与付款单不符', 'Another amount left than was to be paid'),
  outgoing_receiver: words('收款地址与付款单不符', 'Tokens went to another address than was to be paid'),
  outgoing_missing: words('交易成功但没有转账', 'A payment succeeded on chain and moved nothing'),
  paid_twice: words('重复付款', 'A payment was made more than once'),
  // movements against deposits, deposits against the ledger
  deposit_missing: words('到账但无充值记录', 'Tokens came to a customer’s address and there is no deposit'),
  house_missing: words('自有钱包到账但无记录', 'Tokens came to a wallet of the house and there is no record'),
  deposit_value: words('充值金额与链上不符', 'A deposit says another amount than the chain'),
  deposit_unbacked: words('充值记录在链上不存在', 'A deposit that the chain does not have'),
  deposit_owner: words('充值归属错误', 'A deposit of somebody whose address it is not'),
  deposit_floor: words('充值换算错误', 'A deposit was converted wrongly'),
  credit_missing: words('充值未入账', 'A deposit is settled and was not booked'),
  credit_amount: words('入账金额错误', 'A deposit was booked with another amount'),
  credit_person: words('入账到错误的客户', 'A deposit was booked to somebody else'),
  credit_phantom: words('无充值的入账', 'A credit without its deposit'),
  deposit_stale: words('充值已最终确认但未结算', 'A deposit is final and not settled'),
  // payments against orders and the ledger
  payment_value: words('付款金额与订单不符', 'A payment of another amount than its order'),
  payment_receiver: words('付款地址与订单不符', 'A payment to another address than its order'),
  payment_without_order: words('付款没有订单', 'A payment without its order'),
  order_without_payment: words('订单没有付款', 'An approved order without its payment'),
  withdrawal_unbooked: words('提币已付但未记账', 'A withdrawal is paid and was not booked'),
  withdrawal_amount: words('提币记账金额错误', 'A withdrawal was booked with another amount'),
  withdrawal_fee: words('提币手续费错误', 'A withdrawal was booked with another fee'),
  withdrawal_phantom: words('无订单的提币记账', 'A booked withdrawal without its order'),
  sweep_unbooked: words('归集完成但未记账', 'A sweep is done and was not booked'),
  sweep_amount: words('归集记账金额错误', 'A sweep was booked with another amount'),
  sweep_value: words('归集付款金额错误', 'A sweep’s payment is of another amount'),
  fee_booked: words('网络手续费记账错误', 'A network fee is not booked as it was paid'),
  payment_stale: words('付款已最终确认但未结算', 'A payment is final and not settled'),
  // the books against movements
  custody_off: words('托管账户与链上不符', 'Custody is not what stands on deposit addresses'),
  hot_off: words('热钱包账户与链上不符', 'The hot wallet’s account is not what stands in it'),
  cold_off: words('冷钱包账户与链上不符', 'The cold wallet’s account is not what stands in it'),
  // within the books
  hold_without_order: words('冻结没有对应订单', 'Money is held for no order'),
  order_without_hold: words('订单没有冻结', 'An order without its hold'),
  hold_amount: words('冻结金额与订单不符', 'Another amount is held than the order says'),
  hold_stale: words('冻结已过期未释放', 'A hold has expired and is still there'),
  clearing_stale: words('往来款逾期未清', 'Money between two places for too long'),
  // remittances against their holds, journals and the account of the vendor
  remittance_hold: words('汇款冻结与订单不符', 'Another amount is held than a remittance asks for'),
  remittance_amount: words('汇款记账金额错误', 'A remittance was booked with another amount'),
  remittance_fee: words('汇款手续费错误', 'A remittance was booked with another fee'),
  remittance_clearing: words('汇款在途金额错误', 'What a remittance has under way is not what its state says'),
  remittance_person: words('汇款记到错误的客户', 'A remittance was booked to somebody else'),
  remittance_phantom: words('无订单的汇款记账', 'A booked remittance without its order'),
  remittance_stale: words('汇款在途过久', 'A remittance has been under way for too long'),
  payout_off: words('汇款在途账户不符', 'The account of payouts under way is not what remittances make'),
  // cards: what the issuer told, payments, holds and journals
  card_payment_off: words('卡消费与发卡方记录不符', 'A card payment is not what the issuer’s lines make'),
  card_confirmed_off: words(
    '卡账单确认金额不符',
    'A card payment shows another amount as confirmed than the statement',
  ),
  card_money_off: words('卡账户合计不符', 'A customer’s card money is not the sum of their card payments'),
  card_booked_off: words('卡消费记账金额错误', 'Card payments were booked with another amount'),
  card_person: words('卡消费记到错误的客户', 'Card payments were booked to somebody else'),
  card_hold: words('卡授权冻结不符', 'Another amount is held than is authorised on cards'),
  card_line_missing: words('发卡方账单缺少交易', 'A line that the issuer told is not on its statement'),
  issuer_off: words('发卡方往来账户不符', 'The issuer’s account is not what its statement has still to show'),
  topup_amount: words('卡充值记账金额错误', 'A card top-up was booked with another amount'),
  topup_hold: words('卡充值冻结不符', 'Another amount is held than a card top-up asks for'),
  topup_stale: words('卡充值在途过久', 'A card top-up has been under way for too long'),
  suspense_stale: words('暂收款长期未处理', 'Money without an owner for too long'),
} as const satisfies Record<string, Words>

export type BreakKind = keyof typeof breakKinds

export const isBreakKind = (kind: string): kind is BreakKind => Object.hasOwn(breakKinds, kind)
