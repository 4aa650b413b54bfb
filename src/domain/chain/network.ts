// The networks on which USDT is taken in and paid out: one row of parameters each, nothing else in the code knows them.
// Adding an EVM chain is one more row here (or one entry of NETWORKS) and its RPC address.
// Must stay true: `no` is part of account ids in the books; add, never renumber. A wrong parameter is named at start.

import { type Config, ConfigError } from '../../base/config.ts'
import { Refusal } from '../../base/errors.ts'
import { parseAmount } from '../../base/money.ts'
import { tronAddressHex } from '../../base/tron-address.ts'
import { assets } from '../../ledger/accounts.ts'

export interface Network {
  /** What customers and the APIs call it. */
  readonly code: string
  /** Tells the networks' custody accounts apart. */
  readonly no: number
  readonly family: 'evm' | 'tron'
  readonly name: string
  readonly chainId: number
  /** The one token contract that counts, in the family's canonical form (EVM: lower case). */
  readonly contract: string
  /** Of that contract; compared with what it says of itself before a block is read. */
  readonly decimals: number
  /** Blocks that must stand, the deposit's own included, before it is credited. */
  readonly confirmations: number
  /** Whether the chain must, on top of that, call the block final. */
  readonly finality: 'finalized' | 'none'
  /**
   * How much of a block is recomputed: `header` all of it up to its hash; `bloom` for chains with headers of their own kind
   * (on TRON: without the root of its transactions).
   */
  readonly proof: 'header' | 'bloom'
  /** Usual time between two blocks, in milliseconds. */
  readonly blockTime: number
  /** Ledger units. Less is kept aside, not credited. */
  readonly minDeposit: bigint
  /** Ledger units. More waits for an operator. */
  readonly reviewAbove: bigint
  /** The same two of the network's coin, where customers can hold it (see `coinAsset`). */
  readonly minCoinDeposit: bigint
  readonly reviewCoinAbove: bigint
  /** Blocks that are remembered, and so the deepest reorganisation that is followed without an operator. */
  readonly maxReorg: number
  /** Address of a transaction's page, `{tx}` for the hash; empty where there is none. */
  readonly explorer: string
  /** The coin that pays for transactions. */
  readonly coin: string
  /** The most that one transaction of ours may cost, in the coin's smallest unit (wei, sun). */
  readonly feeCap: bigint
  /** What miners are offered at least, per gas, in wei. */
  readonly tipFloor: bigint
  /** A payment that waits longer to be mined is offered a higher fee, in milliseconds; 0 where that cannot be. */
  readonly raiseAfter: number
  /** JSON-RPC of a node, on TRON its HTTP API; empty means that this network is off. Carries keys: never logged. */
  readonly rpc: string
  /** TRON: where the irreversible view is served, when elsewhere. Carries keys as well. */
  readonly solidRpc: string
  /** TRON: sent along with every request. Never logged. */
  readonly apiKey: string
  /** A node of somebody else, which must tell of a large deposit as well; empty for none. Carries keys. */
  readonly secondRpc: string
  /** Ledger units (of USDT or the coin). As much or more needs the second node's word. */
  readonly secondAbove: bigint
}

const usdt = (whole: bigint) => whole * 10n ** BigInt(assets.USDT.scale)
const trx = (whole: bigint) => whole * 10n ** BigInt(assets.TRX.scale)

const gwei = 10n ** 9n

const common = {
  minDeposit: usdt(1n),
  reviewAbove: usdt(1_000_000n),
  minCoinDeposit: trx(1n),
  reviewCoinAbove: trx(3_000_000n),
  maxReorg: 256,
  feeCap: 20_000_000n * gwei,
  tipFloor: gwei / 10n,
  raiseAfter: 120_000,
  rpc: '',
  solidRpc: '',
  apiKey: '',
  secondRpc: '',
  secondAbove: usdt(10_000n),
}

