// A customer asks for a withdrawal: everything is checked, the money held and the order made in one transaction, which also
// decides whether it goes by itself or waits for operators.
// Must stay true: the fee is the one that the customer saw, where they said which; a refusal that is not for want of money
// or limit leaves no row and uses no TOTP code; the same key is one withdrawal, in all processes together.

import { brokenKey, type Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount, parseAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets, personAccount } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import type { IdempotencyKey, Outcome } from '../../ledger/posting.ts'
import { showAddress } from '../chain/address.ts'
import { chainStateOf } from '../chain/chain-state.ts'
import { hotAddress } from '../chain/house-address.ts'
import { type Network, networkOf } from '../chain/network.ts'
import type { Actor, Bank } from '../context.ts'
import { type Answered, onceByKey } from '../idempotency.ts'
import { inboxRow } from '../notice/inbox.ts'
import { mailPerson } from '../notice/security-log.ts'
import { openApproval } from '../operator/approval.ts'
import { authorizeMoneyOut, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import { ownPerson, type Person } from '../people/people.ts'
import { type WithdrawalSettings, withdrawalSettings } from '../setting.ts'
import type { WithdrawalAsset } from '../setting-definitions.ts'
import { chainValue, payOut } from './approve-withdrawal.ts'
import { limitOf, perDayOf } from './daily-limit.ts'
import { readDestination } from './destination.ts'
import { insertWithdrawal, lockWithdrawal, moveWithdrawal } from './withdrawal.ts'
import { happened, noticeParams, type Told, tell } from './withdrawal-notice.ts'
import { reviewPayload, WITHDRAWAL_REVIEW } from './withdrawal-review.ts'

export interface WithdrawalInput {
  network: string
  asset: WithdrawalAsset
  to: string
  amount: string
  /** The fee that the customer was shown; another one is refused. */
  expectedFee: string | undefined
  /** The customer has compared an address that looks like another one. */
  confirmLookalike: boolean
  idempotency: IdempotencyKey | undefined
}

/** All that is to be known of a withdrawal before anybody proves to be its owner. */
export interface Checked {
  network: Network
  asset: WithdrawalAsset
  settings: WithdrawalSettings
  to: string
  amount: bigint
  perDay: bigint
  person: Person
}

/**
 * Withdraws from the actor's main account. Answers `{id, chain, asset, to_address, amount, fee, amount_net, created_at}`.
 * Refuses: what `checkWithdrawal` refuses, FeeChanged, PersonFrozen, MoneyOutHeld, the payment password's and TOTP's
 * refusals, LimitExceeded, InsufficientBalance, AccountClosed, IdempotencyKeyReused.
 */
export function submitWithdrawal(
  bank: Bank,
  actor: Actor,
  input: WithdrawalInput & { proof: PaymentProof },
): Promise<Answered> {
  return onceByKey(
    bank,
    actor.bookId,
    input.idempotency,
    { usesCode: input.proof.totpCode !== undefined },
    async () => {
      const checked = await checkWithdrawal(bank, actor, input)
      refuseOtherFee(checked, input.expectedFee)
      await authorizeMoneyOut(bank, actor, input.proof)
      return holdAndDecide(bank, actor, checked, input.idempotency)
    },
  )
}

/** Which assets leave over a network. */
export const assetsOf = (network: Network): WithdrawalAsset[] => (network.coin === 'TRX' ? ['USDT', 'TRX'] : ['USDT'])

/**
 * Refuses NetworkUnknown, NetworkUnavailable, InvalidAmount, AmountBelowMinimum, AmountAboveMaximum, and what is wrong
 * with the address.
 */
export async function checkWithdrawal(
  bank: Bank,
  actor: Actor,
  input: Pick<WithdrawalInput, 'network' | 'asset' | 'to' | 'amount'>,
): Promise<Checked> {
  const { asset } = input
  const { scale } = assets[asset]
  const network = networkOf(bank.networks, input.network)
  const amount = parsePositiveAmount(input.amount, scale)
  const settings = await openFor(bank, actor.bookId, network, asset)
  if (amount < settings.min || amount <= settings.fee)
    throw new Refusal('AmountBelowMinimum', { pointer: '/amount', minimum: formatAmount(settings.min, scale) })
  if (amount > settings.max)
    throw new Refusal('AmountAboveMaximum', { pointer: '/amount', maximum: formatAmount(settings.max, scale) })
  chainValue(network, asset, amount - settings.fee)
  const to = await readDestination(bank, bank.db, actor, network, input.to)
  const person = await ownPerson(bank, actor)
  const perDay = await perDayOf(bank, actor.bookId, person.kycStatus, asset, settings)
  return { network, asset, settings, to, amount, perDay, person }
}

/** Refuses `NetworkUnavailable` where nothing could be paid. A stop of money out only makes it wait. */
async function openFor(
  bank: Bank,
  bookId: number,
  network: Network,
  asset: WithdrawalAsset,
): Promise<WithdrawalSettings> {
  const closed = (reason: string) => new Refusal('NetworkUnavailable', { pointer: '/chain', reason, retryAfter: 60 })
  if (!assetsOf(network).includes(asset)) throw closed(`no ${asset} leaves over this network`)
  const settings = await withdrawalSettings(bank, bookId, network.code, asset, { fresh: true })
  if (!settings.enabled) throw closed('withdrawals are switched off')
  const state = await chainStateOf(bank.db, bookId, network.code)
  if (state?.phase !== 'following' || state.number === null) throw closed('the network is not followed now')
  if (hotAddress(bank, bookId, network.family) === undefined) throw closed('there is no wallet to pay from')
  return settings
}

function refuseOtherFee({ asset, settings, amount }: Checked, expected: string | undefined): void {
  const { scale } = assets[asset]
  if (expected === undefined || parseAmount(expected, scale, '/expected_fee') === settings.fee) return
  throw new Refusal('FeeChanged', {
    pointer: '/expected_fee',
    fee: formatAmount(settings.fee, scale, 2),
    amount_net: formatAmount(amount - settings.fee, scale, 2),
  })
}

async function holdAndDecide(
  bank: Bank,
  actor: Actor,
  checked: Checked,
  idempotency: IdempotencyKey | undefined,
): Promise<Answered> {
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await bank.db.transaction((tx) => holdAndDecideIn(bank, tx, actor, checked, idempotency))
      if (!outcome.ok) throw outcome.refusal
      return { answer: outcome.answer, replayed: outcome.replayed }
    } catch (error) {
      // the same key for another asset came first, under the lock of another account: now it can be found
      if (brokenKey(error) !== 'idempotency_pkey' || attempt >= 3) throw error
    }
  }
}

