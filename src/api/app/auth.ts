// 认证 / Access: registration, sign-in and its second step, tokens, passwords, devices, contacts.
// Wire ↔ domain only; the rules are in domain/{register,login,session,password-change,contact-change,device}.ts.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import type { ContactInput, ContactKind } from '../../domain/people/contact.ts'
import { bindContact, sendBindingCode, switchLogin2fa } from '../../domain/people/contact-change.ts'
import { effectiveLevel } from '../../domain/people/people.ts'
import { register } from '../../domain/people/register.ts'
import { type Scene, sendCode } from '../../domain/sign-in/code.ts'
import { devicesOf, kickDevice } from '../../domain/sign-in/device.ts'
import { completeLogIn, logIn, type SignedIn } from '../../domain/sign-in/login.ts'
import { sendChallengeCode } from '../../domain/sign-in/login-challenge.ts'
import { changePassword, resetPassword, setFirstPassword } from '../../domain/sign-in/password-change.ts'
import { logOut, refreshSession, type Tokens } from '../../domain/sign-in/session.ts'
import {
  type AppServer,
  actorOf,
  Done,
  done,
  Instant,
  instantText,
  Ok,
  ok,
  readWireId,
  strict,
  wireId,
} from './wire.ts'

const contactFields = {
  contact: T.String({ minLength: 3, maxLength: 254, description: '邮箱或手机号 / e-mail address or phone number' }),
  type: T.Union([T.Literal('email'), T.Literal('mobile')], { description: '联系方式类型 / kind of contact' }),
  mobile_prefix: T.Optional(
    T.String({ minLength: 1, maxLength: 8, description: '手机区号 / calling code', examples: ['+86'] }),
  ),
}
const Code = T.String({ minLength: 1, maxLength: 16, description: '验证码 / code' })
const Password = T.String({ minLength: 1, maxLength: 1024, description: '登录密码 / password' })
const RefreshToken = T.String({ minLength: 1, maxLength: 1024 })
const PendingId = T.String({ minLength: 1, maxLength: 128, description: '登录挑战 id / id of the challenge' })
const Channel = T.Union([T.Literal('sms'), T.Literal('email')], { description: '渠道 / channel' })
const Scenes = T.Union([T.Literal('register'), T.Literal('login'), T.Literal('reset'), T.Literal('change_contact')], {
  description: '场景 / what for',
})

const tokenFields = { access_token: T.String(), refresh_token: T.String() }
const User = T.Object({
  id: T.String(),
  uid: T.String(),
  invite_code: T.String(),
  is_node: T.Boolean(),
  effective_level: T.Integer(),
})
const SignedInAnswer = T.Object({ user: User, ...tokenFields })
const ChallengeAnswer = T.Object({
  need_2fa: T.Literal(true),
  pending_id: T.String(),
  channels: T.Array(Channel),
})

const contactOf = (body: { contact: string; type: ContactKind; mobile_prefix?: string }): ContactInput => ({
  contact: body.contact,
  kind: body.type,
  mobilePrefix: body.mobile_prefix,
})

const tokensWire = ({ accessToken, refreshToken }: Tokens) => ({
  access_token: accessToken,
  refresh_token: refreshToken,
})

const signedInWire = ({ person, ...tokens }: SignedIn) => ({
  user: {
    id: person.id,
    uid: person.uid,
    invite_code: person.inviteCode,
    is_node: person.isNode,
    effective_level: effectiveLevel(person),
  },
  ...tokensWire(tokens),
})

export function authRoutes(app: AppServer, bank: Bank): void {
  signInRoutes(app, bank)
  passwordRoutes(app, bank)
  deviceRoutes(app, bank)
  contactRoutes(app, bank)
}

function signInRoutes(app: AppServer, bank: Bank): void {
  app.route({
    method: 'POST',
    url: '/api/auth/code/send',
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'sendCode',
      summary: '发送验证码 / Send a one-time code',
      body: strict({ ...contactFields, scene: Scenes }),
      response: { 200: Done },
    },
    handler: async ({ body, origin }) => {
      const scene: Scene = body.scene
      await sendCode(bank, origin, contactOf(body), scene)
      return done
    },
  })

  app.route({
    method: 'POST',
    url: '/api/auth/register',
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'register',
      summary: '注册 / Register',
      body: strict({
        ...contactFields,
        code: Code,
        password: Password,
        invite_code: T.Optional(T.String({ maxLength: 32, description: '邀请码 / invite code' })),
      }),
      response: { 200: Ok(SignedInAnswer) },
    },
    handler: async ({ body, origin }) => {
      const { code, password, invite_code: inviteCode } = body
      return ok(signedInWire(await register(bank, origin, { contact: contactOf(body), code, password, inviteCode })))
    },
  })

  app.route({
    method: 'POST',
    url: '/api/auth/login',
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'logIn',
      summary: '登录(密码或验证码) / Sign in by password or by code',
      description: '开启登录二次验证时返回挑战 / With two-step sign-in on, answers with a challenge and no tokens.',
      body: strict({ ...contactFields, password: T.Optional(Password), code: T.Optional(Code) }),
      response: { 200: Ok(T.Union([SignedInAnswer, ChallengeAnswer])) },
    },
    handler: async ({ body, origin }) => {
      const { password, code } = body
      const result = await logIn(bank, origin, { contact: contactOf(body), password, code })
      if ('person' in result) return ok(signedInWire(result))
      return ok({ need_2fa: true as const, pending_id: result.pendingId, channels: [...result.channels] })
    },
  })

  app.route({
    method: 'POST',
    url: '/api/auth/login/2fa/send',
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'sendLoginChallengeCode',
      summary: '发送登录二次验证码 / Send the code of a sign-in challenge',
      body: strict({ pending_id: PendingId, channel: Channel }),
      response: { 200: Done },
    },
    handler: async ({ body, origin }) => {
      await sendChallengeCode(bank, origin, body.pending_id, body.channel)
      return done
    },
  })

  app.route({
    method: 'POST',
    url: '/api/auth/login/2fa/verify',
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'completeLogIn',
      summary: '完成登录二次验证 / Pass a sign-in challenge',
      body: strict({ pending_id: PendingId, channel: Channel, code: Code }),
      response: { 200: Ok(SignedInAnswer) },
    },
    handler: async ({ body, origin }) =>
      ok(signedInWire(await completeLogIn(bank, origin, body.pending_id, body.channel, body.code))),
  })

  app.route({
    method: 'POST',
    url: '/api/auth/refresh',
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'refreshTokens',
      summary: '刷新令牌 / New tokens for a refresh token',
      body: strict({ refresh_token: RefreshToken }),
      response: { 200: Ok(T.Object(tokenFields)) },
    },
    handler: async ({ body, origin }) => ok(tokensWire(await refreshSession(bank, origin, body.refresh_token))),
  })

  app.route({
    method: 'POST',
    url: '/api/auth/logout',
    schema: {
      tags: ['认证'],
      operationId: 'logOut',
      summary: '退出登录 / Sign out',
      body: strict({ refresh_token: T.Optional(RefreshToken) }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await logOut(bank, actorOf(request), request.body.refresh_token)
      return done
    },
  })
}

