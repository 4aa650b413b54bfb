// 获取提币记录 and 获取充币记录 of the spot document: pages of at most a hundred, by every filter that it names.
// Ids are texts in the one and numbers of all their digits in the other, as the document prints them.

import type { FastifyInstance } from 'fastify'
import { Type as T } from 'typebox'
import { type InRecord, type OutRecord, recordsIn, recordsOut } from '../../domain/api-key/program-records.ts'
import { showAddress } from '../../domain/chain/address.ts'
import { networkOf } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import type { DepositOrder } from '../../domain/deposit/deposit.ts'
import type { WithdrawalStatus } from '../../domain/withdrawal/withdrawal.ts'
import { netOf } from '../../domain/withdrawal/withdrawal.ts'
import { programOf } from './program-of.ts'
import {
  amountText,
  type Body,
  coinOf,
  Id,
  Int,
  idNumber,
  limitOf,
  Maybe,
  networkName,
  numberOf,
  Ok,
  ok,
  strict,
  textOf,
  timeOf,
} from './wire.ts'

const statuses = {
  submitted: 'pending',
  verification: 'verification',
  review: 'pending',
  approved: 'pending',
  processing: 'pending',
  confirming: 'pending',
  confirmed: 'success',
  failed: 'fail',
  rejected: 'fail',
  cancelled: 'cancelled',
} as const satisfies Record<WithdrawalStatus, string>

const depositStatuses = {
  pending: 'pending',
  review: 'pending',
  credited: 'success',
  orphaned: 'cancelled',
  reversed: 'cancelled',
  rejected: 'fail',
} as const satisfies Record<DepositOrder['status'], string>

const OrNull = T.Union([T.String(), T.Null()])
const Amount = T.String({ examples: ['19.00000000'] })

const OutPage = strict({
  id: Maybe(Id),
  outBizId: Maybe(T.String({ maxLength: 32 })),
  coin: Maybe(T.String({ maxLength: 20 })),
  transactionHash: Maybe(T.String({ maxLength: 128 })),
  type: Maybe(T.Enum(['withdraw', 'inside_transfer_out'])),
  startTime: Maybe(Int),
  endTime: Maybe(Int),
  remark: Maybe(T.String({ maxLength: 256 })),
  limit: Maybe(Int),
})
const Out = T.Object({
  id: T.String(),
  outBizId: OrNull,
  type: T.Enum(['withdraw', 'inside_transfer_out']),
  coin: T.String(),
  network: OrNull,
  amount: Amount,
  feeCoin: OrNull,
  fee: OrNull,
  status: T.Enum(['verification', 'pending', 'cancelled', 'success', 'fail']),
  ctime: T.Integer({ format: 'int64' }),
  toAddress: OrNull,
  address: OrNull,
  memo: OrNull,
  transactionHash: OrNull,
  toType: OrNull,
  toUid: T.Union([T.Integer({ format: 'int64' }), T.Null()]),
  toPhoneCountryCode: OrNull,
  toPhoneNumber: OrNull,
  toEmail: OrNull,
  remark: OrNull,
})
const InPage = strict({
  id: Maybe(Id),
  coin: Maybe(T.String({ maxLength: 20 })),
  type: Maybe(T.Enum(['deposit', 'inside_transfer_in'])),
  transactionHash: Maybe(T.String({ maxLength: 128 })),
  startTime: Maybe(Int),
  endTime: Maybe(Int),
  limit: Maybe(Int),
})
const In = T.Object({
  id: T.Integer({ format: 'int64', description: '最多 19 位 / up to 19 digits, more than a double can hold' }),
  transactionHash: OrNull,
  coin: T.String(),
  network: OrNull,
  type: T.Enum(['deposit', 'inside_transfer_in']),
  fromAddress: T.String(),
  toAddress: T.String(),
  amount: Amount,
  status: T.Enum(['pending', 'cancelled', 'success', 'fail']),
  ctime: T.Integer({ format: 'int64' }),
})

type Asked = Body<typeof InPage> & Partial<Pick<Body<typeof OutPage>, 'outBizId' | 'remark'>>

const filterOf = (body: Asked) => ({
  no: numberOf(body.id),
  asset: textOf(body.coin) === undefined ? undefined : coinOf(body.coin),
  txHash: textOf(body.transactionHash),
  from: timeOf(body.startTime, '/startTime'),
  until: timeOf(body.endTime, '/endTime'),
  limit: limitOf(body.limit),
})

