// One request, from its checks to the bytes that are stored. Must stay true: what was signed earlier for the same payment
// can no longer be mined beside it: it has the same nonce, or it is dead and, by our own clock as well, expired.

import type { Clock } from '../base/clock.ts'
import type { Queries } from '../base/database.ts'
import type { Network } from '../domain/chain/network.ts'
import { checkCoin, checkPayment, type Rules } from './check-payment.ts'
import { require, requireNow } from './declined.ts'
import { type EvmFields, readEvm, type Signed, signEvm } from './evm-transaction.ts'
import { type EvmTerms, readEvmDraft, readTronDraft, TRON_MARGIN } from './read-draft.ts'
import { type Earlier, nextNonce, type Request, signedBefore } from './read-request.ts'
import { signTron } from './tron-transaction.ts'

export interface Accepted extends Signed {
  nonce: number | null
  expiresAt: Date | null
}

/** Checks and signs; throws `Declined` when it does not. The caller holds the wallet and stores what comes back. */
export async function signRequest(q: Queries, rules: Rules, clock: Clock, request: Request): Promise<Accepted> {
  const { network, path } = await checkPayment(q, rules, request)
  const { payment } = request
  const earlier = await signedBefore(q, request)
  const outgoing = { asset: payment.asset, to: payment.to_address, value: payment.value, contract: network.contract }

  if (network.family === 'tron') {
    require(request.replaces === null, 'TRON has no replacing: a second one is signed when the first is dead')
    requireDead(earlier)
    const now = clock.now()
    requireNow(
      earlier.every(({ expires_at }) => expires_at && expires_at.getTime() + TRON_MARGIN <= now.getTime()),
      'what was signed before has not been expired for two minutes by our own clock',
    )
    const terms = readTronDraft(request.draft, payment.asset, now, rules.limits)
    await checkCoin(q, rules, request, network, BigInt(terms.feeLimit))
    const signed = await signTron(rules.keys, path, { ...terms, ...outgoing, from: payment.from_address })
    return { ...signed, nonce: null, expiresAt: new Date(terms.expiration) }
  }

  const terms = readEvmDraft(request.draft, rules.limits)
  await checkCoin(q, rules, request, network, terms.gas * terms.maxFeePerGas)
  const nonce = await (request.replaces === null
    ? freshNonce(q, request, terms, earlier)
    : replacedNonce(network, request, request.replaces, terms, earlier))
  const signed = await signEvm(rules.keys, path, { ...terms, ...outgoing, chainId: network.chainId, nonce })
  return { ...signed, nonce, expiresAt: null }
}

const requireDead = (earlier: readonly Earlier[]) =>
  requireNow(
    earlier.every(({ status }) => status === 'dead'),
    'what was signed before may still be mined',
  )

/** A chain that is this far ahead of what we signed is none that we should follow in one step. */
const LEAP = 10_000

async function freshNonce(
  q: Queries,
  { bookId, payment }: Request,
  { minedNonce }: EvmTerms,
  earlier: readonly Earlier[],
): Promise<number> {
  requireDead(earlier)
  requireNow(
    earlier.every(({ nonce }) => nonce !== null && nonce < minedNonce),
    'by the draft, the nonce of what was signed before is not taken by another transaction yet',
  )
  const next = await nextNonce(q, bookId, payment)
  requireNow(
    next === undefined || minedNonce <= next + LEAP,
    `the draft says that ${minedNonce} transactions of the wallet are mined, and we know of ${next}`,
  )
  return Math.max(next ?? 0, minedNonce)
}

/** The nonce of the transaction that is to be replaced, if the new fees are ones for which nodes let go of it. */
async function replacedNonce(
  network: Network,
  { payment }: Request,
  replaces: string,
  terms: EvmTerms,
  earlier: readonly Earlier[],
): Promise<number> {
  const old = earlier.find(({ id }) => id === replaces)
  require(old && old.nonce !== null, 'there is no transaction of this wallet to be replaced')
  const own = old.payment_id === payment.id
  require(own || payment.order_kind === 'nonce_fill', "another payment's transaction is not replaced")
  require(earlier.every(
    ({ status, nonce }) => status === 'dead' || nonce === old.nonce,
  ), 'what was signed before has another nonce')
  requireNow(['signed', 'sent'].includes(old.status), `the transaction that is to be replaced is ${old.status}`)
  const rivals = earlier.filter(({ nonce }) => nonce === old.nonce).map(({ raw }) => readEvm(raw))
  for (const rival of rivals) requireSameTerms(rival, network, old.nonce, terms)
  return old.nonce
}

function requireSameTerms(rival: EvmFields, network: Network, nonce: number, terms: EvmTerms): void {
  require(rival.nonce === nonce &&
    rival.chainId === network.chainId, 'what is stored of the transaction before is not what was signed')
  requireNow(
    terms.maxFeePerGas >= raised(rival.maxFeePerGas) &&
      terms.maxPriorityFeePerGas >= raised(rival.maxPriorityFeePerGas),
    'a replacement pays at least an eighth more than the transaction before, in both fees',
  )
}

/** An eighth more, rounded up. */
const raised = (fee: bigint) => (fee * 9n + 7n) / 8n
