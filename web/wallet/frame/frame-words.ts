// Words of the frame around all screens.

import { texts } from '../../kit/language.ts'

export const useFrameWords = texts('frame', {
  home: ['首页', 'Home'],
  activity: ['明细', 'Activity'],
  pay: ['收付', 'Pay'],
  cards: ['卡片', 'Cards'],
  me: ['我的', 'Me'],
  navigation: ['主导航', 'Main navigation'],
  skip: ['跳到内容', 'Skip to content'],
  offline: ['离线', 'Offline'],
  offlineSince: ['离线 · 显示的是 {{time}} 的数据', 'Offline · showing what was known at {{time}}'],
  test: ['测试环境 · 测试币,无真实价值', 'TEST · coins here have no value'],
  sandbox: ['沙盒工具', 'Sandbox tools'],
  updated: ['有新版本', 'A new version is ready'],
  reload: ['更新', 'Update'],
  notHere: ['没有这个页面', 'There is no such page'],
  toHome: ['回首页', 'Go home'],
  deposit: ['充值', 'Deposit'],
  withdraw: ['提现', 'Withdraw'],
  send: ['转账', 'Send'],
  remit: ['汇款', 'Remit'],
  security: ['安全中心', 'Security'],
  inbox: ['消息', 'Inbox'],
})
