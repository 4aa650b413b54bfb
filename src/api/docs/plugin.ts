// The OpenAPI document, whole (/openapi.json) and by API (/openapi/app.json …), the page that shows it (/docs), and the
// pages for integrators (/docs/api/….md). Made from the routes' own schemas, so it cannot say anything that the server
// does not do. Swagger UI comes from npm; nothing is loaded from elsewhere.

import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { documentOf, publicApis, withOwnIds } from './public-apis.ts'

const folder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const files = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const

const apis = JSON.stringify(publicApis)
const start = `const asked = new URLSearchParams(location.search).get('api')
const url = ${apis}.includes(asked) ? '/openapi/' + asked + '.json' : '/openapi.json'
SwaggerUIBundle({ url, dom_id: '#docs', deepLinking: true, persistAuthorization: false, tryItOutEnabled: true })`

const guides = path.join(import.meta.dirname, '../../../docs/api')
const readGuides = () =>
  fs.existsSync(guides) ? fs.readdirSync(guides).filter((name) => /^[a-z]+(\.zh-CN)?\.md$/.test(name)) : []

const links = publicApis
  .map(
    (api) =>
      `<a href="/docs?api=${api}">${api}</a> (<a href="/docs/api/${api}.md">en</a> <a href="/docs/api/${api}.zh-CN.md">中文</a>)`,
  )
  .join(' · ')

const page = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>UniPay API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body><p style="font:14px/2 sans-serif;margin:0 20px"><a href="/docs">all · 全部</a> · ${links} · webhooks (<a
href="/docs/api/webhooks.md">en</a> <a href="/docs/api/webhooks.zh-CN.md">中文</a>)</p><div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body>
</html>
`

export const documentation = () =>
  Object.assign(
    async (server: FastifyInstance) => {
      await server.register(swagger, {
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'UniPay',
            version: '0.1.0',
            description:
              'USDT 钱包与支付接口。成功 `{code: 0, data}`,错误 `{code, name, message, request_id, details}`。金额为十进制字符串。\n\n' +
              'Wallet and payments in USDT. Success is `{code: 0, data}`, refusals `{code, name, message, request_id, details}`. ' +
              'Amounts are decimal strings, times UTC ISO-8601. Every POST that moves money takes `Idempotency-Key`. ' +
              'The spot API under `/api/spot/v1` is for customers’ programs and answers `{code: "0", msg, data, success}`. ' +
              'The operators’ API under `/console/api` answers `{data}` or `{error: {code, message, request_id, details}}`.',
            license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
          },
          components: {
            securitySchemes: {
              bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
              partner: {
                type: 'apiKey',
                in: 'header',
                name: 'apiKey',
                description:
                  '出入金合作方:另需请求头 timestamp 与 sign / Ramp partners: also the headers timestamp and sign',
              },
              kycLink: {
                type: 'apiKey',
                in: 'query',
                name: 'token',
                description: '一次性认证链接 / a link that opens once',
              },
              kycVisit: {
                type: 'http',
                scheme: 'bearer',
                description: '认证页面的会话 / a visit of the identity page',
              },
              operator: {
                type: 'http',
                scheme: 'bearer',
                description:
                  '运营后台会话;列出的角色之一即可 / A session of the console; one of the roles listed is needed',
              },
              apiKey: {
                type: 'apiKey',
                in: 'header',
                name: 'api-key',
                description:
                  'API 密钥,须有列出的权限;签名见 docs/spot.md / A key with the permission listed; signing: docs/spot.md',
              },
              nonce: { type: 'apiKey', in: 'header', name: 'nonce' },
              timestamp: { type: 'apiKey', in: 'header', name: 'timestamp' },
              sign: { type: 'apiKey', in: 'header', name: 'sign' },
            },
          },
        },
      })
      const hidden = { schema: { hide: true } } as const
      server.get('/openapi.json', hidden, async () => withOwnIds(server.swagger()))
      for (const api of publicApis)
        server.get(`/openapi/${api}.json`, hidden, async () => documentOf(withOwnIds(server.swagger()), api))
      for (const name of readGuides()) {
        const content = fs.readFileSync(path.join(guides, name))
        server.get(`/docs/api/${name}`, hidden, async (_request, reply) =>
          reply.type('text/markdown; charset=utf-8').header('cache-control', 'public, max-age=3600').send(content),
        )
      }
      server.get('/docs', hidden, async (_request, reply) =>
        reply
          .type('text/html; charset=utf-8')
          // the viewer styles its elements inline; scripts stay ours alone
          .header(
            'content-security-policy',
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
          )
          .send(page),
      )
      server.get('/docs/start.js', hidden, async (_request, reply) =>
        reply.type('text/javascript; charset=utf-8').send(start),
      )
      for (const [name, type] of Object.entries(files)) {
        const content = fs.readFileSync(path.join(folder, name))
        server.get(`/docs/${name}`, hidden, async (_request, reply) =>
          reply.type(type).header('cache-control', 'public, max-age=3600').send(content),
        )
      }
    },
    { [Symbol.for('skip-override')]: true }, // its onRoute hook has to see the routes of its siblings
  )
