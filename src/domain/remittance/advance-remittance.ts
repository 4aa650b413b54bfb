// Carries a remittance on: tells the vendor of it, and asks what became of it. Runs from a job, a webhook or the regular
// poll, any of them more than once. Must stay true: the vendor is called with no transaction open, always with the order's
// own key, so that whatever happens in between there is one payout; who does not answer is asked again, never presumed; that
// it is about to be told is committed first, and from then on only its word about the payout itself ends an order.

import { formatAmount } from '../../base/money.ts'
import type { Bank } from '../context.ts'
import { personByNo } from '../people/people.ts'
import type { NewBeneficiary, VendorAnswer, VendorRefusal } from '../ports.ts'
import { moneyOutStopped } from '../setting.ts'
import { CNH_SCALE } from './quote-remittance.ts'
import { recipientById, setBeneficiary } from './recipient.ts'
import { noteTold, type Remittance, remittanceById } from './remittance-order.ts'
import {
  recordAccepted,
  recordDoubt,
  recordNoAnswer,
  recordRefused,
  recordState,
  recordUnknown,
} from './settle-remittance.ts'

export async function advanceRemittance(bank: Bank, bookId: number, id: string): Promise<void> {
  const order = await remittanceById(bank, bank.db, bookId, id)
  const { status, payout_id: payoutId } = order
  if (payoutId === null) {
    if (status === 'queued' || status === 'uncertain') await tellVendor(bank, bookId, order)
  } else if (status !== 'returned') {
    const state = await bank.payouts.payout(payoutId)
    if (state) await recordState(bank, bookId, id, state)
    else await recordUnknown(bank, bookId, id)
  }
}

async function tellVendor(bank: Bank, bookId: number, order: Remittance): Promise<void> {
  if ((await moneyOutStopped(bank.db, bookId, '')) !== undefined) return // the poll comes back to it
  // what the vendor was told may be paid whatever we want; what it was not waits as long as its sender is frozen
  const sender = await personByNo(bank, bookId, order.person_no)
  if (order.told_at === null && sender?.status !== 'active') return
  const beneficiary = await beneficiaryOf(bank, bookId, order)
  if (beneficiary.result === 'refused') {
    const why = wordsOf(beneficiary.refusal)
    // who was refused now may have been paid before: the vendor was told once, and its answer got lost
    if (order.told_at !== null) await recordDoubt(bank, bookId, order.id, why)
    else await recordRefused(bank, bookId, order.id, 'beneficiary_refused', why)
    return
  }
  await noteTold(bank.db, bookId, order.id, bank.clock.now())
  let answer: Awaited<ReturnType<Bank['payouts']['pay']>>
  try {
    answer = await bank.payouts.pay(
      { orderId: order.id, step: 'payout' },
      {
        beneficiaryId: beneficiary.value.beneficiaryId,
        amount: formatAmount(order.cnh, CNH_SCALE, 2),
        currency: order.recipient.currency,
        sourceCurrency: 'USD',
        purpose: 'PERSONAL_REMITTANCE',
        feePaidBy: 'OURS',
        reference: order.id,
      },
    )
  } catch (error) {
    await recordNoAnswer(bank, bookId, order.id, error instanceof Error ? error.message : 'no answer')
    throw error
  }
  if (answer.result === 'refused') {
    await recordRefused(bank, bookId, order.id, 'payout_refused', wordsOf(answer.refusal))
    return
  }
  await recordAccepted(bank, bookId, order.id, answer.value)
}

/** Made once for each version of a recipient: its key is the version's. */
async function beneficiaryOf(
  bank: Bank,
  bookId: number,
  order: Remittance,
): Promise<VendorAnswer<{ beneficiaryId: string }>> {
  const { recipient_id: id, recipient_version: version } = order
  const recipient = await recipientById(bank, bank.db, bookId, id)
  if (recipient.version === version && recipient.beneficiary_id !== null)
    return { result: 'ok', value: { beneficiaryId: recipient.beneficiary_id } }
  const key = { orderId: id, step: `beneficiary-${version}` }
  const answer = await bank.payouts.createBeneficiary(key, newBeneficiary(order.recipient))
  if (answer.result === 'ok') await setBeneficiary(bank.db, bookId, id, version, answer.value.beneficiaryId)
  return answer
}

/** What nobody asked the customer for is said to be not known. */
const UNKNOWN = 'N/A'

function newBeneficiary(recipient: Remittance['recipient']): NewBeneficiary {
  const { first, last } = splitName(recipient.holder)
  return {
    firstName: first,
    lastName: last,
    email: recipient.email,
    idNumber: recipient.idNumber,
    method: 'LOCAL',
    bank: {
      name: recipient.bankName,
      address: UNKNOWN,
      country: 'CN',
      holder: recipient.holder,
      currency: recipient.currency,
      accountNumber: recipient.account,
      swift: recipient.swift,
      ...(recipient.cnaps ? { clearingSystem: 'CNAPS' } : {}),
    },
    address: { country: 'CN', state: UNKNOWN, city: UNKNOWN, street: UNKNOWN, postalCode: '000000' },
  }
}

/** The family name comes first, in pinyin as in characters; those that have two characters are seldom and known. */
function splitName(holder: string): { first: string; last: string } {
  const words = holder.split(' ')
  if (words.length > 1) return { last: words[0] ?? '', first: words.slice(1).join(' ') }
  const letters = [...holder]
  const long =
    /^(?:欧阳|司马|上官|诸葛|司徒|东方|皇甫|令狐|慕容|夏侯|尉迟|公孙|轩辕)/.test(holder) && letters.length > 2
  return { last: letters.slice(0, long ? 2 : 1).join(''), first: letters.slice(long ? 2 : 1).join('') || holder }
}

const wordsOf = ({ code, reason, missing }: VendorRefusal): string =>
  [code, reason, ...(missing.length > 0 ? [`missing ${missing.join(', ')}`] : [])].join(': ').slice(0, 300)
