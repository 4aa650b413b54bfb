// `unipay webhook …`: endpoints and how they are, what was sent, sending it again. Whoever has a shell of the installation is
// trusted with this; in the console two operators agree on where a partner's or merchant's events go.
// Must stay true: a key is shown once, here, and is in no log.

import { type Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { isId } from '../../base/ids.ts'
import { eventWireId } from '../../domain/webhook/deliver.ts'
import { addPing, deliveriesOf, resendDelivery, resendFailed } from '../../domain/webhook/delivery.ts'
import {
  addEndpoint,
  allEndpoints,
  type EndpointRow,
  endpointById,
  endpointsOf,
  rotateSecret,
  type WebhookOwner,
} from '../../domain/webhook/endpoint.ts'
import { publicType } from '../../domain/webhook/event-types.ts'
import { columns, onDatabase, onKeyedBank, WrongUsage, wholeNumber } from './command.ts'

const OWNER = /^(person:[1-9]\d*|(partner|merchant):[0-9a-z_-]{20,80})$/
const readOwner = (text: string): WebhookOwner => {
  if (OWNER.test(text)) return text as WebhookOwner
  throw new InvalidArgumentError('person:<number>, partner:<id> or merchant:<app_id>.')
}
const readInstant = (text: string): Date => {
  const at = new Date(text)
  if (!Number.isNaN(at.getTime())) return at
  throw new InvalidArgumentError('A time such as 2026-01-31T00:00:00Z.')
}
const endpointId = (text: string): string => {
  const id = text.replace(/^wh-/, '')
  if (!isId(id)) throw new WrongUsage('an endpoint’s id looks like wh-01988f5e-3c1a-7d2b-9b8e-0242ac120002')
  return id
}
const how = ({ status, disabled_for, failing_since }: EndpointRow) =>
  status === 'disabled'
    ? `disabled (${disabled_for})`
    : failing_since
      ? `failing since ${failing_since.toISOString()}`
      : 'active'
/** Secrets stay where they are sealed. */
const shown = ({ secret_sealed: _s, previous_sealed: _p, mail_sealed: _m, ...row }: EndpointRow) => row

export function define(webhook: Command): void {
  webhook
    .command('create')
    .description('an endpoint for a partner or a merchant; its key is shown this once')
    .requiredOption('--owner <owner>', 'partner:<id> or merchant:<app_id>', readOwner)
    .requiredOption('--url <address>', 'where events are sent')
    .option('--types <types...>', 'event types or groups such as card.*; all where it does not say')
    .option('--ed25519', 'signed with a key pair instead of a shared secret')
    .option('--mail <address>', 'who hears that it was disabled')
    .action(
      onKeyedBank<{ owner: WebhookOwner; url: string; types?: string[]; ed25519?: true; mail?: string }>(
        async ({ bank, bookId }, _args, { owner, url, types, ed25519, mail }) => {
          const scheme = ed25519 ? 'ed25519' : 'hmac'
          const input = { owner, url, types: types ?? null, scheme, ...(mail ? { mail } : {}) } as const
          const { row, key } = await addEndpoint(bank, bank.db, bookId, input)
          const text = columns([
            ['endpoint', `wh-${row.id}`],
            ['key', key],
          ])
          return { data: { endpoint: shown(row), key }, text: `${text}\n\nThe key is shown this once.` }
        },
      ),
    )

  webhook
    .command('list')
    .description('endpoints, newest first')
    .option('--owner <owner>', 'one owner’s', readOwner)
    .option('--failing', 'those that fail or are disabled')
    .action(
      onDatabase<{ owner?: WebhookOwner; failing?: true }>(async ({ db, bookId }, _args, { owner, failing }) => {
        const rows = owner
          ? await endpointsOf(db, bookId, owner)
          : await allEndpoints(db, bookId, { offset: 0, size: 1_000, failing: failing === true })
        const lines = rows.map((row) => [`wh-${row.id}`, row.owner, row.url, how(row)])
        return { data: { endpoints: rows.map(shown) }, text: lines.length === 0 ? 'none' : columns(lines) }
      }),
    )

  webhook
    .command('deliveries <endpoint>')
    .description('what was sent to an endpoint, newest first')
    .option('--size <n>', 'how many', wholeNumber(1, 1_000), 20)
    .action(
      onDatabase<{ size: number }>(async ({ db, bookId }, [id = ''], { size }) => {
        const { id: endpoint } = await endpointById(db, bookId, undefined, endpointId(id))
        const rows = await deliveriesOf(db, bookId, endpoint, { offset: 0, size })
        const lines = rows.map(({ event_id, type, data, status, attempts, happened_at }) => [
          eventWireId(event_id),
          publicType(type, data),
          status,
          `${attempts} attempts`,
          happened_at.toISOString(),
        ])
        return { data: { deliveries: rows }, text: lines.length === 0 ? 'none' : columns(lines) }
      }),
    )

  webhook
    .command('ping <endpoint>')
    .description('sends a test event; the worker delivers it')
    .action(
      onDatabase(async ({ db, bookId }, [id = '']) => {
        const endpoint = active(await endpointById(db, bookId, undefined, endpointId(id)))
        const { event_id, happened_at } = await addPing(db, bookId, endpoint.id, systemClock.now())
        return { data: { event: eventWireId(event_id), happened_at }, text: `${eventWireId(event_id)} is on its way` }
      }),
    )

  webhook
    .command('resend <endpoint> [event]')
    .description('sends an event again under its id, or all that was given up since a time')
    .option('--failed-since <time>', 'all that was given up since', readInstant)
    .addHelpText(
      'after',
      '\nExamples:\n  unipay webhook resend wh-… ev-…\n  unipay webhook resend wh-… --failed-since 2026-01-31T00:00:00Z',
    )
    .action(
      onDatabase<{ failedSince?: Date }>(async ({ db, bookId }, [id = '', event], { failedSince }) => {
        const endpoint = active(await endpointById(db, bookId, undefined, endpointId(id)))
        const now = systemClock.now()
        if (failedSince) {
          const count = await resendFailed(db, bookId, endpoint.id, failedSince, now)
          return { data: { count }, text: `${count} are on their way` }
        }
        const eventId = (event ?? '').replace(/^ev-/, '')
        if (!isId(eventId)) throw new WrongUsage('name an event (ev-…), or --failed-since')
        await resendDelivery(db, bookId, endpoint.id, eventId, now)
        return { data: { count: 1 }, text: `${eventWireId(eventId)} is on its way` }
      }),
    )

  webhook
    .command('rotate <endpoint>')
    .description('a new key, shown this once; the one before signs beside it for a day')
    .action(
      onKeyedBank(async ({ bank, bookId }, [id = '']) => {
        const row = await endpointById(bank.db, bookId, undefined, endpointId(id))
        if (row.owner.startsWith('person:')) throw new WrongUsage('a customer’s key is the customer’s own')
        const { key } = await rotateSecret(bank, bank.db, bookId, row)
        return { data: { endpoint: row.id, key }, text: key }
      }),
    )
}

function active(row: EndpointRow): EndpointRow {
  if (row.status === 'active') return row
  throw new WrongUsage('the endpoint is disabled')
}
