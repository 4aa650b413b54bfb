// What programs do with their customer's money: withdraw to listed addresses, send to others here, move between own
// accounts. Must stay true: a program's own id for an order makes it happen once, for ever, whichever key is used and
// whenever it is asked again; the verbs and their rules are those of the app, only the proof is another.

import { sha256 } from '../../base/crypto.ts'
import { Refusal } from '../../base/errors.ts'
import { parsePositiveAmount } from '../../base/money.ts'
import { assets, personAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import type { IdempotencyKey } from '../../ledger/posting.ts'
import type { Bank } from '../context.ts'
import { findAnswer } from '../idempotency.ts'
import { byProgram } from '../payment-proof/authorize-payment.ts'
import { type Contact, type ContactInput, readContact } from '../people/contact.ts'
import { findContact } from '../people/directory.ts'
import { type Person, personById, personByNo } from '../people/people.ts'
import type { WithdrawalAsset } from '../setting-definitions.ts'
import { countAttempt, forgiveAttempt } from '../sign-in/attempt.ts'
import { moveBetweenOwn, type OwnAccount, placeTransfer } from '../transfer.ts'
import { placeWithdrawal } from '../withdrawal/submit-withdrawal.ts'
import type { Program } from './authenticate-key.ts'
import { type NamedRecipient, type ProgramOrderKind, programOrderRow } from './program-order.ts'

/** An order that came of a request, now or at the first of its repeats. */
export interface Placed {
  id: string
  createdAt: Date
}

const { scale } = assets.USDT

const placed = ({ id, created_at }: Readonly<Record<string, unknown>>): Placed => ({
  id: `${id}`,
  createdAt: new Date(`${created_at}`),
})

/** Bound to the customer and the operation, not to the key: a program may go over to another. */
function onceFor(
  { personNo }: Program,
  operation: ProgramOrderKind,
  outBizId: string | undefined,
  asked: readonly (string | bigint)[],
): IdempotencyKey | undefined {
  if (outBizId === undefined) return undefined
  const requestHash = sha256(JSON.stringify(asked.map(String)))
  return { scope: `program:${personNo}:${operation}`, key: outBizId, requestHash }
}

export interface ProgramWithdrawal {
  network: string
  asset: WithdrawalAsset
  to: string
  amount: string
  outBizId: string | undefined
}

/** Refuses what `placeWithdrawal` refuses, AddressNotListed and AddressTooNew whatever mode the book is in. */
export async function withdrawByProgram(bank: Bank, program: Program, input: ProgramWithdrawal): Promise<Placed> {
  const { network, asset, to, amount, outBizId } = input
  const units = parsePositiveAmount(amount, assets[asset].scale)
  const { answer } = await placeWithdrawal(
    bank,
    program,
    {
      network,
      asset,
      to,
      amount,
      expectedFee: undefined,
      confirmLookalike: true, // its owner wrote it down, and compared it then
      idempotency: onceFor(program, 'withdrawal', outBizId, [network, asset, to, units]),
    },
    byProgram(bank, program, { moneyOut: true }),
    { beside: ({ id, at }) => [besideRow(bank, program, 'withdrawal', id, { outBizId }, at)] },
  )
  return placed(answer)
}

const besideRow = (
  bank: Bank,
  { bookId, personNo, keyId }: Program,
  kind: ProgramOrderKind,
  id: string,
  said: { outBizId: string | undefined; to?: NamedRecipient },
  at: Date,
) => programOrderRow(bank, bookId, { id, kind, personNo }, { keyId, ...said }, at)

export type Recipient =
  | { type: 'uid'; no: bigint }
  | { type: 'phone'; countryCode: string; number: string }
  | { type: 'email'; email: string }

export interface ProgramTransfer {
  to: Recipient
  amount: string
  remark: string
  outBizId: string | undefined
}

/** Refuses what `placeTransfer` refuses, and RateLimited for who asks for many that do not exist. */
export async function sendByProgram(bank: Bank, program: Program, input: ProgramTransfer): Promise<Placed> {
  const { to, amount, remark, outBizId } = input
  const units = parsePositiveAmount(amount, scale)
  const idempotency = onceFor(program, 'transfer', outBizId, [units, JSON.stringify(wordsOf(to)), remark])
  // a repeat is answered whatever became of the money since
  const known = idempotency && (await findAnswer(bank, program.bookId, idempotency))
  if (known) return placed(known.answer)
  const recipient = await findRecipient(bank, program, to, units)
  const { answer } = await placeTransfer(
    bank,
    program,
    {
      toPersonId: recipient.id,
      amount,
      memo: remark,
      idempotency,
      byProgram: true,
      beside: ({ id, at }) => [besideRow(bank, program, 'transfer', id, { outBizId, to: namedBy(to) }, at)],
    },
    byProgram(bank, program, { moneyOut: true }),
  )
  return placed(answer)
}

const namedBy = (to: Recipient): NamedRecipient => (to.type === 'uid' ? { type: 'uid' } : to)
const wordsOf = (to: Recipient) => (to.type === 'uid' ? { ...to, no: `${to.no}` } : to)

/**
 * Whoever cannot receive is as absent as who does not exist. By contact only with the money at hand, and for so many
 * misses: else programs could ask for free who has an account here.
 */
async function findRecipient(bank: Bank, program: Program, to: Recipient, units: bigint): Promise<Person> {
  const { bookId } = program
  if (to.type === 'uid') {
    const person = await personByNo(bank, bookId, to.no)
    if (person?.status !== 'active') throw new Refusal('RecipientUnavailable')
    return person
  }
  const account = personAccount(program.personNo, 'main')
  const { balance, held } = (await balancesOf(bank.db, bookId, [account]))(account)
  if (balance - held < units) throw new Refusal('InsufficientBalance')
  const contact = readRecipient(bank, to)
  await countAttempt(bank.db, bank.clock.now(), bookId, 'recipient-contact', program.personId)
  const owner = await findContact(bank.db, contact)
  const person = owner?.proven && owner.bookId === bookId ? await personById(bank, bookId, owner.personId) : undefined
  if (person?.status !== 'active') throw new Refusal('RecipientUnavailable')
  await forgiveAttempt(bank.db, bookId, 'recipient-contact', program.personId)
  return person
}

/** What is no address or number belongs to nobody. */
function readRecipient(bank: Bank, to: Exclude<Recipient, { type: 'uid' }>): Contact {
  const input: ContactInput =
    to.type === 'email'
      ? { kind: 'email', contact: to.email }
      : { kind: 'mobile', contact: to.number, mobilePrefix: to.countryCode }
  try {
    return readContact(bank, input)
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal('RecipientUnavailable')
    throw error
  }
}

export interface ProgramMove {
  from: OwnAccount
  to: OwnAccount
  amount: string
  outBizId: string | undefined
}

export async function moveByProgram(bank: Bank, program: Program, input: ProgramMove): Promise<Placed> {
  const { from, to, amount, outBizId } = input
  const units = parsePositiveAmount(amount, scale)
  const { answer } = await moveBetweenOwn(
    bank,
    program,
    {
      from,
      to,
      amount,
      idempotency: onceFor(program, 'transfer_internal', outBizId, [from, to, units]),
      beside: ({ id, at }) => [besideRow(bank, program, 'transfer_internal', id, { outBizId }, at)],
    },
    byProgram(bank, program, { moneyOut: false }),
  )
  return placed(answer)
}