function passwordRoutes(app: AppServer, bank: Bank): void {
  app.route({
    method: 'POST',
    url: '/api/auth/password/setup',
    schema: {
      tags: ['认证'],
      operationId: 'setFirstPassword',
      summary: '设置登录密码 / Set the first password',
      body: strict({ password: Password }),
      response: { 200: Ok(T.Object({ ok: T.Literal(true) })) },
    },
    handler: async (request) => {
      await setFirstPassword(bank, actorOf(request), request.body.password)
      return ok({ ok: true as const })
    },
  })

  app.route({
    method: ['POST', 'PUT'],
    url: '/api/auth/password',
    schema: {
      tags: ['认证'],
      operationId: 'changePassword',
      summary: '修改登录密码 / Change the password',
      body: strict({ old_password: Password, new_password: Password }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await changePassword(bank, actorOf(request), request.body.old_password, request.body.new_password)
      return done
    },
  })

  app.route({
    method: 'POST',
    url: '/api/auth/password/reset',
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'resetPassword',
      summary: '用验证码重置登录密码 / Reset a forgotten password by code',
      body: strict({ ...contactFields, code: Code, new_password: Password }),
      response: { 200: Done },
    },
    handler: async ({ body, origin }) => {
      await resetPassword(bank, origin, { contact: contactOf(body), code: body.code, newPassword: body.new_password })
      return done
    },
  })
}

function deviceRoutes(app: AppServer, bank: Bank): void {
  const Device = T.Object({
    id: T.String(),
    browser: T.String(),
    os: T.String(),
    ip: T.String(),
    is_master: T.Boolean(),
    is_current: T.Boolean(),
    first_seen_at: Instant,
    last_seen_at: Instant,
  })

  app.route({
    method: 'GET',
    url: '/api/auth/devices',
    schema: {
      tags: ['认证'],
      operationId: 'listDevices',
      summary: '登录设备 / Signed-in devices',
      response: { 200: Ok(T.Array(Device)) },
    },
    handler: async (request) => {
      const devices = await devicesOf(bank, actorOf(request))
      return ok(
        devices.map((device) => ({
          id: wireId('d', device.id),
          browser: device.browser,
          os: device.os,
          ip: device.ip,
          is_master: device.isMaster,
          is_current: device.isCurrent,
          first_seen_at: instantText(device.firstSeenAt),
          last_seen_at: instantText(device.lastSeenAt),
        })),
      )
    },
  })

  app.route({
    method: ['POST', 'DELETE'],
    url: '/api/auth/devices/:id/kick',
    schema: {
      tags: ['认证'],
      operationId: 'kickDevice',
      summary: '下线设备 / Sign a device out',
      params: strict({ id: T.String({ maxLength: 64 }) }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await kickDevice(bank, actorOf(request), readWireId('d', request.params.id))
      return done
    },
  })
}

function contactRoutes(app: AppServer, bank: Bank): void {
  app.route({
    method: 'POST',
    url: '/api/auth/contact/bind/send',
    schema: {
      tags: ['认证'],
      operationId: 'sendBindingCode',
      summary: '向新联系方式发送验证码 / Send a code to a new contact',
      body: strict(contactFields),
      response: { 200: Done },
    },
    handler: async (request) => {
      await sendBindingCode(bank, actorOf(request), contactOf(request.body))
      return done
    },
  })

  app.route({
    method: 'POST',
    url: '/api/auth/contact/bind/verify',
    schema: {
      tags: ['认证'],
      operationId: 'bindContact',
      summary: '绑定新联系方式 / Bind a new contact',
      body: strict({ ...contactFields, code: Code }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await bindContact(bank, actorOf(request), contactOf(request.body), request.body.code)
      return done
    },
  })

  app.route({
    method: ['POST', 'PUT'],
    url: '/api/auth/login2fa',
    schema: {
      tags: ['认证'],
      operationId: 'switchLogin2fa',
      summary: '登录二次验证开关 / Switch two-step sign-in',
      body: strict({ channel: Channel, enabled: T.Boolean({ description: '开/关 / on or off' }) }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await switchLogin2fa(bank, actorOf(request), request.body.channel, request.body.enabled)
      return done
    },
  })
}
