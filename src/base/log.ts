// Structured logs: one JSON object a line on stdout. Secrets never reach it: fields with their names are cut out here,
// and callers log ids, not bodies.

import { type Logger, pino } from 'pino'

export type Log = Logger

const secretFields = [
  'password',
  'old_password',
  'new_password',
  'login_password',
  'payment_password',
  'old_payment_password',
  'new_pin',
  'code',
  'totp_code',
  'secret',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'cookie',
  'contact',
]

export function createLog(level: string, process: string): Log {
  return pino({
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[cut]',
    },
  })
}
