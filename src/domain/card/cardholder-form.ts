// What a customer fills in to become the issuer's cardholder, checked before anything is kept.
// Must stay true: names and address lines are what the issuer takes; the picture is drawn anew, so that nothing of the file
// but what is to be seen travels on.

import type { Clock } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import { drawAnew } from '../identity/picture.ts'
import type { NewCardholder } from '../ports.ts'

export interface CardholderForm {
  first_name: string
  last_name: string
  email: string
  country_code: string
  phone_number: string
  date_of_birth: string
  nationality: string
  id_type: 'ID_CARD' | 'PASSPORT'
  id_number: string
  id_front: string
  addr_country: string
  addr_state: string
  addr_city: string
  addr_line1: string
  addr_line_en: string
  addr_postal_code: string
}

const OLD_ENOUGH = 18
const TOO_OLD = 120
const LARGEST_PICTURE = 2 * 1024 * 1024

const refuse = (field: keyof CardholderForm, reason: string) =>
  new Refusal('InvalidParams', { pointer: `/${field}`, reason })

const patterns: readonly (readonly [keyof CardholderForm, RegExp, string])[] = [
  ['first_name', /^[A-Za-z]+(?: [A-Za-z]+)*$/, 'Latin letters, with single spaces between words'],
  ['last_name', /^[A-Za-z]+(?: [A-Za-z]+)*$/, 'Latin letters, with single spaces between words'],
  ['email', /^[^\s@<>"(),:;\\[\]]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/, 'an e-mail address'],
  ['phone_number', /^\d{4,15}$/, '4 to 15 digits, without the calling code'],
  ['id_number', /^[A-Za-z0-9][A-Za-z0-9 ()/-]{2,39}$/, 'letters and digits'],
  ['addr_line_en', /^[\x20-\x7e]+$/, 'Latin letters'],
  ['addr_postal_code', /^[A-Za-z0-9][A-Za-z0-9 -]*$/, 'letters and digits'],
]

/** Refuses InvalidParams, KYCInvalidFile, Busy. */
export async function readCardholder({ clock }: { clock: Clock }, form: CardholderForm): Promise<NewCardholder> {
  for (const [field, pattern, expected] of patterns) if (!pattern.test(form[field])) throw refuse(field, expected)
  checkBirth(form.date_of_birth, clock.now())
  return {
    firstName: form.first_name,
    lastName: form.last_name,
    email: form.email.toLowerCase(),
    countryCode: form.country_code,
    phone: form.phone_number,
    dateOfBirth: form.date_of_birth,
    nationality: form.nationality,
    address: {
      country: form.addr_country,
      state: form.addr_state,
      city: form.addr_city,
      line1: form.addr_line1,
      lineEn: form.addr_line_en,
      postalCode: form.addr_postal_code,
    },
    identity: { type: form.id_type, number: form.id_number, front: await readPicture(form.id_front) },
    kyc: { method: 'redirect' },
  }
}

function checkBirth(text: string, now: Date): void {
  const born = new Date(`${text}T00:00:00Z`)
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(born.getTime()) && born.toISOString().startsWith(text)
  if (!isDay) throw refuse('date_of_birth', 'a day as YYYY-MM-DD')
  const birthday = (age: number) =>
    new Date(Date.UTC(born.getUTCFullYear() + age, born.getUTCMonth(), born.getUTCDate()))
  if (birthday(OLD_ENOUGH) > now) throw refuse('date_of_birth', `at least ${OLD_ENOUGH} years old`)
  if (birthday(TOO_OLD) < now) throw refuse('date_of_birth', 'a living person')
}

async function readPicture(text: string): Promise<string> {
  const bytes = Buffer.from(text, 'base64')
  const sent = text.replace(/=+$/, '')
  if (bytes.toString('base64').replace(/=+$/, '') !== sent) throw refuse('id_front', 'base64')
  if (bytes.length > LARGEST_PICTURE)
    throw new Refusal('KYCInvalidFile', { pointer: '/id_front', reason: 'at most 2 MB' })
  try {
    return (await drawAnew({ name: '', type: '', bytes })).toString('base64')
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'KYCInvalidFile') throw error
    throw new Refusal('KYCInvalidFile', { ...error.details, pointer: '/id_front' })
  }
}
