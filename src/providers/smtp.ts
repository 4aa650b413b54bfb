// Mail over SMTP, on a few connections that are kept for the next mail: greeting and TLS cost more than the mail itself.
// Resolves when the server has taken it. A refusal or a silence of the server is thrown; the job that sends tries again.

import nodemailer from 'nodemailer'
import type { MailPort } from '../domain/ports.ts'

/**
 * `url` is `smtp://user:password@host:port`, or `smtps://…` for TLS from the first byte; `from` is `Name <address>`.
 */
export function smtpMail(url: string, from: string): MailPort {
  const transport = nodemailer.createTransport(
    {
      url,
      pool: true,
      maxConnections: 4,
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: 15_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  )
  return {
    async send({ to, subject, text }) {
      // an address object is never parsed as a list, so one recipient cannot become two
      const result = await transport.sendMail({ to: { name: '', address: to }, subject, text })
      if (result.rejected.length > 0) throw new Error(`the mail server refused the recipient: ${result.response}`)
    },
  }
}
