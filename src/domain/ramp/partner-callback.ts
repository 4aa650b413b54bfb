// A partner's callback address as an endpoint of webhooks: told of its orders, signed with a key pair of the endpoint's own.
// Must stay true: there is one endpoint for the address that the terms name, and none for one that they named before.

import type { Queries, Tx } from '../../base/database.ts'
import type { Bank } from '../context.ts'
import { addEndpoint, type EndpointRow, endpointsOf, publicKeyOf, removeEndpoint } from '../webhook/endpoint.ts'
import type { Partner } from './partner.ts'

const CALLBACK = 'callback of the terms'
const ownerOf = (partnerId: string) => `partner:${partnerId}` as const

const callbacks = async (q: Queries, bookId: number, partnerId: string): Promise<EndpointRow[]> =>
  (await endpointsOf(q, bookId, ownerOf(partnerId))).filter(({ description }) => description === CALLBACK)

/** Makes the endpoint follow the terms. Refuses `InvalidParams` an address that cannot be asked. */
export async function keepCallback(bank: Bank, tx: Tx, bookId: number, partnerId: string, url: string): Promise<void> {
  const known = await callbacks(tx, bookId, partnerId)
  for (const endpoint of known) if (endpoint.url !== url) await removeEndpoint(tx, bookId, endpoint.id)
  if (url === '' || known.some((endpoint) => endpoint.url === url)) return
  const types = ['ramp.order.updated']
  await addEndpoint(bank, tx, bookId, {
    owner: ownerOf(partnerId),
    url,
    description: CALLBACK,
    types,
    scheme: 'ed25519',
  })
}

/** With what the partner verifies its callbacks; null without an address. */
export async function callbackKey(bank: Bank, bookId: number, { id }: Pick<Partner, 'id'>): Promise<string | null> {
  const [endpoint] = await callbacks(bank.db, bookId, id)
  return endpoint ? publicKeyOf(bank, bookId, endpoint) : null
}
