// Words of the home screen.

import { texts } from '../../../kit/language.ts'

export const useHomeWords = texts('home', {
  title: ['首页', 'Home'],
  total: ['总资产', 'Total balance'],
  main: ['主账户', 'Main'],
  node: ['节点账户', 'Node'],
  frozen: ['冻结中', 'On hold'],
  frozenWhy: ['什么是冻结金额?', 'What is on hold?'],
  frozenAbout: [
    '正在处理的提现、汇款或充值到卡所占用的金额。完成后扣除,取消或失败后原样退回。',
    'What withdrawals, remittances and card top-ups under way have set aside. It is taken when they complete and comes back whole when they do not.',
  ],
  move: ['划转', 'Move'],
  deposit: ['充值', 'Deposit'],
  withdraw: ['提现', 'Withdraw'],
  send: ['转账', 'Send'],
  remit: ['汇款', 'Remit'],
  recent: ['最近明细', 'Recent'],
  all: ['全部', 'All'],
  emptyTitle: ['欢迎来到 UniPay', 'Welcome to UniPay'],
  emptyAbout: ['存入第一笔 USDT,即可转账、提现与汇款。', 'Put in your first USDT to send, withdraw and remit.'],
  emptyAction: ['充值 USDT', 'Deposit USDT'],
  setUp: ['保护您的账户', 'Protect your account'],
  setUpDone: ['已完成 {{done}}/{{all}}', '{{done}} of {{all}} done'],
  pin: ['设置支付密码', 'Set a payment PIN'],
  totp: ['绑定验证器', 'Add an authenticator'],
  kyc: ['完成实名认证', 'Verify your identity'],
  later: ['以后再说', 'Not now'],
  inbox: ['消息', 'Inbox'],
  unread: ['{{count}} 条未读消息', '{{count}} unread'],
  incoming: ['即将到账', 'On its way'],
  confirmations: ['确认 {{count}}/{{all}}', '{{count}}/{{all}} confirmations'],
})