const real: readonly Network[] = [
  {
    ...common,
    code: 'ETH',
    no: 1,
    family: 'evm',
    name: 'Ethereum (ERC-20)',
    chainId: 1,
    contract: '0xdac17f958d2ee523a2206206994597c13d831ec7',
    decimals: 6,
    confirmations: 20,
    finality: 'finalized',
    proof: 'header',
    blockTime: 12_000,
    explorer: 'https://etherscan.io/tx/{tx}',
    coin: 'ETH',
    feeCap: 50_000_000n * gwei,
    raiseAfter: 180_000,
  },
  {
    ...common,
    code: 'BSC',
    no: 2,
    family: 'evm',
    name: 'BNB Smart Chain (BEP-20)',
    chainId: 56,
    contract: '0x55d398326f99059ff775485246999027b3197955',
    decimals: 18,
    confirmations: 20,
    finality: 'finalized',
    proof: 'header',
    blockTime: 750,
    explorer: 'https://bscscan.com/tx/{tx}',
    coin: 'BNB',
    feeCap: 10_000_000n * gwei,
    raiseAfter: 60_000,
  },
  {
    ...common,
    code: 'TRX',
    no: 3,
    family: 'tron',
    name: 'TRON (TRC-20)',
    chainId: 728_126_428,
    contract: 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t',
    decimals: 6,
    confirmations: 20,
    finality: 'finalized',
    proof: 'header',
    blockTime: 3_000,
    explorer: 'https://tronscan.org/#/transaction/{tx}',
    coin: 'TRX',
    feeCap: 200_000_000n,
    tipFloor: 0n,
    raiseAfter: 0,
  },
]

type Parser<T> = (value: unknown) => T | undefined

const integer =
  (from: number, to: number): Parser<number> =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to ? (value as number) : undefined
const oneOf =
  <const C extends string>(...choices: C[]): Parser<C> =>
  (value) =>
    choices.find((choice) => choice === value)
const text =
  (pattern: RegExp): Parser<string> =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined
const amount: Parser<bigint> = (value) => {
  try {
    return parseAmount(value, assets.USDT.scale)
  } catch {
    return undefined
  }
}

const units: Parser<bigint> = (value) =>
  typeof value === 'string' && /^\d{1,30}$/.test(value) ? BigInt(value) : undefined

/** What an entry of NETWORKS may say, how it is read, and how it is described when it is wrong. */
const fields = {
  no: [integer(1, 999), 'a whole number from 1 to 999'],
  family: [oneOf('evm', 'tron'), '"evm" or "tron"'],
  name: [text(/^.{1,60}$/), 'a text of 1 to 60 characters'],
  chainId: [integer(1, Number.MAX_SAFE_INTEGER), 'a whole number'],
  contract: [text(/^(0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33})$/), 'a contract address'],
  decimals: [integer(0, 36), 'a whole number from 0 to 36'],
  confirmations: [integer(1, 1_000), 'a whole number from 1 to 1000'],
  finality: [oneOf('finalized', 'none'), '"finalized" or "none"'],
  proof: [oneOf('header', 'bloom'), '"header" or "bloom"'],
  blockTime: [integer(100, 3_600_000), 'milliseconds from 100 to 3600000'],
  minDeposit: [amount, 'an amount of USDT as a text, e.g. "1"'],
  reviewAbove: [amount, 'an amount of USDT as a text, e.g. "10000"'],
  minCoinDeposit: [amount, 'an amount of the coin as a text, e.g. "1"'],
  reviewCoinAbove: [amount, 'an amount of the coin as a text, e.g. "10000"'],
  maxReorg: [integer(1, 10_000), 'a whole number from 1 to 10000'],
  explorer: [text(/^(https?:\/\/\S+\{tx\}\S*)?$/), 'a URL with {tx} in it, or empty'],
  coin: [text(/^[A-Z]{2,10}$/), 'a coin code'],
  feeCap: [units, 'a whole number of wei or sun as a text, e.g. "50000000000000000"'],
  tipFloor: [units, 'a whole number of wei as a text, e.g. "100000000"'],
  raiseAfter: [integer(0, 86_400_000), 'milliseconds from 0 to 86400000'],
  rpc: [text(/^(https?:\/\/\S+)?$/), 'a URL that starts with http:// or https://, or empty'],
  solidRpc: [text(/^(https?:\/\/\S+)?$/), 'a URL that starts with http:// or https://, or empty'],
  apiKey: [text(/^[\x21-\x7e]*$/), 'a key without blanks, or empty'],
  secondRpc: [text(/^(https?:\/\/\S+)?$/), 'a URL that starts with http:// or https://, or empty'],
  secondAbove: [amount, 'an amount as a text, e.g. "10000"'],
} satisfies { [K in Exclude<keyof Network, 'code'>]: readonly [Parser<Network[K]>, string] }

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type NetworkSettings = Pick<Config, 'NETWORKS' | 'RPC_ETH' | 'RPC_BSC' | 'RPC_TRX' | 'TRON_SOLID_URL' | 'TRON_API_KEY'>

/**
 * The networks of this installation: the rows above, changed and added to by NETWORKS. Throws `ConfigError` with a line
 * for every wrong value. Another chain id makes another chain: finality and explorer of the real one no longer count. A TRON
 * chain always has its irreversible blocks, and nothing is credited on others.
 */
