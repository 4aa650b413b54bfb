// Who signed a request of a ramp partner, and that it is this request, now, and for the first time.
// Must stay true: a signature counts once within its window, in all processes; GET signs neither query nor path, so that
// single use and the partner's own view are all that keeps a captured one from asking for something else.

import { after, minutes } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { type Fields, isUnambiguous, rampBase, verifyRamp, withoutEmpty } from '../signature/ramp.ts'
import { useOnce } from '../signature/use-once.ts'
import { type Partner, partnerById } from './partner.ts'
import { isKeyId, keyInUse } from './partner-key.ts'

/** By how much a request's time may differ from ours. */
export const WINDOW = minutes(5)

export interface SignedRequest {
  apiKey: string | undefined
  timestamp: string | undefined
  sign: string | undefined
  /** Of the body; GET signs none. */
  fields: Fields
}

/** A partner whose signature fits, and was not used up yet. */
export interface SignedPartner {
  partner: Partner
  keyId: string
  /** Uses the signature up. Refuses `RequestRepeated`. Called once the request has turned out to be well-formed. */
  use(): Promise<void>
}

/** Refuses `Unauthorized`, `ApiKeyUnknown`, `RequestExpired`, `InvalidParams`, `SignatureWrong`, `Forbidden`. */
export async function authenticatePartner(bank: Bank, bookId: number, request: SignedRequest): Promise<SignedPartner> {
  const { apiKey, timestamp, sign, fields } = request
  if (!apiKey || !timestamp || !sign) throw new Refusal('Unauthorized', { reason: 'send timestamp, apiKey and sign' })
  const now = bank.clock.now()
  const sentAt = /^[1-9]\d{12}$/.test(timestamp) ? new Date(Number.parseInt(timestamp, 10)) : undefined
  if (!sentAt) throw new Refusal('RequestExpired', { reason: 'timestamp is in milliseconds' })
  if (Math.abs(now.getTime() - sentAt.getTime()) > WINDOW) throw new Refusal('RequestExpired')
  const key = isKeyId(apiKey) ? await keyInUse(bank, bank.db, bookId, apiKey) : undefined
  if (!key) throw new Refusal('ApiKeyUnknown')
  for (const name of ['apiKey', 'timestamp'])
    if (Object.hasOwn(fields, name)) throw new Refusal('InvalidParams', { pointer: `/${name}`, reason: 'is a header' })
  const signed = { ...fields, apiKey, timestamp }
  if (!isUnambiguous(signed))
    throw new Refusal('InvalidParams', { reason: 'a value with & in it cannot be told from more fields' })
  // clients leave what is empty out of what they sign, or do not
  const bases = new Set([rampBase(signed), rampBase(withoutEmpty(signed))])
  if (![...bases].some((base) => verifyRamp(key.secret, base, sign))) throw new Refusal('SignatureWrong')
  const partner = await partnerById(bank.db, bookId, key.partnerId)
  if (partner.status !== 'active') throw new Refusal('Forbidden', { reason: 'the partner is disabled' })
  return {
    partner,
    keyId: apiKey,
    async use() {
      const until = after(sentAt, 2 * WINDOW)
      if (!(await useOnce(bank.db, bookId, 'ramp', apiKey, sign.toLowerCase(), until)))
        throw new Refusal('RequestRepeated')
    },
  }
}
