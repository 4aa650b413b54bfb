// What a customer says of a recipient, read before anything is written: trimmed, in one spelling, refused by field.
// Must stay true: nothing that was refused is repeated in the refusal, for all of it is personal data.

import { isRefusal, Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { readContact } from '../people/contact.ts'

export interface RecipientInput {
  account_holder: string
  account_number: string
  bank_name: string
  id_number: string
  msisdn: string
  email: string
  account_currency_code: string
  nickname?: string | undefined
  cnaps_code?: string | undefined
}

/** As it lies sealed, and as the vendor gets it. */
export interface RecipientDetails {
  holder: string
  account: string
  idNumber: string
  /** E.164. */
  phone: string
  email: string
  currency: 'CNH' | 'CNY'
  cnaps: string
}

const refuse = (field: string, reason: string) => new Refusal('InvalidParams', { pointer: `/${field}`, reason })

/** Refuses `InvalidParams`, with the field. */
export function readDetails(bank: Bank, input: RecipientInput): RecipientDetails {
  const holder = input.account_holder.normalize('NFKC').trim().replace(/\s+/g, ' ')
  if (!/^[\p{L}][\p{L}\p{M} .'·-]{1,79}$/u.test(holder)) throw refuse('account_holder', 'a name of 2 to 80 letters')
  const account = input.account_number.normalize('NFKC').replace(/[\s-]/g, '')
  if (!/^\d{8,32}$/.test(account)) throw refuse('account_number', '8 to 32 digits')
  const idNumber = input.id_number.normalize('NFKC').trim().toUpperCase()
  if (!/^[A-Z0-9]{5,32}$/.test(idNumber)) throw refuse('id_number', '5 to 32 letters or digits')
  if (/^\d{17}[\dX]$/.test(idNumber) && !isResidentId(idNumber)) throw refuse('id_number', 'the check digit is wrong')
  const currency = input.account_currency_code.trim().toUpperCase()
  if (currency !== 'CNH' && currency !== 'CNY') throw refuse('account_currency_code', 'CNH or CNY')
  const cnaps = input.cnaps_code?.trim() ?? ''
  if (cnaps !== '' && !/^\d{12}$/.test(cnaps)) throw refuse('cnaps_code', '12 digits')
  return {
    holder,
    account,
    idNumber,
    phone: contactOf(bank, 'msisdn', input.msisdn),
    email: contactOf(bank, 'email', input.email),
    currency,
    cnaps,
  }
}

function contactOf(bank: Bank, field: 'msisdn' | 'email', text: string): string {
  try {
    return readContact(bank, { contact: text, kind: field === 'email' ? 'email' : 'mobile' }).value
  } catch (error) {
    throw isRefusal(error, 'InvalidParams') ? refuse(field, error.details.reason ?? 'not one') : error
  }
}

export function readNickname(text: string | undefined): string | null {
  const nickname = text?.normalize('NFC').trim() ?? ''
  if ([...nickname].length > 32) throw refuse('nickname', 'at most 32 characters')
  return nickname === '' ? null : nickname
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** GB 11643: the last character is a checksum of the others. */
function isResidentId(number: string): boolean {
  const sum = WEIGHTS.reduce((so, weight, i) => so + weight * (number.charCodeAt(i) - 48), 0)
  return '10X98765432'[sum % 11] === number[17]
}

/** "****6789" */
export const maskAccount = (account: string): string => `****${account.slice(-4)}`
