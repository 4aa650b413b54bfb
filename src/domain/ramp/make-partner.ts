// Making partners and their keys from a shell of the installation, which is trusted with it; and the sandbox's own partner.
// Must stay true: a secret is answered once, to who asked; the sandbox's is none, and there is no such partner in live mode.

import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { logAudit } from '../operator/audit-log.ts'
import { readEndpointUrl } from '../webhook/endpoint-url.ts'
import { insertPartner, type Partner, partnerById, partnerByName, type Terms } from './partner.ts'
import { type PartnerTerms, partnerApproval, readTerms } from './partner-approval.ts'
import { keepCallback } from './partner-callback.ts'
import { makeKey, newestKey } from './partner-key.ts'

export interface MadePartner {
  partner: Partner
  keyId: string
  secret: string
}

/** What a careful bank would begin with; a new partner's terms are these where it says nothing else. */
export const usualTerms = {
  sources: [],
  release: 'manual',
  active: true,
  auto_up_to: '0',
  fee_rate: '0.005',
  channel_fee_rate: '0.001',
  order_min: '10',
  order_max: '20000',
  per_day: '100000',
  float_limit: '100000',
  pay_minutes: '60',
  callback_url: '',
  receive_account: {},
} as const

/** As operators would have to say it. */
function read(bank: Bank, payload: PartnerTerms): Terms {
  const terms = readTerms(partnerApproval.readPayload(payload) as PartnerTerms)
  if (terms.callbackUrl !== '') terms.callbackUrl = readEndpointUrl(bank, terms.callbackUrl, '/callback_url')
  return terms
}

/** Refuses what the terms cannot be. `by`: who decided, for the audit log. */
export const makePartner = (bank: Bank, bookId: number, terms: PartnerTerms, by: string): Promise<MadePartner> =>
  bank.db.transaction(async (tx) => {
    const partner = await insertPartner(tx, bookId, read(bank, terms), bank.clock.now())
    await keepCallback(bank, tx, bookId, partner.id, partner.callbackUrl)
    const key = await makeKey(bank, tx, bookId, partner.id, null)
    const data = { name: partner.name, key: key.keyId, by }
    await logAudit(bank, tx, { bookId }, { action: 'partner.changed', subject: `partner:${partner.id}`, data })
    return { partner, ...key }
  })

/** A new key; the ones before it end after the overlap. Refuses `NotFound`. */
export const rotatePartnerKey = (bank: Bank, bookId: number, partnerId: string, by: string): Promise<MadePartner> =>
  bank.db.transaction(async (tx) => {
    const partner = await partnerById(tx, bookId, partnerId)
    const key = await makeKey(bank, tx, bookId, partner.id, null)
    const data = { key: key.keyId, by }
    await logAudit(bank, tx, { bookId }, { action: 'partner.key_made', subject: `partner:${partner.id}`, data })
    return { partner, ...key }
  })

const DEMO = 'Sandbox partner'

/** The sandbox's partner, made at the first call and the same ever after. Orders up to 500 USDT pass by themselves. */
export async function demoPartner(bank: Bank, bookId: number): Promise<MadePartner> {
  if (bank.config.UNIPAY_MODE !== 'sandbox') throw new Refusal('Forbidden')
  const known = await partnerByName(bank.db, bookId, DEMO)
  const key = known && (await newestKey(bank, bank.db, bookId, known))
  if (known && key) return { partner: known, ...key }
  if (known) return rotatePartnerKey(bank, bookId, known.id, 'sandbox')
  return makePartner(
    bank,
    bookId,
    {
      ...usualTerms,
      sources: ['binance'],
      name: DEMO,
      auto_up_to: '500',
      receive_account: {
        bankName: 'Sandbox Bank',
        account: '0000123456789',
        firstName: 'UniPay',
        middleName: '',
        lastName: 'Sandbox',
        country: 'PH',
        province: 'Metro Manila',
        city: 'Makati',
        address: '1 Sandbox Street',
        bankAddress: '2 Sandbox Street',
        bankCountry: 'PH',
        bankProvince: 'Metro Manila',
        bankCity: 'Makati',
        swift: 'SANDPHMM',
      },
    },
    'sandbox',
  )
}
