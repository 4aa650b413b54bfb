// Amounts with a meaning, for those who try the sandbox: what arrives ends in .13, and the payment fails on chain; in .14, and
// operators are asked. Must stay true: they mean nothing outside of the sandbox.

import type { Bank } from '../context.ts'

export type Magic = 'fail' | 'review'

/** `scale`: digits behind the point. */
export function magicOf(bank: Pick<Bank, 'magicAmounts'>, net: bigint, scale: number): Magic | undefined {
  if (!bank.magicAmounts) return undefined
  const [one, cent] = [10n ** BigInt(scale), 10n ** BigInt(scale - 2)]
  const cents = net % one
  return cents === 13n * cent ? 'fail' : cents === 14n * cent ? 'review' : undefined
}
