// By which ways customers hear of money beside the inbox: what each type of message is about, what the bank sends by
// itself, and what a customer chose instead.
// Must stay true: the inbox is always written; messages about security are not among these, and nobody can switch them
// off; the hot path decides with what it has read anyway.

import { Refusal } from '../../base/errors.ts'
import { formatAmount, parseAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Actor, Bank } from '../context.ts'
import type { ContactKind } from '../people/contact.ts'
import { contactsOf } from '../people/directory.ts'
import { lockNoticeChoices, ownPerson, setNoticeChoices } from '../people/people.ts'
import { type SettingReader, settingsOf } from '../setting.ts'
import type { InboxType } from './inbox-text.ts'

export const noticeTopics = ['money_in', 'money_out', 'card', 'earnings'] as const
export type NoticeTopic = (typeof noticeTopics)[number]

interface Mailed {
  topic: NoticeTopic
  /** Whatever the amount: it failed, came back, or was declined. */
  always?: true
}

/** Types that may go out by mail and SMS. Others stay in the inbox, or are sent by whoever writes them. */
const mailed: Partial<Record<InboxType, Mailed>> = {
  recharge_credited: { topic: 'money_in' },
  recharge_reversed: { topic: 'money_in', always: true },
  transfer_received: { topic: 'money_in' },
  remittance_returned: { topic: 'money_in', always: true },
  node_cashback: { topic: 'money_in' },
  transfer_sent: { topic: 'money_out' },
  withdrawal_confirmed: { topic: 'money_out' },
  withdrawal_failed: { topic: 'money_out', always: true },
  withdrawal_rejected: { topic: 'money_out', always: true },
  withdrawal_cancelled: { topic: 'money_out', always: true },
  remittance_submitted: { topic: 'money_out' },
  remittance_completed: { topic: 'money_out' },
  remittance_failed: { topic: 'money_out', always: true },
  remittance_rejected: { topic: 'money_out', always: true },
  nodes_bought: { topic: 'money_out' },
  card_topped_up: { topic: 'card' },
  card_topup_failed: { topic: 'card', always: true },
  card_active: { topic: 'card', always: true },
  card_failed: { topic: 'card', always: true },
  card_paid: { topic: 'card' },
  card_refunded: { topic: 'card' },
  card_released: { topic: 'money_in', always: true },
  card_declined: { topic: 'card', always: true },
  earnings_daily: { topic: 'earnings', always: true },
}

/** Whether somebody may want it by mail: then whoever sends it asks for their choice. */
export const mayBeMailed = (type: InboxType): boolean => mailed[type] !== undefined

export type NoticeWay = 'email' | 'sms'

/** What a customer said of a topic; what is left out goes as the bank does by itself. `from`: an amount of USDT. */
export interface NoticeChoice {
  email?: boolean
  sms?: boolean
  from?: string
}
export type NoticeChoices = Partial<Record<NoticeTopic, NoticeChoice>>

export interface NoticeRule {
  email: boolean
  sms: boolean
  /** In units of USDT. */
  from: bigint
}

const { scale } = assets.USDT

export const ruleOf = (settings: SettingReader, choices: NoticeChoices, topic: NoticeTopic): NoticeRule => {
  const { email = topic !== 'earnings', sms = false, from } = choices[topic] ?? {}
  return { email, sms, from: from === undefined ? settings.units('notice.mailFrom') : parseAmount(from, scale) }
}

/** By which ways this message goes out beside the inbox. `amount` in units of USDT; none: whatever it is. */
export function waysOf(
  settings: SettingReader,
  choices: NoticeChoices,
  type: InboxType,
  amount: bigint | undefined,
): NoticeWay[] {
  const about = mailed[type]
  if (!about) return []
  const rule = ruleOf(settings, choices, about.topic)
  if (!about.always && amount !== undefined && amount < rule.from) return []
  return (['email', 'sms'] as const).filter((way) => rule[way])
}

export const contactKindOf = { email: 'email', sms: 'mobile' } as const satisfies Record<NoticeWay, ContactKind>

export interface NoticeView {
  /** Which ways there are: a contact that is proved. */
  ways: Record<NoticeWay, boolean>
  topics: Record<NoticeTopic, { email: boolean; sms: boolean; from: string }>
}

/** What holds for the actor now. */
export async function noticesOf(bank: Bank, actor: Actor): Promise<NoticeView> {
  const { bookId, personId } = actor
  const [person, settings, contacts] = await Promise.all([
    ownPerson(bank, actor),
    settingsOf(bank, bookId),
    contactsOf(bank, bank.db, bookId, personId),
  ])
  const has = (kind: ContactKind) => contacts.some((contact) => contact.kind === kind)
  const topics = noticeTopics.map((topic) => {
    const { email, sms, from } = ruleOf(settings, person.noticeChoices, topic)
    return [topic, { email, sms, from: formatAmount(from, scale, 2) }] as const
  })
  return {
    ways: { email: has('email'), sms: has('mobile') },
    topics: Object.fromEntries(topics) as NoticeView['topics'],
  }
}

/** `from` null, or a way null: as the bank does by itself. */
export type NoticeChange = Partial<
  Record<NoticeTopic, { email?: boolean | null; sms?: boolean | null; from?: string | null }>
>

/** Changes what is named and leaves the rest. Refuses `InvalidAmount`. */
export async function chooseNotices(bank: Bank, actor: Actor, change: NoticeChange): Promise<void> {
  const { bookId, personId } = actor
  for (const topic of noticeTopics) {
    const { from } = change[topic] ?? {}
    if (from !== undefined && from !== null) parseAmount(from, scale, `/topics/${topic}/from`)
  }
  await bank.db.transaction(async (tx) => {
    const before = await lockNoticeChoices(tx, bookId, personId)
    if (!before) throw new Refusal('Unauthorized')
    const after: NoticeChoices = {}
    for (const topic of noticeTopics) {
      const merged = { ...before[topic], ...change[topic] }
      const kept = Object.entries(merged).filter(([, value]) => value !== null && value !== undefined)
      if (kept.length > 0) after[topic] = Object.fromEntries(kept)
    }
    await setNoticeChoices(tx, bookId, personId, after)
  })
}
