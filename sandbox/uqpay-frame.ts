// The page that shows a card's number to its holder, in a frame, for a token that is good once.
// Must stay true: nothing of it is kept by anybody, and it runs no script.

import type { ServerResponse } from 'node:http'
import type { Issuing } from './uqpay-issuing.ts'

const words = {
  zh: { title: '卡片信息(测试卡)', number: '卡号', expires: '有效期', over: '链接已失效,请重新获取', lang: 'zh-CN' },
  en: {
    title: 'Card details (test card)',
    number: 'Number',
    expires: 'Expires',
    over: 'This link is over; ask for a new one',
    lang: 'en',
  },
}

export function frame(query: URLSearchParams, issuing: Issuing, response: ServerResponse): void {
  const text = (query.get('lang') ?? 'en').startsWith('zh') ? words.zh : words.en
  const card = issuing.redeem(query.get('token') ?? '', query.get('cardId') ?? '')
  const inside = card
    ? `<dl><dt>${text.number}</dt><dd>${card.number.replace(/(.{4})(?=.)/g, '$1 ')}</dd>
<dt>${text.expires}</dt><dd>${card.expires}</dd><dt>CVV</dt><dd>${card.cvv}</dd></dl>`
    : `<p>${text.over}</p>`
  const page = `<!doctype html><html lang="${text.lang}"><head><meta charset="utf-8"><title>${text.title}</title>
<meta name="viewport" content="width=device-width"><style>
body{margin:0;padding:16px;font:16px/1.5 system-ui,sans-serif;background:#10243e;color:#fff}
dt{opacity:.75;font-size:13px}dd{margin:0 0 12px;font:600 20px ui-monospace,monospace;letter-spacing:1px}
</style></head><body><strong>${text.title}</strong>${inside}</body></html>`
  response.writeHead(card ? 200 : 410, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
  response.end(page)
}