export function recordRoutes(app: FastifyInstance, bank: Bank) {
  app.post<{ Body: Body<typeof OutPage> }>(
    '/v1/withdraw_transfer/page',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'spotRecordsOut',
        summary: '获取提币记录(提币+站内转账)/ Withdrawals and payments sent, newest first',
        body: OutPage,
        response: { 200: Ok(T.Array(Out)) },
      },
    },
    async (request) => {
      const { body } = request
      const kind = { withdraw: 'withdrawal', inside_transfer_out: 'transfer' } as const
      const type = textOf(body.type) as keyof typeof kind | undefined
      const filter = { ...filterOf(body as Asked), outBizId: textOf(body.outBizId), remark: textOf(body.remark) }
      const records = await recordsOut(bank, programOf(request), filter, type && kind[type])
      return ok(records.map((record) => wireOut(bank, record)))
    },
  )

  app.post<{ Body: Body<typeof InPage> }>(
    '/v1/deposit/page',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'spotRecordsIn',
        summary: '获取充币记录(充币+站内转账)/ Deposits and payments received, newest first',
        body: InPage,
        response: { 200: Ok(T.Array(In)) },
      },
    },
    async (request) => {
      const kind = { deposit: 'deposit', inside_transfer_in: 'transfer' } as const
      const type = textOf(request.body.type) as keyof typeof kind | undefined
      const records = await recordsIn(bank, programOf(request), filterOf(request.body), type && kind[type])
      return ok(records.map((record) => wireIn(bank, record)))
    },
  )
}

const nowhere = { network: null, toAddress: null, address: null, memo: null, transactionHash: null }
const nobody = {
  toType: null,
  toUid: null,
  toPhoneCountryCode: null,
  toPhoneNumber: null,
  toEmail: null,
  remark: null,
}

export function wireOut(bank: Bank, { no, said, ...record }: OutRecord) {
  const head = { id: `${no}`, outBizId: said?.outBizId ?? null }
  if (record.kind === 'withdrawal') {
    const { order } = record
    const network = networkOf(bank.networks, order.network)
    const to = showAddress(network, order.to_address)
    return {
      ...head,
      ...nobody,
      type: 'withdraw',
      coin: order.asset,
      network: networkName(network),
      amount: amountText(netOf(order), order.asset),
      feeCoin: order.asset,
      fee: amountText(order.fee, order.asset),
      status: statuses[order.status],
      ctime: order.created_at.getTime(),
      toAddress: to,
      address: to,
      memo: null,
      transactionHash: order.tx_hash,
    }
  }
  const { order } = record
  return {
    ...head,
    ...nowhere,
    type: 'inside_transfer_out',
    coin: 'USDT',
    amount: amountText(order.amount, 'USDT'),
    feeCoin: 'USDT',
    fee: amountText(order.fee, 'USDT'),
    status: 'success',
    ctime: order.created_at.getTime(),
    ...nobody,
    ...recipientOf(said?.to ?? { type: 'uid' }, order.to_no),
    remark: order.memo === '' ? null : order.memo,
  }
}

function recipientOf(to: NonNullable<NonNullable<OutRecord['said']>['to']>, toNo: bigint) {
  if (to.type === 'email') return { toType: 'email', toEmail: to.email }
  if (to.type === 'phone') return { toType: 'phone', toPhoneCountryCode: to.countryCode, toPhoneNumber: to.number }
  return { toType: 'uid', toUid: idNumber(toNo) }
}

export function wireIn(bank: Bank, { no, ...record }: InRecord) {
  if (record.kind === 'transfer') {
    const { order } = record
    return {
      id: idNumber(no),
      transactionHash: null,
      coin: 'USDT',
      network: null,
      type: 'inside_transfer_in',
      fromAddress: `${order.from_no}`,
      toAddress: `${order.to_no}`,
      amount: amountText(order.amount, 'USDT'),
      status: 'success',
      ctime: order.created_at.getTime(),
    }
  }
  const { order } = record
  const network = networkOf(bank.networks, order.network)
  return {
    id: idNumber(no),
    transactionHash: order.tx_hash,
    coin: order.asset,
    network: networkName(network),
    type: 'deposit',
    fromAddress: showAddress(network, order.from_address),
    toAddress: showAddress(network, order.address),
    amount: amountText(order.status === 'credited' ? order.amount_credited : order.amount_received, order.asset),
    status: depositStatuses[order.status],
    ctime: order.created_at.getTime(),
  }
}
