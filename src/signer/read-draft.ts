// The draft of a request: what the worker saw of the chain and proposes to pay for it. It comes from a process that the
// signer does not trust. Must stay true: nothing of it is used before its shape and its bounds were checked here.

import type { EvmDraft, TronDraft } from '../domain/ports.ts'
import { demandNow } from './declined.ts'
import type { SignerLimits } from './limits.ts'

export interface EvmTerms {
  gas: bigint
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
  minedNonce: number
}

export type TronTerms = TronDraft

const GWEI = 1_000_000_000n
const DAY = 86_400_000
const MINUTE = 60_000
/** What the simplest transaction of an EVM chain uses. */
const LEAST_GAS = 21_000n

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const wei = (value: unknown): bigint | undefined =>
  typeof value === 'string' && /^(0|[1-9]\d{0,29})$/.test(value) ? BigInt(value) : undefined
const whole = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
const hex = (bytes: number, value: unknown): string | undefined =>
  typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-f]+$/.test(value) ? value : undefined

export function readEvmDraft(draft: unknown, limits: SignerLimits): EvmTerms {
  const given = isRecord(draft) ? (draft as Partial<Record<keyof EvmDraft, unknown>>) : {}
  const gas = wei(given.gas)
  const maxFeePerGas = wei(given.maxFeePerGas)
  const maxPriorityFeePerGas = wei(given.maxPriorityFeePerGas)
  const minedNonce = whole(given.minedNonce)
  demandNow(
    gas !== undefined && maxFeePerGas !== undefined && maxPriorityFeePerGas !== undefined && minedNonce !== undefined,
    'the draft is no draft of an EVM transaction',
  )
  demandNow(gas >= LEAST_GAS, `the draft has ${gas} gas; no transaction runs on less than ${LEAST_GAS}`)
  demandNow(gas <= limits.gas, `the draft has ${gas} gas, more than SIGNER_MAX_GAS (${limits.gas})`)
  demandNow(maxFeePerGas > 0n, 'the draft pays nothing for gas')
  demandNow(
    maxFeePerGas <= limits.gwei * GWEI,
    `the draft pays ${maxFeePerGas} wei for gas, more than SIGNER_MAX_GWEI (${limits.gwei}) allows`,
  )
  demandNow(maxPriorityFeePerGas <= maxFeePerGas, 'the draft has a tip that is higher than the whole fee')
  return { gas, maxFeePerGas, maxPriorityFeePerGas, minedNonce }
}

/** `asset`: moving the coin burns no energy, so it may do without a fee limit. */
export function readTronDraft(
  draft: unknown,
  asset: 'token' | 'coin',
  now: Date,
  { feeLimit: most }: SignerLimits,
): TronTerms {
  const given = isRecord(draft) ? (draft as Partial<Record<keyof TronDraft, unknown>>) : {}
  const refBlockBytes = hex(2, given.refBlockBytes)
  const refBlockHash = hex(8, given.refBlockHash)
  const timestamp = whole(given.timestamp)
  const expiration = whole(given.expiration)
  const feeLimit = whole(given.feeLimit)
  demandNow(
    refBlockBytes !== undefined &&
      refBlockHash !== undefined &&
      timestamp !== undefined &&
      expiration !== undefined &&
      feeLimit !== undefined,
    'the draft is no draft of a TRON transaction',
  )
  demandNow(expiration > now.getTime(), 'the draft expires in the past')
  demandNow(expiration <= now.getTime() + DAY, 'the draft expires more than 24 hours from now')
  demandNow(
    timestamp < expiration && timestamp > now.getTime() - DAY && timestamp < now.getTime() + DAY,
    'the draft was made at another time than now',
  )
  demandNow(feeLimit > 0 || asset === 'coin', 'the draft has a fee limit of 0')
  demandNow(BigInt(feeLimit) <= most, `the draft burns up to ${feeLimit} sun, more than SIGNER_MAX_FEE_LIMIT (${most})`)
  return { refBlockBytes, refBlockHash, timestamp, expiration, feeLimit }
}

/** A second transaction is signed only this long after the first one's end by our own clock as well. */
export const TRON_MARGIN = 2 * MINUTE
