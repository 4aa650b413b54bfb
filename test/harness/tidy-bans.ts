// What is never written in this house, and what stands in its place. Each ban says what it catches and what it lets pass,
// and test/tidy.test.ts holds it to that before it trusts it.

export interface Ban {
  name: string
  /** Looked for in code without its comments and texts, in comments, or in whole lines. */
  in: 'code' | 'comments' | 'lines'
  pattern: RegExp
  /** Files that it holds for. */
  files: RegExp
  instead: string
  catches: string[]
  spares: string[]
}

const AMOUNT = '(?:amount|balance|fee|units|held|captured|credited|received|price|spent|owed|total|usdt)'
const FLOAT = '(?:(?<!\\bT\\.)\\bNumber\\(|\\bparseInt\\(|\\bMath\\.(?:floor|ceil|round|trunc|abs|min|max|pow)\\()'

export const bans: readonly Ban[] = [
  {
    name: 'any',
    in: 'code',
    pattern: /(?:\bas|:|<|\||,)\s*any\b(?!\s*[(:])|\bany\[\]/,
    files: /./,
    instead: 'unknown, or the type',
    catches: ['const x: any = 1', 'x as any', 'Promise<any>', 'Record<string, any>', 'any[]'],
    spares: ['Promise.any(work)', 'const any = 1', '{ any: 1 }'],
  },
  {
    name: 'switched-off types',
    in: 'comments',
    pattern: /@ts-(?:ignore|expect-error|nocheck)/,
    files: /./,
    instead: 'the right type',
    catches: [`// @ts-${'ignore'}`],
    spares: ['// ts'],
  },
  {
    name: 'non-null !',
    in: 'code',
    pattern: /[\w)\]]!(?=[.[;,)\s]|$)(?!\s*=)/,
    files: /\.tsx?$/,
    instead: 'assert, or ?? and a reason',
    catches: ['rows[0]!.id', 'find(x)!', 'a!, b'],
    spares: ['a !== b', 'a != b', '!ready', 'if (!x)'],
  },
  {
    name: 'work put off',
    in: 'comments',
    pattern: /\b(?:TO[D]O|FIXM[E]|XX[X]|HAC[K])\b/,
    files: /./,
    instead: 'doing it',
    catches: [`// ${'TO'}DO later`],
    spares: ['// to do it well'],
  },
  {
    name: 'tests that do not run',
    in: 'code',
    pattern: /\b(?:test|it|describe|suite|t)\.(?:skip|only|todo)\b|\b(?:skip|only|todo):\s*(?:true|['"`])/,
    files: /^test\//,
    instead: 'a test that runs',
    catches: ['test.skip(', 'test(name, { only: true }', "{ todo: '"],
    spares: ['expect.only', 'only: string[]'],
  },
  {
    name: 'Math.random',
    in: 'code',
    pattern: /\bMath\.random\b/,
    files: /^(src|sandbox|scripts|sdk)\//,
    instead: 'base/crypto.ts',
    catches: ['Math.random()'],
    spares: ['random()'],
  },
  {
    name: 'randomness of its own',
    in: 'code',
    pattern: /\b(?:randomUUID|randomBytes|randomInt|getRandomValues)\b/,
    files: /^src\/(?!base\/(?:crypto|ids)\.ts)/,
    instead: 'base/crypto.ts, base/ids.ts',
    catches: ['randomUUID()', "import { randomBytes } from ''"],
    spares: ['randomToken()', 'newId()'],
  },
  {
    name: 'a clock of its own',
    in: 'code',
    pattern: /\bnew Date\(\)|\bDate\.now\(\)/,
    files: /^src\/(?!base\/clock\.ts|main\/)/,
    instead: 'a Clock (base/clock.ts); performance.now() for how long something took',
    catches: ['new Date()', 'Date.now()'],
    spares: ['new Date(row.at)', 'clock.now()', 'performance.now()'],
  },
  {
    name: 'console',
    in: 'code',
    pattern: /\bconsole\.\w/,
    files: /^(src\/(?!main\/)|sdk\/(?!examples\/))/,
    instead: 'the log',
    catches: ['console.log(1)'],
    spares: ['log.info(1)'],
  },
  {
    name: 'the environment',
    in: 'code',
    pattern: /\bprocess\.env\b/,
    files: /^src\/(?!main\/|base\/config\.ts)/,
    instead: 'a setting in base/config.ts',
    catches: ['process.env.PORT'],
    spares: ['config.PORT'],
  },
  {
    name: 'floats',
    in: 'code',
    pattern: /\bparseFloat\b|\.toFixed\(|\.toPrecision\(/,
    files: /^(src\/(?!main\/)|sdk\/)/,
    instead: 'parseAmount and formatAmount of base/money.ts',
    catches: ['parseFloat(text)', 'n.toFixed(2)'],
    spares: ['formatAmount(units, 6)'],
  },
  {
    name: 'floats near an amount',
    in: 'code',
    pattern: new RegExp(`(?=.*${AMOUNT})(?=.*${FLOAT})`, 'i'),
    files: /^src\/(?:ledger|domain|api|providers|signer|workers)\//,
    instead: 'bigint, and divFloor or divCeil of base/money.ts',
    catches: ['const fee = Math.floor(x / 100)', 'Number(row.balance)'],
    spares: ['const size = Math.min(page, 100)', 'total: T.Number()'],
  },
  {
    name: 'places of one machine',
    in: 'lines',
    pattern: /(?<![\w.*)}\]])\/(?:work|root|home|tmp|Users|mnt)\/\w/,
    files: /./,
    instead: 'a path made at run time',
    catches: [`'/${'tmp'}/x'`, `from '/${'home'}/me/x'`],
    spares: ['src/workers/x', 'a/root/b'],
  },
  {
    name: 'enums and namespaces',
    in: 'code',
    pattern: /^\s*(?:export )?(?:declare )?(?:const )?(?:enum|namespace)\s+\w/,
    files: /\.tsx?$/,
    instead: 'a union of words, a module',
    catches: ['export enum Colour {', 'namespace a {'],
    spares: ['const enumerable = 1'],
  },
  {
    name: 'markup out of strings',
    in: 'code',
    pattern: /\b(?:dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|eval)\b|\bdocument\.write\b/,
    files: /^web\//,
    instead: 'elements: what a customer typed stays text',
    catches: ['<p dangerouslySetInnerHTML={x} />', 'place.innerHTML = text', 'eval(text)'],
    spares: ['place.textContent = text', 'evaluate(text)'],
  },
  {
    name: 'imports without their ending',
    in: 'lines',
    pattern: /\bfrom '\.{1,2}\/[^']*(?<!\.(?:ts|tsx|js|mjs|css|json))'/,
    files: /\.tsx?$/,
    instead: 'an import that ends in .ts',
    catches: [['from', "'./money'"].join(' ')],
    spares: ["from './money.ts'", "from 'pg'"],
  },
]
