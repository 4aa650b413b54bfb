// Every address of the console and the screen that it shows, loaded when it is first asked for.

type Load = () => Promise<object>

const approvals: Load = () => import('./screens/approvals/approvals.tsx')
const deposits: Load = () => import('./screens/deposits/deposits.tsx')
const remittances: Load = () => import('./screens/remittances/remittances.tsx')
const remittance: Load = () => import('./screens/remittances/remittance.tsx')
const identity: Load = () => import('./screens/identity/identity.tsx')
const ledger: Load = () => import('./screens/ledger/ledger.tsx')
const payments: Load = () => import('./screens/chain/payments.tsx')
const treasury: Load = () => import('./screens/treasury/treasury.tsx')
const nodes: Load = () => import('./screens/nodes/nodes.tsx')
const settings: Load = () => import('./screens/settings/settings.tsx')
const partners: Load = () => import('./screens/partners/partners.tsx')
const ramp: Load = () => import('./screens/partners/ramp-orders.tsx')
const webhooks: Load = () => import('./screens/partners/webhooks.tsx')
const bench: Load = () => import('./screens/partners/bench.tsx')
const cards: Load = () => import('./screens/cards/cards.tsx')
const operators: Load = () => import('./screens/system/operators.tsx')

export const screens: Readonly<Record<string, readonly [load: Load, name: string]>> = {
  '/': [() => import('./screens/today/today.tsx'), 'TodayScreen'],
  '/approvals': [approvals, 'ApprovalsScreen'],
  '/approvals/$id': [approvals, 'ApprovalScreen'],
  '/withdrawals': [() => import('./screens/withdrawals/withdrawals.tsx'), 'WithdrawalsScreen'],
  '/withdrawals/$id': [() => import('./screens/withdrawals/withdrawal.tsx'), 'WithdrawalScreen'],
  '/deposits': [deposits, 'DepositsScreen'],
  '/deposits/foreign': [deposits, 'ForeignScreen'],
  '/orders/$id': [() => import('./screens/orders/order.tsx'), 'OrderScreen'],
  '/identity': [identity, 'IdentitiesScreen'],
  '/identity/$id': [identity, 'IdentityScreen'],
  '/recipients': [remittances, 'RecipientsScreen'],
  '/recipients/$id': [remittance, 'RecipientScreen'],
  '/remittances': [remittances, 'RemittancesScreen'],
  '/remittances/$id': [remittance, 'RemittanceScreen'],
  '/customers': [() => import('./screens/customers/customers.tsx'), 'CustomersScreen'],
  '/customers/$id': [() => import('./screens/customers/customer.tsx'), 'CustomerScreen'],
  '/ledger': [ledger, 'LedgerScreen'],
  '/ledger/accounts/$account': [ledger, 'AccountScreen'],
  '/journals': [ledger, 'JournalsScreen'],
  '/ledger/journals/$id': [ledger, 'JournalScreen'],
  '/trial-balance': [ledger, 'TrialBalanceScreen'],
  '/networks': [() => import('./screens/chain/networks.tsx'), 'NetworksScreen'],
  '/payments': [payments, 'PaymentsScreen'],
  '/payments/$id': [payments, 'PaymentScreen'],
  '/treasury': [treasury, 'TreasuryScreen'],
  '/treasury/orders/$id': [treasury, 'TreasuryOrderScreen'],
  '/reconciliation': [() => import('./screens/treasury/reconciliation.tsx'), 'ReconciliationScreen'],
  '/nodes': [nodes, 'TiersScreen'],
  '/node-sales': [nodes, 'SalesScreen'],
  '/commissions': [nodes, 'CommissionsScreen'],
  '/yields': [nodes, 'YieldsScreen'],
  '/yields/$day': [nodes, 'YieldDayScreen'],
  '/upt-prices': [nodes, 'UptScreen'],
  '/cards': [cards, 'CardsScreen'],
  '/cards/$id': [cards, 'CardScreen'],
  '/card-accounts': [cards, 'CardAccountsScreen'],
  '/card-topups': [cards, 'TopupsScreen'],
  '/card-transactions': [cards, 'CardTransactionsScreen'],
  '/card-debts': [cards, 'CardDebtsScreen'],
  '/ramp-orders': [ramp, 'RampOrdersScreen'],
  '/ramp-orders/$id': [ramp, 'RampOrderScreen'],
  '/partners': [partners, 'PartnersScreen'],
  '/partners/$id': [partners, 'PartnerScreen'],
  '/merchants': [partners, 'MerchantsScreen'],
  '/merchants/$id': [partners, 'MerchantScreen'],
  '/webhooks': [webhooks, 'WebhooksScreen'],
  '/webhooks/$id': [webhooks, 'WebhookScreen'],
  '/webhooks/$id/deliveries/$event': [webhooks, 'DeliveryScreen'],
  '/request-log': [bench, 'RequestLogScreen'],
  '/signature-debugger': [bench, 'DebuggerScreen'],
  '/alerts': [() => import('./screens/system/alerts.tsx'), 'AlertsScreen'],
  '/settings': [settings, 'SettingsScreen'],
  '/settings/history': [settings, 'SettingHistoryScreen'],
  '/audit-log': [() => import('./screens/system/audit.tsx'), 'AuditScreen'],
  '/operators': [operators, 'OperatorsScreen'],
  '/sessions': [operators, 'SessionsScreen'],
}