export function readNetworks(config: NetworkSettings): Network[] {
  const wrong: string[] = []
  const say = (what: string) => wrong.push(`NETWORKS: ${what}`)
  const given = parseGiven(config.NETWORKS)
  if (!given)
    throw new ConfigError(
      'NETWORKS must be a JSON object of objects by network code, e.g. {"ETH":{"confirmations":20}}',
    )
  const rpc = new Map([
    ['ETH', config.RPC_ETH],
    ['BSC', config.RPC_BSC],
    ['TRX', config.RPC_TRX],
  ])

  const networks = [...new Set([...real.map((n) => n.code), ...Object.keys(given)])].map((code) => {
    const known = real.find((network) => network.code === code)
    const changes = readChanges(code, given[code] ?? {}, say)
    const other = known && changes.chainId !== undefined && changes.chainId !== known.chainId
    const network = {
      ...(known ?? { ...common, code, family: 'evm', proof: 'header', finality: 'none', explorer: '' }),
      ...(other ? { finality: known.family === 'tron' ? 'finalized' : 'none', explorer: '' } : {}),
      ...changes,
    } as Network
    const missing = Object.keys(fields).filter((name) => network[name as keyof Network] === undefined)
    if (missing.length > 0) say(`${code} is new, so it also needs ${missing.join(', ')}`)
    if (!/^[A-Z0-9]{2,10}$/.test(code)) say(`"${code}" is not a code: 2 to 10 capital letters and digits`)
    if (network.maxReorg < network.confirmations) say(`${code}.maxReorg must be at least its confirmations`)
    if (network.family === 'tron') {
      if (network.finality !== 'finalized')
        say(`${code}.finality must be "finalized": TRON credits irreversible blocks alone`)
      if (network.contract !== undefined && tronAddressHex(network.contract) === undefined)
        say(`${code}.contract is no TRON address`)
    }
    const contract = network.family === 'evm' ? network.contract?.toLowerCase() : network.contract
    const tron = network.family === 'tron'
    return {
      ...network,
      contract,
      rpc: changes.rpc ?? (rpc.get(code) || network.rpc),
      solidRpc: changes.solidRpc ?? (tron ? config.TRON_SOLID_URL : ''),
      apiKey: changes.apiKey ?? (tron ? config.TRON_API_KEY : ''),
    }
  })
  for (const { code, no, chainId, contract } of networks) {
    const twin = networks.find((other) => other.no === no && other.code < code)
    if (twin) say(`${code} and ${twin.code} both have no ${no}`)
    const same = networks.find((other) => other.chainId === chainId && other.contract === contract && other.code < code)
    if (same) say(`${code} and ${same.code} are the same contract on the same chain: each payment would count twice`)
  }
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'))
  return networks
}

function parseGiven(json: string): Record<string, Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return isRecord(value) && Object.values(value).every(isRecord)
      ? (value as Record<string, Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

function readChanges(code: string, given: Record<string, unknown>, say: (what: string) => void): Partial<Network> {
  const changes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    const field = (fields as Record<string, readonly [Parser<unknown>, string]>)[name]
    if (!field) {
      say(`${code}.${name} is not a parameter; there are ${Object.keys(fields).join(', ')}`)
      continue
    }
    const [parse, description] = field
    changes[name] = parse(value)
    if (changes[name] === undefined) say(`${code}.${name} must be ${description}`)
  }
  return changes as Partial<Network>
}

/** Refuses with `NetworkUnknown`. */
export function networkOf(networks: readonly Network[], code: string): Network {
  const network = networks.find((one) => one.code === code)
  if (!network)
    throw new Refusal('NetworkUnknown', { pointer: '/chain', reason: networks.map((n) => n.code).join(', ') })
  return network
}

/** The network's coin as something that customers hold; nothing where the coin only pays for transactions. */
export const coinAsset = (network: Pick<Network, 'family' | 'coin'>): 'TRX' | undefined =>
  network.family === 'tron' && network.coin === 'TRX' ? 'TRX' : undefined

/** How fine a chain counts what customers hold; coins of such networks are as fine as their asset in the books. */
export const decimalsOf = (network: Pick<Network, 'decimals'>, asset: 'USDT' | 'TRX'): number =>
  asset === 'USDT' ? network.decimals : assets[asset].scale

export const explorerUrl = (network: Network, txHash: string): string | null =>
  network.explorer === '' ? null : network.explorer.replace('{tx}', txHash)
