// 充值 of the app document: the customer's own deposit address, and how far each deposit has come.
// Beyond the document's fields, orders say of which asset they are (USDT, or TRX where the network's coin is taken in as
// well), how many confirmations they need and where the transaction can be looked at.

import { Type as T } from 'typebox'
import { showAddress } from '../../domain/chain/address.ts'
import { coinAsset, explorerUrl, type Network, networkOf } from '../../domain/chain/network.ts'
import type { Actor, Bank } from '../../domain/context.ts'
import {
  type DepositOrder,
  depositOrder,
  depositOrders,
  type VisibleStatus,
  visibleStatuses,
} from '../../domain/deposit/deposit.ts'
import { depositAddress } from '../../domain/deposit/deposit-address.ts'
import { assets } from '../../ledger/accounts.ts'
import {
  type AppServer,
  actorOf,
  amountText,
  Chain,
  Instant,
  instantText,
  Ok,
  ok,
  pageOf,
  pageQuery,
  readWireId,
  strict,
  wireId,
} from './wire.ts'

const tags = ['充值']

const chainField = { chain: Chain }

const AddressAnswer = T.Object({
  chain: T.String(),
  address: T.String(),
  qr_code_payload: T.String(),
  min_deposit_usdt: T.String(),
  network: T.String({ description: '网络名称 / name of the network' }),
  contract: T.String({ description: 'USDT 合约 / token contract' }),
  confirmations_required: T.Integer(),
  eta_seconds: T.Integer({ description: '预计到账秒数 / usual time until it is credited' }),
  coin: T.Optional(
    T.Object(
      { asset: T.String(), min_deposit: T.String() },
      { description: '该地址也接受的主币 / the coin that this address takes in as well' },
    ),
  ),
})

const Order = T.Object({
  id: T.String(),
  chain: T.String(),
  network: T.String(),
  asset: T.String({ description: '币种 / USDT, TRX' }),
  status: T.Enum([...visibleStatuses]),
  address: T.String(),
  from_address: T.String(),
  amount_received: T.String(),
  amount_credited: T.String(),
  confirmations: T.Integer(),
  confirmations_required: T.Integer(),
  tx_hash: T.String(),
  explorer_url: T.Union([T.String(), T.Null()]),
  block_number: T.Integer(),
  created_at: Instant,
  credited_at: T.Union([Instant, T.Null()]),
})

export function rechargeRoutes(app: AppServer, bank: Bank) {
  const address = {
    tags,
    summary: '获取专属充值地址 / The deposit address for a network',
    response: { 200: Ok(AddressAnswer) },
  }
  app.get(
    '/api/recharge/address',
    { schema: { ...address, operationId: 'getDepositAddress', querystring: strict(chainField) } },
    async (request) => ok(await addressOf(bank, actorOf(request), request.query.chain)),
  )
  app.post(
    '/api/recharge/address',
    { schema: { ...address, operationId: 'makeDepositAddress', body: strict(chainField) } },
    async (request) => ok(await addressOf(bank, actorOf(request), request.body.chain)),
  )

  app.get(
    '/api/recharge/orders',
    {
      schema: {
        tags,
        operationId: 'listDeposits',
        summary: '充值订单列表 / Deposits, newest first',
        querystring: strict({
          status: T.Optional(T.Enum([...visibleStatuses], { description: '状态过滤 / only this status' })),
          ...pageQuery,
        }),
        response: { 200: Ok(T.Object({ items: T.Array(Order), page: T.Integer(), size: T.Integer() })) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const status = request.query.status as VisibleStatus | undefined
      const orders = await depositOrders(bank, actorOf(request), { status, offset, size })
      return ok({ items: orders.map((order) => wireOrder(bank.networks, order)), page, size })
    },
  )

  app.get(
    '/api/recharge/orders/:id',
    {
      schema: {
        tags,
        operationId: 'getDeposit',
        summary: '充值订单详情 / One deposit',
        params: strict({ id: T.String({ maxLength: 64 }) }),
        response: { 200: Ok(Order) },
      },
    },
    async (request) => {
      const order = await depositOrder(bank, actorOf(request), readWireId('r', request.params.id))
      return ok(wireOrder(bank.networks, order))
    },
  )
}

async function addressOf(bank: Bank, actor: Actor, chain: string) {
  const network = networkOf(bank.networks, chain)
  const address = showAddress(network, await depositAddress(bank, actor, network))
  const coin = coinAsset(network)
  return {
    chain: network.code,
    address,
    qr_code_payload: address,
    min_deposit_usdt: amountOf(network.minDeposit),
    network: network.name,
    contract: showAddress(network, network.contract),
    confirmations_required: network.confirmations,
    eta_seconds: Math.ceil((network.confirmations * network.blockTime) / 1000),
    ...(coin ? { coin: { asset: coin, min_deposit: amountOf(network.minCoinDeposit) } } : {}),
  }
}

/** As the document prints the minimum: "1", not "1.00". */
const amountOf = (units: bigint) => amountText(units).replace(/\.00$/, '')

function wireOrder(networks: readonly Network[], order: DepositOrder) {
  const network = networkOf(networks, order.network)
  return {
    id: wireId('r', order.id),
    chain: network.code,
    network: network.name,
    asset: order.asset,
    status: order.status,
    address: showAddress(network, order.address),
    from_address: showAddress(network, order.from_address),
    amount_received: amountText(order.amount_received, assets[order.asset].scale),
    amount_credited: amountText(order.amount_credited, assets[order.asset].scale),
    confirmations: order.confirmations,
    confirmations_required: order.confirmations_required,
    tx_hash: order.tx_hash,
    explorer_url: explorerUrl(network, order.tx_hash),
    block_number: Number(order.block_number),
    created_at: instantText(order.created_at),
    credited_at: order.status === 'credited' && order.settled_at ? instantText(order.settled_at) : null,
  }
}
