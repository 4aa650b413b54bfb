// 跨境汇款 of the app document, first half: recipients and the directory of banks. Wire ↔ domain only.
// Account numbers leave masked; papers, phone and mail of a recipient do not leave at all.

import { Type as T } from 'typebox'
import type { Bank, Locale } from '../../domain/context.ts'
import { type BankEntry, banks, branches } from '../../domain/remittance/bank-directory.ts'
import {
  addRecipient,
  changeRecipient,
  ownRecipients,
  removeRecipient,
} from '../../domain/remittance/change-recipients.ts'
import { type Recipient, reviewStatuses } from '../../domain/remittance/recipient.ts'
import { maskAccount } from '../../domain/remittance/recipient-fields.ts'
import { recipientReason } from '../../domain/remittance/recipient-words.ts'
import { type AppServer, actorOf, Instant, instantText, Ok, ok, readWireId, strict, wireId } from './wire.ts'

const tags = ['跨境汇款']

const Shown = T.Object({
  id: T.String(),
  nickname: T.String(),
  account_holder: T.String(),
  bank_name: T.String({ description: '银行码 / code of the bank' }),
  account_number: T.String({ description: 'masked' }),
  account_currency_code: T.String(),
  cnaps_code: T.String(),
  review_status: T.Enum([...reviewStatuses]),
  review_reason: T.String({ description: '未通过原因 / why it was declined; may be empty' }),
  status: T.Literal('active'),
  created_at: Instant,
})

const text = (description: string, maxLength: number) => T.String({ minLength: 1, maxLength, description })
const fields = {
  account_holder: text('收款人姓名', 120),
  account_number: text('账号', 60),
  bank_name: text('银行:名称、银行码或 SWIFT / name, code or SWIFT of a bank in the directory', 100),
  id_number: text('证件号', 60),
  msisdn: text('手机号', 40),
  email: text('邮箱', 254),
  account_currency_code: text('币种:CNH 或 CNY', 8),
}
const extras = {
  nickname: T.Optional(T.String({ maxLength: 64, description: '备注名' })),
  cnaps_code: T.Optional(T.String({ maxLength: 12, description: '联行号 / number of the branch' })),
}
const optional = {
  account_holder: T.Optional(fields.account_holder),
  account_number: T.Optional(fields.account_number),
  bank_name: T.Optional(fields.bank_name),
  id_number: T.Optional(fields.id_number),
  msisdn: T.Optional(fields.msisdn),
  email: T.Optional(fields.email),
  account_currency_code: T.Optional(fields.account_currency_code),
}

const Id = strict({ id: T.String({ minLength: 1, maxLength: 60 }) })

export function remittanceRecipientRoutes(app: AppServer, bank: Bank) {
  app.get(
    '/api/remittance/recipients',
    {
      schema: {
        tags,
        operationId: 'listRecipients',
        summary: '收款人列表 / Recipients, newest first',
        response: { 200: Ok(T.Array(Shown)) },
      },
    },
    async (request) => {
      const { locale } = request.origin
      return ok((await ownRecipients(bank, actorOf(request))).map((recipient) => shown(recipient, locale)))
    },
  )

  app.post(
    '/api/remittance/recipients',
    {
      schema: {
        tags,
        operationId: 'addRecipient',
        summary: '新增收款人,审核通过后可汇款 / Add a recipient; it is reviewed before anything can be sent to it',
        body: strict({ ...fields, ...extras }),
        response: { 200: Ok(Shown) },
      },
    },
    async (request) => ok(shown(await addRecipient(bank, actorOf(request), request.body), request.origin.locale)),
  )

  // the document lost its verbs; both are as likely
  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/api/remittance/recipients/:id',
      schema: {
        tags,
        operationId: method === 'PUT' ? 'changeRecipient' : 'patchRecipient',
        summary: '修改收款人,需重新审核 / Change what is named; it is reviewed anew',
        params: Id,
        body: strict({ ...optional, ...extras }),
        response: { 200: Ok(Shown) },
      },
      handler: async (request) => {
        const id = readWireId('rc', (request.params as { id: string }).id)
        const change = request.body as Partial<Parameters<typeof addRecipient>[2]>
        return ok(shown(await changeRecipient(bank, actorOf(request), id, change), request.origin.locale))
      },
    })
  }

  app.delete(
    '/api/remittance/recipients/:id',
    {
      schema: {
        tags,
        operationId: 'removeRecipient',
        summary: '删除收款人 / Remove a recipient',
        params: Id,
        response: { 200: Ok(T.Object({ ok: T.Literal(true) })) },
      },
    },
    async (request) => {
      await removeRecipient(bank, actorOf(request), readWireId('rc', request.params.id))
      return ok({ ok: true as const })
    },
  )

  app.get(
    '/api/remittance/banks',
    {
      schema: {
        tags,
        operationId: 'listBanks',
        summary: '银行目录,可按中文、拼音、英文或代码搜索 / Banks, by Chinese, pinyin, English or code',
        querystring: strict({ q: T.Optional(T.String({ maxLength: 60, description: '关键词' })) }),
        response: {
          200: Ok(
            T.Array(T.Object({ bank_code: T.String(), name: T.String(), name_en: T.String(), swift_code: T.String() })),
          ),
        },
      },
    },
    async (request) => ok((await banks(bank.db, request.query.q)).map(bankOf)),
  )

  app.get(
    '/api/remittance/banks/branches',
    {
      schema: {
        tags,
        operationId: 'listBankBranches',
        summary: '支行与联行号 / Branches with their CNAPS numbers, at most 50',
        querystring: strict({
          bank_code: T.Optional(T.String({ maxLength: 12, description: '银行码' })),
          q: T.Optional(T.String({ maxLength: 60, description: '关键词' })),
          cnaps: T.Optional(T.String({ maxLength: 12, description: '联行号' })),
        }),
        response: {
          200: Ok(T.Array(T.Object({ cnaps_code: T.String(), bank_code: T.String(), bank_name: T.String() }))),
        },
      },
    },
    async (request) => {
      const { bank_code: bankCode, q, cnaps } = request.query
      const found = await branches(bank.db, { bankCode, text: q, cnaps, size: 50 })
      return ok(found.map((one) => ({ cnaps_code: one.cnaps, bank_code: one.bank_code, bank_name: one.name })))
    },
  )
}

const bankOf = (entry: BankEntry) => ({
  bank_code: entry.code,
  name: entry.name_zh,
  name_en: entry.name_en,
  swift_code: entry.swift,
})

const shown = (recipient: Recipient, locale: Locale) => ({
  id: wireId('rc', recipient.id),
  nickname: recipient.nickname ?? '',
  account_holder: recipient.details.holder,
  bank_name: recipient.bank_code,
  account_number: maskAccount(recipient.details.account),
  account_currency_code: recipient.details.currency,
  cnaps_code: recipient.details.cnaps,
  review_status: recipient.review_status,
  review_reason: recipientReason(recipient.reason, locale),
  status: 'active' as const,
  created_at: instantText(recipient.created_at),
})
