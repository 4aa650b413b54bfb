// Customers for the bench: made by the bank's own verbs (sign-up without the mail, PIN, session), funded by deposits.

import { newId } from '../src/base/ids.ts'
import type { Bank, Origin } from '../src/domain/context.ts'
import { hashPin, storePin } from '../src/domain/payment-proof/pin.ts'
import { readContact } from '../src/domain/people/contact.ts'
import { createPerson } from '../src/domain/people/people.ts'
import { openSession } from '../src/domain/sign-in/session.ts'
import { deposit } from '../src/ledger/journals.ts'

export interface Customer {
  id: string
  token: string
}

export const PIN = '482915'

export async function makeCustomers(bank: Bank, count: number): Promise<Customer[]> {
  const origin: Origin = { ip: '127.0.0.1', userAgent: 'bench', locale: 'en' }
  const made: Customer[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let i = next++; i < count; i = next++) {
        const { person, token } = await bank.db.transaction(async (tx) => {
          const contact = readContact(bank, { contact: `bench-${i}@example.com`, kind: 'email' })
          const person = await createPerson(bank, tx, { bookId: 1, contact, passwordHash: null, locale: 'en' })
          const actor = { ...origin, bookId: 1, personId: person.id, personNo: person.no, sessionId: newId() }
          await storePin(tx, actor, null, hashPin(bank, actor, PIN))
          return { person, token: (await openSession(bank, tx, person, origin)).accessToken }
        })
        const id = newId()
        const outcome = await bank.poster.submit({
          bookId: 1,
          journal: deposit({ id, key: id, networkNo: 1, personNo: person.no, amount: 100_000_000_000n }),
        })
        if (!outcome.ok) throw outcome.refusal
        made.push({ id: person.id, token })
      }
    }),
  )
  return made
}
