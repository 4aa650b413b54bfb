// The second step of a sign-in: a code by mail or SMS after the password or the first code was right.
// Must stay true: a challenge lives ten minutes, belongs to one person, allows five wrong codes in all, and is passed
// once; its id is known to whoever passed the first step and to nobody else.

import { after, minutes, seconds } from '../../base/clock.ts'
import { randomDigits, randomToken, sha256 } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank, Origin } from '../context.ts'
import { queueMessage } from '../notice/message.ts'
import { contactsOf, type OwnContact } from '../people/directory.ts'
import { type Channel, type Person, personById } from '../people/people.ts'
import { countAttempt, countFromAddress } from './attempt.ts'
import { CODE_MINUTES, CODE_PAUSE_SECONDS, CODE_TRIES, codeHash } from './code.ts'

const SENDS = 5

export interface Challenge {
  pendingId: string
  channels: readonly Channel[]
}

export const channelOf = (contact: OwnContact): Channel => (contact.kind === 'email' ? 'email' : 'sms')

/** Opens a challenge over the channels that the person switched on and still has a contact for. None: no challenge. */
export async function openChallenge(bank: Bank, person: Person): Promise<Challenge | undefined> {
  if (person.login2fa.length === 0) return undefined
  const own = (await contactsOf(bank, bank.db, person.bookId, person.id)).map(channelOf)
  const channels = person.login2fa.filter((channel) => own.includes(channel))
  if (channels.length === 0) return undefined
  const pendingId = `${person.bookId}.${randomToken(24)}`
  await bank.db.query(
    'challenge-open',
    'insert into login_challenges (book_id, id_hash, person_id, channels, expires_at) values ($1, $2, $3, $4, $5)',
    [person.bookId, sha256(pendingId), person.id, channels, after(bank.clock.now(), minutes(CODE_MINUTES))],
  )
  return { pendingId, channels }
}

/** The book that a pending id names. What is not one of ours is as unknown as one that ran out. */
function bookOf(pendingId: string): number {
  const match = /^(\d{1,9})\.[\w-]{32}$/.exec(pendingId)
  if (!match) throw new Refusal('ChallengeUnknown')
  return Number.parseInt(match[1] ?? '', 10)
}

const purposeOf = (pendingId: string, channel: Channel) => `login2fa ${channel} ${pendingId}`

/** Sends a code over one of the challenge's channels. */
export async function sendChallengeCode(
  bank: Bank,
  origin: Origin,
  pendingId: string,
  channel: Channel,
): Promise<void> {
  const bookId = bookOf(pendingId)
  const now = bank.clock.now()
  const [open] = await bank.db.query<{ person_id: string; channels: Channel[]; sends: number; sent_at: Date | null }>(
    'challenge-read',
    `select person_id, channels, sends, sent_at from login_challenges
     where book_id = $1 and id_hash = $2 and passed_at is null and expires_at > $3 and attempts < $4`,
    [bookId, sha256(pendingId), now, CODE_TRIES],
  )
  if (!open) throw new Refusal('ChallengeUnknown')
  if (!open.channels.includes(channel)) throw new Refusal('ChannelUnavailable')
  const contact = (await contactsOf(bank, bank.db, bookId, open.person_id)).find((own) => channelOf(own) === channel)
  if (!contact) throw new Refusal('ChannelUnavailable')
  const code = randomDigits(6)
  await bank.db.transaction(async (tx) => {
    const stored = await tx.query(
      'challenge-code',
      `update login_challenges set code_hash = $3, code_channel = $4, sent_at = $5, sends = sends + 1
       where book_id = $1 and id_hash = $2 and sends < $6 and (sent_at is null or sent_at <= $7) returning 1`,
      [
        bookId,
        sha256(pendingId),
        codeHash(bank, purposeOf(pendingId, channel), code),
        channel,
        now,
        SENDS,
        after(now, -seconds(CODE_PAUSE_SECONDS)),
      ],
    )
    if (stored.length === 0) {
      const wait = open.sent_at ? CODE_PAUSE_SECONDS - Math.floor((now.getTime() - open.sent_at.getTime()) / 1000) : 0
      throw new Refusal('RateLimited', { retryAfter: wait > 0 ? wait : CODE_PAUSE_SECONDS })
    }
    await countAttempt(tx, now, bookId, 'challenge-contact', contact.index.toString('hex'))
    await queueMessage(bank, tx, {
      kind: contact.kind,
      to: contact.value,
      locale: origin.locale,
      until: after(now, minutes(CODE_MINUTES)).getTime(),
      body: { about: 'code', scene: 'login2fa', code, minutes: CODE_MINUTES },
    })
  })
}

/** Passes a challenge, once. Refuses `ChallengeUnknown` and `CodeWrong`. */
export async function passChallenge(
  bank: Bank,
  origin: Origin,
  pendingId: string,
  channel: Channel,
  code: string,
): Promise<Person> {
  const bookId = bookOf(pendingId)
  await countFromAddress(bank, bookId, 'guess-address', origin.ip)
  const [tried] = await bank.db.query<{ person_id: string; passed: boolean }>(
    'challenge-try',
    `update login_challenges set attempts = attempts + 1,
       passed_at = case when code_hash = $4 and code_channel = $5 then $3::timestamptz end
     where book_id = $1 and id_hash = $2 and passed_at is null and expires_at > $3 and attempts < $6
     returning person_id, passed_at is not null as passed`,
    [
      bookId,
      sha256(pendingId),
      bank.clock.now(),
      codeHash(bank, purposeOf(pendingId, channel), code),
      channel,
      CODE_TRIES,
    ],
  )
  if (!tried) throw new Refusal('ChallengeUnknown')
  if (!tried.passed) throw new Refusal('CodeWrong')
  const person = await personById(bank, bookId, tried.person_id)
  if (!person || person.status === 'deleted') throw new Refusal('ChallengeUnknown')
  return person
}

/** Removes challenges that ran out before an instant. */
export const forgetChallenges = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('expired-challenges', 'delete from login_challenges where book_id = $1 and expires_at < $2', [bookId, before])
