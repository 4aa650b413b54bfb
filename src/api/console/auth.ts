// Joining, signing in and out, and an operator's own sessions.
// Wire ↔ domain only: the rules are those of domain/operator/operator.ts and operator-sign-in.ts.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { acceptInvitation, confirmInvitation, operatorById } from '../../domain/operator/operator.ts'
import { endOwnSession, operatorSessions } from '../../domain/operator/operator-session.ts'
import { signInOperator } from '../../domain/operator/operator-sign-in.ts'
import { dropCookie } from './web-session.ts'
import { type ConsoleServer, Data, Done, done, Id, Instant, instantText, operatorOf, readId, strict } from './wire.ts'

const tags = ['console: sign-in']

const Invitation = T.String({ minLength: 1, maxLength: 100, description: '邀请码 / invitation code' })
const Totp = T.String({ minLength: 1, maxLength: 16, description: 'TOTP' })
const Token = Data(T.Object({ token: T.String({ description: 'Authorization: Bearer …' }) }))

export function authRoutes(app: ConsoleServer, bank: Bank) {
  app.post(
    '/auth/invitation/accept',
    {
      config: { auth: 'public' },
      schema: {
        tags,
        operationId: 'consoleAcceptInvitation',
        summary: '接受邀请:设置密码,取得 TOTP 密钥 / Accept an invitation: set a password, get a TOTP secret',
        body: strict({ code: Invitation, password: T.String({ minLength: 1, maxLength: 512 }) }),
        response: { 200: Data(T.Object({ secret: T.String(), otpauth_uri: T.String() })) },
      },
    },
    async (request) => {
      const { secret, otpauthUri } = await acceptInvitation(bank, request.origin, request.body)
      return { data: { secret, otpauth_uri: otpauthUri } }
    },
  )

  app.post(
    '/auth/invitation/confirm',
    {
      config: { auth: 'public' },
      schema: {
        tags,
        operationId: 'consoleConfirmInvitation',
        summary: '以 TOTP 确认并登录 / Confirm with a TOTP code, and sign in',
        body: strict({ code: Invitation, totp_code: Totp }),
        response: { 200: Token },
      },
    },
    async (request) => {
      const { code, totp_code: totpCode } = request.body
      const origin = { ...request.origin, requestId: request.id }
      return { data: { token: await confirmInvitation(bank, origin, { code, totpCode }) } }
    },
  )

  app.post(
    '/auth/sign-in',
    {
      config: { auth: 'public' },
      schema: {
        tags,
        operationId: 'consoleSignIn',
        summary: '登录 / Sign in',
        body: strict({
          email: T.String({ minLength: 1, maxLength: 254 }),
          password: T.String({ minLength: 1, maxLength: 512 }),
          totp_code: Totp,
        }),
        response: { 200: Token },
      },
    },
    async (request) => {
      const { email, password, totp_code: totpCode } = request.body
      const origin = { ...request.origin, requestId: request.id }
      return { data: { token: await signInOperator(bank, origin, { email, password, totpCode }) } }
    },
  )

  app.post(
    '/auth/sign-out',
    {
      config: { roles: [] },
      schema: {
        tags,
        operationId: 'consoleSignOut',
        summary: '退出 / Sign out',
        body: strict({}),
        response: { 200: Done },
      },
    },
    async (request, reply) => {
      const operator = operatorOf(request)
      await endOwnSession(bank, operator, operator.sessionId)
      dropCookie(request, reply)
      return done
    },
  )

  app.get(
    '/auth/me',
    {
      config: { roles: [] },
      schema: {
        tags,
        operationId: 'consoleMe',
        summary: '当前运营人员 / Who is signed in',
        response: {
          200: Data(T.Object({ id: T.String(), email: T.String(), name: T.String(), roles: T.Array(T.String()) })),
        },
      },
    },
    async (request) => {
      const { bookId, operatorId } = operatorOf(request)
      const { id, email, name, roles } = await operatorById(bank, bank.db, bookId, operatorId)
      return { data: { id, email, name, roles } }
    },
  )

  app.get(
    '/auth/sessions',
    {
      config: { roles: [] },
      schema: {
        tags,
        operationId: 'consoleSessions',
        summary: '自己的会话 / One’s own sessions',
        response: {
          200: Data(
            T.Array(
              T.Object({
                id: T.String(),
                browser: T.String(),
                os: T.String(),
                ip: T.String(),
                is_current: T.Boolean(),
                started_at: Instant,
                last_seen_at: Instant,
              }),
            ),
          ),
        },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const sessions = await operatorSessions(bank, operator)
      return {
        data: sessions.map(({ started_at, last_seen_at, ...session }) => ({
          ...session,
          is_current: session.id === operator.sessionId,
          started_at: instantText(started_at),
          last_seen_at: instantText(last_seen_at),
        })),
      }
    },
  )

  app.delete(
    '/auth/sessions/:id',
    {
      config: { roles: [] },
      schema: {
        tags,
        operationId: 'consoleEndSession',
        summary: '结束自己的会话 / End one of one’s own sessions',
        params: strict({ id: Id }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await endOwnSession(bank, operatorOf(request), readId(request.params.id))
      return done
    },
  )
}
