// Where the console's screens are, by the job that takes somebody there. The navigation and the search are made of this.
// Must stay true: a place names the route that its screen reads, so that one who may not use it sees why.

import { texts } from '../../kit/language.ts'
import type { Data, Route } from '../api/ask.ts'

type Today = Data<'GET /today'>

export const usePlaceWords = texts('places', {
  today: ['今日', 'Today'],
  review: ['审核', 'Review'],
  approvals: ['审批', 'Approvals'],
  withdrawalsReview: ['提现审核', 'Withdrawals'],
  depositsReview: ['大额充值', 'Deposits'],
  identityReview: ['实名审核', 'Identity'],
  recipientsReview: ['收款人', 'Recipients'],
  remittancesReview: ['汇款审核', 'Remittances'],
  money: ['客户与资金', 'Customers & money'],
  customers: ['客户', 'Customers'],
  withdrawals: ['提现', 'Withdrawals'],
  deposits: ['充值', 'Deposits'],
  remittances: ['汇款', 'Remittances'],
  foreign: ['其他代币', 'Other tokens'],
  books: ['账务', 'Books'],
  ledger: ['账户查询', 'Accounts'],
  journals: ['凭证', 'Journals'],
  trial: ['试算平衡', 'Trial balance'],
  reconciliation: ['对账', 'Reconciliation'],
  chain: ['链上', 'Chain'],
  networks: ['网络与出金', 'Networks'],
  payments: ['链上付款', 'Payments out'],
  treasury: ['资金调拨', 'Treasury'],
  products: ['产品', 'Products'],
  nodes: ['节点', 'Nodes'],
  sales: ['节点销售', 'Node sales'],
  commissions: ['返佣', 'Commissions'],
  yields: ['每日收益', 'Yields'],
  upt: ['UPT 价格', 'UPT price'],
  cards: ['卡', 'Cards'],
  cardTransactions: ['卡交易', 'Card transactions'],
  rampReview: ['出入金', 'Ramp orders'],
  rampOrders: ['出入金订单', 'Ramp orders'],
  partnersGroup: ['合作方', 'Partners'],
  partners: ['出入金合作方', 'Ramp partners'],
  merchants: ['商户', 'Merchants'],
  webhooks: ['Webhook', 'Webhooks'],
  requests: ['请求日志', 'Request log'],
  debugger: ['签名调试', 'Signature debugger'],
  system: ['系统', 'System'],
  alerts: ['告警', 'Alerts'],
  settings: ['参数', 'Settings'],
  audit: ['审计日志', 'Audit log'],
  operators: ['运营人员', 'Operators'],
})
export type PlaceWord = Parameters<ReturnType<typeof usePlaceWords>>[0]

export interface Place {
  word: PlaceWord
  to: string
  needs: Route
  /** How many wait there. */
  count?: (today: Today) => number
}
export interface PlaceGroup {
  word: PlaceWord
  places: readonly Place[]
}

const waiting = (kind: string) => (today: Today) => today.approvals.find((one) => one.kind === kind)?.open ?? 0

