// What the sandbox's controls can do with a development chain, whatever it is made of.
// Controls know only this; a new kind of chain implements it and is wired in main.ts.

/** A control was asked for something that cannot be; the text is for the developer who asked. */
export class ControlError extends Error {
  readonly status: number

  constructor(message: string, status = 400) {
    super(message)
    this.status = status
  }
}

export interface Paid {
  tx_hash: string
  block_number: number
}

export interface DevelopmentChain {
  readonly network: string
  readonly chainId: number
  readonly contract: string
  readonly decimals: number
  /** What fees are paid with. */
  readonly coin: string
  readonly rpc: string
  /** Sends test USDT, or with `gas` the chain's own coin, and returns once the payment stands in a block. */
  pay(asset: 'USDT' | 'gas', to: string, amount: string): Promise<Paid>
  /** Mines so many blocks at once and answers with the newest one's number. */
  mine(blocks: number): Promise<number>
  /** Replaces the newest blocks by one more of others. Their transactions are mined again at the end, or dropped. */
  reorganise(depth: number, transactions: 'keep' | 'drop'): Promise<{ from: number; head: number; hash: string }>
  stop(): Promise<void>
}

/** A decimal text in a token's smallest unit, exactly. */
export function chainUnits(text: unknown, decimals: number): bigint {
  const match = typeof text === 'string' ? /^(\d{1,9})(?:\.(\d+))?$/.exec(text) : null
  const fraction = match?.[2] ?? ''
  if (!match || fraction.length > decimals) {
    throw new ControlError(`amount must be a decimal text with at most ${decimals} decimals, e.g. "100.5"`)
  }
  const units = BigInt(match[1] + fraction.padEnd(decimals, '0'))
  if (units === 0n) throw new ControlError('amount must be greater than zero')
  return units
}
