// The approval of a change to the price list of nodes: a tier's units and price, or a tier after the last.
// Must stay true: what was checked is a change from one state to another; a tier never has fewer units than it sold.

import { Type as T } from 'typebox'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { setTier, type Tier, tiersOf } from './node-tier.ts'

interface Payload {
  tier: string
  units: string
  price: string
  from?: string
}

const { scale } = assets.USDT
const NONE = 'none'
/** A tier as text, to compare what was checked with what is. */
const stateOf = (tier: Pick<Tier, 'units' | 'price'> | undefined) =>
  tier ? `${tier.units} × ${formatAmount(tier.price, scale)}` : NONE

/** The schema has looked at the digits. */
const wholeOf = (digits: string) => Number.parseInt(digits, 10)

interface Read {
  tier: number
  units: number
  price: bigint
  before: Tier | undefined
}

async function read(q: Queries, bookId: number, payload: Payload): Promise<Read> {
  const [tier, units] = [wholeOf(payload.tier), wholeOf(payload.units)]
  const price = parsePositiveAmount(payload.price, scale, '/payload/price')
  const tiers = await tiersOf(q, bookId)
  const before = tiers.find((one) => one.tier === tier)
  if (!before && tier !== (tiers.at(-1)?.tier ?? 0) + 1) {
    throw new Refusal('InvalidParams', { pointer: '/payload/tier', reason: 'tiers are added one after the other' })
  }
  if (before && units < before.sold) {
    throw new Refusal('InvalidParams', { pointer: '/payload/units', reason: `${before.sold} of it are sold` })
  }
  return { tier, units, price, before }
}

const worded = ({ tier, units, price, from = NONE }: Payload) => `${tier}: ${from} → ${units} × ${price} USDT`

export const tierApproval = approvalKind({
  kind: 'node_tier',
  title: { zh: '修改节点价格档位', en: 'Change of a tier of nodes' },
  makers: ['finance', 'admin'],
  checkers: ['finance', 'admin'],
  payload: T.Object(
    {
      tier: T.String({ pattern: '^[1-9][0-9]?$', examples: ['1'] }),
      units: T.String({
        pattern: '^(0|[1-9][0-9]{0,6})$',
        description: 'those already sold included',
        examples: ['500'],
      }),
      price: T.String({ maxLength: 40, description: 'of one node, USDT', examples: ['100'] }),
      from: T.Optional(T.String({ maxLength: 60, description: 'what it is now; filled in when left out' })),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ tier }) => `node_tier:${tier}`,
  async prepare(_bank, tx, bookId, payload) {
    const { tier, units, price, before } = await read(tx, bookId, payload)
    const from = stateOf(before)
    if (payload.from !== undefined && payload.from !== from) throw new Refusal('Outdated', { current: from })
    if (stateOf({ units, price }) === from) {
      throw new Refusal('InvalidParams', { pointer: '/payload', reason: 'it is like this already' })
    }
    return { tier: `${tier}`, units: `${units}`, price: formatAmount(price, scale), from }
  },
  describe: (payload) => ({ zh: `节点第 ${worded(payload)}`, en: `Nodes of tier ${worded(payload)}` }),
  async preview(_bank, q, bookId, payload) {
    const { units, before } = await read(q, bookId, payload)
    if (stateOf(before) !== payload.from) throw new Refusal('Outdated', { current: stateOf(before) })
    const left = units - (before?.sold ?? 0)
    const said = worded(payload)
    return {
      journals: [],
      effects: [
        { zh: `第 ${said}`, en: `Tier ${said}` },
        { zh: `可售 ${left} 个`, en: `${left} of it are for sale` },
      ],
    }
  },
  async apply(bank, tx, { id, bookId, payload, reason, madeBy, checkedBy, at }) {
    const { tier, units, price, before } = await read(tx, bookId, payload)
    if (madeBy === undefined) throw new Refusal('Forbidden', { reason: 'tiers are changed by operators' })
    const change = { tier, before, units, price, reason, madeBy, checkedBy, approvalId: id, at }
    if (stateOf(before) !== payload.from || !(await setTier(tx, bookId, change))) {
      throw new Refusal('Outdated', { current: stateOf(before) })
    }
    const data = { from: payload.from, to: stateOf({ units, price }), approval: id }
    await logAudit(bank, tx, { bookId }, { action: 'node_tier.changed', subject: `node_tier:${tier}`, data })
  },
})
