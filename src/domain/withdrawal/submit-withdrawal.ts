// A customer asks for a withdrawal: everything is checked, the money held and the order made in one transaction, which also
// decides whether it goes by itself, waits for operators, or (asked for by a program) for its owner.
// Must stay true: the fee is the one that the customer saw, where they said which; a refusal that is not for want of money
// or limit leaves no row and uses no TOTP code; the same key is one withdrawal, in all processes together.

import { brokenKey, type Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount, parseAmount } from '../../base/money.ts'
import { assets, personAccount } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import type { IdempotencyKey, Outcome } from '../../ledger/posting.ts'
import { showAddress } from '../chain/address.ts'
import type { Actor, Bank } from '../context.ts'
import { type Answered, onceByKey } from '../idempotency.ts'
import { inboxRow } from '../notice/inbox.ts'
import { mailPerson } from '../notice/security-log.ts'
import { byCustomerOut, type PaymentProof, type Proving } from '../payment-proof/authorize-payment.ts'
import type { WithdrawalAsset } from '../setting-definitions.ts'
import type { Beside } from '../transfer.ts'
import { awaitOwner } from './await-owner.ts'
import { checkDestination, type Priced, priceWithdrawal, refuseLookalike } from './check-withdrawal.ts'
import { limitOf } from './daily-limit.ts'
import { decide } from './decide-withdrawal.ts'
import { insertWithdrawal, lockWithdrawal } from './withdrawal.ts'
import { happened, noticeParams, type Told } from './withdrawal-notice.ts'

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

/** Withdraws from the actor's main account, proved by payment password and TOTP. See `placeWithdrawal`. */
export const submitWithdrawal = (
  bank: Bank,
  actor: Actor,
  input: WithdrawalInput & { proof: PaymentProof },
): Promise<Answered> => placeWithdrawal(bank, actor, input, byCustomerOut(bank, actor, input.proof))

/** What is different when a program asks. */
export interface ByProgram {
  /** Rows that are written with the order. */
  beside: Beside
}

/**
 * Answers `{id, chain, asset, to_address, amount, fee, amount_net, created_at}`. Refuses: what check-withdrawal.ts refuses,
 * FeeChanged, what `prove` refuses (PersonFrozen, MoneyOutHeld, payment password, TOTP), LimitExceeded,
 * InsufficientBalance, AccountClosed, IdempotencyKeyReused.
 */
export function placeWithdrawal(
  bank: Bank,
  actor: Actor,
  input: WithdrawalInput,
  proving: Proving,
  program?: ByProgram,
): Promise<Answered> {
  return onceByKey(bank, actor.bookId, input.idempotency, proving, async () => {
    const priced = await priceWithdrawal(bank, actor, input)
    // a program pays addresses of the customer's book, whatever mode it is in
    const listedOnly = program !== undefined
    const to = await checkDestination(bank, actor, priced.network, input.to, { listedOnly })
    refuseOtherFee(priced, input.expectedFee)
    await refuseLookalike(bank, actor, priced.network, to, input.confirmLookalike)
    await proving.prove()
    return holdAndDecide(bank, actor, { ...priced, to, program }, input.idempotency)
  })
}

type Asked = Priced & { to: string; program: ByProgram | undefined }

function refuseOtherFee({ asset, settings, amount }: Priced, expected: string | undefined): void {
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
  asked: Asked,
  idempotency: IdempotencyKey | undefined,
): Promise<Answered> {
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await bank.db.transaction((tx) => holdAndDecideIn(bank, tx, actor, asked, idempotency))
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
  { network, asset, settings, to, amount, perDay, person, program }: Asked,
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
          ...(program?.beside({ id: order.id, at }) ?? []),
        ],
      },
    ],
    false,
  )
  if (!outcome) throw new Error('a posting has an outcome')
  if (!outcome.ok || outcome.replayed) return outcome
  await insertWithdrawal(tx, bookId, order, at)
  await mailPerson(bank, tx, person, 'withdrawal_submitted', noticeParams(bank, order))
  const made = { ...(await lockWithdrawal(tx, bookId, order.id)), status: 'submitted' as const }
  if (program && amount > settings.confirmAbove) await awaitOwner(bank, tx, bookId, made, person, at)
  else await decide(bank, tx, bookId, made, settings, at)
  return outcome
}
