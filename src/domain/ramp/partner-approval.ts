// What operators agree on about partners: their terms (`ramp_partner`), and a new key (`ramp_partner_key`), whose secret
// its maker then sees once. Also what one operator may do alone: stopping a partner.
// Must stay true: a payload is complete, so that what was checked is all that holds; no secret is in one.

import { type Static, Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { formatAmount, parseAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Bank } from '../context.ts'
import { approvalKind, type Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { readEndpointUrl } from '../webhook/endpoint-url.ts'
import {
  insertPartner,
  type Partner,
  partnerById,
  receiveFields,
  setPartnerStatus,
  type Terms,
  updatePartner,
} from './partner.ts'
import { keepCallback } from './partner-callback.ts'
import { makeKey, showSecret } from './partner-key.ts'

const { scale } = assets.USDT
const RATE = 6
const Amount = (description: string, example: string) => T.String({ maxLength: 40, description, examples: [example] })

export const PartnerPayload = T.Object(
  {
    partner: T.Optional(T.String({ maxLength: 40, description: 'id of the partner to change; absent: a new one' })),
    name: T.String({ minLength: 1, maxLength: 80, examples: ['Example Exchange'] }),
    sources: T.Array(T.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$' }), {
      minItems: 1,
      maxItems: 20,
      examples: [['binance']],
    }),
    release: T.Union([T.Literal('manual'), T.Literal('automatic')]),
    active: T.Boolean(),
    auto_up_to: Amount('USDT: up to this no operator reviews an order', '0'),
    fee_rate: Amount('share of the USDT', '0.005'),
    channel_fee_rate: Amount('share of the USDT', '0.001'),
    order_min: Amount('USDT', '10'),
    order_max: Amount('USDT', '20000'),
    per_day: Amount('USDT, in each direction', '100000'),
    float_limit: Amount('USDT that may have been given for fiat, less what was taken', '100000'),
    pay_minutes: T.String({ pattern: '^[1-9][0-9]{0,4}$', examples: ['60'] }),
    callback_url: T.String({ maxLength: 500, pattern: '^(https?://[^\\s]+)?$', examples: [''] }),
    receive_account: T.Object(
      Object.fromEntries(receiveFields.map((field) => [field, T.Optional(T.String({ maxLength: 200 }))])),
      { additionalProperties: false, examples: [{ bankName: 'Example Bank', account: '0001' }] },
    ),
  },
  { additionalProperties: false },
)
export type PartnerTerms = Static<typeof PartnerPayload>

/** Refuses `InvalidParams`, `InvalidAmount`. */
export function readTerms(payload: PartnerTerms): Terms {
  const units = (name: keyof PartnerTerms, places: number) => parseAmount(payload[name], places, `/payload/${name}`)
  const given = payload.receive_account as Readonly<Record<string, string | undefined>>
  const terms: Terms = {
    name: payload.name.trim(),
    sources: [...new Set(payload.sources)],
    release: payload.release,
    autoUpTo: units('auto_up_to', scale),
    feeRate: units('fee_rate', RATE),
    channelFeeRate: units('channel_fee_rate', RATE),
    orderMin: units('order_min', scale),
    orderMax: units('order_max', scale),
    perDay: units('per_day', scale),
    floatLimit: units('float_limit', scale),
    payMinutes: Number.parseInt(payload.pay_minutes, 10),
    callbackUrl: payload.callback_url,
    receiveAccount: Object.fromEntries(
      receiveFields.map((field) => [field, (given[field] ?? '').trim()]),
    ) as Terms['receiveAccount'],
  }
  const refuse = (pointer: string, reason: string) =>
    new Refusal('InvalidParams', { pointer: `/payload/${pointer}`, reason })
  if (terms.name === '') throw refuse('name', 'a name')
  if (terms.feeRate > 500_000n || terms.channelFeeRate > 400_000n) throw refuse('fee_rate', 'too large a share')
  if (terms.orderMin === 0n || terms.orderMin > terms.orderMax)
    throw refuse('order_min', 'above zero, at most order_max')
  if (terms.payMinutes > 10_080) throw refuse('pay_minutes', 'at most a week')
  return terms
}

/** As a payload says it. */
export const termsText = (terms: Terms & Partial<Pick<Partner, 'status'>>): Omit<PartnerTerms, 'partner'> => ({
  name: terms.name,
  sources: [...terms.sources],
  release: terms.release,
  active: terms.status !== 'disabled',
  auto_up_to: formatAmount(terms.autoUpTo, scale),
  fee_rate: formatAmount(terms.feeRate, RATE),
  channel_fee_rate: formatAmount(terms.channelFeeRate, RATE),
  order_min: formatAmount(terms.orderMin, scale),
  order_max: formatAmount(terms.orderMax, scale),
  per_day: formatAmount(terms.perDay, scale),
  float_limit: formatAmount(terms.floatLimit, scale),
  pay_minutes: `${terms.payMinutes}`,
  callback_url: terms.callbackUrl,
  receive_account: { ...terms.receiveAccount },
})

export const partnerApproval = approvalKind({
  kind: 'ramp_partner',
  title: { zh: '出入金合作方', en: 'Terms of a ramp partner' },
  makers: ['finance', 'admin'],
  checkers: ['finance', 'admin'],
  payload: PartnerPayload,
  checks: () => 1,
  subject: ({ partner }) => (partner === undefined ? '' : `partner:${partner}`),
  async prepare(bank, tx, bookId, payload) {
    const terms = readTerms(payload)
    if (terms.callbackUrl !== '') terms.callbackUrl = readEndpointUrl(bank, terms.callbackUrl, '/payload/callback_url')
    if (payload.partner !== undefined) await partnerById(tx, bookId, payload.partner)
    return {
      ...termsText(terms),
      active: payload.active,
      ...(payload.partner === undefined ? {} : { partner: payload.partner }),
    }
  },
  describe: ({ partner, name }) =>
    partner === undefined
      ? { zh: `新增合作方 ${name}`, en: `New partner ${name}` }
      : { zh: `变更合作方 ${name} 的条件`, en: `Change the terms of partner ${name}` },
  async preview(_bank, q, bookId, payload) {
    const before = payload.partner === undefined ? undefined : await partnerById(q, bookId, payload.partner)
    const old: Readonly<Record<string, unknown>> = before ? termsText(before) : {}
    const now: Readonly<Record<string, unknown>> = termsText(readTerms(payload))
    const changed = Object.keys(now).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(old[name]))
    const effects = changed.map((name) => {
      const line = `${name}: ${before ? `${JSON.stringify(old[name])} → ` : ''}${JSON.stringify(now[name])}`
      return { zh: line, en: line }
    })
    const line = `active: ${payload.active}`
    return { journals: [], effects: [...effects, { zh: line, en: line }] }
  },
  async apply(bank, tx, { id, bookId, payload, at }) {
    const terms = readTerms(payload)
    const partner =
      payload.partner === undefined
        ? await insertPartner(tx, bookId, terms, at)
        : await partnerById(tx, bookId, payload.partner)
    if (payload.partner !== undefined) await updatePartner(tx, bookId, partner.id, terms, at)
    await keepCallback(bank, tx, bookId, partner.id, terms.callbackUrl)
    await setPartnerStatus(tx, bookId, partner.id, payload.active ? 'active' : 'disabled', at)
    const data = { approval: id, name: terms.name }
    await logAudit(bank, tx, { bookId }, { action: 'partner.changed', subject: `partner:${partner.id}`, data })
  },
})

