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

/** A token transfer that stands in a block: its transaction succeeded and the log has exactly the standard's shape. */
export interface TokenTransfer {
  readonly txHash: string
  /** Place among the logs of its transaction. Stays the same when the transaction moves to another block. */
  readonly ordinal: number
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
  /** By how much a block changed an address's token balance; undefined when the node no longer has that state. */
  received(block: BlockHeader, address: string): Promise<bigint | undefined>
}
