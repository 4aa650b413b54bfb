// What a client of TRON's HTTP API asks, and how java-tron says that it cannot be answered.
// Must stay true: an error is an answer with the name of a Java exception in it; clients look for those.

import { parseAddress } from './address.ts'
import { WireError } from './protobuf.ts'
import { Invalid } from './refusal.ts'

export type Query = Readonly<Record<string, unknown>>

/** An error in the words of java-tron: the class of an exception and its message. */
class WalletError extends Error {}

export const illegal = (message: string) => new WalletError(`class java.lang.IllegalArgumentException : ${message}`)
const invalidParameter = (message: string) =>
  new WalletError(`class java.security.InvalidParameterException : ${message}`)

export interface Asked {
  query: Query
  visible: boolean
  which: 'head' | 'solid'
}
export type Answer = (asked: Asked) => unknown

export function errorText(error: unknown): string {
  if (error instanceof WalletError) return error.message
  if (error instanceof Invalid) return `class org.tron.core.exception.ContractValidateException : ${error.bare}`
  if (error instanceof WireError)
    return `class org.tron.core.services.http.JsonFormat$ParseException : ${error.message}`
  return `class java.lang.RuntimeException : ${error instanceof Error ? error.message : String(error)}`
}

export function addressOf(query: Query, name: string, visible: boolean): string {
  const given = query[name]
  const address = parseAddress(given)
  if (address === undefined || visible !== String(given).startsWith('T')) {
    if (given === undefined || given === '') throw invalidParameter(`${name} isn't set.`)
    throw new WireError(`1:1: INVALID ${visible ? 'base58check' : 'hex'} String, ${name}`)
  }
  return address
}

export function whole(query: Query, name: string): number | undefined {
  const given = query[name]
  if (given === undefined || given === '') return undefined
  if (!/^-?\d{1,15}$/.test(String(given))) throw new WalletError(`class java.lang.NumberFormatException : ${given}`)
  return Number(given)
}
