// A customer's statement: the entries of their accounts in one asset, in the words of the business.
// Every kind of movement has a name on the wire and a sentence in each language; a kind without one does not compile.

import { type Asset, describeAccount, type PersonKind, personAccount } from '../ledger/accounts.ts'
import { balancesOf, entriesOf } from '../ledger/balances.ts'
import type { JournalKind } from '../ledger/journals.ts'
import type { Actor, Bank, Locale } from './context.ts'

interface Wording {
  /** `biz_type` of the app document. `{asset}` in the words is the asset of the entry. */
  type: string
  in: { zh: string; en: string }
  out: { zh: string; en: string }
  /** The memo tells how the amount came about, and stands behind the words; else it stands in their place. */
  explained?: true
}

const both = (type: string, zh: string, en: string): Wording => ({ type, in: { zh, en }, out: { zh, en } })
const explained = (type: string, zh: string, en: string): Wording => ({ ...both(type, zh, en), explained: true })

const wordings = {
  transfer: {
    type: 'transfer',
    in: { zh: '收到转账', en: 'Received' },
    out: { zh: '站内转账', en: 'Sent' },
  },
  transfer_internal: {
    type: 'transfer_internal',
    in: { zh: '账户间转入', en: 'Moved in from own account' },
    out: { zh: '账户间转出', en: 'Moved out to own account' },
  },
  deposit: both('recharge', '{asset} 充值', '{asset} deposit'),
  deposit_reversed: both('recharge_reversed', '充值回滚', 'Deposit reversed by the chain'),
  receivable_paid: both('receivable_paid', '欠款抵扣', 'Receivable paid'),
  withdrawal: both('withdraw', '{asset} 提现', '{asset} withdrawal'),
  node_purchase: both('node_purchase', '购买节点', 'Nodes bought'),
  node_cashback: explained('node_cashback', '邀请返现', 'Cashback'),
  node_yield: explained('node_yield', '节点收益', 'Node yield'),
  commission: explained('commission', '团队返佣', 'Commission'),
  commission_reversed: both('commission_reversed', '返佣撤销', 'Commission taken back'),
  card_topup: {
    type: 'card_topup',
    in: { zh: '充值到卡', en: 'Topped up' },
    out: { zh: '充值到卡', en: 'Card top-up' },
  },
  card_payment: explained('card_payment', '卡消费', 'Card payment'),
  card_refund: explained('card_refund', '卡退款', 'Card refund'),
  card_release: both('card_release', '卡余额退回', 'Given back from a card'),
  card_owed_paid: both('card_owed_paid', '卡欠款抵扣', 'Card shortfall paid'),
  remittance: both('remittance', '跨境汇款', 'Remittance'),
  remittance_returned: both('remittance_returned', '汇款退回', 'Remittance returned'),
  ramp_bought: both('ramp_bought', '法币买入', 'Bought for fiat'),
  ramp_sold: both('ramp_sold', '法币卖出', 'Sold for fiat'),
  adjustment: both('adjustment', '账务调整', 'Adjustment'),
  upt_granted: both('upt_granted', 'UPT 发放', 'UPT granted'),
  reversal: both('reversal', '冲正', 'Reversal'),
  // the house's own: no customer's account has a part in them
  deposit_unclaimed: null,
  deposit_unclaimed_reversed: null,
  dust_booked: null,
  card_settled: null,
  card_cost: null,
  issuer_funded: null,
  remittance_paid: null,
  remittance_loss: null,
  ramp_paid: null,
  ramp_settled: null,
  swept: null,
  moved_to_cold: null,
  moved_to_hot: null,
  network_fee: null,
  house_funded: null,
} as const satisfies Record<JournalKind, Wording | null>

export const statementTypes = [...new Set(Object.values(wordings).flatMap((w) => (w ? [w.type] : [])))]

export interface StatementLine {
  id: string
  account: PersonKind
  asset: Asset
  /** `debit` takes from the customer, `credit` adds. */
  direction: 'debit' | 'credit'
  amount: bigint
  balanceAfter: bigint
  type: string
  memo: string
  at: Date
}

/** Entries of one account, or of all, in one asset (USDT unless said), newest first. */
export async function statement(
  bank: Bank,
  actor: Actor,
  query: {
    account?: PersonKind | undefined
    asset?: Asset | undefined
    type?: string | undefined
    offset: number
    size: number
  },
  locale: Locale,
): Promise<StatementLine[]> {
  const accounts = query.account ? [query.account] : (['main', 'node', 'card', 'futures'] as const)
  const kinds = Object.entries(wordings).flatMap(([kind, wording]) => (wording?.type === query.type ? [kind] : []))
  const lines = await entriesOf(
    bank.db,
    actor.bookId,
    accounts.map((kind) => personAccount(actor.personNo, kind, query.asset)),
    { offset: query.offset, size: query.size, kinds: query.type === undefined ? undefined : kinds },
  )
  return lines.map((line) => {
    const wording: Wording | null | undefined = wordings[line.kind as JournalKind]
    const words = line.amount < 0n ? wording?.out : wording?.in
    const { kind, asset } = describeAccount(line.account_id)
    return {
      id: `${line.account_id}-${line.seq}`,
      account: kind as PersonKind,
      asset,
      direction: line.amount < 0n ? 'debit' : 'credit',
      amount: line.amount < 0n ? -line.amount : line.amount,
      balanceAfter: line.balance_after,
      type: wording?.type ?? line.kind,
      memo: memoOf(line.memo, wording, words?.[locale].replace('{asset}', asset) ?? line.kind),
      at: line.recorded_at,
    }
  })
}

function memoOf(memo: string, wording: Wording | null | undefined, words: string): string {
  if (memo === '') return words
  return wording?.explained ? `${words} · ${memo}` : memo
}

export interface Holdings {
  balance: bigint
  held: bigint
}

/** What the actor has of an asset in their main and node accounts. */
export async function mainAndNode(bank: Bank, actor: Actor, asset: Asset = 'USDT') {
  const main = personAccount(actor.personNo, 'main', asset)
  const node = personAccount(actor.personNo, 'node', asset)
  const of = await balancesOf(bank.db, actor.bookId, [main, node])
  return { main: of(main) satisfies Holdings, node: of(node) satisfies Holdings }
}
