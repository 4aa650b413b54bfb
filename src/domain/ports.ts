// What the bank needs from the outside world, in the bank's words. `providers/` implements these, one wire each.
// Must stay true: an implementation throws on an unknown outcome; it never reports a guess.

export interface Mail {
  to: string
  subject: string
  text: string
}

export interface MailPort {
  /** Resolves when the mail server has taken responsibility for the mail. */
  send(mail: Mail): Promise<void>
}

export interface SmsPort {
  /** `to` is E.164. Resolves when the gateway has accepted the message. */
  send(sms: { to: string; text: string }): Promise<void>
}

/** A block's place in its chain. Hashes and addresses are in the family's canonical form (EVM: lower-case hex). */
export interface BlockHeader {
  readonly number: number
  readonly hash: string
  readonly parentHash: string
  readonly minedAt: Date
}

/**
 * A token transfer that stands in a block: its transaction succeeded and the log has exactly the standard's shape. Where
 * customers hold the network's coin, a plain transfer of coin likewise.
 */
export interface TokenTransfer {
  readonly txHash: string
  /** Place among the logs of its transaction. Stays the same when the transaction moves to another block. */
  readonly ordinal: number
  /** Who logged it; of coin, the coin's code. */
  readonly contract: string
  readonly from: string
  readonly to: string
  /** In the contract's own smallest unit. */
  readonly value: bigint
}

export interface BlockTransfers {
  readonly transfers: readonly TokenTransfer[]
  /** Transactions in which the network's own contract logged something that is no proper transfer. */
  readonly malformed: readonly string[]
}

/** A node of one network, read only. What it answers is checked as far as it can be before it is passed on. */
export interface ChainReader {
  /** Why this node must not be used for the network (another chain, other decimals); nothing when it may. */
  check(): Promise<string | undefined>
  /** Number of the newest block. */
  head(): Promise<number>
  /** Number of the newest block that the chain calls final. */
  final(): Promise<number>
  /** The blocks that the node now has at these heights; undefined where it has none. */
  headers(numbers: readonly number[]): Promise<(BlockHeader | undefined)[]>
  /** All transfers of a block, read by its hash. Throws when the answer is not whole. */
  transfers(block: BlockHeader): Promise<BlockTransfers>
  /**
   * The same once more, from what the chain calls final. Only for chains whose headers do not sum up their receipts: there
   * nothing is credited that this does not tell as well. Throws when another block is final there, or none yet.
   */
  finalTransfers?(block: Pick<BlockHeader, 'number' | 'hash'>): Promise<BlockTransfers & { block: BlockHeader }>
  /** By how much a block changed an address's token balance; undefined when the node no longer has that state. */
  received(block: BlockHeader, address: string): Promise<bigint | undefined>
}

/** What a new transaction of an EVM network needs: decimal texts, in wei. `minedNonce`: transactions of the sender that stand in blocks. */
export interface EvmDraft {
  gas: string
  maxFeePerGas: string
  maxPriorityFeePerGas: string
  minedNonce: number
}

/**
 * What a new transaction of TRON needs: a block that it builds on, times in milliseconds, the most its energy may burn in
 * sun. `most` is all that it can cost; of that, what the sender has staked for energy pays `staked`. Not signed.
 */
export interface TronDraft {
  refBlockBytes: string
  refBlockHash: string
  timestamp: number
  expiration: number
  feeLimit: number
  most?: number
  staked?: number
}

export type Draft = EvmDraft | TronDraft

/** What is to be sent: the network's token or its coin, in chain units. Addresses are canonical. */
export interface Outgoing {
  readonly asset: 'token' | 'coin'
  readonly from: string
  readonly to: string
  readonly value: bigint
}

/**
 * What a node makes of a transaction that it was given.
 * - `accepted`: it has it now; `known`: it had it already
 * - `refused`: it says that it cannot take it, in `reason`. That is a reason to ask about the hash, no proof of anything.
 */
export type BroadcastAnswer = { result: 'accepted' | 'known' } | { result: 'refused'; reason: string }

/** Where a transaction is: in no place that the node knows of, waiting, or in a block. `fee` in chain units of the coin. */
export type Whereabouts =
  | { at: 'nowhere' }
  | { at: 'pool' }
  | { at: 'block'; number: number; hash: string; success: boolean; fee: bigint }

/**
 * What `draft` throws when the chain itself says that the transaction would fail (a paused token, a blocked address): the
 * reason, in the chain's words as far as it has some. Any other error means that nobody knows.
 */
export interface WouldFail extends Error {
  readonly wouldFail: string
}

/** A node of one network, for sending. Answers come from the newest block unless said; throws when nobody knows. */
export interface ChainSender {
  /** What to sign with, at today's fees. Throws `WouldFail` when the chain refuses it beforehand. */
  draft(outgoing: Outgoing): Promise<Draft>
  /** The most that a transaction signed with this draft can cost, in chain units of the coin; see `feeBound`. */
  maxFee(draft: Draft): bigint
  /** What it can cost even if what its sender has staked for fees, and `maxFee` counts on, is gone by then. */
  feeBound?(draft: Draft): bigint
  /** The draft of a replacement that nodes take, or nothing when a new one would cost more than `cap` (coin). */
  raise(draft: Draft, cap: bigint): Promise<Draft | undefined>
  broadcast(raw: string): Promise<BroadcastAnswer>
  find(txHash: string): Promise<Whereabouts>
  /**
   * Whether a transaction that is nowhere can never be mined any more, by what is final on chain: another one with its
   * nonce is (EVM), or a final block is later than its expiry (TRON). Never by our clock.
   */
  isDead(transaction: { from: string; nonce: number | null; expiresAt: Date | null; txHash: string }): Promise<boolean>
  /** What an address holds, in chain units; `final`: at the newest block that cannot change any more. */
  balance(address: string, asset: 'token' | 'coin', at?: 'latest' | 'final'): Promise<bigint>
  /** What addresses hold, all of them at one block that cannot change any more, and that block's number. */
  finalBalances(of: readonly Holder[]): Promise<{ block: number; balances: bigint[] }>
}

export interface Holder {
  readonly address: string
  readonly asset: 'token' | 'coin'
}

/** The sandbox's faucet: gives away what its own development chains are made of. There is none in live mode. */
export interface FaucetPort {
  /** Resolves when the payment stands in a block; false when the sandbox does not run this network. Decimal text. */
  pay(payment: { network: string; asset: 'USDT' | 'gas'; address: string; amount: string }): Promise<boolean>
}
