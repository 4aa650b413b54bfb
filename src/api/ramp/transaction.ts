// 出入金 of the ramp document: where fiat is paid to, orders in and out, and how one stands. Wire ↔ domain only; the
// document's own spellings (legalCurrenyName, payDirthDate) stay here.

import { type Static, Type as T } from 'typebox'
import { formatAmount } from '../../base/money.ts'
import type { Bank } from '../../domain/context.ts'
import type { Partner, ReceiveAccount } from '../../domain/ramp/partner.ts'
import { FIAT_SCALE, RATE_SCALE } from '../../domain/ramp/price.ts'
import { pushOrder } from '../../domain/ramp/push-order.ts'
import { rampCustomerById } from '../../domain/ramp/ramp-customer.ts'
import { ownRampOrder, type RampDetails, type RampOrder } from '../../domain/ramp/ramp-order.ts'
import { assets } from '../../ledger/accounts.ts'
import { Account, Millis, Ok, OrderNo, ok, type RampServer, Source, signedFor, strict, Text } from './wire.ts'

const tags = ['ramp: 出入金 / orders']
const Amount = (description: string) => Text(description, 40, '1000.00')
const Name = (description: string, least = 1) => Text(description, 100, 'Juan', least)
const Fiat = Text('法币类型 / fiat currency: php', 10, 'php')
const Country = Text('国家代码 / country code', 10, 'PH')
const Birthday = Text('生日 / birthday', 20, '1990-01-31')

const InOrder = strict({
  orderNo: OrderNo,
  account: Account,
  source: Source,
  legalAmount: Amount('入金数量 / fiat in'),
  fiatCurrency: Fiat,
  countryCode: Country,
  firstName: Name('汇款人名字 / first name of who pays'),
  middleName: Name('汇款人中间名,可为空 / middle name, may be empty', 0),
  lastName: Name('汇款人姓 / last name'),
  birthDate: Birthday,
  noteCode: Text('备注码 / what the payer writes on the bank transfer', 100, 'N10001'),
})

const OutOrder = strict({
  orderNo: OrderNo,
  account: Account,
  source: Source,
  currencyAmount: Amount('出金数量 / USDT out'),
  fiatCurrency: Fiat,
  receiveAccount: Text('收款账号 / account number', 60, '001234567890'),
  receiveName: Name('收款者姓名 / name'),
  receiveFirstName: Name('收款人名字 / first name'),
  receiveMiddleName: Name('收款人中间名,可为空 / middle name, may be empty', 0),
  receiveLastName: Name('收款人姓氏 / last name'),
  receiveBirthDate: Birthday,
  receiveCountry: Country,
  receiveProvince: T.Optional(Text('收款人省份 / province', 100, 'Cebu', 0)),
  receiveCity: T.Optional(Text('收款人城市 / city', 100, 'Cebu City', 0)),
  receiveAddr: Text('收款人地址 / address', 300, '1 Example Street'),
  receiveBankName: Text('收款银行名称 / bank', 200, 'Example Bank'),
  receiveBankAddress: Text('收款银行地址 / its address', 300, '2 Example Street'),
  bankCountryCode: Country,
  bankProvince: Text('收款银行省份 / its province', 100, 'Cebu'),
  bankCity: Text('收款银行城市 / its city', 100, 'Cebu City'),
  branchName: Text('收款银行支行名称 / branch', 200, 'Main'),
  bankSwiftCode: Text('SwiftCode', 20, 'EXAMPHMM'),
})

const Taken = Ok(T.Object({ orderNo: T.String() }))

const receiveNames = {
  receiveBankName: 'bankName',
  receiveAccount: 'account',
  receiveFirstName: 'firstName',
  receiveMiddleName: 'middleName',
  receiveLastName: 'lastName',
  receiveCountry: 'country',
  receiveProvince: 'province',
  receiveCity: 'city',
  receiveAddr: 'address',
  receiveBankAddress: 'bankAddress',
  bankCountryCode: 'bankCountry',
  bankProvince: 'bankProvince',
  bankCity: 'bankCity',
  bankSwiftCode: 'swift',
} as const satisfies Record<string, keyof ReceiveAccount>
type ReceiveName = keyof typeof receiveNames
const namesOfReceive = Object.keys(receiveNames) as ReceiveName[]
const texts = <const N extends string>(names: readonly N[]) =>
  Object.fromEntries(names.map((name) => [name, T.String()])) as Record<N, ReturnType<typeof T.String>>

const Receive = T.Object({ cardStatus: T.Optional(T.String()), ...texts(namesOfReceive) })

/** Of a payer and of a receiver, by their names in the domain. */
const payerNames = {
  payFirstName: 'payerFirstName',
  payMiddleName: 'payerMiddleName',
  payLastName: 'payerLastName',
  payCountry: 'payerCountry',
  payDirthDate: 'payerBirthday',
  noteCode: 'noteCode',
} as const
type PayerName = keyof typeof payerNames
const moreNames = ['receiveName', 'receiveBirthDate', 'branchName'] as const

const Detail = T.Object({
  ...texts([
    'orderNo',
    'account',
    'legalCurrenyName',
    'legalAmount',
    'currencyAmount',
    'fee',
    'channelFeeRate',
    'channelFee',
    'exchRate',
    'buyType',
  ]),
  dateCreate: Millis('申请时间'),
  applyStatus: T.String({ description: '1待审核 2审核不通过 3待打款(审核通过) 4待放币 5已放币' }),
  applyType: T.String({ description: '1 入金 2 出金' }),
  ...texts(namesOfReceive),
  ...texts(moreNames),
  ...texts(Object.keys(payerNames) as PayerName[]),
  dateAudit: Millis('审核时间'),
  deadlinePay: Millis('打款截止时间'),
  timePay: Millis('打款时间'),
  timeIssue: Millis('放币时间'),
  loanType: T.String({ description: '放币类型:1手动 2自动' }),
})

