// The page at /: what runs here and where to go next, until the wallet moves in. No script, no third party.
// What it links to is there: the sandbox shows only where there is one.

import type { FastifyInstance } from 'fastify'
import type { Bank } from '../../domain/context.ts'

const style = `:root{color-scheme:light dark;--ink:#14181f;--dim:#5b6472;--line:#e3e7ee;--paper:#fff;--tint:#0f766e}
@media(prefers-color-scheme:dark){:root{--ink:#e9edf3;--dim:#9aa5b5;--line:#2a313c;--paper:#12161c;--tint:#5eead4}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,"PingFang SC","Noto Sans SC",sans-serif}
main{max-width:44rem;margin:0 auto;padding:3rem 1.25rem}h1{font-size:1.75rem;line-height:1.25;margin:0 0 .5rem}
p{color:var(--dim);margin:0 0 1.5rem}ul{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}
a{display:block;padding:.9rem 0;border-bottom:1px solid var(--line);color:inherit;text-decoration:none}
a:hover b,a:focus-visible b{text-decoration:underline}b{color:var(--tint);font-weight:600}span{display:block;color:var(--dim);font-size:.9rem}
.test{display:inline-block;margin-bottom:1rem;padding:.1rem .6rem;border:1px solid currentColor;border-radius:1rem;font-size:.8rem;color:var(--tint)}
`

const link = (href: string, name: string, about: string) =>
  `<li><a href="${href}"><b>${name}</b><span>${about}</span></a></li>`

const page = (sandbox: boolean) => `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>UniPay</title><link rel="stylesheet" href="/home.css"></head>
<body><main>
${sandbox ? '<div class="test">沙盒 · Sandbox — 测试币,无真实价值 · test coins of no value</div>' : ''}
<h1>UniPay</h1>
<p>自托管的 USDT 银行已启动。<br><span lang="en">A self-hosted USDT bank is running.</span></p>
<ul>
${link('/docs', '接口文档 · API documentation', 'OpenAPI 3.1,可直接试用 · try every endpoint')}
${link('/openapi.json', 'openapi.json', '机器可读 · for machines')}
${sandbox ? link('/sandbox/outbox', '发件箱 · Outbox', '已发送的邮件与短信,含验证码 · mails and SMS that were sent, codes included') : ''}
${link('/readyz', '就绪状态 · Readiness', '数据库与迁移 · database and migrations')}
</ul>
</main></body></html>
`

export const home = (bank: Bank) => async (server: FastifyInstance) => {
  const hidden = { schema: { hide: true } } as const
  const html = page(bank.config.UNIPAY_MODE === 'sandbox' && bank.config.SANDBOX_URL !== '')
  server.get('/', hidden, async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
      .send(html),
  )
  server.get('/home.css', hidden, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(style),
  )
}
