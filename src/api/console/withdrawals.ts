// Withdrawals: all of them, the queue that waits for a decision, one with what whoever decides needs, and stopping one that
// is not signed yet. Deciding is checking its approval (kind `withdrawal_review`); a note that begins with one of
// `rejections` tells the customer that reason.

import { Type as T } from 'typebox'
import { showAddress } from '../../domain/chain/address.ts'
import { explorerUrl, networkOf } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { stopWithdrawal } from '../../domain/withdrawal/cancel-withdrawal.ts'
import { type ShownWithdrawal, showAll } from '../../domain/withdrawal/show-withdrawal.ts'
import {
  netOf,
  type WithdrawalStatus,
  withdrawalQueue,
  withdrawalStatuses,
} from '../../domain/withdrawal/withdrawal.ts'
import { type Dossier, seeWithdrawal } from '../../domain/withdrawal/withdrawal-dossier.ts'
import { rejections } from '../../domain/withdrawal/withdrawal-words.ts'
import {
  amountText,
  Bilingual,
  type ConsoleServer,
  Data,
  Done,
  done,
  Id,
  Instant,
  Items,
  instantOrNull,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  Reason,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: withdrawals']

const Withdrawal = T.Object({
  id: T.String(),
  uid: T.String(),
  network: T.String(),
  asset: T.String(),
  status: T.String(),
  reason: T.String(),
  amount: T.String(),
  fee: T.String(),
  amount_net: T.String(),
  owed: T.String({ description: 'paid although it had been given back, and not there any more' }),
  to_address: T.String(),
  approval: OrNull(T.String()),
  tx_hash: OrNull(T.String()),
  explorer_url: OrNull(T.String()),
  confirmations: T.Integer(),
  confirmations_required: T.Integer(),
  created_at: Instant,
  settled_at: OrNull(Instant),
})

const Full = T.Object({
  ...Withdrawal.properties,
  timeline: T.Array(
    T.Object({
      from: OrNull(T.String()),
      to: T.String(),
      reason: T.String(),
      note: T.String(),
      tx_hash: OrNull(T.String()),
      at: Instant,
    }),
  ),
  customer: T.Object({
    id: T.String(),
    uid: T.String(),
    masked_name: T.String(),
    status: T.String(),
    kyc_status: T.String(),
    since: Instant,
    money_out_held_until: OrNull(Instant),
    deposits: T.Object({
      count: T.Integer(),
      amount: T.String({ description: 'USDT' }),
      first_at: OrNull(Instant),
      last_at: OrNull(Instant),
    }),
    withdrawals: T.Object({
      count: T.Integer(),
      amount: T.String(),
      last_at: OrNull(Instant),
      declined: T.Integer(),
    }),
  }),
  address: T.Object({
    times_paid: T.Integer(),
    first_paid_at: OrNull(Instant),
    other_customers: T.Integer({ description: 'who paid it as well' }),
    in_book_since: OrNull(Instant),
    allow_list_on: T.Boolean(),
    lookalike: OrNull(T.String({ description: 'another address that the customer knows and this one resembles' })),
  }),
  limits: T.Object({
    per_day: T.String(),
    left_today: T.String(),
    auto_up_to: T.String(),
    second_review_above: T.String(),
    max: T.String(),
  }),
  review: OrNull(
    T.Object({
      approval: T.String(),
      hash: T.String(),
      status: T.String(),
      checks_needed: T.Integer(),
      checks: T.Integer({ description: 'that said yes so far' }),
    }),
  ),
  payment: OrNull(
    T.Object({
      id: T.String(),
      status: T.String(),
      reason: T.String(),
      from_address: T.String(),
      value: T.String({ description: "in the chain's smallest unit" }),
      transactions: T.Array(
        T.Object({ tx_hash: T.String(), status: T.String(), nonce: OrNull(T.Integer()), signed_at: Instant }),
      ),
    }),
  ),
  rejections: T.Array(T.Object({ code: T.String(), tells: Bilingual })),
})

export function withdrawalRoutes(app: ConsoleServer, bank: Bank) {
  const withdrawalOf = (order: ShownWithdrawal) => {
    const network = networkOf(bank.networks, order.network)
    return {
      id: order.id,
      uid: `U${order.person_no}`,
      network: order.network,
      asset: order.asset,
      status: order.status,
      reason: order.reason,
      amount: amountText(order.amount, order.asset),
      fee: amountText(order.fee, order.asset),
      amount_net: amountText(netOf(order), order.asset),
      owed: amountText(order.owed, order.asset),
      to_address: showAddress(network, order.to_address),
      approval: order.approval_id,
      tx_hash: order.tx_hash,
      explorer_url: order.tx_hash && explorerUrl(network, order.tx_hash),
      confirmations: order.confirmations,
      confirmations_required: order.confirmationsRequired,
      created_at: instantText(order.created_at),
      settled_at: instantOrNull(order.settled_at),
    }
  }

  app.get(
    '/withdrawals',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListWithdrawals',
        summary:
          '提现列表;status=review 为待审核,先到先审 / Withdrawals, newest first; status=review is the queue, oldest first',
        querystring: strict({
          status: T.Optional(T.Union(withdrawalStatuses.map((status) => T.Literal(status)))),
          network: T.Optional(T.String({ maxLength: 10, examples: ['BSC'] })),
          ...pageQuery,
        }),
        response: { 200: Items(Withdrawal) },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const { network } = request.query
      const status = request.query.status as WithdrawalStatus | undefined
      const orders = await withdrawalQueue(bank.db, bookId, { status, network, offset, size })
      const items = (await showAll(bank, bank.db, bookId, orders)).map(withdrawalOf)
      return { data: { items, page, size } }
    },
  )

  app.get(
    '/withdrawals/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowWithdrawal',
        summary:
          '提现详情与审核资料(每次查看均记录)/ A withdrawal with what deciding on it takes; every look is logged',
        params: strict({ id: Id }),
        response: { 200: Data(Full) },
      },
    },
    async (request) => {
      const dossier = await seeWithdrawal(bank, operatorOf(request), readId(request.params.id))
      return { data: { ...withdrawalOf(dossier.order), ...aroundOf(bank, dossier) } }
    },
  )

  app.post(
    '/withdrawals/:id/stop',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleStopWithdrawal',
        summary:
          '签名前拦截已批准的提现并退款 / Stop an approved withdrawal that is not signed, and give the money back',
        params: strict({ id: Id }),
        body: strict({ reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await stopWithdrawal(bank, operatorOf(request), readId(request.params.id), request.body.reason)
      return done
    },
  )
}

