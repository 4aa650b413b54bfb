// Types of sdk/reserves.js. Units are whole numbers of an asset's smallest unit, as texts in documents and bigint in answers.
// Must stay true: they say what the verifier reads and answers, and nothing else.

export interface ReserveProof {
  format: 'unipay-reserve-proof'
  version: 1
  snapshot: { book: number; id: string; at: string; size: number; assets: string[] }
  leaf: { index: number; uid: string; salt: string; units: string[] }
  /** From the leaf up; only those that are not empty. */
  siblings: { hash: string; units: string[] }[]
  root: string
  liabilities: string[]
}

/** Of a snapshot that the bank has published. */
export interface PublishedRoot {
  id: string
  at: string
  size: number
  root: string
}

export interface Verified {
  snapshot: ReserveProof['snapshot']
  root: string
  uid: string
  balances: Record<string, bigint>
  liabilities: Record<string, bigint>
  /** Whether it was held against what was published. */
  compared: boolean
}

export class ProofError extends Error {}

export function verifyReserveProof(document: ReserveProof | string, published?: PublishedRoot): Verified

export function sha256(message: Uint8Array): Uint8Array
