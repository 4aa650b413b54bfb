// Binding an e-mail address or phone number to an account, and which of them a sign-in is confirmed over.
// Must stay true: a contact is bound only with a code sent to it; replacing one is told to the old one and keeps money
// from leaving for a day; a channel is switched on only over a bound contact.

import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import { logSecurity, mailPerson, tellPerson } from '../notice/security-log.ts'
import { redeemCode, sendCode } from '../sign-in/code.ts'
import { channelOf } from '../sign-in/login-challenge.ts'
import { startHold } from '../sign-in/password-change.ts'
import { type ContactInput, maskContact, readContact } from './contact.ts'
import { attachContact, contactsOf } from './directory.ts'
import { type Channel, ownPerson, refreshLabel, setLogin2fa } from './people.ts'

export const sendBindingCode = (bank: Bank, actor: Actor, contact: ContactInput): Promise<void> =>
  sendCode(bank, actor, contact, 'change_contact')

export async function bindContact(bank: Bank, actor: Actor, input: ContactInput, code: string): Promise<void> {
  const contact = readContact(bank, input)
  const { bookId, personId } = actor
  // a contact that is free has its code in the default book; see sendCode
  await redeemCode(bank, actor.ip, bank.config.DEFAULT_BOOK, contact.index, 'change_contact', code)
  const person = await ownPerson(bank, actor)
  await bank.db.transaction(async (tx) => {
    const known = await contactsOf(bank, tx, bookId, personId)
    const before = await attachContact(bank, tx, bookId, personId, contact)
    await refreshLabel(bank, tx, bookId, personId)
    const now = bank.clock.now()
    const masked = maskContact(contact.kind, contact.value)
    if (!before) {
      // it replaces nothing, but codes can come to it from now on: those who had them until now are told
      await logSecurity(tx, now, bookId, personId, 'contact_added', actor)
      return tellPerson(bank, tx, person, 'contact_added', { contact: masked }, known)
    }
    await startHold(bank, tx, bookId, personId)
    await logSecurity(tx, now, bookId, personId, 'contact_changed', actor)
    return tellPerson(bank, tx, person, 'contact_changed', { contact: masked }, [before])
  })
}

/** Switches the second step of signing in on or off for a channel. Refuses `ChannelUnavailable` without its contact. */
export async function switchLogin2fa(bank: Bank, actor: Actor, channel: Channel, enabled: boolean): Promise<void> {
  const person = await ownPerson(bank, actor)
  const own = (await contactsOf(bank, bank.db, actor.bookId, actor.personId)).map(channelOf)
  if (enabled && !own.includes(channel)) throw new Refusal('ChannelUnavailable', { pointer: '/channel' })
  if (person.login2fa.includes(channel) === enabled) return
  await bank.db.transaction(async (tx) => {
    await setLogin2fa(tx, actor.bookId, actor.personId, channel, enabled)
    const event = enabled ? 'login2fa_enabled' : 'login2fa_disabled'
    await logSecurity(tx, bank.clock.now(), actor.bookId, actor.personId, event, actor)
    const tell = enabled ? mailPerson : tellPerson
    await tell(bank, tx, person, event, { channel })
  })
}
