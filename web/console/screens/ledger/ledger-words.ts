// Words about the books.

import { texts } from '../../../kit/language.ts'

export const useLedgerWords = texts('console ledger', {
  title: ['账户查询', 'Accounts'],
  about: [
    '按名称查看任一账户,以及它在过去某一时刻的余额。例:U10001:main:USDT、house:fees:USDT、house:custody:USDT:2。',
    'Any account by its name, now or as of an instant. Examples: U10001:main:USDT, house:fees:USDT, house:custody:USDT:2.',
  ],
  account: ['账户', 'Account'],
  open: ['查看', 'Show'],
  asOf: ['截至', 'As of'],
  asOfNow: ['当前', 'now'],
  balance: ['余额', 'Balance'],
  balanceThen: ['当时余额', 'Balance then'],
  held: ['现冻结', 'Held now'],
  entries: ['明细', 'Entries'],
  noEntries: ['此前没有明细', 'There are no entries up to then'],
  journals: ['凭证', 'Journals'],
  journalsAbout: ['某日(UTC)记入账簿的全部变动。', 'All that was booked on a day (UTC).'],
  day: ['日期(UTC)', 'Day (UTC)'],
  legs: ['分录', 'Legs'],
  journal: ['凭证', 'Journal'],
  valueDay: ['归属日', 'Belongs to'],
  reverses: ['冲正自', 'Reverses'],
  key: ['唯一键', 'Key'],
  adjust: ['提议调账', 'Propose an adjustment'],
  trial: ['试算平衡', 'Trial balance'],
  trialAbout: [
    '每种账户合计;每个币种必须合计为零。',
    'What all accounts of a kind hold. Each asset sums to zero, or the books are wrong.',
  ],
  whose: ['归属', 'Whose'],
  people: ['客户', 'customers'],
  house: ['平台', 'the house'],
  accounts: ['账户数', 'Accounts'],
  sums: ['合计', 'Sums'],
  common: ['常用账户', 'Often looked at'],
})
