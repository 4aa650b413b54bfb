// `unipay api-key …`: keys of customers' programs from a shell, for support and for trying things out. Whoever has a shell
// of the installation is trusted with this; customers make their own in the app.
// Must stay true: a secret is printed once, here, and is in no log; each change is in its owner's security log and inbox.

import { type Command, InvalidArgumentError } from 'commander'
import { type ApiKey, type ApiKeyScope, apiKeyScopes } from '../../domain/api-key/api-key.ts'
import { makeDemoKey } from '../../domain/api-key/demo-key.ts'
import {
  issueApiKey,
  OVERLAP_HOURS,
  ownApiKeys,
  reissueSecret,
  revokeApiKey,
  type ShownApiKey,
} from '../../domain/api-key/manage-api-keys.ts'
import type { Bank } from '../../domain/context.ts'
import { type Person, personByUid } from '../../domain/people/people.ts'
import { columns, type Outcome, onKeyedBank, WrongUsage, wholeNumber } from './command.ts'

const readScopes = (text: string): ApiKeyScope[] =>
  text.split(',').map((word) => {
    const scope = apiKeyScopes.find((one) => one === word.trim())
    if (!scope) throw new InvalidArgumentError(`Scopes are ${apiKeyScopes.join(', ')}.`)
    return scope
  })
const readList = (text: string) => text.split(',').map((word) => word.trim())

/** Where a change from a shell comes from, for the customer's security log. */
const origin = { ip: '127.0.0.1', userAgent: 'unipay' }

export function define(apiKey: Command): void {
  apiKey
    .command('create <uid>')
    .description('makes a key for a customer; the secret is shown once')
    .requiredOption('--name <name>', 'what the customer will know it by')
    .option('--scopes <scopes>', `with commas between: ${apiKeyScopes.join(', ')}`, readScopes, ['read'])
    .option('--ips <addresses>', 'IP addresses or networks that it may be used from, with commas between', readList, [])
    .addHelpText(
      'after',
      '\nExample:\n  unipay api-key create U10001 --name bot --scopes read,withdraw --ips 192.0.2.7',
    )
    .action(
      onKeyedBank<{ name: string; scopes: ApiKeyScope[]; ips: string[] }>(
        async ({ bank, bookId }, [uid = ''], { name, scopes, ips }) =>
          shown(await issueApiKey(bank, await findPerson(bank, bookId, uid), { name, scopes, ips }, origin)),
      ),
    )

  apiKey
    .command('list <uid>')
    .description('the keys of a customer, without their secrets')
    .action(
      onKeyedBank(async ({ bank, bookId }, [uid = '']) => {
        const person = await findPerson(bank, bookId, uid)
        const keys = await ownApiKeys(bank, { bookId, personNo: person.no })
        const rows = keys.map(({ id, name, scopes, ips, expiresAt, lastUsedAt }) => [
          id,
          name,
          scopes.join(','),
          ips.join(',') || 'anywhere',
          expiresAt ? `until ${expiresAt.toISOString()}` : 'no end',
          lastUsedAt ? `used ${lastUsedAt.toISOString()}` : 'never used',
        ])
        return { data: { keys }, text: keys.length === 0 ? 'none' : columns(rows) }
      }),
    )

  apiKey
    .command('rotate <uid> <key>')
    .description('gives a key a new secret; the one before counts for some hours more')
    .option('--overlap <hours>', 'how long', wholeNumber(0, 72), OVERLAP_HOURS)
    .action(
      onKeyedBank<{ overlap: number }>(async ({ bank, bookId }, [uid = '', id = ''], { overlap }) =>
        shown(await reissueSecret(bank, await findPerson(bank, bookId, uid), id, overlap, origin)),
      ),
    )

  apiKey
    .command('revoke <uid> <key>')
    .description('ends a key at once, for good')
    .action(
      onKeyedBank(async ({ bank, bookId }, [uid = '', id = '']) => {
        await revokeApiKey(bank, await findPerson(bank, bookId, uid), id, origin, 'by_operator')
        return { data: { key: id, status: 'revoked' }, text: `${id} works no more` }
      }),
    )

  apiKey
    .command('demo <uid>')
    .description('in the sandbox: a key with every scope, to try the spot API out; ends the one before')
    .action(
      onKeyedBank(async ({ bank, bookId }, [uid = '']) =>
        shown(await makeDemoKey(bank, await findPerson(bank, bookId, uid))),
      ),
    )
}

async function findPerson(bank: Bank, bookId: number, uid: string): Promise<Person> {
  const person = await personByUid(bank, bookId, uid)
  if (!person || person.status === 'deleted')
    throw new WrongUsage(`there is no customer ${uid}; a UID looks like U10001`)
  return person
}

const withoutDates = ({ id, name, scopes, ips, expiresAt }: ApiKey) => ({ key: id, name, scopes, ips, expiresAt })

function shown({ key, secret }: ShownApiKey): Outcome {
  const until = key.expiresAt ? `until ${key.expiresAt.toISOString()}` : 'without an end'
  const text = `api-key  ${key.id}\nsecret   ${secret}\n\n${key.scopes.join(', ')}, ${until}. The secret is shown this once.`
  return { data: { ...withoutDates(key), secret }, text }
}
