// UQPAY's payouts to bank accounts: beneficiaries, payouts, and what becomes of them.
// Must stay true: a payout that failed or came back says how much of it is back; the account's number is told by its end.

import type { IssuingWorld } from './uqpay-issuing.ts'
import {
  amountIn,
  badRequest,
  id,
  maybeTextIn,
  notFound,
  objectIn,
  page,
  printed,
  type Routes,
  shortId,
  textIn,
  timeText,
} from './uqpay-wire.ts'

export interface Payout {
  payout_id: string
  short_reference_id: string
  beneficiary_id: string
  amount: string
  currency: string
  source_currency: string
  purpose_code: string
  fee_paid_by: string
  reference: string
  status: 'PENDING' | 'READY_SEND' | 'COMPLETED' | 'FAILED' | 'REJECTED'
  failure: string
  returned: string
  created: string
  updated: string
  completed: string
  due: number
}

interface Beneficiary {
  beneficiary_id: string
  short_reference_id: string
  first_name: string
  last_name: string
  nickname: string
  payment_method: string
  bank_details: Record<string, unknown>
  address: Record<string, unknown>
  created: string
}

export type PayoutStep = 'send' | 'complete' | 'fail' | 'reject' | 'return'

const FAILING = /\.13$/
const WAITING = /\.16$/

