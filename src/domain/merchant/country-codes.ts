// The country codes of the platform API: the codes that are dialled before a number there.
// One code may be of several countries (1, 7, 44 …); it is told to operators as it was given.

import { getCountries, getCountryCallingCode } from 'libphonenumber-js/min'

const codes: ReadonlySet<string> = new Set(getCountries().map((country) => getCountryCallingCode(country)))

/** `93` or `+93` as `93`; undefined for what is no country's. */
export function readCountryCode(text: string): string | undefined {
  const code = text.trim().replace(/^(\+|00)/, '')
  return codes.has(code) ? code : undefined
}
