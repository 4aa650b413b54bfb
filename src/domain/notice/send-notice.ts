// A message of the inbox goes out by mail and SMS as its owner wants it. Must stay true: it was asked for in the transaction
// that it tells of, and goes out once; whoever chose otherwise meanwhile gets none.

import { hours } from '../../base/clock.ts'
import { isRefusal } from '../../base/errors.ts'
import { parseAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Bank } from '../context.ts'
import { contactsOf } from '../people/directory.ts'
import { personByNo } from '../people/people.ts'
import { settingsOf } from '../setting.ts'
import { takeDueMessage } from './inbox.ts'
import { queueMessage } from './message.ts'
import { contactKindOf, waysOf } from './notice-choice.ts'

/** The database's trigger names it as well (inbox_wake). */
export const SEND_NOTICE = 'send-notice'

export async function sendNotice(bank: Bank, bookId: number, personNo: bigint, id: string): Promise<void> {
  const [person, settings] = await Promise.all([personByNo(bank, bookId, personNo), settingsOf(bank, bookId)])
  await bank.db.transaction(async (tx) => {
    const message = await takeDueMessage(tx, bookId, personNo, id)
    if (!message || !person || person.status === 'deleted') return
    const { type, params, created_at: at } = message
    const ways = waysOf(settings, person.noticeChoices, type, usdtIn(params))
    if (ways.length === 0) return
    const contacts = await contactsOf(bank, tx, bookId, person.id)
    for (const way of ways) {
      const contact = contacts.find(({ kind }) => kind === contactKindOf[way])
      if (!contact) continue
      await queueMessage(bank, tx, {
        kind: contact.kind,
        to: contact.value,
        locale: person.locale,
        until: at.getTime() + hours(24),
        body: { about: 'news', type, params },
      })
    }
  })
}

/** What it is about in USDT; nothing for another asset, which is told whatever it is. */
function usdtIn(params: object): bigint | undefined {
  const { amount, asset } = params as { amount?: unknown; asset?: unknown }
  if (typeof amount !== 'string' || (asset !== undefined && asset !== 'USDT')) return undefined
  try {
    return parseAmount(amount, assets.USDT.scale)
  } catch (error) {
    if (isRefusal(error, 'InvalidAmount')) return undefined
    throw error
  }
}
