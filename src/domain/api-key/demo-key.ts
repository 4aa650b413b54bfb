// A key for trying the spot API out in the sandbox: made anew each time, since the secret of the one before is gone.
// Must stay true: there is none in live mode; a customer has one of these at most.

import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { Person } from '../people/people.ts'
import { apiKeyScopes, apiKeysOf } from './api-key.ts'
import { issueApiKey, revokeApiKey, type ShownApiKey } from './manage-api-keys.ts'

const NAME = 'sandbox demo'
const origin = { ip: '127.0.0.1', userAgent: 'sandbox' }

/** Refuses `Forbidden` in live mode. */
export async function makeDemoKey(bank: Bank, person: Person): Promise<ShownApiKey> {
  if (bank.config.UNIPAY_MODE === 'live') throw new Refusal('Forbidden', { reason: 'for the sandbox alone' })
  for (const { id, name } of await apiKeysOf(bank.db, person.bookId, person.no))
    if (name === NAME) await revokeApiKey(bank, person, id, origin, 'by_operator')
  return issueApiKey(bank, person, { name: NAME, scopes: apiKeyScopes }, origin)
}
