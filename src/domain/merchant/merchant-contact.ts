// Contacts of merchants' customers, which nobody has proved. One that signs in nowhere yet signs its customer in, until somebody
// proves that it is theirs; one that does (the bank's customer's, or another merchant's) is kept for this merchant alone.
// Must stay true: registering a contact tells a merchant nothing about customers that are not its own, and takes nothing.

import { hmacSha256 } from '../../base/crypto.ts'
import { isRefusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { type Contact, type ContactInput, nationalIndex, readContact } from '../people/contact.ts'
import type { Merchant } from './merchant.ts'

/** As its customer signs in with it, and where it goes when somebody else proves it. */
export const unprovedOf = (bank: Bank, merchant: Merchant, contact: Contact): Contact => {
  const { index: fallbackIndex, nationalIndex } = ownOf(bank, merchant, contact)
  return { ...contact, nationalIndex, fallbackIndex }
}

/** The same contact under an index of the merchant's own: nobody signs in with it, and it meets nobody else's. */
export const ownOf = (bank: Bank, { id }: Merchant, contact: Contact): Contact => ({
  ...contact,
  index: hmacSha256(bank.keys.contactIndex, `merchant:${id}:${contact.index.toString('hex')}`),
  nationalIndex: contact.nationalIndex && ownNational(bank, id, contact.nationalIndex),
})

const ownNational = (bank: Bank, id: string, index: Buffer): Buffer =>
  hmacSha256(bank.keys.contactIndex, `merchant:${id}:national:${index.toString('hex')}`)

export interface ContactIndices {
  exact: Buffer[]
  national: Buffer[]
}

/** All that an e-mail address or a phone number, typed in whatever way, could be found by. Empty for what is neither. */
export function indicesOf(bank: Bank, merchant: Merchant, text: string): ContactIndices {
  const typed: ContactInput[] = text.includes('@')
    ? [{ contact: text, kind: 'email' }]
    : [
        { contact: text, kind: 'mobile', anyLength: true },
        { contact: `+${text.replace(/^(\+|00)/, '')}`, kind: 'mobile', anyLength: true },
      ]
  const contacts = typed.flatMap((input) => readable(bank, input) ?? [])
  const national = nationalIndex(bank, text)
  return {
    exact: contacts.flatMap((contact) => [contact.index, ownOf(bank, merchant, contact).index]),
    national: national ? [national, ownNational(bank, merchant.id, national)] : [],
  }
}

function readable(bank: Bank, input: ContactInput): Contact | undefined {
  try {
    return readContact(bank, input)
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}
