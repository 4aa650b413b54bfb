// Endpoints of webhooks: where customers, partners and merchants want to be told what happens, and the keys for it.
// Must stay true: a secret lies sealed and is shown once; whoever is not the owner finds nothing; after a rotation both keys
// sign for a day, so that no receiver misses anything.

import { after, hours } from '../../base/clock.ts'
import { randomKey, seal, unseal } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'
import { shownKey, type WebhookScheme } from '../signature/webhook.ts'
import { readEndpointUrl } from './endpoint-url.ts'
import { outboxTypesOf, readTypes } from './event-types.ts'

/** `person:10001`, `partner:<id>`, `merchant:<id>`. */
export type WebhookOwner = `person:${bigint}` | `${'partner' | 'merchant'}:${string}`

const MOST = 10
const DESCRIPTION = 200
/** For so long the key before the newest signs as well. */
export const OVERLAP = hours(24)

export interface EndpointRow {
  id: string
  owner: WebhookOwner
  url: string
  description: string
  types: string[] | null
  scheme: WebhookScheme
  secret_sealed: Buffer
  previous_sealed: Buffer | null
  previous_until: Date | null
  mail_sealed: Buffer | null
  status: 'active' | 'disabled'
  disabled_for: '' | 'owner' | 'failures' | 'operator'
  failing_since: Date | null
  failures: number
  created_at: Date
}

export const endpointColumns = `id, owner, url, description, types, scheme, secret_sealed, previous_sealed, previous_until,
  mail_sealed, status, disabled_for, failing_since, failures, created_at`

const secretContext = (bookId: number, id: string) => `webhook ${bookId} ${id}`
export const mailContext = (bookId: number, id: string) => `webhook mail ${bookId} ${id}`
export const sealedWebhooks: readonly SealedColumn[] = [
  { table: 'webhook_endpoints', column: 'secret_sealed', key: { id: 'uuid' }, context: secretContext },
  { table: 'webhook_endpoints', column: 'previous_sealed', key: { id: 'uuid' }, context: secretContext },
  { table: 'webhook_endpoints', column: 'mail_sealed', key: { id: 'uuid' }, context: mailContext },
]

const freshSecret = (bank: Bank, bookId: number, id: string) => {
  const secret = randomKey()
  return { secret, sealed: seal(bank.keys.personal, secret.toString('base64'), secretContext(bookId, id)) }
}
const openSecret = (bank: Bank, bookId: number, id: string, sealed: Buffer) =>
  Buffer.from(unseal(bank.keys.personal, sealed, secretContext(bookId, id)), 'base64')

/** What signs now, the newest first. */
export function secretsOf(bank: Bank, bookId: number, row: EndpointRow): Buffer[] {
  const both = row.previous_until && row.previous_until > bank.clock.now() ? [row.previous_sealed] : []
  return [row.secret_sealed, ...both].flatMap((sealed) => (sealed ? [openSecret(bank, bookId, row.id, sealed)] : []))
}

/** The key with which receivers verify Ed25519 signatures; that of HMAC is secret and not shown again. */
export const publicKeyOf = (bank: Bank, bookId: number, row: EndpointRow): string | null =>
  row.scheme === 'ed25519' ? shownKey('ed25519', openSecret(bank, bookId, row.id, row.secret_sealed)) : null

export const mailOf = (bank: Bank, bookId: number, row: EndpointRow): string | null =>
  row.mail_sealed && unseal(bank.keys.personal, row.mail_sealed, mailContext(bookId, row.id))

export interface NewEndpoint {
  owner: WebhookOwner
  url: string
  description?: string
  types?: readonly string[] | null
  scheme?: WebhookScheme
  /** Who hears that it was disabled; customers have contacts of their own. */
  mail?: string
}

export interface EndpointWithKey {
  row: EndpointRow
  /** `whsec_…` or `whpk_…`; the former is never shown again. */
  key: string
}

function readDescription(text: string): string {
  const description = text.normalize('NFC').trim()
  if ([...description].length <= DESCRIPTION) return description
  throw new Refusal('InvalidParams', { pointer: '/description', reason: `at most ${DESCRIPTION} characters` })
}

/** Refuses InvalidParams: an address that cannot be asked, a type that does not exist, an eleventh endpoint. */
export async function addEndpoint(
  bank: Bank,
  q: Queries,
  bookId: number,
  { owner, url, description = '', types = null, scheme = 'hmac', mail }: NewEndpoint,
): Promise<EndpointWithKey> {
  const id = newId()
  const named = readTypes(types)
  const { secret, sealed } = freshSecret(bank, bookId, id)
  const [row] = await q.query<EndpointRow>(
    'webhook-endpoint-add',
    `insert into webhook_endpoints (book_id, id, owner, url, description, types, outbox_types, scheme, secret_sealed,
       mail_sealed, created_at)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
     where (select count(*) from webhook_endpoints where book_id = $1 and owner = $3 and status <> 'removed') < $12
     returning ${endpointColumns}`,
    [
      bookId,
      id,
      owner,
      readEndpointUrl(bank, url),
      readDescription(description),
      named,
      outboxTypesOf(named),
      scheme,
      sealed,
      mail ? seal(bank.keys.personal, mail, mailContext(bookId, id)) : null,
      bank.clock.now(),
      MOST,
    ],
  )
  if (!row) throw new Refusal('InvalidParams', { reason: `at most ${MOST} endpoints`, maximum: MOST })
  return { row, key: shownKey(scheme, secret) }
}

