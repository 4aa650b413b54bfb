// One request, from its checks to the bytes that are stored. Must stay true: what was signed earlier for the same payment
// can no longer be mined beside it: it has the same nonce, or it is dead and, by our own clock as well, expired; and as that
// is the worker's word in part, no withdrawal is signed more than a few times.

import type { Queries } from '../base/database.ts'
import type { Network } from '../domain/chain/network.ts'
import { checkCoin, checkPayment, type Rules } from './check-payment.ts'
import { demand, demandNow } from './declined.ts'
import { type EvmFields, readEvm, type Signed, signEvm } from './evm-transaction.ts'
import { slotOf } from './own-record.ts'
import { type EvmTerms, readEvmDraft, readTronDraft, TRON_MARGIN } from './read-draft.ts'
import { type Earlier, nextNonce, type Request, signedBefore } from './read-request.ts'
import { signTron } from './tron-transaction.ts'

export interface Accepted extends Signed {
  nonce: number | null
  expiresAt: Date | null
}

/** How often one withdrawal is signed anew, each after the one before it is said to be dead. */
const TRIES = 3

/** Checks and signs; throws `Declined` when it does not. The caller holds the wallet and stores what comes back. */
export async function signRequest(q: Queries, rules: Rules, request: Request): Promise<Accepted> {
  const { network, path } = await checkPayment(q, rules, request)
  const earlier = await signedBefore(q, request)
  const sign = network.family === 'tron' ? signOnTron : signOnEvm
  const accepted = await sign({ q, rules, request, network, path, earlier })
  if (request.payment.order_kind === 'withdrawal') remember(rules, request, earlier, accepted)
  return accepted
}

interface Checked {
  q: Queries
  rules: Rules
  request: Request
  network: Network
  path: string
  earlier: readonly Earlier[]
}

const outgoing = ({ request: { payment }, network }: Checked) => ({
  asset: payment.asset,
  to: payment.to_address,
  value: payment.value,
  contract: network.contract,
})

async function signOnTron(checked: Checked): Promise<Accepted> {
  const { q, rules, request, network, path, earlier } = checked
  demand(request.replaces === null, 'TRON has no replacing: a second one is signed when the first is dead')
  demandDead(earlier)
  const now = rules.clock.now()
  demandNow(
    earlier.every(({ expires_at }) => expires_at && expires_at.getTime() + TRON_MARGIN <= now.getTime()),
    'what was signed before has not been expired for two minutes by our own clock',
  )
  const terms = readTronDraft(request.draft, request.payment.asset, now, rules.limits)
  await checkCoin(q, rules, request, network, BigInt(terms.feeLimit))
  const from = request.payment.from_address
  const signed = await signTron(rules.keys, path, { ...terms, ...outgoing(checked), from })
  return { ...signed, nonce: null, expiresAt: new Date(terms.expiration) }
}

async function signOnEvm(checked: Checked): Promise<Accepted> {
  const { q, rules, request, network, path, earlier } = checked
  const terms = readEvmDraft(request.draft, rules.limits)
  await checkCoin(q, rules, request, network, terms.gas * terms.maxFeePerGas)
  const nonce = await (request.replaces === null
    ? freshNonce(q, request, terms, earlier)
    : replacedNonce(network, request, request.replaces, terms, earlier))
  const signed = await signEvm(rules.keys, path, { ...terms, ...outgoing(checked), chainId: network.chainId, nonce })
  return { ...signed, nonce, expiresAt: null }
}

/**
 * Writes a withdrawal into our own record, before anybody gets the bytes. That an earlier transaction is dead is what the
 * worker says, and that there was none what the database says; so neither may have a withdrawal signed time and again.
 */
function remember({ record, clock }: Rules, request: Request, earlier: readonly Earlier[], made: Accepted): void {
  const { bookId: book, payment } = request
  const { network, asset, order_id: order, value } = payment
  const before = record.of(book, order)
  const lost = before.find(({ hash }) => hash !== made.hash && earlier.every((one) => one.hash !== hash))
  demand(
    lost === undefined,
    `it was signed before, as ${lost?.hash}, which the database does not know: it is an old copy, or was changed`,
  )
  const slots = new Set([...before, ...earlier, made].map(slotOf))
  demand(slots.size <= TRIES, `it was signed ${TRIES} times already; give it up, and let the customer ask again`)
  record.add({ at: clock.now().getTime(), book, network, asset, order, value, nonce: made.nonce, hash: made.hash })
}

const demandDead = (earlier: readonly Earlier[]) =>
  demandNow(
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
  demandDead(earlier)
  demandNow(
    earlier.every(({ nonce }) => nonce !== null && nonce < minedNonce),
    'by the draft, the nonce of what was signed before is not taken by another transaction yet',
  )
  const next = await nextNonce(q, bookId, payment)
  demandNow(
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
  demand(old && old.nonce !== null, 'there is no transaction of this wallet to be replaced')
  const own = old.payment_id === payment.id
  demand(own || payment.order_kind === 'nonce_fill', "another payment's transaction is not replaced")
  demand(
    earlier.every(({ status, nonce }) => status === 'dead' || nonce === old.nonce),
    'what was signed before has another nonce',
  )
  demandNow(['signed', 'sent'].includes(old.status), `the transaction that is to be replaced is ${old.status}`)
  const rivals = earlier.filter(({ nonce }) => nonce === old.nonce).map(({ raw }) => readEvm(raw))
  for (const rival of rivals) demandHigherFees(rival, network, old.nonce, terms)
  return old.nonce
}

function demandHigherFees(rival: EvmFields, network: Network, nonce: number, terms: EvmTerms): void {
  demand(
    rival.nonce === nonce && rival.chainId === network.chainId,
    'what is stored of the transaction before is not what was signed',
  )
  demandNow(
    terms.maxFeePerGas >= raised(rival.maxFeePerGas) &&
      terms.maxPriorityFeePerGas >= raised(rival.maxPriorityFeePerGas),
    'a replacement pays at least an eighth more than the transaction before, in both fees',
  )
}

/** An eighth more, rounded up. */
const raised = (fee: bigint) => (fee * 9n + 7n) / 8n
