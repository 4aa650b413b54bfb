// Words of the statement.

import { texts } from '../../../kit/language.ts'

export const useActivityWords = texts('activity', {
  title: ['明细', 'Activity'],
  filter: ['筛选', 'Filter'],
  all: ['全部', 'All'],
  recharge: ['充值', 'Deposits'],
  withdraw: ['提现', 'Withdrawals'],
  payment: ['转账', 'Payment'],
  transfer: ['转账', 'Payments'],
  remittance: ['汇款', 'Remittances'],
  card: ['卡', 'Card'],
  today: ['今天', 'Today'],
  yesterday: ['昨天', 'Yesterday'],
  balanceAfter: ['余额 {{amount}}', 'Balance {{amount}}'],
  empty: ['还没有明细', 'Nothing here yet'],
  emptyAbout: ['资金变动会即时出现在这里。', 'Every movement of your money appears here at once.'],
  emptyFiltered: ['这一类还没有明细', 'Nothing of this kind yet'],
  deposit: ['充值 USDT', 'Deposit USDT'],
  detail: ['明细详情', 'Entry'],
  amount: ['金额', 'Amount'],
  account: ['账户', 'Account'],
  main: ['主账户', 'Main'],
  node: ['节点账户', 'Node'],
  cardAccount: ['卡账户', 'Card'],
  after: ['变动后余额', 'Balance after'],
  when: ['时间', 'Time'],
  id: ['编号', 'Id'],
  under: ['进行中的提现', 'Withdrawals under way'],
})
