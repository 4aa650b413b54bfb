// 提现地址簿 / The book of withdrawal addresses and allow-list mode. Beyond the document; wire ↔ domain only.
// Adding an address and switching the mode take the payment password (and TOTP) as money does; taking one out does not.

import { Type as T } from 'typebox'
import { networkOf } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import {
  type AllowList,
  addAddress,
  addressBook,
  allowList,
  type ListedAddress,
  labelAddress,
  removeAddress,
  shownAddress,
  switchAllowList,
} from '../../domain/withdrawal/address-book.ts'
import { refuseLookalike } from '../../domain/withdrawal/check-withdrawal.ts'
import { readDestination } from '../../domain/withdrawal/destination.ts'
import {
  type AppServer,
  actorOf,
  Chain,
  Done,
  done,
  Instant,
  instantText,
  Ok,
  ok,
  PaymentPassword,
  readWireId,
  strict,
  TotpCode,
  wireId,
} from './wire.ts'

const tags = ['提现地址']

const Label = T.String({ minLength: 1, maxLength: 80, description: '备注名 / label, at most 40 characters' })
const Listed = T.Object({
  id: T.String(),
  chain: T.String(),
  address: T.String(),
  label: T.String(),
  created_at: Instant,
  usable_at: Instant,
})
const Mode = T.Object({
  enabled: T.Boolean(),
  off_at: T.Union([Instant, T.Null()], { description: '将于何时关闭 / when it ends, if that was asked for' }),
})

export function withdrawalAddressRoutes(app: AppServer, bank: Bank) {
  const wireListed = (entry: ListedAddress) => ({
    id: wireId('a', entry.id),
    chain: entry.network,
    address: shownAddress(bank, entry),
    label: entry.label,
    created_at: instantText(entry.createdAt),
    usable_at: instantText(entry.usableAt),
  })
  const params = strict({ id: T.String({ maxLength: 64 }) })

  app.get(
    '/api/withdrawal/addresses',
    {
      schema: {
        tags,
        operationId: 'listWithdrawalAddresses',
        summary: '提现地址簿 / Address book',
        querystring: strict({ chain: T.Optional(Chain) }),
        response: { 200: Ok(T.Array(Listed)) },
      },
    },
    async (request) => {
      const { chain } = request.query
      const network = chain === undefined ? undefined : networkOf(bank.networks, chain)
      return ok((await addressBook(bank, actorOf(request), network)).map(wireListed))
    },
  )

  app.post(
    '/api/withdrawal/addresses',
    {
      schema: {
        tags,
        operationId: 'addWithdrawalAddress',
        summary: '添加提现地址 / Add an address',
        description:
          '白名单模式下 24 小时后可用;已在地址簿中的地址只更新备注名 / Usable after 24 hours in allow-list mode; of one that is there already only the label changes.',
        body: strict({
          chain: Chain,
          address: T.String({ minLength: 1, maxLength: 128 }),
          label: Label,
          confirm_lookalike: T.Optional(T.Boolean()),
          payment_password: PaymentPassword,
          totp_code: T.Optional(TotpCode),
        }),
        response: { 200: Ok(Listed) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { chain, address: text, label, confirm_lookalike, payment_password, totp_code } = request.body
      const network = networkOf(bank.networks, chain)
      const address = await readDestination(bank, bank.db, actor, network, text, '/address')
      await refuseLookalike(bank, actor, network, address, confirm_lookalike ?? false, '/address')
      const proof = { paymentPassword: payment_password, totpCode: totp_code }
      return ok(wireListed(await addAddress(bank, actor, { network, address, label, proof })))
    },
  )

  app.put(
    '/api/withdrawal/addresses/:id',
    {
      schema: {
        tags,
        operationId: 'labelWithdrawalAddress',
        summary: '修改备注名 / Change the label',
        params,
        body: strict({ label: Label }),
        response: { 200: Ok(Listed) },
      },
    },
    async (request) => {
      const id = readWireId('a', request.params.id)
      return ok(wireListed(await labelAddress(bank, actorOf(request), id, request.body.label)))
    },
  )

  app.delete(
    '/api/withdrawal/addresses/:id',
    {
      schema: {
        tags,
        operationId: 'removeWithdrawalAddress',
        summary: '删除提现地址 / Take an address out',
        params,
        response: { 200: Done },
      },
    },
    async (request) => {
      await removeAddress(bank, actorOf(request), readWireId('a', request.params.id))
      return done
    },
  )

  app.get(
    '/api/withdrawal/allow-list',
    {
      schema: {
        tags,
        operationId: 'getAllowList',
        summary: '地址白名单模式 / Allow-list mode',
        response: { 200: Ok(Mode) },
      },
    },
    async (request) => ok(wireMode(await allowList(bank, bank.db, actorOf(request)))),
  )

  app.post(
    '/api/withdrawal/allow-list',
    {
      schema: {
        tags,
        operationId: 'switchAllowList',
        summary: '开启或关闭地址白名单 / Switch allow-list mode',
        description: '开启立即生效,关闭 24 小时后生效 / On at once, off after 24 hours.',
        body: strict({ enabled: T.Boolean(), payment_password: PaymentPassword, totp_code: T.Optional(TotpCode) }),
        response: { 200: Ok(Mode) },
      },
    },
    async (request) => {
      const { enabled, payment_password, totp_code } = request.body
      const proof = { paymentPassword: payment_password, totpCode: totp_code }
      return ok(wireMode(await switchAllowList(bank, actorOf(request), enabled, proof)))
    },
  )
}

const wireMode = ({ on, offAt }: AllowList) => ({ enabled: on, off_at: offAt && instantText(offAt) })
