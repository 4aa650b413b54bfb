// Asks the signer for what is ready, per wallet in the order in which payments were made, as far as the wallet's means and
// the number of nonces in flight go. What has to wait is told why. Must stay true: nothing is asked for while money out is
// stopped; what is promised and not final counts as gone, whoever promised it meanwhile.

import { after, seconds } from '../../base/clock.ts'
import { formatAmount } from '../../base/money.ts'
import { lockChain } from '../chain/chain-state.ts'
import { coinDecimals } from '../chain/coin.ts'
import type { Network } from '../chain/network.ts'
import type { Draft, WouldFail } from '../ports.ts'
import type { ChainPayment } from './chain-payment.ts'
import { eachOf, heldBack, lockPayment, type Payer, paymentsIn } from './payer.ts'
import { promisedBy } from './promised.ts'
import { askedOf, mayAskAgain, requestSignature, signersDelay } from './signing-request.ts'
import { hasStrangers } from './strange-nonces.ts'
import { budgetOf, freeOf, type Holdings, type Promised, type Shortage } from './wallet-budget.ts'

/** Transactions of a wallet that are signed and in no block yet. */
export const IN_FLIGHT = 16
/** Payments that are looked at in one round, of all wallets. */
const LOOK = 5_000

/** What the chain would fail now is tried again after this. */
const PAUSE = seconds(15)

/** A wallet that cannot serve the payment whose turn it is. */
export interface Short {
  address: string
  hot: boolean
  of: 'token' | 'coin'
  /** Chain units. */
  needed: bigint
  free: bigint
  waiting: number
}

export interface Requested {
  asked: number
  short: Short[]
}

export async function requestSignatures(payer: Payer): Promise<Requested> {
  const { bank } = payer
  const done: Requested = { asked: 0, short: [] }
  const ready = (await paymentsIn(payer, ['ready'], LOOK)).filter((one) => one.order_kind !== 'nonce_fill')
  if (ready.length === 0) return done
  const held = await heldBack(payer, bank.db)
  if (held !== undefined) {
    await eachOf(ready, (payment) => wait(payer, payment, held))
    return done
  }
  const wallets = Map.groupBy(ready, (payment) => payment.from_address)
  await eachOf([...wallets], async ([address, payments]) => {
    const { asked, short } = await serveWallet(payer, address, payments)
    done.asked += asked
    if (short) done.short.push(short)
  })
  return done
}

interface Drafted {
  payment: ChainPayment
  draft: Draft
  fee: bigint
}

async function serveWallet(
  payer: Payer,
  address: string,
  ready: readonly ChainPayment[],
): Promise<{ asked: number; short: Short | undefined }> {
  const { bank, bookId, network, sender } = payer
  const before = await promisedBy(payer, bank.db, address)
  const asked = await askedOf(
    bank.db,
    bookId,
    ready.map(({ id }) => id),
  )
  const slots = IN_FLIGHT - before.filter(({ mined }) => !mined).length
  if (slots <= 0) return { asked: 0, short: undefined }
  const now = bank.clock.now()
  const free = await freeNow(payer, address, before)
  const budget = budgetOf(free)
  const drafted: Drafted[] = []
  let short: Short | undefined

  const keepWaiting = async (payment: ChainPayment, why: Shortage, fee = 0n) => {
    if (why !== 'behind') {
      const needed = why === 'token' ? payment.value : fee + (payment.asset === 'coin' ? payment.value : 0n)
      const waiting = ready.filter((one) => !asked(one.id).waiting).length
      short ??= { address, hot: payment.from_purpose === 'hot', of: why, needed, free: budget.free[why], waiting }
    }
    await wait(payer, payment, shortReason(network, why, budget.free))
  }

  for (const payment of ready) {
    if (drafted.length >= slots) break
    if (payment.give_up || pauses(payer, payment, now)) continue
    if (!mayAskAgain(asked(payment.id), now)) {
      const why = signersDelay(asked(payment.id), now)
      if (why !== undefined) await wait(payer, payment, why)
      continue
    }
    const without = budget.mayAsk(payment)
    if (without) {
      await keepWaiting(payment, without)
      continue
    }
    const draft = await draftFor(payer, payment)
    if (!draft) continue
    if (await hasStrangers(payer, address, draft)) break
    const fee = sender.maxFee(draft)
    if (fee > network.feeCap) {
      await wait(payer, payment, `the network asks for a fee above the cap of ${network.code}`)
      continue
    }
    const why = budget.take({ ...payment, fee })
    if (why) await keepWaiting(payment, why, fee)
    else drafted.push({ payment, draft, fee })
  }
  return { asked: drafted.length > 0 ? await ask(payer, address, free, before, drafted) : 0, short }
}