/** `payoutMs`: after so long a payout completes by itself; undefined waits for a button. */
export function createPayouts(world: IssuingWorld, payoutMs: number | undefined) {
  const beneficiaries = world.rows.table<Beneficiary>('beneficiary')
  const payouts = world.rows.table<Payout>('payout')
  const open = new Set([...payouts.all()].filter((one) => one.due > 0).map((one) => one.payout_id))

  const payoutOf = (payoutId: string) => {
    const found = payouts.get(payoutId)
    if (!found) throw notFound('payout')
    return found
  }
  const shown = (one: Payout) => ({
    payout_id: one.payout_id,
    short_reference_id: one.short_reference_id,
    payout_amount: printed(BigInt(one.amount)),
    payout_currency: one.currency,
    source_currency: one.source_currency,
    fee_amount: '0',
    fee_currency: one.currency,
    fee_paid_by: one.fee_paid_by,
    payout_status: one.status,
    payout_method: 'LOCAL',
    payout_reference: one.reference,
    purpose_code: one.purpose_code,
    create_time: one.created,
    update_time: one.updated,
    complete_time: one.completed || null,
    beneficiary_id: one.beneficiary_id,
    ...(one.failure ? { failure_reason: one.failure, failure_returned_amount: printed(BigInt(one.returned)) } : {}),
  })
  const shownBeneficiary = (one: Beneficiary) => ({
    beneficiary_id: one.beneficiary_id,
    short_reference_id: one.short_reference_id,
    entity_type: 'INDIVIDUAL',
    payment_method: one.payment_method,
    nickname: one.nickname,
    beneficiary_status: 'ACTIVE',
    first_name: one.first_name,
    last_name: one.last_name,
    bank_details: one.bank_details,
    address: one.address,
    create_time: one.created,
  })

  const from: Record<PayoutStep, readonly Payout['status'][]> = {
    send: ['PENDING'],
    complete: ['PENDING', 'READY_SEND'],
    fail: ['PENDING', 'READY_SEND'],
    reject: ['PENDING'],
    return: ['COMPLETED'],
  }
  const outcome: Record<PayoutStep, { status: Payout['status']; event: string; failure: string }> = {
    send: { status: 'READY_SEND', event: 'payout.ready.send', failure: '' },
    complete: { status: 'COMPLETED', event: 'payout.completed', failure: '' },
    fail: { status: 'FAILED', event: 'payout.failed', failure: 'the beneficiary bank refuses the account' },
    reject: { status: 'REJECTED', event: 'payout.compliance.rejected', failure: 'compliance' },
    return: { status: 'FAILED', event: 'payout.failed', failure: 'returned by the beneficiary bank' },
  }

  function step(payoutId: string, how: PayoutStep): object {
    const before = payoutOf(payoutId)
    if (!from[how].includes(before.status)) throw badRequest(`the payout is ${before.status}`, 'payout_error')
    const { status, event, failure } = outcome[how]
    const at = timeText(world.now())
    open.delete(payoutId)
    const after = payouts.put(payoutId, {
      ...before,
      status,
      failure,
      returned: failure ? before.amount : '0',
      updated: at,
      completed: status === 'READY_SEND' ? '' : at,
      due: 0,
    })
    world.tell(event, payoutId, shown(after), 'PAYOUT')
    return shown(after)
  }

  const routes: Routes = {
    'POST /v1/beneficiaries': ({ body }) => {
      textIn(body, 'entity_type', /^INDIVIDUAL$/)
      const bank = objectIn(body, 'bank_details')
      for (const field of ['bank_name', 'bank_address', 'bank_country_code', 'account_holder', 'account_currency_code'])
        textIn(bank, field)
      const number = textIn(bank, 'account_number', /^[A-Za-z0-9]{4,34}$/)
      const address = objectIn(body, 'address')
      for (const field of ['country', 'city', 'street_address', 'postal_code', 'state']) textIn(address, field)
      const row: Beneficiary = {
        beneficiary_id: id(),
        short_reference_id: shortId('BF', world.now()),
        first_name: textIn(body, 'first_name'),
        last_name: textIn(body, 'last_name'),
        nickname: maybeTextIn(body, 'nickname') ?? '',
        payment_method: textIn(body, 'payment_method', /^(LOCAL|SWIFT)$/),
        bank_details: { ...bank, account_number: `****${number.slice(-4)}` },
        address,
        created: timeText(world.now()),
      }
      beneficiaries.put(row.beneficiary_id, row)
      world.tell('beneficiary.successful', row.beneficiary_id, shownBeneficiary(row), 'BENEFICIARY')
      return { beneficiary_id: row.beneficiary_id, short_reference_id: row.short_reference_id }
    },
    'GET /v1/beneficiaries': ({ query }) => page([...beneficiaries.all()].reverse().map(shownBeneficiary), query),
    'GET /v1/beneficiaries/:id': ({ id: beneficiaryId }) => {
      const found = beneficiaries.get(beneficiaryId)
      if (!found) throw notFound('beneficiary')
      return shownBeneficiary(found)
    },
    'POST /v1/beneficiaries/:id/delete': ({ id: beneficiaryId }) => {
      beneficiaries.remove(beneficiaryId)
      return {}
    },
    'POST /v1/payouts': ({ body }) => {
      const beneficiary = beneficiaries.get(textIn(body, 'beneficiary_id'))
      if (!beneficiary) throw badRequest('beneficiary not found', 'payout_error')
      const amount = amountIn(body, 'amount')
      const at = timeText(world.now())
      const waits = payoutMs === undefined || WAITING.test(printed(amount))
      const row: Payout = {
        payout_id: id(),
        short_reference_id: shortId('P', world.now()),
        beneficiary_id: beneficiary.beneficiary_id,
        amount: String(amount),
        currency: textIn(body, 'currency', /^[A-Z]{3}$/),
        source_currency: textIn(body, 'source_currency', /^[A-Z]{3}$/),
        purpose_code: textIn(body, 'purpose_code', /^[A-Z_]{3,60}$/),
        fee_paid_by: textIn(body, 'fee_paid_by', /^(OURS|SHARED)$/),
        reference: maybeTextIn(body, 'reference') ?? '',
        status: 'PENDING',
        failure: '',
        returned: '0',
        created: at,
        updated: at,
        completed: '',
        due: waits ? 0 : Date.now() + (payoutMs ?? 0),
      }
      if (row.due > 0) open.add(row.payout_id)
      payouts.put(row.payout_id, row)
      return { payout_id: row.payout_id, short_reference_id: row.short_reference_id, payout_status: row.status }
    },
    'GET /v1/payouts': ({ query }) => {
      const status = query.get('payout_status')
      return page(
        [...payouts.all()]
          .filter((one) => !status || one.status === status)
          .reverse()
          .map(shown),
        query,
      )
    },
    'GET /v1/payouts/:id': ({ id: payoutId }) => shown(payoutOf(payoutId)),
  }

  return {
    routes,
    step,
    newest: () => [...payouts.all()].at(-1)?.payout_id,
    tick() {
      for (const payoutId of open) {
        const one = payouts.get(payoutId)
        if (one && one.due <= Date.now())
          step(payoutId, FAILING.test(printed(BigInt(one.amount))) ? 'fail' : 'complete')
      }
    },
  }
}
