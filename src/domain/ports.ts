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

/** Where encrypted files are kept. Names are ours (`kyc/2026/06/<id>.jpg`); what is kept tells nothing without its key. */
export interface FileStore {
  /** Resolves when the bytes are kept for good. The same name again replaces them. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** Undefined: there is no such file. */
  get(name: string): Promise<Uint8Array | undefined>
  /** A file that is not there is removed already. */
  remove(name: string): Promise<void>
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

// --- vendors: the card issuer, payouts to banks, identity checks ---

/**
 * What a vendor makes of an order: it took it, or it said no and nothing happened. When nobody knows (no answer, a broken
 * one, a server error) the port throws: the order is `uncertain`, and the same call with the same `key` asks again.
 */
export type VendorAnswer<T> = { result: 'ok'; value: T } | { result: 'refused'; refusal: VendorRefusal }

export interface VendorRefusal {
  /** The vendor's own code, e.g. `cardholder_error`. */
  code: string
  /** Its words, without personal or card data as far as we can tell; for operators, not for customers. */
  reason: string
  /** Names of fields that it misses. */
  missing: readonly string[]
}

/**
 * The id of our order and the step of it. The same key is the same order at the vendor for ever, in whatever process and
 * however often it is asked.
 */
export interface OrderKey {
  orderId: string
  step: string
}

/** Decimal texts, in the currency's own scale; no floats. */
export interface Money {
  amount: string
  currency: string
}

export interface VendorPage<T> {
  items: readonly T[]
  pages: number
  total: number
}

export interface CardProduct {
  productId: string
  mode: 'SINGLE' | 'SHARE'
  currencies: readonly string[]
  kycLevel: 'SIMPLIFIED' | 'STANDARD' | 'ENHANCED'
  enabled: boolean
}

export interface NewCardholder {
  email: string
  firstName: string
  lastName: string
  /** ISO 3166-1 alpha-2. */
  countryCode: string
  /** Without the calling code. */
  phone: string
  /** YYYY-MM-DD. */
  dateOfBirth?: string
  gender?: 'MALE' | 'FEMALE'
  nationality?: string
  address?: {
    country: string
    state?: string
    city: string
    district?: string
    line1: string
    line2?: string
    lineEn?: string
    postalCode?: string
  }
  /** Files are base64 as they came. */
  identity?: { type: 'ID_CARD' | 'PASSPORT'; number: string; front?: string; back?: string; hand?: string }
  /** `redirect`: the issuer answers with a link to its own check. `proof`: a check that was made elsewhere. */
  kyc?: { method: 'redirect' } | { method: 'proof'; provider: string; referenceId: string }
}

export interface IssuedCardholder {
  cardholderId: string
  status: 'PENDING' | 'INCOMPLETE' | 'SUCCESS' | 'FAILED'
  /** Where the customer proves who they are, while there is something to prove. */
  idvUrl?: string
  idvExpiresAt?: Date
}

export type IssuedCardStatus = 'PENDING' | 'ACTIVE' | 'FROZEN' | 'BLOCKED' | 'CANCELLED' | 'LOST' | 'STOLEN' | 'FAILED'

export interface IssuedCard {
  cardId: string
  cardholderId?: string
  status: IssuedCardStatus
  /** All that is ever known here of its number. */
  last4?: string
  currency?: string
  /** Decimal text. */
  available?: string
}

/** An order at the issuer: making a card, recharging it, changing its status. They are carried out later. */
export interface IssuerOrder {
  orderId: string
  cardId: string
  status: 'PENDING' | 'PROCESSING' | 'SUCCESS' | 'FAILED'
  /** Of recharges: decimal text. */
  amount?: string
}

export interface IssuerTransaction {
  transactionId: string
  /** The first of its family: the authorisation that a reversal or a capture belongs to. */
  originalId?: string
  cardId: string
  /** The issuer's word, e.g. AUTHORIZATION, REVERSAL, SETTLEMENT_DEBIT, SETTLEMENT_CREDIT, REFUND, FEE. */
  type: string
  status: 'APPROVED' | 'DECLINED' | 'PENDING'
  billing: Money
  transaction: Money
  fee: Money
  /** What the card has left after it; decimal text, may be below zero. */
  availableAfter: string
  merchant?: { name: string; city: string; country: string; categoryCode: string }
  description: string
  last4?: string
  at: Date
  postedAt?: Date
}

export interface CardIssuer {
  products(): Promise<readonly CardProduct[]>
  createCardholder(key: OrderKey, holder: NewCardholder): Promise<VendorAnswer<IssuedCardholder>>
  /** Changes what is named; also how a cardholder who is INCOMPLETE gets a new link. */
  updateCardholder(
    key: OrderKey,
    cardholderId: string,
    change: Partial<NewCardholder>,
  ): Promise<VendorAnswer<IssuedCardholder>>
  /** Undefined when the issuer knows none with this id. */
  cardholder(cardholderId: string): Promise<IssuedCardholder | undefined>
  createCard(
    key: OrderKey,
    card: { cardholderId: string; productId: string; currency: string },
  ): Promise<VendorAnswer<IssuerOrder>>
  card(cardId: string): Promise<IssuedCard | undefined>
  /** From the house's balance at the issuer onto the card. `amount`: decimal text. */
  recharge(key: OrderKey, cardId: string, amount: string): Promise<VendorAnswer<IssuerOrder>>
  setStatus(
    key: OrderKey,
    cardId: string,
    status: 'ACTIVE' | 'FROZEN' | 'CANCELLED',
    reason: string,
  ): Promise<VendorAnswer<IssuerOrder>>
  order(orderId: string): Promise<IssuerOrder | undefined>
  /** A page of the issuer's that shows the card's number, once, for a minute. Neither token nor page is ever kept. */
  secureFrame(cardId: string, language: 'zh' | 'en'): Promise<VendorAnswer<{ url: string; expiresAt: Date }>>
  /** Newest first; pages from 1, at most 100 each. */
  transactions(query: {
    cardId?: string
    from?: Date
    to?: Date
    page: number
    size: number
  }): Promise<VendorPage<IssuerTransaction>>
  transaction(transactionId: string): Promise<IssuerTransaction | undefined>
  /** What the house has left at the issuer: decimal text; undefined when it has no balance in that currency. */
  balance(currency: string): Promise<string | undefined>
}

export interface NewBeneficiary {
  firstName: string
  lastName: string
  nickname?: string
  email?: string
  idNumber?: string
  method: 'LOCAL' | 'SWIFT'
  bank: {
    name: string
    address: string
    country: string
    holder: string
    currency: string
    accountNumber: string
    swift?: string
    clearingSystem?: string
  }
  address: { country: string; state: string; city: string; street: string; postalCode: string }
}

export interface NewPayout {
  beneficiaryId: string
  /** What leaves: decimal text of `currency`, paid for out of the house's balance in `sourceCurrency`. */
  amount: string
  currency: string
  sourceCurrency: string
  purpose: 'PERSONAL_REMITTANCE' | 'FAMILY_SUPPORT' | 'LIVING_EXPENSES'
  feePaidBy: 'OURS' | 'SHARED'
  /** Our order's number; travels with the money. */
  reference: string
}

export interface PayoutState {
  payoutId: string
  /** FAILED also after COMPLETED: the bank sent it back, see `returned`. */
  status: 'PENDING' | 'READY_SEND' | 'COMPLETED' | 'FAILED' | 'REJECTED'
  amount?: string
  currency?: string
  reference?: string
  failure?: string
  /** Decimal text: what came back of it. */
  returned?: string
}

export interface Payouts {
  createBeneficiary(key: OrderKey, beneficiary: NewBeneficiary): Promise<VendorAnswer<{ beneficiaryId: string }>>
  pay(key: OrderKey, payout: NewPayout): Promise<VendorAnswer<PayoutState>>
  payout(payoutId: string): Promise<PayoutState | undefined>
}

/** Where exchange rates come from. */
export interface RateSource {
  /** What one unit of `base` is worth in `quote`: decimal text. Throws when it does not say. */
  rate(base: 'USDT', quote: 'CNH' | 'PHP'): Promise<{ rate: string; at: Date; source: string }>
}

export interface IdentityState {
  applicantId: string
  /** init: nothing handed in; pending: being looked at; retry: hand in again. */
  status: 'init' | 'pending' | 'approved' | 'rejected' | 'retry'
  /** The vendor's labels for what was wrong. */
  labels: readonly string[]
}

export interface IdentityCheck {
  /** A page for this person, by our id of the check; good for `seconds`. The same id is the same applicant. */
  link(check: { userId: string; level: string; seconds: number; language: 'zh' | 'en' }): Promise<{
    url: string
    expiresAt: Date
  }>
  /** Undefined when nobody with this id has opened a link yet. */
  status(userId: string): Promise<IdentityState | undefined>
}

/** An access token that all processes share, for vendors whose new token ends all earlier ones. */
export interface SharedToken {
  /**
   * The one that is good; `fetch` gets a new one when there is none, when it runs out within the minute, or when it is
   * `stale`: the vendor refused it. Of many who ask at once one fetches.
   */
  get(fetch: () => Promise<{ token: string; expiresAt: Date }>, stale?: string): Promise<string>
}
