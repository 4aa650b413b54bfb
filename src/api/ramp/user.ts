// 查询用户实名认证状态 of the ramp document; and, beyond it, links to the identity page, which a browser opens once.
// Wire ↔ domain only.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { identityOf, makeKycLink } from '../../domain/ramp/kyc-visit.ts'
import { Account, Millis, Ok, ok, type RampServer, Source, signedFor, strict } from './wire.ts'

const tags = ['ramp: 用户 / users']

/** 0 to be handed in, 1 passed, 2 not passed, 3 being looked at, 4 not verified: also whoever this partner does not speak for. */
const cardStatus = { none: '0', approved: '1', rejected: '2', pending: '3', unknown: '4' } as const

export function userRoutes(app: RampServer, bank: Bank): void {
  const bookId = bank.config.DEFAULT_BOOK
  app.get(
    '/findUserAuthStatus',
    {
      exposeHeadRoute: false,
      schema: {
        tags,
        operationId: 'rampIdentityStatus',
        summary: '查询用户实名认证状态 / How the identity check of a user stands',
        querystring: strict({ account: Account, source: Source }),
        response: {
          200: Ok(
            T.Object({
              cardStatus: T.String({ description: '0:待提交 1:审核通过 2:审核不通过 3:待审核 4:未认证' }),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { account, source } = request.query
      const state = await identityOf(bank, bookId, { partner: signedFor(request, source), source, account })
      return ok(request, { cardStatus: cardStatus[state] })
    },
  )

  app.post(
    '/kycLink',
    {
      schema: {
        tags,
        operationId: 'rampIdentityLink',
        summary:
          '生成一次性实名认证链接(30 分钟内打开一次)/ A link to the identity page that opens once, within 30 minutes',
        body: strict({ account: Account, source: Source }),
        response: { 200: Ok(T.Object({ url: T.String(), expiresAt: Millis('有效期 / until when') })) },
      },
    },
    async (request) => {
      const { account, source } = request.body
      const { token, expiresAt } = await makeKycLink(bank, bookId, {
        partner: signedFor(request, source),
        source,
        account,
      })
      const query = new URLSearchParams({ account, source, token })
      const base = bank.config.PUBLIC_URL.replace(/\/+$/, '') || `${request.protocol}://${request.host}`
      return ok(request, { url: `${base}/user/userKyc.html?${query}`, expiresAt: expiresAt.getTime() })
    },
  )
}
