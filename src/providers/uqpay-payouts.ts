// Payouts to bank accounts over UQPAY's banking API: beneficiaries, and payouts to them.
// Must stay true: amounts are decimal texts on this wire, as they are here; an answer about another payout is none.

import type { NewBeneficiary, PayoutState, Payouts } from '../domain/ports.ts'
import { type Row, UnsoundAnswer } from './answer.ts'
import type { Uqpay } from './uqpay-http.ts'
import { given, maybeDecimal, maybeText, oneOf, text } from './vendor-answer.ts'

export function uqpayPayouts(uqpay: Uqpay): Payouts {
  return {
    async createBeneficiary(key, beneficiary) {
      const answer = await uqpay.order(key, '/v1/beneficiaries', beneficiaryBody(beneficiary))
      if (answer.result === 'refused') return answer
      return { result: 'ok', value: { beneficiaryId: text(answer.value, 'beneficiary_id') } }
    },
    async pay(key, payout) {
      const answer = await uqpay.order(key, '/v1/payouts', {
        beneficiary_id: payout.beneficiaryId,
        source_currency: payout.sourceCurrency,
        amount: payout.amount,
        currency: payout.currency,
        purpose_code: payout.purpose,
        fee_paid_by: payout.feePaidBy,
        reference: payout.reference,
      })
      if (answer.result === 'refused') return answer
      return { result: 'ok', value: payoutIn(answer.value) }
    },
    async payout(payoutId) {
      const answer = await uqpay.read(`/v1/payouts/${encodeURIComponent(payoutId)}`)
      if (!answer) return undefined
      const state = payoutIn(answer)
      if (state.payoutId !== payoutId) throw new UnsoundAnswer("payout_id is another one's")
      return state
    },
  }
}

const statuses = ['PENDING', 'READY_SEND', 'COMPLETED', 'FAILED', 'REJECTED'] as const

const payoutIn = (from: Row): PayoutState =>
  given({
    payoutId: text(from, 'payout_id'),
    // the answer to a new payout may leave it out
    status: from.payout_status === undefined ? 'PENDING' : oneOf(from, 'payout_status', statuses),
    amount: maybeDecimal(from, 'payout_amount'),
    currency: maybeText(from, 'payout_currency'),
    reference: maybeText(from, 'payout_reference'),
    failure: maybeText(from, 'failure_reason'),
    returned: maybeDecimal(from, 'failure_returned_amount'),
  }) as PayoutState

const beneficiaryBody = ({ bank, address, ...person }: NewBeneficiary) =>
  given({
    entity_type: 'INDIVIDUAL',
    payment_method: person.method,
    first_name: person.firstName,
    last_name: person.lastName,
    nickname: person.nickname,
    email: person.email,
    id_number: person.idNumber,
    bank_details: given({
      bank_name: bank.name,
      bank_address: bank.address,
      bank_country_code: bank.country,
      account_holder: bank.holder,
      account_currency_code: bank.currency,
      account_number: bank.accountNumber,
      swift_code: bank.swift,
      clearing_system: bank.clearingSystem,
    }),
    address: {
      country: address.country,
      state: address.state,
      city: address.city,
      street_address: address.street,
      postal_code: address.postalCode,
    },
  })