/** A refusal of the ledger is an answer and not thrown: it is kept for repeats. */
async function holdAndDecideIn(
  bank: Bank,
  tx: Tx,
  actor: Actor,
  { network, asset, settings, to, amount, perDay, person }: Checked,
  idempotency: IdempotencyKey | undefined,
): Promise<Outcome> {
  const { bookId, personNo } = actor
  const { scale } = assets[asset]
  const at = bank.clock.now()
  const order = {
    id: newId(),
    person_no: personNo,
    network: network.code,
    asset,
    to_address: to,
    amount,
    fee: settings.fee,
    hold_id: newId(),
  } satisfies Told & { hold_id: string }
  const [outcome] = await applyBatch(
    tx,
    bookId,
    [
      {
        bookId,
        place: {
          id: order.hold_id,
          account: personAccount(personNo, 'main', asset),
          amount,
          orderKind: 'withdrawal',
          orderId: order.id,
        },
        velocity: limitOf(personNo, asset, amount, perDay),
        ...(idempotency ? { idempotency } : {}),
        answer: {
          id: order.id,
          chain: network.code,
          asset,
          to_address: showAddress(network, to),
          amount: formatAmount(amount, scale, 2),
          fee: formatAmount(settings.fee, scale, 2),
          amount_net: formatAmount(amount - settings.fee, scale, 2),
          created_at: at.toISOString(),
        },
        rows: [
          inboxRow(bookId, personNo, 'withdrawal_submitted', noticeParams(bank, order), at),
          happened(bank, bookId, order, 'submitted', at),
        ],
      },
    ],
    false,
  )
  if (!outcome) throw new Error('a posting has an outcome')
  if (!outcome.ok || outcome.replayed) return outcome
  await insertWithdrawal(tx, bookId, order, at)
  await mailPerson(bank, tx, person, 'withdrawal_submitted', noticeParams(bank, order))
  await decide(bank, tx, bookId, order.id, settings, at)
  return outcome
}

/** Up to the threshold it goes by itself; above it operators are asked. */
async function decide(
  bank: Bank,
  tx: Tx,
  bookId: number,
  id: string,
  { autoBelow }: WithdrawalSettings,
  at: Date,
): Promise<void> {
  const order = { ...(await lockWithdrawal(tx, bookId, id)), status: 'submitted' as const }
  if (order.amount <= autoBelow) {
    await payOut(bank, tx, bookId, order, { reason: 'automatic', at })
    return
  }
  const reason = 'above_auto'
  await tell(tx, bookId, [happened(bank, bookId, order, 'review', at)])
  const approvalId = await openApproval(bank, tx, bookId, {
    kind: WITHDRAWAL_REVIEW,
    payload: reviewPayload(order),
    reason: `more than ${formatAmount(autoBelow, assets[order.asset].scale)} ${order.asset}`,
  })
  await moveWithdrawal(tx, bookId, order, 'review', { reason, approvalId, at })
}
