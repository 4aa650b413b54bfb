// What a UPT is worth: points recorded by each sale of nodes (price paid for a node by the UPT that came with it) and by
// operators who agree on one. Bars for a chart are made of them when they are asked for.
// Must stay true: a point is never changed; the default price is the operators' newest, and 1 where there was none.

import { Type as T } from 'typebox'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'

const { scale } = assets.USDT
const FIRST_PRICE = 10n ** BigInt(scale)

export interface UptPrices {
  last: bigint
  default: bigint
}

export async function uptPrices(q: Queries, bookId: number): Promise<UptPrices> {
  const [row] = await q.query<{ last: bigint | null; set: bigint | null }>(
    'upt-prices',
    `select (select price from upt_prices where book_id = $1 order by at desc, id desc limit 1) as last,
            (select price from upt_prices where book_id = $1 and source = 'operator' order by at desc, id desc limit 1) as set`,
    [bookId],
  )
  const set = row?.set ?? FIRST_PRICE
  return { last: row?.last ?? set, default: set }
}

export const barSeconds = { '1m': 60, '1h': 3_600, '1d': 86_400 } as const
export type BarLength = keyof typeof barSeconds

export interface PriceBar {
  /** When it begins, in seconds since 1970. */
  time: number
  open: bigint
  high: bigint
  low: bigint
  close: bigint
}

/** So many points at most are looked at, the newest. */
const POINTS = 5_000

/** The newest bars in which a price was recorded, oldest first. */
export async function priceBars(q: Queries, bookId: number, length: BarLength, limit: number): Promise<PriceBar[]> {
  const rows = await q.query<PriceBar>(
    'upt-bars',
    `select * from (
       select (floor(extract(epoch from p.at) / $2::int) * $2::int)::float8 as time,
              (array_agg(p.price order by p.at, p.id))[1] as open, max(p.price) as high, min(p.price) as low,
              (array_agg(p.price order by p.at desc, p.id desc))[1] as close
       from (select at, id, price from upt_prices where book_id = $1 order by at desc, id desc limit $4) p
       group by 1 order by 1 desc limit $3) b
     order by time`,
    [bookId, barSeconds[length], limit, POINTS],
  )
  return rows
}

export interface PricePoint {
  id: string
  price: bigint
  source: 'sale' | 'operator'
  order_id: string | null
  approval_id: string | null
  at: Date
}

/** Newest first. */
export const pricePoints = (
  q: Queries,
  bookId: number,
  page: { offset: number; size: number },
): Promise<PricePoint[]> =>
  q.query<PricePoint>(
    'upt-price-points',
    `select id, price, source, order_id, approval_id, at from upt_prices
     where book_id = $1 order by at desc, id desc limit $2 offset $3`,
    [bookId, page.size, page.offset],
  )

const worded = ({ price, from = '' }: { price: string; from?: string }) => `${from} → ${price} USDT`

export const uptPriceApproval = approvalKind({
  kind: 'upt_price',
  title: { zh: '设定 UPT 价格', en: 'Price of UPT' },
  makers: ['finance', 'admin'],
  checkers: ['finance', 'admin'],
  payload: T.Object(
    {
      price: T.String({ maxLength: 40, description: 'of one UPT, USDT', examples: ['1.02'] }),
      from: T.Optional(T.String({ maxLength: 40, description: 'the default price now; filled in when left out' })),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: () => 'upt_price',
  async prepare(_bank, tx, bookId, { price, from }) {
    const units = parsePositiveAmount(price, scale, '/payload/price')
    const now = formatAmount((await uptPrices(tx, bookId)).default, scale)
    if (from !== undefined && from !== now) throw new Refusal('Outdated', { current: now })
    return { price: formatAmount(units, scale), from: now }
  },
  describe: (payload) => ({ zh: `UPT 默认价格 ${worded(payload)}`, en: `Default price of UPT ${worded(payload)}` }),
  async preview(_bank, q, bookId, payload) {
    const now = formatAmount((await uptPrices(q, bookId)).default, scale)
    if (now !== payload.from) throw new Refusal('Outdated', { current: now })
    return { journals: [], effects: [{ zh: `1 UPT:${worded(payload)}`, en: `1 UPT: ${worded(payload)}` }] }
  },
  async apply(bank, tx, { id, bookId, payload, at }) {
    const now = formatAmount((await uptPrices(tx, bookId)).default, scale)
    if (now !== payload.from) throw new Refusal('Outdated', { current: now })
    const price = parsePositiveAmount(payload.price, scale, '/payload/price')
    await tx.query('upt-price-set', 'select upt_price_set($1, $2, $3, $4, $5)', [bookId, newId(), price, id, at])
    const data = { from: payload.from, to: payload.price, approval: id }
    await logAudit(bank, tx, { bookId }, { action: 'upt_price.set', subject: 'upt_price', data })
  },
})
