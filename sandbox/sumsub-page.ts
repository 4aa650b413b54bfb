// The page behind a link to an identity check: in the sandbox a tester plays the examiner, with three buttons.
// Must stay true: it works on a telephone, and runs no script.

import type { ServerResponse } from 'node:http'

export type Answer = 'approve' | 'reject' | 'retry'

const words = {
  zh: {
    lang: 'zh-CN',
    title: '身份核验(沙盒)',
    hint: '这里没有真实审核:请选择审核结果。',
    approve: '通过',
    retry: '要求重新提交',
    reject: '拒绝',
    sent: '结果已提交,可以关闭本页。',
    done: '核验已完成。',
    over: '链接已失效,请重新获取。',
  },
  en: {
    lang: 'en',
    title: 'Identity check (sandbox)',
    hint: 'Nobody is examined here: choose what the answer is.',
    approve: 'Approve',
    retry: 'Ask for another try',
    reject: 'Reject',
    sent: 'The answer is on its way. You can close this page.',
    done: 'The check is complete.',
    over: 'This link is over; ask for a new one.',
  },
}

export function examinerPage(
  response: ServerResponse,
  page: { chinese: boolean; state: 'open' | 'sent' | 'done' | 'over' },
): void {
  const text = page.chinese ? words.zh : words.en
  const buttons = (['approve', 'retry', 'reject'] as const)
    .map((answer) => `<button name="answer" value="${answer}" class="${answer}">${text[answer]}</button>`)
    .join('\n')
  const inside =
    page.state === 'open' ? `<p>${text.hint}</p><form method="post">${buttons}</form>` : `<p>${text[page.state]}</p>`
  const html = `<!doctype html><html lang="${text.lang}"><head><meta charset="utf-8"><title>${text.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body{margin:0 auto;max-width:28rem;padding:24px;font:17px/1.6 system-ui,sans-serif;color:#16202e;background:#f5f7fa}
button{display:block;width:100%;min-height:52px;margin:12px 0;border:0;border-radius:12px;font:600 17px system-ui;color:#fff;background:#1463d9}
.retry{background:#8a5a00}.reject{background:#b3261e}
</style></head><body><h1>${text.title}</h1>${inside}</body></html>`
  response.writeHead(page.state === 'over' ? 410 : 200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
  })
  response.end(html)
}