/** Of what an address holds, what is not promised. */
async function freeNow({ sender }: Payer, address: string, promised: readonly Promised[]): Promise<Holdings> {
  const [token, coin, finalToken, finalCoin] = await Promise.all([
    sender.balance(address, 'token'),
    sender.balance(address, 'coin'),
    sender.balance(address, 'token', 'final'),
    sender.balance(address, 'coin', 'final'),
  ])
  return freeOf({ token: finalToken, coin: finalCoin }, { token, coin }, promised)
}

async function draftFor(payer: Payer, payment: ChainPayment): Promise<Draft | undefined> {
  try {
    return await payer.sender.draft({
      asset: payment.asset,
      from: payment.from_address,
      to: payment.to_address,
      value: payment.value,
    })
  } catch (error) {
    if (!isWouldFail(error)) throw error
    payer.pauses.set(payment.id, after(payer.bank.clock.now(), PAUSE))
    await wait(payer, payment, `the chain says that it would fail: ${error.wouldFail}`)
    return undefined
  }
}

function pauses({ pauses: until }: Payer, { id }: ChainPayment, now: Date): boolean {
  for (const [one, till] of until) if (till <= now) until.delete(one)
  return until.has(id)
}

const isWouldFail = (error: unknown): error is WouldFail => error instanceof Error && 'wouldFail' in error

/**
 * The balances were read a moment ago. What others promised before, and what they have promised since, is both taken off:
 * a payment of theirs that became final in between counts twice for this round, never not at all.
 */
async function ask(
  payer: Payer,
  address: string,
  free: Holdings,
  before: readonly Promised[],
  drafted: readonly Drafted[],
): Promise<number> {
  const { bank, bookId, network } = payer
  const known = new Set(before.map(({ paymentId }) => paymentId))
  return bank.db.transaction(async (tx) => {
    const locked = new Map<string, ChainPayment>()
    for (const id of drafted.map(({ payment }) => payment.id).sort()) locked.set(id, await lockPayment(tx, bookId, id))
    await lockChain(tx, bookId, network.code)
    if ((await heldBack(payer, tx)) !== undefined) return 0
    const since = (await promisedBy(payer, tx, address)).filter(({ paymentId }) => !known.has(paymentId))
    const budget = budgetOf(freeOf(free, free, since))
    let asked = 0
    for (const { payment, draft, fee } of drafted) {
      const { status, give_up } = locked.get(payment.id) ?? payment
      if (status !== 'ready' || give_up) continue
      if (budget.take({ ...payment, fee })) break
      if (await requestSignature(tx, bookId, { paymentId: payment.id, network: network.code, draft })) asked++
    }
    return asked
  })
}

/** Notes why a payment has to wait; while it stays the same nothing is written. */
async function wait({ bank, bookId }: Payer, payment: ChainPayment, reason: string): Promise<void> {
  if (payment.reason === reason) return
  await bank.db.query('chain-payment-wait', 'select chain_payment_wait($1, $2, $3)', [bookId, payment.id, reason])
}

function shortReason(network: Network, why: Shortage, free: Readonly<Holdings>): string {
  if (why === 'behind') return 'it waits for the payment before it, which the wallet cannot serve yet'
  const has = amountText(network, why, free[why] > 0n ? free[why] : 0n)
  return why === 'token'
    ? `the wallet is short of USDT: ${has} is free`
    : `the wallet is short of ${network.coin}: ${has} is free`
}

/** Chain units as people read them. */
export const amountText = (network: Network, asset: 'token' | 'coin', value: bigint): string =>
  formatAmount(value, asset === 'token' ? network.decimals : coinDecimals(network))