const applyStatus = {
  review: '1',
  rejected: '2',
  awaiting_payment: '3',
  awaiting_release: '4',
  released: '5',
} as const satisfies Record<RampOrder['status'], string>

export function transactionRoutes(app: RampServer, bank: Bank): void {
  const bookId = bank.config.DEFAULT_BOOK

  app.get(
    '/getReceiveAccountInfo',
    {
      exposeHeadRoute: false,
      schema: {
        tags,
        operationId: 'rampReceiveAccount',
        summary: '查询收款信息 / Where fiat is paid to',
        querystring: strict({ source: Source }),
        response: { 200: Ok(Receive) },
      },
    },
    async (request) => ok(request, receiveOf(signedFor(request, request.query.source).receiveAccount)),
  )

  app.post(
    '/addChangeApplyOrder',
    {
      schema: {
        tags,
        operationId: 'rampPushIn',
        summary: '推送入金订单 / An order that brings fiat in',
        body: InOrder,
        response: { 200: Taken },
      },
    },
    async (request) => {
      const { orderNo, account, source, legalAmount, fiatCurrency } = request.body
      const partner = signedFor(request, source)
      const details = payerOf(request.body)
      const order = { partner, source, account, orderNo, amount: legalAmount, fiat: fiatCurrency, details }
      await pushOrder(bank, bookId, { ...order, direction: 'in' })
      return ok(request, { orderNo })
    },
  )

  app.post(
    '/addChangeApplySale',
    {
      schema: {
        tags,
        operationId: 'rampPushOut',
        summary: '推送出金订单 / An order that takes fiat out',
        body: OutOrder,
        response: { 200: Taken },
      },
    },
    async (request) => {
      const { orderNo, account, source, currencyAmount, fiatCurrency } = request.body
      const partner = signedFor(request, source)
      const details = receiverOf(request.body)
      const order = { partner, source, account, orderNo, amount: currencyAmount, fiat: fiatCurrency, details }
      await pushOrder(bank, bookId, { ...order, direction: 'out' })
      return ok(request, { orderNo })
    },
  )

  app.get(
    '/getOrderDetail',
    {
      exposeHeadRoute: false,
      schema: {
        tags,
        operationId: 'rampOrder',
        summary: '查询订单详情 / One of your orders',
        querystring: strict({ orderNo: OrderNo, source: Source }),
        response: { 200: Ok(Detail) },
      },
    },
    async (request) => {
      const { orderNo, source } = request.query
      const partner = signedFor(request, source)
      const order = await ownRampOrder(bank, bank.db, bookId, { partnerId: partner.id, source, orderNo })
      const { account } = await rampCustomerById(bank, bank.db, bookId, order.customer_id)
      return ok(request, detailOf(order, account, partner))
    },
  )
}

const payerOf = (body: Static<typeof InOrder>): RampDetails => ({
  payerFirstName: body.firstName,
  payerMiddleName: body.middleName,
  payerLastName: body.lastName,
  payerCountry: body.countryCode,
  payerBirthday: body.birthDate,
  noteCode: body.noteCode,
})

const receiverOf = (body: Static<typeof OutOrder>): RampDetails => ({
  ...Object.fromEntries(namesOfReceive.map((name) => [receiveNames[name], body[name] ?? ''])),
  name: body.receiveName,
  birthday: body.receiveBirthDate,
  branch: body.branchName,
})

const receiveOf = (account: RampDetails): Record<ReceiveName, string> =>
  Object.fromEntries(namesOfReceive.map((name) => [name, account[receiveNames[name]] ?? ''])) as Record<
    ReceiveName,
    string
  >

const usdt = (units: bigint) => formatAmount(units, assets.USDT.scale, 2)
const millis = (instant: Date | null) => instant?.getTime() ?? null

function detailOf(order: RampOrder, account: string, partner: Partner): Static<typeof Detail> {
  const { details } = order
  // whoever brings fiat pays it to us; whoever takes it out gets it
  const receiver: RampDetails = order.direction === 'in' ? partner.receiveAccount : details
  return {
    orderNo: order.order_no,
    account,
    legalCurrenyName: order.fiat.toLowerCase(),
    legalAmount: formatAmount(order.legal, FIAT_SCALE, 2),
    currencyAmount: usdt(order.amount),
    fee: usdt(order.fee),
    channelFeeRate: formatAmount(order.channel_fee_rate, RATE_SCALE),
    channelFee: usdt(order.channel_fee),
    exchRate: formatAmount(order.rate, RATE_SCALE, 2),
    buyType: '3', // bank transfers alone
    dateCreate: order.created_at.getTime(),
    applyStatus: applyStatus[order.status],
    applyType: order.direction === 'in' ? '1' : '2',
    ...receiveOf(receiver),
    receiveName:
      receiver.name ?? [receiver.firstName, receiver.middleName, receiver.lastName].filter((one) => one).join(' '),
    receiveBirthDate: receiver.birthday ?? '',
    branchName: receiver.branch ?? '',
    ...(Object.fromEntries(Object.entries(payerNames).map(([name, own]) => [name, details[own] ?? ''])) as Record<
      PayerName,
      string
    >),
    dateAudit: millis(order.audited_at),
    deadlinePay: millis(order.deadline_at),
    timePay: millis(order.paid_at),
    timeIssue: millis(order.issued_at),
    loanType: order.release === 'manual' ? '1' : '2',
  }
}
