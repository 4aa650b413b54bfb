// 安全 / Security: payment PIN, TOTP, the customer's own security log. Wire ↔ domain only.
// Secrets come in and never go out, but for the TOTP secret, once, at its set-up.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { readSecurityLog } from '../../domain/notice/security-log.ts'
import {
  changePin,
  finishTotp,
  securityStatus,
  startTotp,
  stopTotp,
} from '../../domain/payment-proof/payment-security.ts'
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
  pageOf,
  pageQuery,
  strict,
  TotpCode,
} from './wire.ts'

const LoginPassword = T.String({ minLength: 1, maxLength: 1024, description: '登录密码 / login password' })
const InstantOrNull = T.Union([Instant, T.Null()])
const instantOrNull = (instant: Date | null) => instant && instantText(instant)

export function securityRoutes(app: AppServer, bank: Bank): void {
  app.route({
    method: 'GET',
    url: '/api/security/status',
    schema: {
      tags: ['安全'],
      operationId: 'getSecurityStatus',
      summary: '安全状态 / Security status',
      response: {
        200: Ok(
          T.Object({
            payment_password_set: T.Boolean(),
            totp_enabled: T.Boolean(),
            login_password_set: T.Boolean(),
            login2fa: T.Object({ sms: T.Boolean(), email: T.Boolean() }),
            payment_password_locked_until: InstantOrNull,
            money_out_held_until: InstantOrNull,
          }),
        ),
      },
    },
    handler: async (request) => {
      const status = await securityStatus(bank, actorOf(request))
      return ok({
        payment_password_set: status.paymentPasswordSet,
        totp_enabled: status.totpEnabled,
        login_password_set: status.loginPasswordSet,
        login2fa: { sms: status.login2fa.includes('sms'), email: status.login2fa.includes('email') },
        payment_password_locked_until: instantOrNull(status.paymentPasswordLockedUntil),
        money_out_held_until: instantOrNull(status.moneyOutHeldUntil),
      })
    },
  })

  app.route({
    method: ['POST', 'PUT'],
    url: '/api/security/payment-password',
    schema: {
      tags: ['安全'],
      operationId: 'changePaymentPassword',
      summary: '设置或修改支付密码 / Set or change the payment password',
      description:
        '首次设置需登录密码;修改需旧支付密码;忘记时用登录密码和验证码(scene=reset) / The first needs the login password, a change the old one, a forgotten one the login password and a code (scene reset).',
      body: strict({
        login_password: T.Optional(LoginPassword),
        old_payment_password: T.Optional(PaymentPassword),
        new_pin: T.String({ minLength: 1, maxLength: 64, description: '新支付密码(6 位数字) / new PIN, six digits' }),
        code: T.Optional(T.String({ minLength: 1, maxLength: 16, description: '验证码 / code' })),
      }),
      response: { 200: Done },
    },
    handler: async (request) => {
      const { login_password, old_payment_password, new_pin, code } = request.body
      await changePin(bank, actorOf(request), {
        newPin: new_pin,
        loginPassword: login_password,
        oldPin: old_payment_password,
        code,
      })
      return done
    },
  })

  app.route({
    method: 'POST',
    url: '/api/security/2fa/setup',
    schema: {
      tags: ['安全'],
      operationId: 'setUpTotp',
      summary: '生成 TOTP 密钥 / Make a TOTP secret',
      body: strict({ login_password: LoginPassword }),
      response: { 200: Ok(T.Object({ secret: T.String(), otpauth_uri: T.String() })) },
    },
    handler: async (request) => {
      const { secret, otpauthUri } = await startTotp(bank, actorOf(request), request.body.login_password)
      return ok({ secret, otpauth_uri: otpauthUri })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/security/2fa/confirm',
    schema: {
      tags: ['安全'],
      operationId: 'confirmTotp',
      summary: '确认开启 TOTP / Confirm TOTP with a code',
      body: strict({ code: TotpCode }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await finishTotp(bank, actorOf(request), request.body.code)
      return done
    },
  })

  app.route({
    method: 'POST',
    url: '/api/security/2fa/disable',
    schema: {
      tags: ['安全'],
      operationId: 'disableTotp',
      summary: '关闭 TOTP / Switch TOTP off',
      description: '不带 totp_code 时,24 小时内不能转出资金 / Without totp_code money cannot leave for 24 hours.',
      body: strict({ payment_password: PaymentPassword, totp_code: T.Optional(TotpCode) }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await stopTotp(bank, actorOf(request), request.body.payment_password, request.body.totp_code)
      return done
    },
  })

  app.route({
    method: 'GET',
    url: '/api/security/log',
    schema: {
      tags: ['安全'],
      operationId: 'listSecurityLog',
      summary: '安全日志 / Security log',
      querystring: strict(pageQuery),
      response: {
        200: Ok(T.Array(T.Object({ event_type: T.String(), ip: T.String(), device: T.String(), created_at: Instant }))),
      },
    },
    handler: async (request) => {
      const entries = await readSecurityLog(bank, actorOf(request), pageOf(request.query))
      return ok(
        entries.map((entry) => ({
          event_type: entry.eventType,
          ip: entry.ip,
          device: entry.device,
          created_at: instantText(entry.createdAt),
        })),
      )
    },
  })
}
