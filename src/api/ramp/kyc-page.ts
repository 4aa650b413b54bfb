// KYC认证页面 of the ramp document: the page that takes a partner's customer through identity capture, and its files.
// Must stay true: without the partner's signature, or a link that was not opened before, the page knows of nobody; a visit
// stands in the page that was answered and in no address; no inline script, no other origin.

import fs from 'node:fs'
import path from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type as T } from 'typebox'
import { isRefusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { type Ticket, visitByLink, visitBySignature } from '../../domain/ramp/kyc-visit.ts'
import { signedRequest } from './authenticate.ts'
import { rampErrors } from './errors.ts'
import { Account, type RampServer, Source, signedFor, strict } from './wire.ts'

const folder = path.join(import.meta.dirname, '../../../web/kyc')
const read = (file: string) => fs.readFileSync(path.join(folder, file), 'utf8')

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HtmlAnswer = {
  description: 'HTML',
  content: { 'text/html': { schema: T.Unsafe<Buffer>({ type: 'string' }) } },
}

export function kycPageRoutes(app: RampServer, bank: Bank): void {
  const bookId = bank.config.DEFAULT_BOOK
  const page = read('page.html')
  const files = { 'page.js': 'text/javascript; charset=utf-8', 'page.css': 'text/css; charset=utf-8' } as const

  const sendPage = (request: FastifyRequest, reply: FastifyReply, visit: string, status = 200) =>
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .send(
        Buffer.from(
          page
            .replace('%VISIT%', visit)
            .replace('lang="zh-CN"', request.origin.locale === 'zh' ? 'lang="zh-CN"' : 'lang="en"'),
        ),
      )

  app.get(
    '/userKyc.html',
    {
      exposeHeadRoute: false, // a look ahead at a link must not open it
      config: { ramp: 'open' },
      schema: {
        tags: ['ramp: 用户 / users'],
        operationId: 'rampIdentityPage',
        summary:
          'KYC认证页面(签名请求头,或一次性链接)/ The identity page: with signed headers, or by a link that opens once',
        security: [{ partner: [] }, { kycLink: [] }],
        querystring: strict({
          account: Account,
          source: Source,
          token: T.Optional(T.String({ pattern: '^[!-~]{1,200}$', description: '一次性链接 / of a link' })),
        }),
        response: { 200: HtmlAnswer },
      },
    },
    async (request, reply) => {
      try {
        return sendPage(request, reply, (await open(request)).token)
      } catch (error) {
        const wantsPage = /\btext\/html\b/.test(request.headers.accept ?? '')
        if (!wantsPage || !isRefusal(error) || rampErrors[error.code].status >= 500) throw error
        // somebody looks at it: the page says that the link is over, or goes on with the visit that this browser began
        return sendPage(request, reply, '', rampErrors[error.code].status)
      }
    },
  )

  async function open(request: FastifyRequest): Promise<Ticket> {
    const { account, source, token } = request.query as { account: string; source: string; token?: string }
    if (token !== undefined) return visitByLink(bank, bookId, token, { account, source })
    request.signed = await signedRequest(bank, request, {})
    const partner = signedFor(request, source)
    await request.signed.use()
    return visitBySignature(bank, bookId, { partner, source, account })
  }

  for (const [name, type] of Object.entries(files)) {
    const content = read(name)
    app.get(`/kyc/${name}`, { config: { ramp: 'open' }, schema: { hide: true } }, async (_request, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=300').send(content),
    )
  }
}
