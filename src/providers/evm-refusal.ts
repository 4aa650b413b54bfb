// What Ethereum-like nodes say when they do not take a transaction, each client in its own words, sorted into a few.
// Must stay true: what is not recognised is no refusal; the caller then knows nothing and has to ask the chain.

import { BaseError, RpcRequestError } from 'viem'
import type { BroadcastAnswer } from '../domain/ports.ts'

/** geth, bsc, erigon, nethermind, besu, reth, anvil, openethereum. */
const known =
  /already known|known transaction|already imported|alreadyknown|same hash was already|already in (?:the )?(?:mem|tx)?pool|tx already exists/i

const refusals: readonly [words: RegExp, reason: string][] = [
  [
    /nonce (?:is )?too low|oldnonce|nonce_too_low|nonce has already been used|lower than the current nonce/i,
    'nonce too low',
  ],
  [/nonce (?:is )?too high|noncegap|gapped nonce|nonce_too_distant|nonce (?:is )?too distant/i, 'nonce too high'],
  [
    /replacement (?:transaction |tx )?underpriced|replacementnotallowed|replacement not allowed|another transaction with same nonce/i,
    'replacement underpriced',
  ],
  [
    /underpriced|feetoolow|fee too low|gas ?price (?:is )?(?:too low|below|less than)|max ?fee ?per ?gas (?:is )?(?:too low|less than)|min(?:imum)? gas price|tip (?:cap )?(?:too low|below)/i,
    'underpriced',
  ],
  [
    /insufficient ?funds|upfront cost exceeds|insufficient balance|doesn't have enough funds|balance (?:is )?too low/i,
    'insufficient funds',
  ],
  [/pool is full|pool full|txpool(?:\.| )?overflow|transaction pool limit|too many transactions/i, 'the pool is full'],
  [
    /exceeds the configured cap|exceeds block gas limit|gas limit (?:is )?(?:reached|exceeded)|gaslimitexceeded/i,
    'above the node’s limits',
  ],
  [/intrinsic gas|intrinsicgas/i, 'too little gas'],
  [
    /invalid (?:sender|signature|chain ?id)|invalidtxsignature|invalidtxchainid|wrong chain/i,
    'not valid on this chain',
  ],
]

/** What the node itself said; nothing when it said nothing that can be read (a broken line, a proxy's page). */
function saidBy(error: unknown): { code: number; text: string } | undefined {
  const found = error instanceof BaseError ? error.walk((cause) => cause instanceof RpcRequestError) : error
  if (!(found instanceof RpcRequestError)) return undefined
  return { code: found.code, text: found.details ?? '' }
}

export function readRefusal(error: unknown): BroadcastAnswer | undefined {
  const said = saidBy(error)
  if (!said) return undefined
  if (known.test(said.text)) return { result: 'known' }
  const refusal = refusals.find(([words]) => words.test(said.text))
  return refusal && { result: 'refused', reason: refusal[1] }
}

/** Why a call failed on the chain; nothing when it was not the chain that failed it. */
export function revertReason(error: unknown): string | undefined {
  const said = saidBy(error)
  if (!said || !(said.code === 3 || /revert|invalid opcode|always failing transaction/i.test(said.text)))
    return undefined
  return (
    (
      /revert(?:ed)?(?: with reason string)?:? ?(?:revert:? )?["']?([\w .,:-]{1,80})/i.exec(said.text)?.[1] ?? ''
    ).trim() || 'reverted'
  )
}