export const placeGroups: readonly PlaceGroup[] = [
  {
    word: 'review',
    places: [
      {
        word: 'approvals',
        to: '/approvals?status=open',
        needs: 'GET /approvals',
        count: (today) => today.approvals.reduce((sum, { open }) => sum + open, 0),
      },
      {
        word: 'withdrawalsReview',
        to: '/withdrawals?status=review',
        needs: 'GET /withdrawals',
        count: waiting('withdrawal_review'),
      },
      {
        word: 'depositsReview',
        to: '/deposits?status=review',
        needs: 'GET /deposits',
        count: (today) => today.deposits_in_review.count,
      },
      {
        word: 'identityReview',
        to: '/identity?status=pending',
        needs: 'GET /identity',
        count: waiting('identity_review'),
      },
      {
        word: 'recipientsReview',
        to: '/recipients?review_status=pending',
        needs: 'GET /remittance-recipients',
        count: waiting('recipient_review'),
      },
      {
        word: 'remittancesReview',
        to: '/remittances?status=review',
        needs: 'GET /remittances',
        count: waiting('remittance_review'),
      },
      {
        word: 'rampReview',
        to: '/ramp-orders?status=review',
        needs: 'GET /ramp-orders',
        count: waiting('ramp_review'),
      },
    ],
  },
  {
    word: 'money',
    places: [
      { word: 'customers', to: '/customers', needs: 'POST /customers/search' },
      { word: 'deposits', to: '/deposits', needs: 'GET /deposits' },
      { word: 'withdrawals', to: '/withdrawals', needs: 'GET /withdrawals' },
      { word: 'remittances', to: '/remittances', needs: 'GET /remittances' },
      { word: 'foreign', to: '/deposits/foreign', needs: 'GET /deposits/foreign' },
    ],
  },
  {
    word: 'books',
    places: [
      { word: 'ledger', to: '/ledger', needs: 'GET /ledger/accounts/{account}' },
      { word: 'journals', to: '/journals', needs: 'GET /ledger/journals' },
      { word: 'trial', to: '/trial-balance', needs: 'GET /ledger/trial-balance' },
      { word: 'reconciliation', to: '/reconciliation', needs: 'GET /reconciliation', count: ({ breaks }) => breaks },
    ],
  },
  {
    word: 'chain',
    places: [
      { word: 'networks', to: '/networks', needs: 'GET /chains' },
      {
        word: 'payments',
        to: '/payments',
        needs: 'GET /payments',
        count: ({ payments }) => payments.late + payments.troubled,
      },
      { word: 'treasury', to: '/treasury', needs: 'GET /treasury/orders' },
    ],
  },
  {
    word: 'products',
    places: [
      { word: 'cards', to: '/cards', needs: 'GET /cards' },
      { word: 'cardTransactions', to: '/card-transactions', needs: 'GET /card-transactions' },
      { word: 'nodes', to: '/nodes', needs: 'GET /nodes/tiers' },
      { word: 'sales', to: '/node-sales', needs: 'GET /nodes/sales' },
      { word: 'commissions', to: '/commissions', needs: 'GET /commissions' },
      { word: 'yields', to: '/yields', needs: 'GET /yields' },
      { word: 'upt', to: '/upt-prices', needs: 'GET /upt-prices' },
    ],
  },
  {
    word: 'partnersGroup',
    places: [
      { word: 'rampOrders', to: '/ramp-orders', needs: 'GET /ramp-orders' },
      { word: 'partners', to: '/partners', needs: 'GET /partners' },
      { word: 'merchants', to: '/merchants', needs: 'GET /merchants' },
      { word: 'webhooks', to: '/webhooks', needs: 'GET /webhooks' },
      { word: 'requests', to: '/request-log', needs: 'GET /request-log' },
      { word: 'debugger', to: '/signature-debugger', needs: 'POST /signature-debugger' },
    ],
  },
  {
    word: 'system',
    places: [
      {
        word: 'alerts',
        to: '/alerts',
        needs: 'GET /alerts',
        count: ({ alerts_open: open }) => open.critical + open.warning,
      },
      { word: 'settings', to: '/settings', needs: 'GET /settings' },
      { word: 'audit', to: '/audit-log', needs: 'GET /audit-log' },
      { word: 'operators', to: '/operators', needs: 'GET /operators' },
    ],
  },
]

/** Whether a place is where somebody is: its path, and what its address filters by. */
export function isAt(place: Place, path: string, search: Readonly<Record<string, string>>): boolean {
  const [to = '', query = ''] = place.to.split('?', 2)
  if (path !== to) return false
  const wanted = new URLSearchParams(query)
  if (query !== '') return [...wanted].every(([key, value]) => search[key] === value)
  // the plain list is not the queue
  return !placeGroups[0]?.places.some((queue) => queue.to.startsWith(`${to}?`) && isAt(queue, path, search))
}
