// Login passwords: what is accepted as one, and checking one without telling whether there is an account.
// Must stay true: text is kept as typed apart from Unicode's compatibility forms; only Argon2id hashes are stored.

import fs from 'node:fs'
import path from 'node:path'
import { hashPassword, randomToken, verifyPassword } from '../../base/crypto.ts'
import { Refusal } from '../../base/errors.ts'

const MIN = 8
const MAX = 128

const common = new Set(
  fs
    .readFileSync(path.join(import.meta.dirname, 'common-passwords.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# ')),
)

/** Refuses (`PasswordWeak`) what is too short, too long, well known, one repeated character, or the account's own name. */
export function checkNewPassword(password: string, contacts: readonly string[], pointer = '/password'): void {
  const text = password.normalize('NFKC')
  const letters = [...text]
  const plain = text.toLowerCase().trim()
  const weak = (reason: string) => new Refusal('PasswordWeak', { pointer, reason })
  if (letters.length < MIN) throw weak(`at least ${MIN} characters`)
  if (letters.length > MAX) throw weak(`at most ${MAX} characters`)
  if (new Set(letters).size === 1) throw weak('one character repeated')
  if (common.has(plain)) throw weak('one of the passwords that are tried first')
  for (const contact of contacts) {
    const own = [contact, contact.split('@')[0] ?? '', contact.replace(/^\+/, '')]
    if (own.includes(plain)) throw weak('the same as the account')
  }
}

const dummy = hashPassword(randomToken())

/** True when the password is right. With no hash to compare, takes as long and is false. */
export async function passwordMatches(hash: string | null | undefined, password: string): Promise<boolean> {
  // longer than any password: not worth a computation that its sender chooses the length of
  const text = password.length > 4 * MAX ? '' : password
  const right = await verifyPassword(hash ?? (await dummy), text)
  return right && hash !== null && hash !== undefined
}
