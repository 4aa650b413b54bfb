// Deposits: all of them, those that wait for a decision, and other tokens that came to our addresses.
// A decision is an approval of kind `deposit_decision`; one deposit with its timeline is an order (orders.ts).

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { type DepositStatus, transitions } from '../../domain/deposit/deposit.ts'
import type { DepositRecord } from '../../domain/deposit/deposit-record.ts'
import { listDeposits, listForeignDeposits } from '../../domain/operator/deposit-list.ts'
import { everyRole } from '../../domain/operator/role.ts'
import {
  amountText,
  type ConsoleServer,
  Data,
  Instant,
  Items,
  instantOrNull,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  strict,
} from './wire.ts'

const tags = ['console: deposits']

export const Deposit = T.Object({
  id: T.String(),
  uid: T.String(),
  network: T.String(),
  asset: T.String(),
  class: T.String(),
  status: T.String(),
  amount_received: T.String(),
  amount_credited: T.String(),
  from_address: T.String(),
  address: T.String(),
  tx_hash: T.String(),
  block_number: T.String(),
  reason: T.String(),
  created_at: Instant,
  settled_at: OrNull(Instant),
})

export const depositOf = (row: DepositRecord) => ({
  id: row.id,
  uid: row.person_no === 0n ? 'house' : `U${row.person_no}`,
  network: row.network,
  asset: row.asset,
  class: row.class,
  status: row.status,
  amount_received: amountText(row.amount_received, row.asset),
  amount_credited: amountText(row.amount_credited, row.asset),
  from_address: row.from_address,
  address: row.address,
  tx_hash: row.tx_hash,
  block_number: `${row.block_number}`,
  reason: row.reason,
  created_at: instantText(row.created_at),
  settled_at: instantOrNull(row.settled_at),
})

const statuses = Object.keys(transitions) as DepositStatus[]
const FOREIGN = 100

export function depositRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/deposits',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListDeposits',
        summary: '充值列表;status=review 为待复核 / Deposits, newest first; status=review is the queue',
        querystring: strict({
          status: T.Optional(T.Union(statuses.map((status) => T.Literal(status)))),
          network: T.Optional(T.String({ maxLength: 10, examples: ['BSC'] })),
          ...pageQuery,
        }),
        response: { 200: Items(Deposit) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { status, network } = request.query
      const rows = await listDeposits(bank, operatorOf(request), { status, network, offset, size })
      return { data: { items: rows.map(depositOf), page, size } }
    },
  )

  app.get(
    '/deposits/foreign',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleForeignDeposits',
        summary: `其他代币(最近 ${FOREIGN} 笔)/ Other tokens at our addresses, the newest ${FOREIGN}`,
        response: {
          200: Data(
            T.Array(
              T.Object({
                uid: T.String(),
                network: T.String(),
                address: T.String(),
                contract: T.String(),
                value: T.String({ description: "in the contract's own smallest unit" }),
                tx_hash: T.String(),
                reason: T.String(),
              }),
            ),
          ),
        },
      },
    },
    async (request) => {
      const rows = await listForeignDeposits(bank, operatorOf(request), FOREIGN)
      return { data: rows.map(({ person_no, ...row }) => ({ uid: `U${person_no}`, ...row })) }
    },
  )
}
