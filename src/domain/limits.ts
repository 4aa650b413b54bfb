// How much may move at once. Amounts in USDT units (scale 6). How much a day is a setting by level of identity check
// (setting-definitions.ts); it is checked by the ledger, under the lock of the one who pays (Velocity in ledger/posting.ts).

const usdt = (whole: bigint) => whole * 1_000_000n

export const limits = {
  transfer: { min: 10_000n, max: usdt(100_000n) },
} as const
