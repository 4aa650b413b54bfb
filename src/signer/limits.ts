// What the signer will not exceed whatever it is asked: its own configuration, which the API and the worker neither read
// nor can change. Amounts are bigint: USDT and TRX in ledger units, a network's coin in chain units.

import { type Config, ConfigError } from '../base/config.ts'
import { parseAmount } from '../base/money.ts'
import type { Network } from '../domain/chain/network.ts'

export interface SignerLimits {
  /** Most that one withdrawal may send, and all withdrawals of a hot wallet within an hour. */
  readonly payment: Readonly<Record<'USDT' | 'TRX', bigint>>
  readonly hour: Readonly<Record<'USDT' | 'TRX', bigint>>
  /** Most coin that a deposit address may be given for fees, by network. */
  readonly topUp: ReadonlyMap<string, bigint>
  /** Most coin that a hot wallet may spend within an hour on fees and top-ups, by network. */
  readonly coinHour: ReadonlyMap<string, bigint>
  readonly gwei: bigint
  readonly gas: bigint
  /** Sun. */
  readonly feeLimit: bigint
}

export const coinDecimals = (family: Network['family']): number => (family === 'evm' ? 18 : 6)

/** Throws `ConfigError` with a line for every wrong value. */
export function readLimits(config: Config, networks: readonly Network[]): SignerLimits {
  return {
    payment: { USDT: config.SIGNER_MAX_PAYMENT, TRX: config.SIGNER_MAX_PAYMENT_TRX },
    hour: { USDT: config.SIGNER_MAX_HOUR, TRX: config.SIGNER_MAX_HOUR_TRX },
    topUp: coins('SIGNER_MAX_TOP_UP', config.SIGNER_MAX_TOP_UP, networks),
    coinHour: coins('SIGNER_MAX_COIN_HOUR', config.SIGNER_MAX_COIN_HOUR, networks),
    gwei: BigInt(config.SIGNER_MAX_GWEI),
    gas: BigInt(config.SIGNER_MAX_GAS),
    feeLimit: config.SIGNER_MAX_FEE_LIMIT,
  }
}

/** Amounts of coin by network, in chain units. */
function coins(name: string, json: string, networks: readonly Network[]): Map<string, bigint> {
  const wrong = (why: string) => new ConfigError(`${name} ${why}, e.g. {"ETH":"0.05","TRX":"100"}`)
  let given: unknown
  try {
    given = JSON.parse(json)
  } catch {
    given = undefined
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw wrong('must be a JSON object of amounts of coin by network')
  }
  return new Map(
    Object.entries(given).flatMap(([code, amount]) => {
      const network = networks.find((one) => one.code === code)
      if (!network) return [] // a network that is not there pays nothing out
      try {
        return [[code, parseAmount(amount, coinDecimals(network.family))] as const]
      } catch {
        throw wrong(`has no amount of coin for ${code}`)
      }
    }),
  )
}
