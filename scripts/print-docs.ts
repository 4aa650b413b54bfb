// Prints docs/configuration.md and the errors of the app, spot and ramp APIs out of the code that they describe
// (`npm run docs`). Must stay true: what is printed depends on that code alone, so test/docs.test.ts can tell a stale file
// from a fresh one.

import fs from 'node:fs'
import path from 'node:path'
import { type AppError, appErrors } from '../src/api/app/errors.ts'
import { type RampError, rampErrors, SUCCESS } from '../src/api/ramp/errors.ts'
import { missingParameter, type SpotError, spotErrors } from '../src/api/spot/errors.ts'
import { settings } from '../src/base/config.ts'

const root = path.join(import.meta.dirname, '..')

/** The printed documents by their path from the top of the project. */
export const printedDocs = (): Record<string, string> => ({
  'docs/errors.md': errors(),
  'docs/configuration.md': configuration(),
  'docs/ramp-errors.md': rampCodes(),
  'docs/spot-errors.md': spotCodes(),
})

const note = (file: string) => `<!-- Printed from ${file} by npm run docs. Change the code, not this page. -->`

const cell = (text: string) => text.replaceAll('|', '\\|')
const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

// --- errors ---

const ranges: readonly [from: number, title: string][] = [
  [100_000, 'Access and payment factors / 登录与支付要素'],
  [200_000, 'Money / 资金'],
  [300_000, 'Identity / 实名认证'],
  [400_000, 'Nodes / 节点'],
  [500_000, 'Remittances / 汇款'],
  [600_000, 'Cards / 卡'],
  [700_000, 'Programs and their keys / 程序与密钥'],
  [800_000, 'Operators / 运营'],
  [900_000, 'The request and the server / 请求与服务'],
]

function errors(): string {
  const rows = (Object.entries(appErrors) as [string, AppError][]).sort(([, a], [, b]) => a.code - b.code)
  const homeless = rows.find(([, { code }]) => !ranges.some(([from]) => code >= from && code < from + 100_000))
  if (homeless) throw new Error(`${homeless[0]} has a number in no range`)
  const sections = ranges.flatMap(([from, title]) => {
    const own = rows.filter(([, { code }]) => code >= from && code < from + 100_000)
    const lines = own.map(([name, { code, status, zh, en }]) => [`${code}`, `\`${name}\``, `${status}`, zh, en])
    if (own.length === 0) return []
    return `## ${title}\n\n${table(['code', 'name', 'HTTP', '中文', 'English'], lines)}`
  })
  return `${note('src/api/app/errors.ts')}

# Errors of the app API

A refusal is one JSON object with the HTTP status of the table:

\`\`\`json
{
  "code": 200005,
  "name": "AmountBelowMinimum",
  "message": "The amount is below the minimum",
  "request_id": "0S_M99DPkek4MNfE",
  "details": [{ "minimum": "0.01" }]
}
\`\`\`

- \`code\` and \`name\` stay as they are; \`message\` is for the customer, Chinese unless \`Accept-Language\` asks for another
  language, then English. Programs compare \`code\`.
- \`details\` is there when there is more to say: \`pointer\` names the field (\`/amount\`), \`reason\` tells engineers why,
  the rest belongs to the error (\`minimum\`, \`attempts_left\`, \`locked_until\`).
- \`Retry-After\` (seconds) is set when waiting helps; \`request_id\` equals the header \`X-Request-Id\` and is in the logs.

成功的响应为 \`{"code":0,"data":…}\`；失败的响应如上，HTTP 状态码见下表。程序应判断 \`code\`，\`message\` 只用于展示，默认中文，按 \`Accept-Language\` 返回英文。

${sections.join('\n\n')}
`
}

// --- the ramp API ---

function rampCodes(): string {
  const all = new Map(
    (Object.entries(rampErrors) as [string, RampError][]).map(([name, error]) => [error.code, { name, ...error }]),
  )
  const shared = new Set(['200099'])
  const lines = [...all.values()]
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, name, status, zh, en }) => [code, shared.has(code) ? '' : `\`${name}\``, `${status}`, zh, en])
  return `${note('src/api/ramp/errors.ts')}

# Codes of the ramp API

\`${SUCCESS}\` is success; how a refusal looks, and what it means for an order, is in [ramp.md](ramp.md).

${table(['code', 'name', 'HTTP', '中文', 'English'], lines)}
`
}

// --- spot ---

function spotCodes(): string {
  const all: [string, SpotError][] = [...Object.entries(spotErrors), ['InvalidParams', missingParameter]]
  const rows = all
    .sort(([, a], [, b]) => Number.parseInt(a.code, 10) - Number.parseInt(b.code, 10))
    .map(([name, { code, status, zh, en }]) => [code, `\`${name}\``, `${status}`, zh, en])
  return `${note('src/api/spot/errors.ts')}

# Codes of the spot API

\`0\` is success. A refusal is \`{"code": "110101", "msg": "…", "data": null, "success": false}\` with the status of the table;
\`msg\` is Chinese or English by the header \`language\` (or \`Accept-Language\`) and may say more in brackets. Programs compare
\`code\`. Codes from 110211 on belong to verbs that are shared with the app; a program does not come upon them by itself. How
requests are signed is in [spot.md](spot.md).

${table(['code', 'name', 'HTTP', '中文', 'English'], rows)}
`
}

// --- configuration ---

interface Printed {
  about: string
  fallback: string | undefined
  secret?: boolean
}

function configuration(): string {
  const rows = Object.entries(settings as Record<string, Printed>).map(([name, { about, fallback, secret }]) => [
    `\`${name}\``,
    fallback === undefined ? 'none: must be set' : fallback === '' ? 'empty' : `\`${fallback}\``,
    `${about}${secret ? '. **Secret**' : ''}`,
  ])
  return `${note('src/base/config.ts')}

# Configuration

Everything is an environment variable. A wrong or missing value is named at start, all of them at once, and nothing runs.
An empty variable counts as not set. In sandbox mode nothing has to be set: the launcher makes the secrets once, keeps
them in \`DATA_DIR\`, and names the parts of the sandbox to the processes by these same variables.

${table(['Variable', 'Default', 'Meaning'], rows)}

\`NETWORKS\` may change any parameter of a network, or add one; the parameters are the fields of \`Network\` in
[src/domain/chain/network.ts](../src/domain/chain/network.ts). What live mode refuses to start on is in
[src/main/live-checks.ts](../src/main/live-checks.ts).
`
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(printedDocs())) fs.writeFileSync(path.join(root, file), text)
}
