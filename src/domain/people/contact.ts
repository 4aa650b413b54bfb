// E-mail addresses and phone numbers: one spelling each, a keyed index to find them by, a mask to show them by.
// Must stay true: two spellings of one address give one index; a plain contact is never stored and never logged.

import { domainToASCII } from 'node:url'
import { type CountryCallingCode, type PhoneNumber, parsePhoneNumberWithError } from 'libphonenumber-js/min'
import { hmacSha256 } from '../../base/crypto.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'

export type ContactKind = 'email' | 'mobile'

/** As it was typed. */
export interface ContactInput {
  contact: string
  kind: ContactKind
  /** Country calling code, e.g. +86. */
  mobilePrefix?: string | undefined
  /** Takes phone numbers of any length: a merchant knows its customers' better than the numbering plan that we have. */
  anyLength?: boolean
}

export interface Contact {
  readonly kind: ContactKind
  /** Lower-case e-mail address, or E.164. */
  readonly value: string
  readonly index: Buffer
  /** Of a phone number: the index of its national part, by which it is found when the country was left out. */
  readonly nationalIndex: Buffer | null
  /** Of one that nobody has proved: where it goes when somebody does; see directory.ts. */
  readonly fallbackIndex?: Buffer
  /** True when the country was neither typed nor given, but assumed. */
  readonly countryAssumed: boolean
}

const refuse = (reason: string) => new Refusal('InvalidParams', { pointer: '/contact', reason })

export function readContact(bank: Bank, { contact, kind, mobilePrefix, anyLength = false }: ContactInput): Contact {
  if (contact.length > 254) throw refuse('too long')
  const key = bank.keys.contactIndex
  if (kind === 'email') {
    const value = readEmail(contact)
    return { kind, value, index: hmacSha256(key, `email:${value}`), nationalIndex: null, countryAssumed: false }
  }
  const { phone, countryAssumed } = readPhone(contact, mobilePrefix, bank.config.DEFAULT_MOBILE_PREFIX, anyLength)
  return {
    kind,
    value: phone.number,
    index: hmacSha256(key, `mobile:${phone.number}`),
    nationalIndex: nationalIndexOf(bank, phone.nationalNumber),
    countryAssumed,
  }
}

/** A leading zero is dialled at home in many countries and part of the number in few. */
const nationalIndexOf = (bank: Bank, digits: string): Buffer =>
  hmacSha256(bank.keys.contactIndex, `national:${digits.replace(/^0+/, '')}`)

/** What a phone number is found by that is typed without its country; null for what is no such number. */
export function nationalIndex(bank: Bank, text: string): Buffer | null {
  const digits = text.normalize('NFKC').replace(/[\s().-]/g, '')
  return /^\d{4,15}$/.test(digits) ? nationalIndexOf(bank, digits) : null
}

/** A phone number (E.164) without its country's code. */
export const nationalPart = (value: string): string => parsePhoneNumberWithError(value).nationalNumber

const ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
const LOCAL_PART = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`)
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

function readEmail(text: string): string {
  const [local = '', domain = '', ...more] = text.normalize('NFKC').trim().toLowerCase().split('@')
  const host = domainToASCII(domain)
  const labels = host.split('.')
  const fits =
    more.length === 0 &&
    local.length <= 64 &&
    LOCAL_PART.test(local) &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  const value = `${local}@${host}`
  if (!fits || value.length > 254) throw refuse('not an e-mail address')
  return value
}

function readPhone(text: string, prefix: string | undefined, assumed: string, anyLength: boolean) {
  const typed = text.normalize('NFKC').trim()
  if (!/^\+?[\d\s().-]{4,24}$/.test(typed)) throw refuse('not a phone number')
  if (prefix !== undefined && !/^\+?[1-9]\d{0,3}$/.test(prefix)) {
    throw new Refusal('InvalidParams', { pointer: '/mobile_prefix', reason: 'expected a calling code such as +86' })
  }
  const digits = typed.startsWith('00') ? `+${typed.slice(2)}` : typed
  const phone = parsePhone(digits, (prefix ?? assumed).replace('+', '') as CountryCallingCode, anyLength)
  if (
    digits.startsWith('+') &&
    prefix !== undefined &&
    `+${phone.countryCallingCode}` !== `+${prefix.replace('+', '')}`
  ) {
    throw new Refusal('InvalidParams', { pointer: '/mobile_prefix', reason: 'contradicts the number' })
  }
  return { phone, countryAssumed: prefix === undefined && !digits.startsWith('+') }
}

function parsePhone(digits: string, defaultCallingCode: CountryCallingCode, anyLength: boolean): PhoneNumber {
  let phone: PhoneNumber
  try {
    phone = parsePhoneNumberWithError(digits, { defaultCallingCode, extract: false })
  } catch {
    throw refuse('not a phone number')
  }
  if (!anyLength && !phone.isPossible()) throw refuse('not a phone number')
  return phone
}

/** "u***@example.com", "138****1234": enough for its owner to know it, not enough for others to write to it. */
export function maskContact(kind: ContactKind, value: string): string {
  if (kind === 'email') {
    const at = value.lastIndexOf('@')
    return `${value.slice(0, 1)}***${value.slice(at)}`
  }
  const national = parsePhoneNumberWithError(value).nationalNumber
  return national.length >= 9
    ? `${national.slice(0, 3)}****${national.slice(-4)}`
    : `${national.slice(0, 2)}****${national.slice(-2)}`
}

/** "张*三", "Z***g": a chosen name with its inside hidden. */
export function maskName(name: string): string {
  const letters = [...name]
  const first = letters[0] ?? ''
  if (letters.length <= 2) return `${first}*`
  return `${first}${'*'.repeat(Math.min(letters.length - 2, 3))}${letters.at(-1)}`
}
