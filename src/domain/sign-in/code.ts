// One-time codes: six digits, ten minutes, five tries, one use; bound to a contact and a scene, stored as a keyed hash.
// Must stay true: asking for a code looks and takes the same whether or not the contact has an account.

import { after, minutes, seconds } from '../../base/clock.ts'
import { hmacSha256, randomDigits } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank, Origin } from '../context.ts'
import { type MessageBody, queueMessage } from '../notice/message.ts'
import { type Contact, type ContactInput, readContact } from '../people/contact.ts'
import { findContact } from '../people/directory.ts'
import { countAttempt, countFromAddress } from './attempt.ts'
import { inEqualTime } from './equal-time.ts'

export type Scene = 'register' | 'login' | 'reset' | 'change_contact' | 'partner'

export const CODE_MINUTES = 10
export const CODE_TRIES = 5
export const CODE_PAUSE_SECONDS = 60
const BEAT = 50

/** What a code is kept as. `purpose` says for what and for whom it counts. */
export const codeHash = (bank: Bank, purpose: string, code: string): Buffer =>
  hmacSha256(bank.keys.oneTimeCode, `${purpose}\u0000${code}`)

const purposeOf = (contactIndex: Buffer, scene: Scene) => `${scene} ${contactIndex.toString('hex')}`

/** Sends a code, or what the owner of a contact should read instead. Refuses only by how often it is asked. */
export async function sendCode(bank: Bank, origin: Origin, input: ContactInput, scene: Scene): Promise<void> {
  const contact = readContact(bank, input)
  await inEqualTime(BEAT, async () => {
    await countFromAddress(bank, bank.config.DEFAULT_BOOK, 'code-address', origin.ip)
    const owner = await findContact(bank.db, contact)
    // whoever is said to have it, and has not proved it, does not stand in the way of who does
    const isFree = (scene === 'register' || scene === 'change_contact') && !owner?.proven
    const bookId = (isFree ? undefined : owner?.bookId) ?? bank.config.DEFAULT_BOOK
    const wanted = scene === 'register' || scene === 'change_contact' ? isFree : owner !== undefined
    const code = randomDigits(6)
    // a hash of something that is not a code can be matched by none
    const hash = codeHash(bank, purposeOf(contact.index, scene), wanted ? code : randomDigits(40))
    const body: MessageBody = wanted
      ? { about: 'code', scene, code, minutes: CODE_MINUTES }
      : owner
        ? { about: 'contact-taken' }
        : { about: 'nothing' }
    await storeAndSend(bank, origin, bookId, contact, scene, hash, body)
  })
}

async function storeAndSend(
  bank: Bank,
  origin: Origin,
  bookId: number,
  contact: Contact,
  scene: Scene,
  hash: Buffer,
  body: MessageBody,
): Promise<void> {
  const now = bank.clock.now()
  const expires = after(now, minutes(CODE_MINUTES))
  await bank.db.transaction(async (tx) => {
    const [stored] = await tx.query<{ wait: number }>(
      'code-store',
      `with stored as (
         insert into codes (book_id, contact_index, scene, hash, sent_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (book_id, contact_index, scene) do update
           set hash = excluded.hash, sent_at = excluded.sent_at, expires_at = excluded.expires_at, attempts = 0, used_at = null
           where codes.sent_at <= $7
         returning 0 as wait
       )
       select wait from stored
       union all
       select ceil(extract(epoch from sent_at - $7::timestamptz))::int from codes
       where book_id = $1 and contact_index = $2 and scene = $3 and not exists (select from stored)`,
      [bookId, contact.index, scene, hash, now, expires, after(now, -seconds(CODE_PAUSE_SECONDS))],
    )
    // no row at all: a request beside this one has just stored its own
    if (!stored || stored.wait > 0) throw new Refusal('RateLimited', { retryAfter: stored?.wait ?? CODE_PAUSE_SECONDS })
    await countAttempt(tx, now, bookId, 'code-contact', contact.index.toString('hex'))
    await queueMessage(bank, tx, {
      kind: contact.kind,
      to: contact.value,
      locale: origin.locale,
      until: expires.getTime(),
      body,
    })
  })
}

/** Uses a code up, or counts a wrong try and refuses (`CodeWrong`). A right code counts once, also when asked in parallel. */
export async function redeemCode(
  bank: Bank,
  ip: string,
  bookId: number,
  contactIndex: Buffer,
  scene: Scene,
  code: string,
): Promise<void> {
  await countFromAddress(bank, bookId, 'guess-address', ip)
  if (!(await tryCode(bank.db, bank, bookId, contactIndex, scene, code))) throw new Refusal('CodeWrong')
}

async function tryCode(
  q: Queries,
  bank: Bank,
  bookId: number,
  contactIndex: Buffer,
  scene: Scene,
  code: string,
): Promise<boolean> {
  const now = bank.clock.now()
  const [row] = await q.query<{ right: boolean }>(
    'code-try',
    `update codes set attempts = attempts + 1, used_at = case when hash = $4 then $5::timestamptz end
     where book_id = $1 and contact_index = $2 and scene = $3
       and used_at is null and attempts < $6 and expires_at > $5::timestamptz
     returning used_at is not null as right`,
    [bookId, contactIndex, scene, codeHash(bank, purposeOf(contactIndex, scene), code), now, CODE_TRIES],
  )
  return row?.right ?? false
}

/** Removes codes that ran out before an instant. */
export const forgetCodes = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('expired-codes', 'delete from codes where book_id = $1 and expires_at < $2', [bookId, before])
