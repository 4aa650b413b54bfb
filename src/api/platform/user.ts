// Section "用户信息接口": registration, lists, the tree of invitations, identity, history of sign-ins.
// Wire ↔ domain only: the rules are those of domain/merchant/.

import type { FastifyRequest } from 'fastify'
import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { submitIdentity } from '../../domain/merchant/customer-identity.ts'
import { loginHistory } from '../../domain/merchant/login-history.ts'
import {
  chainAbove,
  customersSince,
  type Invited,
  type MerchantCustomer,
  SUPERIORS,
  treeBelow,
} from '../../domain/merchant/merchant-customer.ts'
import { openPlain } from '../../domain/merchant/open-request.ts'
import { registerCustomer } from '../../domain/merchant/register-customer.ts'
import { signInOf } from './sign-in-words.ts'
import { numberOf, type PlatformServer, pageOf, SUCCESS, sealedRoute, strict, Text, tags, timeText } from './wire.ts'

/** Where nobody invited: the document's numbers and texts for it. */
const NOBODY = -1

const uid = Text(20, '用户 id / uid', '10001')
const emailOrPhone = Text(254, '手机号或者邮箱号 / phone number or e-mail address', 'user@example.com')
const openId = Text(60, '该用户在商户下的唯一 openId / unique with the merchant', '')
const someone = { openId: T.Optional(openId), uid: T.Optional(uid), emailOrPhone: T.Optional(emailOrPhone) }

const Superior = T.Object({
  uid: T.Integer(),
  inviteCode: T.String(),
  invitedCode: T.String(),
  invitedUid: T.Integer(),
})
const superiorOf = ({ person, inviter }: MerchantCustomer) => ({
  uid: numberOf(person.no),
  inviteCode: person.inviteCode,
  invitedCode: inviter?.inviteCode ?? '',
  invitedUid: inviter ? numberOf(inviter.no) : NOBODY,
})

const invitedFields = {
  uid: T.Integer(),
  nickname: T.String(),
  inviteCode: T.String(),
  level: T.Integer(),
  invitedUid: T.Integer(),
  invitedNickname: T.String(),
  invitedCode: T.String(),
  phone: T.String(),
  email: T.String(),
  ctime: T.String({ description: 'UTC' }),
}
const invitedOf = (customer: MerchantCustomer, level: number) => ({
  ...superiorOf(customer),
  nickname: customer.person.nickname ?? '',
  level,
  invitedNickname: customer.inviter?.nickname ?? '',
  phone: customer.mobile,
  email: customer.email,
  ctime: timeText(customer.joinedAt),
})

/** Pictures come as addresses, or inside: this, twice in Base64, is one of 140 KB, and a third of a second of opening. */
const WITH_PICTURES = 256 * 1024

const DATE = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/
/** In UTC. Refuses what is no instant. */
function readDate(name: string, text: string | undefined): Date | undefined {
  if (text === undefined || text === '') return undefined
  const at = new Date(`${text.replace(' ', 'T')}Z`)
  if (DATE.test(text) && timeOrNothing(at) === text) return at
  throw new Refusal('InvalidParams', { pointer: `/${name}`, reason: 'yyyy-MM-dd HH:mm:ss, in UTC' })
}
const timeOrNothing = (at: Date) => (Number.isNaN(at.getTime()) ? '' : timeText(at))

