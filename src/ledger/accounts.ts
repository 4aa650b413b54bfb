// Which accounts there are. An account's id is computed, never looked up:
//   owner number << 16 | kind << 8 | asset
// Owners from 10000 are people (their `no`), below that the house. Must stay true: numbers given here are in the books
// for ever; add, never renumber. SQL knows the same rule (sql/0001-ledger.sql).

import { assert } from '../base/errors.ts'

export const assets = {
  USDT: { no: 1n, scale: 6 },
  UPT: { no: 2n, scale: 6 },
  TRX: { no: 3n, scale: 6 },
  /** The coin of an EVM network, in gwei. Whose coin it is, the account's network says. */
  GAS: { no: 4n, scale: 9 },
} as const
export type Asset = keyof typeof assets

/** A customer's accounts. */
export const personKinds = { main: 1n, node: 2n, card: 3n, futures: 4n } as const
export type PersonKind = keyof typeof personKinds

/** The house's accounts. `sub` tells several of a kind apart, e.g. the network's number for custody. */
export const houseKinds = {
  /** What stands on deposit addresses, of the token; all that is on chain, of a network's coin. Goes below zero by what is held. One per network. */
  custody: 128n,
  /** Fees earned. */
  fees: 129n,
  /** What flooring a chain's finer decimals left over, in ledger units (whole units only; see deposit dust). */
  dust: 130n,
  /** What customers owe after a credited deposit left the chain. */
  receivable: 131n,
  /** Money whose owner is not yet known. */
  suspense: 132n,
  /** UPT given out: the counterpart of every grant. */
  issuance: 133n,
  /** Costs: network fees, write-offs. */
  expense: 134n,
  /** Money between two books. */
  clearing: 135n,
  /** Tokens in the hot wallet; below zero by what is held. One per network. */
  hot: 136n,
  /** Tokens in the cold wallet; likewise. */
  cold: 137n,
  /** What the owners of the bank paid in, e.g. coin for network fees. */
  capital: 138n,
  /** What nodes were sold for, less the share that counts as a fee and what went back to inviters. */
  income: 139n,
  /** Money on its way to a bank. One per payout vendor; zero again when each remittance has ended. */
  payout: 140n,
  /** What was paid out to banks: its USDT are the house's, who paid in another currency. One per payout vendor. */
  remitted: 141n,
  /** What the card issuer's messages told and its statement has not shown yet. Back to zero with the next statement. */
  issuer: 144n,
  /** What the house has at the card issuer, its customers' cards included; below zero by what is held there. */
  float: 145n,
  /** USDT that the house gave for fiat (below zero) and took for fiat. One per ramp partner. */
  exchanged: 150n,
  /** Money of ramp orders between payment and release. One per ramp partner; zero again when each order has ended. */
  ramp: 151n,
} as const
export type HouseKind = keyof typeof houseKinds

const FIRST_PERSON = 10_000n

export function personAccount(personNo: bigint, kind: PersonKind, asset: Asset = 'USDT'): bigint {
  assert(personNo >= FIRST_PERSON, 'a person number below 10000 is the house')
  return (personNo << 16n) | (personKinds[kind] << 8n) | assets[asset].no
}

export function houseAccount(kind: HouseKind, asset: Asset = 'USDT', sub = 0): bigint {
  const owner = BigInt(sub) + 1n
  assert(owner < FIRST_PERSON, 'too many house accounts of one kind')
  return (owner << 16n) | (houseKinds[kind] << 8n) | assets[asset].no
}

export const isPersonAccount = (id: bigint): boolean => id >> 16n >= FIRST_PERSON

const kindNames = new Map<bigint, PersonKind | HouseKind>(
  [...Object.entries(personKinds), ...Object.entries(houseKinds)].map(([name, no]) => [
    no,
    name as PersonKind | HouseKind,
  ]),
)
const assetNames = new Map<bigint, Asset>(Object.entries(assets).map(([name, { no }]) => [no, name as Asset]))

/** Reads an id back, e.g. for statements. */
export function describeAccount(id: bigint): { ownerNo: bigint; kind: PersonKind | HouseKind; asset: Asset } {
  const kind = kindNames.get((id >> 8n) & 255n)
  const asset = assetNames.get(id & 255n)
  assert(kind && asset, `account ${id} is of no known kind or asset`)
  return { ownerNo: id >> 16n, kind, asset }
}

const hasKey = <K extends string>(of: Readonly<Record<K, unknown>>, name: string): name is K => Object.hasOwn(of, name)

/** As people write it: `U10001:main:USDT`, `house:fees:USDT`, `house:custody:USDT:2` with the network's number. */
export function accountName(id: bigint): string {
  const { ownerNo, kind, asset } = describeAccount(id)
  if (isPersonAccount(id)) return `U${ownerNo}:${kind}:${asset}`
  return `house:${kind}:${asset}${ownerNo > 1n ? `:${ownerNo - 1n}` : ''}`
}

/** Reads it back. Undefined for what names no account that could be. */
export function accountByName(name: string): bigint | undefined {
  const [owner = '', kind = '', asset = '', sub = '0', ...more] = name.split(':')
  if (more.length > 0 || !hasKey(assets, asset)) return undefined
  const personNo = /^U([1-9]\d{4,13})$/.exec(owner)?.[1]
  if (personNo !== undefined) {
    return hasKey(personKinds, kind) && name.split(':').length === 3
      ? personAccount(BigInt(personNo), kind, asset)
      : undefined
  }
  const isSub = sub === '0' ? name.split(':').length === 3 : /^[1-9]\d{0,2}$/.test(sub)
  return owner === 'house' && hasKey(houseKinds, kind) && isSub
    ? houseAccount(kind, asset, Number.parseInt(sub, 10))
    : undefined
}
