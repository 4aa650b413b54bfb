// API 密钥 / Keys for a customer's programs: made, changed and given a new secret with the payment password (and TOTP), as
// money is sent; revoked without. Beyond the document; wire ↔ domain only. A secret is in one answer and never again.

import { Type as T } from 'typebox'
import { type ApiKey, apiKeyScopes } from '../../domain/api-key/api-key.ts'
import {
  changeApiKey,
  createApiKey,
  LONGEST_DAYS,
  OVERLAP_HOURS,
  ownApiKeys,
  revokeApiKey,
  rotateApiKey,
} from '../../domain/api-key/manage-api-keys.ts'
import type { Bank } from '../../domain/context.ts'
import { ownPerson } from '../../domain/people/people.ts'
import {
  type AppServer,
  actorOf,
  Done,
  done,
  Instant,
  instantText,
  Ok,
  ok,
  PaymentPassword,
  strict,
  TotpCode,
} from './wire.ts'

const tags = ['API 密钥']

const Key = T.Object({
  id: T.String({ description: 'api-key' }),
  name: T.String(),
  scopes: T.Array(T.Enum([...apiKeyScopes])),
  ips: T.Array(T.String(), { description: '空为不限 / empty: from anywhere' }),
  expires_at: T.Union([Instant, T.Null()]),
  previous_secret_until: T.Union([Instant, T.Null()], {
    description: '旧私钥有效至 / until when the old secret counts',
  }),
  created_at: Instant,
  rotated_at: T.Union([Instant, T.Null()]),
  last_used_at: T.Union([Instant, T.Null()]),
  last_used_ip: T.Union([T.String(), T.Null()]),
})
const WithSecret = T.Object({ ...Key.properties, secret: T.String({ description: '仅显示一次 / shown this once' }) })

const Name = T.String({ minLength: 1, maxLength: 80, description: '名称 / name, at most 40 characters' })
const Scopes = T.Array(T.Enum([...apiKeyScopes]), { minItems: 1, maxItems: apiKeyScopes.length, examples: [['read']] })
const Ips = T.Array(T.String({ minLength: 1, maxLength: 50 }), { maxItems: 20, examples: [['192.0.2.7']] })
const Expiry = T.Union([Instant, T.Null()], {
  description: `到期时间;无 IP 白名单时最长 ${LONGEST_DAYS} 天 / at most ${LONGEST_DAYS} days without a list of addresses`,
})
const proof = { payment_password: PaymentPassword, totp_code: T.Optional(TotpCode) }
const proofOf = (body: { payment_password: string; totp_code?: string }) => ({
  paymentPassword: body.payment_password,
  totpCode: body.totp_code,
})

export function apiKeyRoutes(app: AppServer, bank: Bank) {
  const params = strict({ id: T.String({ maxLength: 80 }) })

  app.get(
    '/api/api-keys',
    {
      schema: {
        tags,
        operationId: 'listApiKeys',
        summary: 'API 密钥列表 / API keys',
        response: { 200: Ok(T.Array(Key)) },
      },
    },
    async (request) => ok((await ownApiKeys(bank, actorOf(request))).map(wireKey)),
  )

  app.post(
    '/api/api-keys',
    {
      schema: {
        tags,
        operationId: 'createApiKey',
        summary: '创建 API 密钥 / Make an API key',
        body: strict({
          name: Name,
          scopes: Scopes,
          ips: T.Optional(Ips),
          expires_at: T.Optional(Expiry),
          ...proof,
        }),
        response: { 200: Ok(WithSecret) },
      },
    },
    async (request) => {
      const { name, scopes, ips, expires_at } = request.body
      const terms = { name, scopes, ips, expiresAt: instantOf(expires_at) }
      const { key, secret } = await createApiKey(bank, actorOf(request), terms, proofOf(request.body))
      return ok({ ...wireKey(key), secret })
    },
  )

  app.put(
    '/api/api-keys/:id',
    {
      schema: {
        tags,
        operationId: 'changeApiKey',
        summary: '修改权限、白名单、到期时间 / Change what a key may do',
        params,
        body: strict({
          name: T.Optional(Name),
          scopes: T.Optional(Scopes),
          ips: T.Optional(Ips),
          expires_at: T.Optional(Expiry),
          ...proof,
        }),
        response: { 200: Ok(Key) },
      },
    },
    async (request) => {
      const { name, scopes, ips, expires_at } = request.body
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(ips === undefined ? {} : { ips }),
        ...(expires_at === undefined ? {} : { expiresAt: instantOf(expires_at) }),
      }
      return ok(wireKey(await changeApiKey(bank, actorOf(request), request.params.id, change, proofOf(request.body))))
    },
  )

  app.post(
    '/api/api-keys/:id/rotate',
    {
      schema: {
        tags,
        operationId: 'rotateApiKey',
        summary: '更换私钥 / Give a key a new secret',
        params,
        body: strict({
          overlap_hours: T.Optional(
            T.Integer({ minimum: 0, maximum: 72, description: `旧私钥继续有效的小时数 / default ${OVERLAP_HOURS}` }),
          ),
          ...proof,
        }),
        response: { 200: Ok(WithSecret) },
      },
    },
    async (request) => {
      const { overlap_hours = OVERLAP_HOURS } = request.body
      const { id } = request.params
      const { key, secret } = await rotateApiKey(bank, actorOf(request), id, overlap_hours, proofOf(request.body))
      return ok({ ...wireKey(key), secret })
    },
  )

  app.delete(
    '/api/api-keys/:id',
    {
      schema: {
        tags,
        operationId: 'revokeApiKey',
        summary: '撤销 API 密钥 / Revoke a key',
        params,
        response: { 200: Done },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      await revokeApiKey(bank, await ownPerson(bank, actor), request.params.id, actor)
      return done
    },
  )
}

const instantOf = (text: string | null | undefined): Date | null | undefined =>
  text === undefined || text === null ? text : new Date(text)
const orNull = (instant: Date | null) => instant && instantText(instant)

const wireKey = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  scopes: [...key.scopes],
  ips: [...key.ips],
  expires_at: orNull(key.expiresAt),
  previous_secret_until: orNull(key.previousUntil),
  created_at: instantText(key.createdAt),
  rotated_at: orNull(key.rotatedAt),
  last_used_at: orNull(key.lastUsedAt),
  last_used_ip: key.lastUsedIp,
})