export const endpointsOf = (q: Queries, bookId: number, owner: WebhookOwner): Promise<EndpointRow[]> =>
  q.query<EndpointRow>(
    'webhook-endpoints',
    `select ${endpointColumns} from webhook_endpoints
     where book_id = $1 and owner = $2 and status <> 'removed' order by id`,
    [bookId, owner],
  )

/** For operators: everybody's, newest first. */
export const allEndpoints = (
  q: Queries,
  bookId: number,
  page: { offset: number; size: number; failing: boolean },
): Promise<EndpointRow[]> =>
  q.query<EndpointRow>(
    'webhook-endpoints-all',
    `select ${endpointColumns} from webhook_endpoints
     where book_id = $1 and status <> 'removed' and (not $4::boolean or failing_since is not null or status = 'disabled')
     order by id desc limit $2 offset $3`,
    [bookId, page.size, page.offset, page.failing],
  )

/** Refuses NotFound; without an owner it is anybody's, for operators. */
export async function endpointById(
  q: Queries,
  bookId: number,
  owner: WebhookOwner | undefined,
  id: string,
): Promise<EndpointRow> {
  const [row] = await q.query<EndpointRow>(
    'webhook-endpoint',
    `select ${endpointColumns} from webhook_endpoints
     where book_id = $1 and id = $2 and ($3::text is null or owner = $3) and status <> 'removed'`,
    [bookId, id, owner ?? null],
  )
  if (!row) throw new Refusal('NotFound')
  return row
}

export interface EndpointChange {
  url?: string | undefined
  description?: string | undefined
  types?: readonly string[] | null | undefined
  enabled?: boolean | undefined
}

/** What is not named stays. An endpoint that is enabled begins anew: its failures are forgotten. */
export async function changeEndpoint(
  bank: Bank,
  q: Queries,
  bookId: number,
  before: EndpointRow,
  { url, description, types, enabled }: EndpointChange,
  by: 'owner' | 'operator',
): Promise<EndpointRow> {
  const named = types === undefined ? before.types : readTypes(types)
  const stays = enabled === undefined || enabled === (before.status === 'active')
  const fresh = !stays && enabled === true
  const [row] = await q.query<EndpointRow>(
    'webhook-endpoint-change',
    `update webhook_endpoints set url = $3, description = $4, types = $5, outbox_types = $6, status = $7, disabled_for = $8,
       failing_since = case when $9::boolean then null else failing_since end,
       failures = case when $9 then 0 else failures end, rest_until = case when $9 then null else rest_until end
     where book_id = $1 and id = $2 and status <> 'removed' returning ${endpointColumns}`,
    [
      bookId,
      before.id,
      url === undefined ? before.url : readEndpointUrl(bank, url),
      description === undefined ? before.description : readDescription(description),
      named,
      outboxTypesOf(named),
      stays ? before.status : enabled ? 'active' : 'disabled',
      stays ? before.disabled_for : enabled ? '' : by,
      fresh || (url !== undefined && url !== before.url),
    ],
  )
  if (!row) throw new Refusal('NotFound')
  return row
}

/** A new key; the one before signs beside it for a day. */
export async function rotateSecret(
  bank: Bank,
  q: Queries,
  bookId: number,
  { id, scheme }: EndpointRow,
): Promise<EndpointWithKey> {
  const { secret, sealed } = freshSecret(bank, bookId, id)
  const [row] = await q.query<EndpointRow>(
    'webhook-endpoint-rotate',
    `update webhook_endpoints set previous_sealed = secret_sealed, previous_until = $4, secret_sealed = $3
     where book_id = $1 and id = $2 and status <> 'removed' returning ${endpointColumns}`,
    [bookId, id, sealed, after(bank.clock.now(), OVERLAP)],
  )
  if (!row) throw new Refusal('NotFound')
  return { row, key: shownKey(scheme, secret) }
}

export async function removeEndpoint(q: Queries, bookId: number, id: string): Promise<void> {
  await q.query(
    'webhook-endpoint-remove',
    `update webhook_endpoints set status = 'removed', disabled_for = '' where book_id = $1 and id = $2`,
    [bookId, id],
  )
}
