// The approval of an endpoint for a partner or a merchant: what happens to customers is sent there, so two operators agree
// on the address. Must stay true: no secret and no contact in the payload; the key is made anew for whoever hands it over.

import { Type as T } from 'typebox'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { merchantById } from '../merchant/merchant.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { partnerById } from '../ramp/partner.ts'
import { addEndpoint, type WebhookOwner } from './endpoint.ts'
import { readEndpointUrl } from './endpoint-url.ts'
import { readTypes } from './event-types.ts'

type ProgramOwner = Exclude<WebhookOwner, `person:${bigint}`>

/** The partner's or merchant's name. Refuses NotFound. */
async function nameOf(q: Queries, bookId: number, owner: string): Promise<string> {
  const [kind, id = ''] = owner.split(':')
  if (kind === 'merchant') return (await merchantById(q, bookId, id)).name
  if (kind !== 'partner' || !isId(id)) throw new Refusal('NotFound')
  return (await partnerById(q, bookId, id)).name
}

const said = (types: readonly string[] | undefined, all: string) => (types?.length ? types.join(', ') : all)

export const webhookApproval = approvalKind({
  kind: 'webhook',
  title: { zh: '新 Webhook', en: 'New webhook' },
  makers: ['admin'],
  checkers: ['admin'],
  payload: T.Object(
    {
      owner: T.String({
        pattern: '^(partner|merchant):[0-9a-z_-]{20,80}$',
        description: 'partner:<id> or merchant:<app_id>',
        examples: ['partner:00000000-0000-7000-8000-000000000000'],
      }),
      url: T.String({ minLength: 8, maxLength: 2048, examples: ['https://example.com/unipay'] }),
      types: T.Optional(T.Array(T.String({ maxLength: 60 }), { maxItems: 40, description: 'empty: all' })),
      scheme: T.Optional(T.Union([T.Literal('hmac'), T.Literal('ed25519')])),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ owner, url }) => `webhook:${owner} ${url}`.slice(0, 200),
  async prepare(bank, tx, bookId, payload) {
    await nameOf(tx, bookId, payload.owner)
    const types = readTypes(payload.types ?? null, '/payload/types')
    return { ...payload, url: readEndpointUrl(bank, payload.url, '/payload/url'), ...(types ? { types } : {}) }
  },
  describe: ({ owner, url }) => ({ zh: `向 ${url} 发送 ${owner} 的事件`, en: `Send events of ${owner} to ${url}` }),
  async preview(_bank, q, bookId, { owner, url, types }) {
    const name = await nameOf(q, bookId, owner)
    const whose = owner.startsWith('merchant:')
      ? { zh: `${name} 的客户`, en: `the customers of ${name}` }
      : { zh: `${name} 的订单`, en: `the orders of ${name}` }
    return {
      journals: [],
      effects: [
        {
          zh: `${whose.zh}发生的事(${said(types, '全部类型')})将发送到 ${url}`,
          en: `What happens to ${whose.en} (${said(types, 'all types')}) is sent to ${url}`,
        },
      ],
    }
  },
  async apply(bank, tx, { bookId, payload: { owner, url, types = [], scheme = 'hmac' } }) {
    await nameOf(tx, bookId, owner)
    await addEndpoint(bank, tx, bookId, { owner: owner as ProgramOwner, url, types, scheme })
  },
})
