// What is another's must look like what does not exist: in words, code and time, and so must ids that are none. The check
// for one way to ask, and for an operation whose path names a thing; and where such operations are tested.

import assert from 'node:assert/strict'
import type { Operation } from './app-contract.ts'
import { ABSENT_ID } from './honest-inputs.ts'
import { type Payer, request } from './hosted.ts'
import { type Client, percentile, type Reply } from './http-client.ts'

const SAMPLES = 40

/** Paths whose things come about only with vendors behind the bank, and the test that has those. */
export const testedElsewhere: Record<string, string> = {
  '/api/remittance/recipients/{id}': 'access-vendors.test.ts',
  '/api/remittance/orders/{id}': 'access-vendors.test.ts',
  '/api/remittance/orders/{id}/receipt': 'access-vendors.test.ts',
  '/api/card/cards/{id}/secure-token': 'access-vendors.test.ts',
  '/api/card/cards/{id}/freeze': 'access-vendors.test.ts',
  '/api/card/cards/{id}/unfreeze': 'access-vendors.test.ts',
  '/api/webhooks/{id}/deliveries/{event_id}': 'webhooks-out.test.ts',
  '/api/webhooks/{id}/deliveries/{event_id}/resend': 'webhooks-out.test.ts',
}

export const nameOf = ({ json }: Reply) => (json as { name?: string }).name ?? 'ok'
/** All of a refusal but what is different every time. */
export const wordsOf = ({ status, json }: Reply) => JSON.stringify({ status, ...(json as object), request_id: '' })
export const fill = (path: string, id: string) => path.replace(/\{\w+\}/g, encodeURIComponent(id))

export const malformed = [
  'x',
  '-',
  '%',
  '0',
  '-1',
  '1e3',
  ABSENT_ID,
  ABSENT_ID.toUpperCase(),
  `d-${ABSENT_ID}x`,
  'r-null',
  '9'.repeat(30),
]

/** Nobody's, in the shape of somebody's. */
const absentLike = (id: string) => (/^\d+$/.test(id) ? '999999999' : `${/^[a-z]+-/.exec(id)?.[0] ?? ''}${ABSENT_ID}`)

/** `ask` is somebody else's than the owner of what `theirs` names. */
export async function expectAsAbsent(
  ask: (id: string) => Promise<Reply>,
  theirs: string,
  { absent = absentLike(theirs), name = 'NotFound' }: { absent?: string; name?: string } = {},
): Promise<void> {
  assert.notEqual(theirs, '')
  const expected = await ask(absent)
  assert.equal(nameOf(expected), name)
  const times: { theirs: number[]; absent: number[] } = { theirs: [], absent: [] }
  for (let i = 0; i < SAMPLES; i++) {
    for (const [kind, id] of [
      ['theirs', theirs],
      ['absent', absent],
    ] as const) {
      const reply = await ask(id)
      assert.equal(wordsOf(reply), wordsOf(expected), id)
      times[kind].push(reply.milliseconds)
    }
  }
  const [mine, none] = [percentile(times.theirs, 0.5), percentile(times.absent, 0.5)]
  assert.ok(Math.abs(mine - none) <= 10, `medians ${mine.toFixed(1)} and ${none.toFixed(1)} ms`)
  for (const id of malformed) assert.equal(wordsOf(await ask(id)), wordsOf(expected), id)
}

/** How customers come by a thing, by the beginning of the paths that name it. */
export type Things = Record<string, (owner: Payer, operation: Operation) => Promise<string>>

export function thingOf(things: Things, path: string) {
  const found = Object.keys(things).find((prefix) => path === prefix || path.startsWith(`${prefix}/`))
  const make = found === undefined ? undefined : things[found]
  assert.ok(make, `say how a customer comes by what ${path} names, or where that is tested`)
  return make
}

/** To `me` what `other` has is absent, and each has their own. */
export async function expectOthersAbsent(
  operation: Operation,
  things: Things,
  {
    client,
    me,
    other,
    bodyOf,
  }: { client: Client; me: Payer; other: Payer; bodyOf(operation: Operation): string | undefined },
): Promise<void> {
  const make = thingOf(things, operation.path)
  const use = (id: string, owner: Payer) =>
    client.ask(request(operation.method, fill(operation.path, id), bodyOf(operation), owner.access))
  const theirs = await make(other, operation)
  await expectAsAbsent((id) => use(id, me), theirs)
  for (const [id, owner] of [
    [theirs, other],
    [await make(me, operation), me],
  ] as const) {
    const reply = await use(id, owner)
    assert.equal(reply.status, 200, `it was there all the time, for its owner: ${reply.text}`)
  }
}
