// 用户 / 团队: the customer's profile, invite code, team and level. Wire ↔ domain only.
// Contacts leave masked; a team shows UIDs and nothing else of its members.

import { Type as T } from 'typebox'
import type { Actor, Bank } from '../../domain/context.ts'
import { paymentFactors } from '../../domain/payment-proof/payment-factors.ts'
import { maskContact } from '../../domain/people/contact.ts'
import { contactsOf } from '../../domain/people/directory.ts'
import { effectiveLevel, ownPerson, updateProfile } from '../../domain/people/people.ts'
import { teamOf, teamSummary } from '../../domain/people/referral.ts'
import { type AppServer, actorOf, Done, done, Instant, instantText, Ok, ok, pageOf, pageQuery, strict } from './wire.ts'

const OrNull = <S extends ReturnType<typeof T.String>>(schema: S) => T.Union([schema, T.Null()])

const Me = T.Object({
  id: T.String(),
  uid: T.String(),
  email: OrNull(T.String({ description: 'masked' })),
  phone: OrNull(T.String({ description: 'masked' })),
  nickname: OrNull(T.String()),
  avatar_color: T.String(),
  locale: T.String(),
  invite_code: T.String(),
  is_node: T.Boolean(),
  kyc_status: T.String(),
  google2fa_enabled: T.Boolean(),
  payment_password_set: T.Boolean(),
  level: T.Object({ system: T.Integer(), effective: T.Integer() }),
  created_at: Instant,
})

async function me(bank: Bank, actor: Actor) {
  const [person, contacts, factors] = await Promise.all([
    ownPerson(bank, actor),
    contactsOf(bank, bank.db, actor.bookId, actor.personId),
    paymentFactors(bank, actor),
  ])
  const masked = (kind: 'email' | 'mobile') => {
    const contact = contacts.find((own) => own.kind === kind)
    return contact ? maskContact(kind, contact.value) : null
  }
  return {
    id: person.id,
    uid: person.uid,
    email: masked('email'),
    phone: masked('mobile'),
    nickname: person.nickname,
    avatar_color: person.avatarColor,
    locale: person.locale,
    invite_code: person.inviteCode,
    is_node: person.isNode,
    kyc_status: person.kycStatus,
    google2fa_enabled: factors.totpOn,
    payment_password_set: factors.pinHash !== null,
    level: { system: person.levelSystem, effective: effectiveLevel(person) },
    created_at: instantText(person.createdAt),
  }
}

export function userRoutes(app: AppServer, bank: Bank): void {
  app.route({
    method: 'GET',
    url: '/api/user/me',
    schema: {
      tags: ['用户 / 团队'],
      operationId: 'getMe',
      summary: '我的资料 / My profile',
      response: { 200: Ok(Me) },
    },
    handler: async (request) => ok(await me(bank, actorOf(request))),
  })

  app.route({
    method: 'PATCH',
    url: '/api/user/me',
    schema: {
      tags: ['用户 / 团队'],
      operationId: 'updateMe',
      summary: '修改昵称或语言 / Change nickname or language',
      body: strict({
        nickname: T.Optional(OrNull(T.String({ maxLength: 32 }))),
        locale: T.Optional(T.Union([T.Literal('zh'), T.Literal('en')])),
      }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await updateProfile(bank, actorOf(request), request.body)
      return done
    },
  })

  app.route({
    method: 'GET',
    url: '/api/user/invite-code',
    schema: {
      tags: ['用户 / 团队'],
      operationId: 'getInviteCode',
      summary: '邀请码 / Invite code',
      response: { 200: Ok(T.Object({ code: T.String(), share_url: T.String() })) },
    },
    handler: async (request) => {
      const { inviteCode } = await ownPerson(bank, actorOf(request))
      const { PUBLIC_URL, HOST, PORT } = bank.config
      const base = (PUBLIC_URL || `http://${HOST}:${PORT}`).replace(/\/+$/, '')
      return ok({ code: inviteCode, share_url: `${base}/app?ref=${inviteCode}` })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/user/team',
    schema: {
      tags: ['用户 / 团队'],
      operationId: 'listTeam',
      summary: '直推成员 / People I invited',
      querystring: strict(pageQuery),
      response: {
        200: Ok(
          T.Object({
            items: T.Array(
              T.Object({ uid: T.String(), is_node: T.Boolean(), sub_count: T.Integer(), created_at: Instant }),
            ),
            page: T.Integer(),
            size: T.Integer(),
          }),
        ),
      },
    },
    handler: async (request) => {
      const actor = actorOf(request)
      const page = pageOf(request.query)
      const members = await teamOf(bank, actor.bookId, actor.personNo, page)
      const items = members.map((member) => ({
        uid: member.uid,
        is_node: member.isNode,
        sub_count: member.subCount,
        created_at: instantText(member.createdAt),
      }))
      return ok({ items, page: page.page, size: page.size })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/user/team/summary',
    schema: {
      tags: ['用户 / 团队'],
      operationId: 'getTeamSummary',
      summary: '团队汇总 / Team in numbers',
      response: {
        200: Ok(
          T.Object({
            direct: T.Integer(),
            recursive: T.Integer(),
            this_week_new: T.Integer(),
            this_month_new: T.Integer(),
          }),
        ),
      },
    },
    handler: async (request) => {
      const actor = actorOf(request)
      const { direct, recursive, thisWeekNew, thisMonthNew } = await teamSummary(bank, actor.bookId, actor.personNo)
      return ok({ direct, recursive, this_week_new: thisWeekNew, this_month_new: thisMonthNew })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/user/level',
    schema: {
      tags: ['用户 / 团队'],
      operationId: 'getLevel',
      summary: '等级 / Level',
      response: {
        200: Ok(
          T.Object({
            is_node: T.Boolean(),
            current_effective: T.Integer(),
            realtime_system: T.Integer(),
            manual_active: T.Boolean(),
          }),
        ),
      },
    },
    handler: async (request) => {
      const person = await ownPerson(bank, actorOf(request))
      return ok({
        is_node: person.isNode,
        current_effective: effectiveLevel(person),
        realtime_system: person.levelSystem,
        manual_active: person.levelManual !== null,
      })
    },
  })
}
