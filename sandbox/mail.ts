// A mail server that takes every mail and delivers it to the outbox. Real SMTP, so that going live is another address.
// A mail is in the outbox, on disk, before its sender is told that it was taken.

import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { Log } from '../src/base/log.ts'
import type { Outbox } from './outbox.ts'

const MAX_SIZE = 5_000_000

export interface Server {
  stop(): Promise<void>
}

export async function startMail(port: number, outbox: Outbox, log: Log): Promise<Server> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'], // loopback only
    disableReverseLookup: true,
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anybody' }),
    size: MAX_SIZE,
    closeTimeout: 200, // senders keep their connections
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        if (stream.sizeExceeded) return done(new Error('552 the mail is too large'))
        try {
          const mail = await PostalMime.parse(Buffer.concat(chunks))
          const text = (mail.text ?? mail.html?.replace(/<[^>]+>/g, ' ') ?? '').trim()
          for (const { address } of session.envelope.rcptTo) {
            outbox.add({ to: address, channel: 'email', subject: mail.subject ?? '', text })
          }
          done()
        } catch (error) {
          log.warn({ err: error }, 'a mail that cannot be read')
          done(new Error('554 the mail cannot be read'))
        }
      })
    },
  })
  server.on('error', (error) => log.warn({ err: error }, 'mail server'))
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  return { stop: () => new Promise((resolve) => server.close(() => resolve())) }
}
