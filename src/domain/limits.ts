// How much may move at once and in a day. Amounts in USDT units (scale 6).
// A limit per day is checked by the ledger, under the lock of the one who pays (see Velocity in ledger/posting.ts).

const usdt = (whole: bigint) => whole * 1_000_000n

export const limits = {
  transfer: { min: 10_000n, max: usdt(100_000n), perDay: usdt(500_000n) },
} as const
