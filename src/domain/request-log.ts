// Who asked what of the partner APIs, and what came of it: for partners who look for their mistake, and for operators who
// help them. Must stay true: no body, no query, no signature, no secret; a key is noted as it was named, also when nobody
// proved it; rows are written many at once, away from the request, and forgotten after a month.

import type { Queries } from '../base/database.ts'
import { newId } from '../base/ids.ts'
import { columnsOf, rowTable } from '../ledger/rows.ts'

export const partnerApis = ['spot', 'ramp', 'platform'] as const
export type PartnerApi = (typeof partnerApis)[number]

export interface LoggedRequest {
  bookId: number
  api: PartnerApi
  /** As the caller named it; empty when it named none. */
  keyId: string
  /** Whether it was really the key's holder. */
  proved: boolean
  method: string
  /** Without the query. */
  path: string
  status: number
  /** Of the API's envelope. */
  code: string
  requestId: string
  ms: number
  ip: string
  at: Date
}

type Row = Omit<LoggedRequest, 'bookId' | 'keyId' | 'requestId'> & {
  book_id: number
  id: string
  key_id: string
  request_id: string
}

const table = rowTable<Row>('request_log', {
  book_id: 'integer',
  id: 'uuid',
  api: 'text',
  key_id: 'text',
  proved: 'boolean',
  method: 'text',
  path: 'text',
  status: 'smallint',
  code: 'text',
  request_id: 'text',
  ms: 'integer',
  ip: 'text',
  at: 'timestamptz',
})

const plainText = (text: string, most: number) => text.replace(/[^\x20-\x7e]+/g, '?').slice(0, most)

/** All in one statement. */
export async function writeRequests(q: Queries, requests: readonly LoggedRequest[]): Promise<void> {
  if (requests.length === 0) return
  const rows = requests.map(({ bookId, keyId, requestId, path, method, code, ip, ...rest }) =>
    table.row({
      ...rest,
      book_id: bookId,
      id: newId(),
      key_id: plainText(keyId, 128),
      request_id: plainText(requestId, 64),
      path: plainText(path, 200),
      method: plainText(method, 10),
      code: plainText(code, 20),
      ip: plainText(ip, 60),
    }),
  )
  await q.query('request-log-write', table.insert(1), columnsOf(rows))
}

export interface RequestFilter {
  api?: PartnerApi | undefined
  keyId?: string | undefined
  requestId?: string | undefined
  /** Only what was refused. */
  refused?: boolean | undefined
  from?: Date | undefined
  to?: Date | undefined
  offset: number
  size: number
}

export type RequestEntry = Row

/** Newest first. */
export const readRequests = (q: Queries, bookId: number, filter: RequestFilter): Promise<RequestEntry[]> =>
  q.query<RequestEntry>(
    `request-log-read${filter.keyId === undefined ? '' : '-of-key'}`,
    // two statements, since one plan cannot use the index of keys and do without it
    `select id, api, key_id, proved, method, path, status, code, request_id, ms, ip, at from request_log
     where book_id = $1 and ($2::text is null or api = $2)
       and ${filter.keyId === undefined ? '$3::text is null' : "api = any ('{spot,ramp,platform}') and key_id = $3"}
       and ($4::text is null or request_id = $4)
       and (not $5::boolean or status >= 400 or code not in ('0', '000000'))
       and ($6::timestamptz is null or at >= $6) and ($7::timestamptz is null or at < $7)
     order by id desc limit $8 offset $9`,
    [
      bookId,
      filter.api ?? null,
      filter.keyId ?? null,
      filter.requestId ?? null,
      filter.refused ?? false,
      filter.from ?? null,
      filter.to ?? null,
      filter.size,
      filter.offset,
    ],
  )

/** Those that nobody proved to have made go earlier. */
export const forgetRequests = (
  q: Queries,
  bookId: number,
  before: { proved: Date; unproved: Date },
): Promise<unknown> =>
  q.query(
    'request-log-forget',
    `delete from request_log where book_id = $1 and at < $3::timestamptz and (not proved or at < $2::timestamptz)`,
    [bookId, before.proved, before.unproved],
  )
