// A merchant submits who its customer is: names, number and pictures, by address or inside the request.
// Must stay true: an address is asked through the guard and with no transaction open; why a picture did not come is told as one
// thing, so that nobody learns by it what answers where; what comes is a stranger's file and drawn anew like any other.

import { isRefusal, Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { takeFile } from '../identity/identity-file.ts'
import { LARGEST_FILE } from '../identity/picture.ts'
import { readyForCheck, submitForCustomer } from '../identity/submit-identity.ts'
import { contactsOf } from '../people/directory.ts'
import { readCountryCode } from './country-codes.ts'
import { findCustomer } from './merchant-customer.ts'
import type { MerchantCaller } from './open-request.ts'

const MOST_PHOTOS = 3
const TIMEOUT = 8_000

export interface IdentityInput {
  uid: string
  countryCode: string
  certificateNumber: string
  familyName: string
  name: string
  /** Addresses or data: URLs, with commas between; empty for none. */
  photos: string
}

/**
 * Answers when it waits for review. Refuses `NotFound`, `PersonFrozen`, `InvalidParams`, `KYCInvalidFile`, `IdentityPending`,
 * `IdentityApproved`, `RateLimited`.
 */
export async function submitIdentity(bank: Bank, caller: MerchantCaller, input: IdentityInput): Promise<void> {
  const { bookId, merchant } = caller
  const { person_id: personId } = await findCustomer(bank, merchant, { uid: input.uid })
  const country = readCountryCode(input.countryCode)
  if (!country) throw new Refusal('InvalidParams', { pointer: '/countryCode', reason: 'not a listed country code' })
  const sources = readPhotos(input.photos)
  const actor = { bookId, personId }
  const document = { type: 'ID_CARD', number: input.certificateNumber }
  await readyForCheck(bank, actor, document)
  const photos = await Promise.all(sources.map((source) => bytesOf(bank, source)))
  const pictures: string[] = []
  for (const photo of photos) pictures.push(await takePhoto(bank, actor, photo))
  const [contact] = await contactsOf(bank, bank.db, bookId, personId)
  await submitForCustomer(bank, actor, {
    realName: fullName(input.familyName, input.name),
    document,
    address: `+${country}`,
    contact: contact?.value ?? merchant.name,
    pictures,
    reason: `submitted by ${merchant.name}`,
  })
}

/** As names are written where they come from: 张三, John Smith. */
const fullName = (family: string, given: string): string =>
  /\p{Script=Han}/u.test(family) ? `${family.trim()}${given.trim()}` : `${given.trim()} ${family.trim()}`

const refuse = (reason: string) => new Refusal('KYCInvalidFile', { pointer: '/firstPhoto', reason })

/** A data: URL has a comma of its own, behind its head. */
export function readPhotos(text: string): string[] {
  const sources: string[] = []
  for (const part of text.split(',').map((each) => each.trim())) {
    const last = sources.at(-1)
    if (last !== undefined && /^data:[^,]*$/i.test(last)) sources[sources.length - 1] = `${last},${part}`
    else if (part !== '') sources.push(part)
  }
  if (sources.length > MOST_PHOTOS) throw refuse(`at most ${MOST_PHOTOS} pictures`)
  return sources
}

const DATA = /^data:image\/(?:jpeg|jpg|png|webp);base64,([A-Za-z0-9+/]+={0,2})$/i

interface Photo {
  bytes: Buffer
  /** Came with the request. */
  inside: boolean
}

async function bytesOf(bank: Bank, source: string): Promise<Photo> {
  const inside = DATA.exec(source)?.[1]
  return inside === undefined
    ? { bytes: await fetchPhoto(bank, source), inside: false }
    : { bytes: Buffer.from(inside, 'base64'), inside: true }
}

async function takePhoto(
  bank: Bank,
  actor: { bookId: number; personId: string },
  { bytes, inside }: Photo,
): Promise<string> {
  try {
    return await takeFile(bank, actor, { name: 'photo', type: '', bytes })
  } catch (error) {
    // what is wrong with the bytes of an address is not told either: they may be of something else than a picture
    if (isRefusal(error, 'KYCInvalidFile') && !inside) throw unavailable()
    throw error
  }
}

const unavailable = () => refuse('there is no picture at this address that can be used')

async function fetchPhoto(bank: Bank, url: string): Promise<Buffer> {
  const request = { timeout: TIMEOUT, maxBytes: LARGEST_FILE, headers: { accept: 'image/*' } }
  const answer = await bank.fetchGuarded(url, request).catch(() => undefined)
  if (answer?.status !== 200) throw unavailable()
  return answer.body
}
