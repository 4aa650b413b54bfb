// What somebody needs to try the partner APIs of a sandbox: a customer with a key, a ramp partner, a merchant.
// Must stay true: there is none of it in live mode; what is known of before and still holds is used again, so that whoever
// wrote it down yesterday can use it today.

import { hashPassword, randomDigits, randomToken } from '../base/crypto.ts'
import { isRefusal, Refusal } from '../base/errors.ts'
import { apiKeysOf } from './api-key/api-key.ts'
import { makeDemoKey } from './api-key/demo-key.ts'
import type { Actor, Bank } from './context.ts'
import { demoMerchant } from './merchant/make-merchant.ts'
import { checkNewPin, hashPin, storePin } from './payment-proof/pin.ts'
import { readContact } from './people/contact.ts'
import { createPerson, type Person, personByUid } from './people/people.ts'
import { demoPartner } from './ramp/make-partner.ts'

export interface DemoAccess {
  customer: { uid: string; email: string; password: string; pin: string }
  spot: { apiKey: string; secret: string }
  ramp: { apiKey: string; secret: string; source: string }
  platform: { appId: string; inviteCode: string; merchantPrivateKey: string; platformPublicKey: string; secret: string }
}

/** `known`: what this answered before, wherever it was kept. Refuses Forbidden in live mode. */
export async function demoAccess(
  bank: Bank,
  bookId: number,
  known: DemoAccess | undefined,
): Promise<{ demo: DemoAccess; person: Person; fresh: boolean }> {
  if (bank.config.UNIPAY_MODE === 'live') throw new Refusal('Forbidden', { reason: 'for the sandbox alone' })
  const before = known && (await personByUid(bank, bookId, known.customer.uid))
  const { person, customer } =
    known && before?.status === 'active'
      ? { person: before, customer: known.customer }
      : await makeCustomer(bank, bookId)
  const { partner, keyId, secret } = await demoPartner(bank, bookId)
  const { appId, inviteCode, merchantPrivateKey, platformPublicKey, secret: plain } = await demoMerchant(bank, bookId)
  return {
    person,
    fresh: customer !== known?.customer,
    demo: {
      customer,
      spot: await keyOf(bank, person, known),
      ramp: { apiKey: keyId, secret, source: partner.sources[0] ?? '' },
      platform: { appId, inviteCode, merchantPrivateKey, platformPublicKey, secret: plain },
    },
  }
}

async function makeCustomer(bank: Bank, bookId: number) {
  const email = `demo-${randomDigits(6)}@unipay.example`
  const password = randomToken(12)
  const pin = goodPin()
  const contact = readContact(bank, { contact: email, kind: 'email' })
  const passwordHash = await hashPassword(password)
  const person = await bank.db.transaction(async (tx) => {
    const made = await createPerson(bank, tx, { bookId, contact, passwordHash, locale: 'en' })
    const actor: Actor = {
      bookId,
      personId: made.id,
      personNo: made.no,
      sessionId: '',
      ip: '127.0.0.1',
      userAgent: 'sandbox',
      locale: 'en',
    }
    await storePin(tx, actor, null, hashPin(bank, actor, pin))
    return made
  })
  return { person, customer: { uid: person.uid, email, password, pin } }
}

function goodPin(): string {
  for (;;) {
    const pin = randomDigits(6)
    try {
      checkNewPin(pin)
      return pin
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
  }
}

/** The one that is known, as long as it works; else another. */
async function keyOf(bank: Bank, person: Person, known: DemoAccess | undefined): Promise<DemoAccess['spot']> {
  const now = bank.clock.now()
  const keys = await apiKeysOf(bank.db, person.bookId, person.no)
  const works = keys.some(({ id, expiresAt }) => id === known?.spot.apiKey && (expiresAt === null || expiresAt > now))
  if (known && works) return known.spot
  const { key, secret } = await makeDemoKey(bank, person)
  return { apiKey: key.id, secret }
}
