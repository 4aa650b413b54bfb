// A difference between two sides that should agree, and the queries that look for them.
// Must stay true: a query is given its snapshot and changes nothing; it names one row for each difference, with what was
// expected and what was found; what it looks at is what may still change, what settled within a day, and what it has named
// before and is still open.

import type { Tx } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { type Asset, assets, houseAccount } from '../../ledger/accounts.ts'
import { coinDecimals, ledgerCoin } from '../chain/coin.ts'
import { decimalsOf, type Network } from '../chain/network.ts'

/** How figures of a query are meant: chain units of the token, ledger units of an asset, of the network's coin, or words. */
type Unit = 'token' | 'units' | 'coin units' | 'text'

export interface Difference {
  kind: string
  /** Empty: of the whole book. */
  network: string
  subject: string
  asset: string
  expected: string
  found: string
  detail: string
  severity: 'warning' | 'critical'
  /** Of balances: what is found less what is expected, in chain units. */
  off?: bigint
}

/**
 * `sql` answers (subject, expected, found) and may answer detail and asset. Parameters: $1 book, $2 network, $3 open subjects
 * of this kind; of a network's queries also $4 chain units of a ledger unit of the token, $5 the same of its coin, $6 and $7
 * its custody account of the token and of the coin, $8 its hot account, $9 its family, $10 its finality.
 */
export interface Query {
  kind: string
  unit: Unit
  severity?: 'warning'
  sql: string
}

interface Row {
  subject: string
  expected: string | null
  found: string | null
  detail?: string
  asset?: number | string
}

const factor = (decimals: number, scale: number) => `1${'0'.repeat(Math.max(0, decimals - scale))}`

/** Chain units of the token in a ledger unit. */
export const tokenFactor = (network: Network): bigint => BigInt(factor(network.decimals, assets.USDT.scale))

export const networkParameters = (network: Network): unknown[] => {
  const coin = ledgerCoin(network)
  return [
    factor(network.decimals, assets.USDT.scale),
    factor(coinDecimals(network), assets[coin].scale),
    houseAccount('custody', 'USDT', network.no),
    houseAccount('custody', coin, network.no),
    houseAccount('hot', 'USDT', network.no),
    network.family,
    network.finality,
  ]
}

/** Runs a query; `network` undefined for those of the whole book. */
export async function differences(
  tx: Tx,
  bookId: number,
  network: Network | undefined,
  { kind, unit, severity, sql }: Query,
  open: readonly string[],
): Promise<Difference[]> {
  const parameters = [bookId, network?.code ?? '', open, ...(network ? networkParameters(network) : [])]
  // a statement is refused parameters that it does not name
  const used = parameters.filter((_, i) => new RegExp(`\\$${i + 1}(?!\\d)`).test(sql))
  const numbered = renumbered(sql, parameters.length)
  const rows = await tx.query<Row>(`reconcile-${kind}`, numbered, used)
  return rows.map(({ subject, expected, found, detail = '', asset }) => {
    const of = assetOf(asset, unit, network)
    const text = (value: string | null) => textOf(value, unit, of, network)
    return {
      kind,
      network: network?.code ?? '',
      subject,
      asset: unit === 'text' ? '' : of,
      expected: text(expected),
      found: text(found),
      detail,
      severity: severity ?? 'critical',
    }
  })
}

/** Parameters numbered without gaps, in their order. */
function renumbered(sql: string, count: number): string {
  const used = Array.from({ length: count }, (_, i) => i + 1).filter((n) => new RegExp(`\\$${n}(?!\\d)`).test(sql))
  return sql.replaceAll(/\$(\d+)/g, (_all, n: string) => `$${used.indexOf(Number(n)) + 1}`)
}

const byNumber = new Map<string, Asset>(
  Object.entries(assets).map(([name, { no }]) => [`${no}`, name as Asset] as const),
)

function assetOf(given: number | string | undefined, unit: Unit, network: Network | undefined): Asset {
  if (given !== undefined) return byNumber.get(`${given}`) ?? (given as Asset)
  return unit === 'coin units' && network ? ledgerCoin(network) : 'USDT'
}

function textOf(value: string | null, unit: Unit, asset: Asset, network: Network | undefined): string {
  if (value === null) return 'nothing'
  if (unit === 'text') return value
  const decimals = unit === 'token' && network ? decimalsOf(network, 'USDT') : assets[asset].scale
  return formatAmount(BigInt(value), decimals)
}
