// From an Authorization header to the customer who sent it. Everything that is not a live access token is refused alike.
// Nothing about why is told: not expired, ended or forged, only that it does not count.

import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank, Origin } from '../../domain/context.ts'
import { authenticateToken } from '../../domain/sign-in/session.ts'

export async function authenticate(bank: Bank, authorization: string | undefined, origin: Origin): Promise<Actor> {
  const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) throw new Refusal('Unauthorized')
  const { bookId, personId, personNo, sessionId } = await authenticateToken(bank, token)
  return { ...origin, bookId, personId, personNo, sessionId }
}