function aroundOf(bank: Bank, dossier: Dossier) {
  const { order, events, person, deposits, withdrawals, limits, address, approval, payment, transactions } = dossier
  const text = (units: bigint) => amountText(units, order.asset)
  return {
    timeline: events.map((event) => ({
      from: event.from_status,
      to: event.to_status,
      reason: event.reason,
      note: event.note,
      tx_hash: event.tx_hash,
      at: instantText(event.at),
    })),
    customer: {
      id: person.id,
      uid: person.uid,
      masked_name: person.maskedName,
      status: person.status,
      kyc_status: person.kycStatus,
      since: instantText(person.createdAt),
      money_out_held_until: instantOrNull(person.moneyOutHeldUntil),
      deposits: {
        count: deposits.count,
        amount: amountText(deposits.amount),
        first_at: instantOrNull(deposits.first_at),
        last_at: instantOrNull(deposits.last_at),
      },
      withdrawals: {
        count: withdrawals.count,
        amount: text(withdrawals.amount),
        last_at: instantOrNull(withdrawals.last_at),
        declined: withdrawals.declined,
      },
    },
    address: {
      times_paid: address.times,
      first_paid_at: instantOrNull(address.first_at),
      other_customers: address.others,
      in_book_since: instantOrNull(address.listedSince),
      allow_list_on: address.allowListOn,
      lookalike: address.lookalike && showAddress(networkOf(bank.networks, order.network), address.lookalike),
    },
    limits: {
      per_day: text(limits.perDay),
      left_today: text(limits.leftToday),
      auto_up_to: text(limits.settings.autoBelow),
      second_review_above: text(limits.settings.secondReviewAbove),
      max: text(limits.settings.max),
    },
    review: approval && {
      approval: approval.id,
      hash: approval.hash,
      status: approval.status,
      checks_needed: approval.checksNeeded,
      checks: approval.checks.filter(({ verdict }) => verdict === 'approve').length,
    },
    payment: payment && {
      id: payment.id,
      status: payment.status,
      reason: payment.reason,
      from_address: payment.from_address,
      value: payment.value.toString(),
      transactions: transactions.map(({ tx_hash, status, nonce, signed_at }) => ({
        tx_hash,
        status,
        nonce,
        signed_at: instantText(signed_at),
      })),
    },
    rejections: Object.entries(rejections).map(([code, tells]) => ({ code, tells })),
  }
}
