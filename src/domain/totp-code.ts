// The arithmetic of TOTP (RFC 6238: SHA-1, six digits, 30 s), one step of tolerance to each side. Knows no table.
// Must stay true: whoever accepts a code also uses its step up, in the database, so that it counts once.

import { Secret, TOTP } from 'otpauth'

const PERIOD = 30

const totpOf = (secret: Secret, label: string) =>
  new TOTP({ issuer: 'UniPay', label, secret, algorithm: 'SHA1', digits: 6, period: PERIOD })

export interface TotpSecret {
  /** Base32, for typing in. */
  secret: string
  /** For a QR code. */
  otpauthUri: string
}

/** A new secret of 160 bits; the label is what an authenticator shows beside it. */
export function newTotpSecret(label: string): TotpSecret {
  const secret = new Secret({ size: 20 })
  return { secret: secret.base32, otpauthUri: totpOf(secret, label).toString() }
}

/** The step of time that a code belongs to; nothing when it is not one of now. */
export function totpStep(secret: string, code: string, now: Date): bigint | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const delta = totpOf(Secret.fromBase32(secret), '').validate({ token: code, timestamp: now.getTime(), window: 1 })
  return delta === null ? undefined : BigInt(Math.floor(now.getTime() / 1000 / PERIOD) + delta)
}
