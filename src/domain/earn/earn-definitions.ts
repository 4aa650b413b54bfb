// The node programme's settings: the sale of nodes, cashback, commissions by fee and layer, daily yield, rules of levels.
// Must stay true: what is paid out of an amount never exceeds it (`earnShares`); a higher level asks for as much as a
// lower one, or more (`earnLadders`).

import type { Definition } from '../setting-definitions.ts'
import { feeSources, layers, levels } from './fee-source.ts'

const rate = (per: Definition['per'], zh: string, en: string, fallback: (scope: string) => bigint): Definition => ({
  type: 'rate',
  per,
  about: { zh, en },
  fallback,
})

/** Millionths, by the last word of the scope. */
const byStep = (steps: readonly bigint[]) => (scope: string) => steps[Number.parseInt(scope.slice(-1), 10)] ?? 0n
/** 20 %, 10 %, 5 %; layer 0 is nobody's. */
const layerRates = byStep([0n, 200_000n, 100_000n, 50_000n])
const yieldRates = byStep([200n, 500n, 600n, 700n, 800n, 1_000n])
const ownNodes = byStep([0n, 1n, 2n, 3n, 5n, 10n])
const teamNodes = byStep([0n, 0n, 10n, 50n, 200n, 1_000n])

export const earnDefinitions = {
  'node.onSale': {
    type: 'switch',
    per: 'book',
    about: { zh: '是否出售节点', en: 'Whether nodes are for sale' },
    fallback: () => true,
    live: false, // tiers and prices that come with the code are examples
  },
  'node.perPerson': {
    type: 'count',
    per: 'book',
    about: { zh: '每人节点上限', en: 'Most nodes that one customer may hold' },
    fallback: () => 10n,
  },
  'node.upt': {
    type: 'amount',
    per: 'book',
    about: { zh: '每个节点赠送的 UPT', en: 'UPT given with a node' },
    fallback: () => 100_000_000n,
  },
  'node.feeShare': rate(
    'book',
    '节点价款中计为手续费的部分,返佣以此为基数',
    'Share of a node’s price that counts as a fee, out of which commissions are paid',
    () => 100_000n,
  ),
  'node.cashback': rate(
    'book',
    '节点价款返给邀请人的部分',
    'Share of a node’s price that goes back to who invited the buyer',
    () => 50_000n,
  ),
  'commission.rate': rate(
    'fee and layer',
    '返佣比例(占手续费)',
    'Share of a fee that goes to this layer above the payer',
    layerRates,
  ),
  'commission.nodesOnly': {
    type: 'switch',
    per: 'book',
    about: { zh: '仅节点持有人可得返佣', en: 'Whether commissions go to holders of nodes only' },
    fallback: () => false,
  },
  'yield.rate': rate(
    'level',
    '节点日收益率(占购买价款)',
    'Daily yield on the price paid for nodes, by level',
    yieldRates,
  ),
  'level.ownNodes': {
    type: 'count',
    per: 'level above 0',
    about: { zh: '达到该等级须持有的节点数', en: 'Own nodes that this level takes' },
    fallback: ownNodes,
  },
  'level.teamNodes': {
    type: 'count',
    per: 'level above 0',
    about: { zh: '达到该等级团队须持有的节点数', en: 'Nodes in the team that this level takes' },
    fallback: teamNodes,
  },
} as const satisfies Record<string, Definition>

/** What these have the shares of, each a setting with its scope: together at most the whole. */
export const earnShares: readonly (readonly (readonly [keyof typeof earnDefinitions, string])[])[] = [
  [
    ['node.feeShare', ''],
    ['node.cashback', ''],
  ],
  ...Object.values(feeSources).map((source) =>
    layers.map((layer) => ['commission.rate', `${source}/${layer}`] as const),
  ),
]

/** From one scope to the next these do not fall. */
export const earnLadders: readonly (keyof typeof earnDefinitions)[] = ['level.ownNodes', 'level.teamNodes']

/** The scopes of this file's kinds of settings. */
export const earnScopes = {
  level: levels,
  'level above 0': levels.slice(1),
  'fee and layer': Object.values(feeSources).flatMap((source) => layers.map((layer) => `${source}/${layer}`)),
} as const satisfies Record<string, readonly string[]>