export function userRoutes(app: PlatformServer, bank: Bank) {
  sealedRoute(app, bank, {
    path: '/registration',
    operationId: 'platformRegister',
    summary: '用户注册 / Registers a customer',
    inner: strict({
      mobileNumber: T.Optional(Text(24, '手机号码,与 email 二选一 / or email', '09011223')),
      email: T.Optional(Text(254, '用户邮箱 / or mobileNumber', 'user@example.com')),
      countryCode: T.Optional(Text(5, '手机号的国家拨号码 / dialling code', '93')),
      password: T.String({ minLength: 1, maxLength: 512, description: '密码 / password', examples: ['TtEest19121'] }),
      invitedCode: T.String({
        minLength: 1,
        maxLength: 20,
        description: '邀请码 / invite code',
        examples: ['QSKNOQQQ'],
      }),
    }),
    answer: T.Object({ uid: T.Integer(), inviteCode: T.String(), openId: T.String() }),
    async handle(caller, { mobileNumber = '', email = '', countryCode = '', password, invitedCode }) {
      const input = { mobileNumber, email, countryCode, password, invitedCode }
      const { person, openId: id } = await registerCustomer(bank, caller, input)
      return { uid: numberOf(person.no), inviteCode: person.inviteCode, openId: id }
    },
  })

  sealedRoute(app, bank, {
    path: '/reg_info_list',
    operationId: 'platformListCustomers',
    summary: '用户注册信息 / Customers who registered since an instant, oldest first',
    inner: strict({
      page: T.Optional(Text(6, '不填默认为 1 / 1 where nothing is said', '1')),
      pageSize: T.Optional(Text(6, '不填默认为 100,最多 100 / 100 at most', '20')),
      regStartTime: T.String({ pattern: '^[0-9]{13}$', description: '13 位时间戳 / ms', examples: ['1744185294000'] }),
    }),
    answer: T.Object({
      userInfoList: T.Array(
        T.Object({
          uid: T.Integer(),
          mobileNumber: T.String(),
          email: T.String(),
          inviteCode: T.String(),
          pid: T.String({ description: '父级 uid,没有为 -1 / inviter, -1 for none' }),
          openId: T.String(),
        }),
      ),
      count: T.Integer(),
    }),
    async handle({ merchant }, input) {
      const since = new Date(Number.parseInt(input.regStartTime, 10))
      const { items, count } = await customersSince(bank, merchant, since, pageOf(input))
      return {
        userInfoList: items.map(({ person, inviter, email, mobile, openId: id }) => ({
          uid: numberOf(person.no),
          mobileNumber: mobile,
          email,
          inviteCode: person.inviteCode,
          pid: String(inviter?.no ?? NOBODY),
          openId: id,
        })),
        count,
      }
    },
  })

  sealedRoute(app, bank, {
    path: '/user_superior',
    operationId: 'platformShowSuperiors',
    summary: '邀请关系查询-上级 / Who invited a customer, up to five levels',
    inner: strict(someone),
    answer: T.Object({
      user: Superior,
      ...Object.fromEntries(Array.from({ length: SUPERIORS }, (_, i) => [`level${i + 1}`, T.Optional(Superior)])),
    }),
    async handle({ merchant }, name) {
      const [user, ...above] = await chainAbove(bank, merchant, name)
      if (!user) throw new Refusal('NotFound')
      return {
        user: superiorOf(user),
        ...Object.fromEntries(above.map((customer, i) => [`level${i + 1}`, superiorOf(customer)])),
      }
    },
  })

  sealedRoute(app, bank, {
    path: '/user_invite',
    operationId: 'platformShowInvited',
    summary: '邀请关系查询-下级 / Whom a customer invited, two levels',
    inner: strict({
      ...someone,
      page: Text(6, '空串默认为 1 / 1 where it is empty', '1'),
      pageSize: Text(6, '空串默认为 100,最多 100 / 100 at most', '20'),
    }),
    answer: T.Object({
      levelOneCount: T.Integer(),
      levelTwoCount: T.Integer(),
      cuerrentUser: T.Object({
        uid: T.Integer(),
        nickname: T.String(),
        inviteCode: T.String(),
        invitedUid: T.Integer(),
        invitedCode: T.String(),
        ctime: T.String(),
      }),
      userExtInviteVoList: T.Array(
        T.Object({
          ...invitedFields,
          childLevel: T.Array(T.Object(invitedFields), { description: '最新 20 个 / newest 20' }),
        }),
      ),
    }),
    async handle({ merchant }, input) {
      const { customer, levelOneCount, levelTwoCount, invited } = await treeBelow(bank, merchant, input, pageOf(input))
      return {
        levelOneCount,
        levelTwoCount,
        cuerrentUser: {
          ...superiorOf(customer),
          nickname: customer.person.nickname ?? '',
          ctime: timeText(customer.joinedAt),
        },
        userExtInviteVoList: invited.map((each: Invited) => ({
          ...invitedOf(each, 1),
          childLevel: each.children.map((child) => invitedOf(child, 2)),
        })),
      }
    },
  })

  sealedRoute(app, bank, {
    path: '/verifyUserIdentity',
    operationId: 'platformVerifyIdentity',
    summary: '用户实名 / Submits a customer’s identity for review',
    bodyLimit: WITH_PICTURES,
    inner: strict({
      uid: T.String({ minLength: 1, maxLength: 20, description: '用户 id / uid', examples: ['10001'] }),
      countryCode: T.String({
        minLength: 1,
        maxLength: 5,
        description: '国家编码 / a listed country code',
        examples: ['93'],
      }),
      certificateNumber: T.String({ minLength: 1, maxLength: 60, description: '证件号码', examples: ['211111111111'] }),
      familyName: T.String({ minLength: 1, maxLength: 60, examples: ['test'] }),
      name: T.String({ minLength: 1, maxLength: 60, examples: ['test'] }),
      firstPhoto: T.Optional(
        T.String({
          maxLength: WITH_PICTURES,
          description:
            '最多三个图片地址,逗号分隔;也可为 data:image/jpeg;base64,… / up to three addresses of pictures with commas between, or data: URLs',
          examples: [''],
        }),
      ),
    }),
    answer: null,
    async handle(caller, { firstPhoto = '', ...input }) {
      await submitIdentity(bank, caller, { ...input, photos: firstPhoto })
    },
  })

  const Plain = strict({
    appKey: T.String({ minLength: 1, maxLength: 80, description: '商家唯一编号(app_id 亦可)/ or app_id' }),
    sign: T.String({ pattern: '^[0-9a-f]{32}$', description: 'MD5,见 docs/platform-api.md' }),
    uid: T.String({ pattern: '^[1-9][0-9]{0,17}$', description: '用户 id / uid', examples: ['10001'] }),
    startDate: T.Optional(Text(19, 'yyyy-MM-dd HH:mm:ss (UTC)', '2024-01-01 00:00:00')),
    endDate: T.Optional(Text(19, 'yyyy-MM-dd HH:mm:ss (UTC)', '2034-01-01 00:00:00')),
    time: T.Optional(
      T.String({
        pattern: '^([1-9][0-9]{9}|[1-9][0-9]{12})$',
        description: '有则 5 分钟内单次有效 / where it stands, the request counts once and for five minutes',
      }),
    ),
  })
  app.post(
    '/getUserHistoryLogin',
    {
      config: { oneName: 'appKey' },
      schema: {
        tags,
        operationId: 'platformLoginHistory',
        summary: '用户登录历史(明文)/ A customer’s sign-ins, newest first; in the clear, as the document has it',
        body: Plain,
        response: {
          200: T.Object({
            code: T.String(),
            msg: T.String(),
            data: T.Object({
              count: T.Integer(),
              HistoryLogin: T.Array(
                T.Object({
                  id: T.Integer(),
                  uid: T.Integer(),
                  lgType: T.Integer(),
                  lgPlatform: T.Integer(),
                  lgSystem: T.String(),
                  lgIp: T.String(),
                  lgStatus: T.Integer(),
                  lgInTime: T.Integer(),
                }),
              ),
            }),
          }),
        },
      },
    },
    async (request: FastifyRequest) => {
      const {
        appKey,
        sign,
        uid: whose,
        startDate,
        endDate,
        time,
      } = request.body as {
        appKey: string
        sign: string
        uid: string
        startDate?: string
        endDate?: string
        time?: string
      }
      // every value has one form before the signature is looked at, so that no two requests have one signed text
      const between = { from: readDate('startDate', startDate), to: readDate('endDate', endDate) }
      const fields = {
        [request.sentName ?? 'appKey']: appKey,
        uid: whose,
        ...(startDate === undefined ? {} : { startDate }),
        ...(endDate === undefined ? {} : { endDate }),
        ...(time === undefined ? {} : { time }),
      }
      const caller = await openPlain(bank, request.origin, { appId: appKey, time, fields, sign })
      request.provedCaller = { bookId: caller.bookId, keyId: appKey }
      const { personNo, count, items } = await loginHistory(bank, caller, whose, between)
      return {
        ...SUCCESS,
        data: {
          count,
          HistoryLogin: items.map((item) => ({ id: numberOf(item.id), uid: numberOf(personNo), ...signInOf(item) })),
        },
      }
    },
  )
}