export const partnerKeyApproval = approvalKind({
  kind: 'ramp_partner_key',
  title: { zh: '合作方 API 密钥', en: 'Key of a ramp partner' },
  makers: ['admin'],
  checkers: ['finance', 'admin'],
  payload: T.Object(
    { partner: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }) },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ partner }) => `partner:${partner}`,
  async prepare(_bank, tx, bookId, payload) {
    await partnerById(tx, bookId, payload.partner)
    return payload
  },
  describe: ({ partner }) => ({ zh: `为合作方 ${partner} 生成新密钥`, en: `Make a new key for partner ${partner}` }),
  async preview(_bank, q, bookId, { partner }) {
    const { name } = await partnerById(q, bookId, partner)
    return {
      journals: [],
      effects: [
        {
          zh: `${name}:发起人可在 15 分钟内查看一次;旧密钥 24 小时后失效`,
          en: `${name}: its maker may see the secret once within 15 minutes; older keys end after 24 hours`,
        },
      ],
    }
  },
  async apply(bank, tx, { id, bookId, payload: { partner }, madeBy }) {
    if (madeBy === undefined) throw new Refusal('Forbidden', { reason: 'nobody could look' })
    const { keyId } = await makeKey(bank, tx, bookId, (await partnerById(tx, bookId, partner)).id, madeBy)
    const data = { approval: id, key: keyId, to: madeBy }
    await logAudit(bank, tx, { bookId }, { action: 'partner.key_made', subject: `partner:${partner}`, data })
  },
})

/** The secret that an approval allowed its maker to see. Refuses everybody else, and a second look: `NotFound`. */
export async function seeSecret(
  bank: Bank,
  operator: Operator,
  partnerId: string,
): Promise<{ keyId: string; secret: string }> {
  const { bookId, operatorId } = operator
  return bank.db.transaction(async (tx) => {
    const shown = await showSecret(bank, tx, bookId, partnerId, operatorId)
    const data = { key: shown.keyId }
    await logAudit(bank, tx, operator, { action: 'partner.key_seen', subject: `partner:${partnerId}`, data })
    return shown
  })
}

/** A partner's keys open nothing from now on; its orders stay. Undoing it takes an approval. Refuses `NotFound`, `Outdated`. */
export async function stopPartner(bank: Bank, operator: Operator, partnerId: string, reason: string): Promise<void> {
  const { bookId } = operator
  await bank.db.transaction(async (tx) => {
    await partnerById(tx, bookId, partnerId)
    if (!(await setPartnerStatus(tx, bookId, partnerId, 'disabled', bank.clock.now())))
      throw new Refusal('Outdated', { status: 'disabled' })
    const data = { reason }
    await logAudit(bank, tx, operator, { action: 'partner.stopped', subject: `partner:${partnerId}`, data })
  })
}
