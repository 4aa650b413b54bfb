// Identity documents: which kinds there are, one spelling of their numbers, and the keyed hash that finds one again.
// Must stay true: the same document written in two ways has one index; a plain number is never stored and never logged.

import { hmacSha256 } from '../../base/crypto.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'

export const documentTypes = ['ID_CARD', 'PASSPORT', 'DRIVER_LICENSE', 'RESIDENCE_PERMIT'] as const
export type DocumentType = (typeof documentTypes)[number]

/** Other words for them, without blanks and lines. */
const aliases: Readonly<Record<string, DocumentType>> = {
  IDCARD: 'ID_CARD',
  ID: 'ID_CARD',
  IDENTITYCARD: 'ID_CARD',
  NATIONALID: 'ID_CARD',
  身份证: 'ID_CARD',
  PASSPORT: 'PASSPORT',
  护照: 'PASSPORT',
  DRIVERLICENSE: 'DRIVER_LICENSE',
  DRIVERSLICENSE: 'DRIVER_LICENSE',
  DRIVINGLICENSE: 'DRIVER_LICENSE',
  驾驶证: 'DRIVER_LICENSE',
  RESIDENCEPERMIT: 'RESIDENCE_PERMIT',
  居住证: 'RESIDENCE_PERMIT',
}

export interface IdentityDocument {
  type: DocumentType
  number: string
  index: Buffer
}

/** Refuses `InvalidParams`. */
export function readDocument(bank: Bank, typed: { type: string; number: string }): IdentityDocument {
  const word = typed.type
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s_-]/g, '')
  const type = Object.hasOwn(aliases, word) ? aliases[word] : undefined
  if (!type) throw new Refusal('InvalidParams', { pointer: '/id_type', reason: documentTypes.join(', ') })
  const number = typed.number
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s()./·-]/g, '')
  if (!/^[0-9A-Z]{4,30}$/.test(number)) {
    throw new Refusal('InvalidParams', { pointer: '/id_number', reason: '4 to 30 letters and digits' })
  }
  return { type, number, index: hmacSha256(bank.keys.identityIndex, `${type}:${number}`) }
}

/** Of an identity card of mainland China: whether its last sign fits the others. Undefined for any other number. */
export function checksumFits({ type, number }: Pick<IdentityDocument, 'type' | 'number'>): boolean | undefined {
  if (type !== 'ID_CARD' || !/^\d{17}[\dX]$/.test(number)) return undefined
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.reduce((total, weight, i) => total + weight * (number.charCodeAt(i) - 48), 0)
  return '10X98765432'[sum % 11] === number[17]
}
