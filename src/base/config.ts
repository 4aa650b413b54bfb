// All configuration, as one typed table. Every value comes from the environment; nothing else in the code reads it.
// A wrong or missing value is named at start, all of them at once, and the process does not run.
// `docs/configuration.md` is printed from this table (`npm run docs`).

import path from 'node:path'
import { parseAmount } from './money.ts'

interface Setting<T> {
  readonly about: string
  readonly fallback: string | undefined
  readonly secret?: boolean
  readonly parse: (text: string) => T
}

class Wrong extends Error {}

const text = (about: string, fallback?: string, secret = false): Setting<string> => ({
  about,
  fallback,
  secret,
  parse: (value) => value,
})

const integer = (about: string, fallback: number, from: number, to: number): Setting<number> => ({
  about: `${about} (${from} to ${to})`,
  fallback: String(fallback),
  parse: (value) => {
    const n = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN
    if (!(n >= from && n <= to)) throw new Wrong(`must be a whole number from ${from} to ${to}`)
    return n
  },
})

const choice = <const C extends string>(about: string, choices: readonly C[], fallback: C): Setting<C> => ({
  about: `${about} (${choices.join(', ')})`,
  fallback,
  parse: (value) => {
    const found = choices.find((c) => c === value)
    if (!found) throw new Wrong(`must be one of ${choices.join(', ')}`)
    return found
  },
})

const url = (about: string, schemes: string[], fallback?: string, secret = false): Setting<string> => ({
  about: `${about} (${schemes.map((s) => `${s}://…`).join(' or ')})`,
  fallback,
  secret,
  parse: (value) => {
    if (value === '') return ''
    const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : ''
    if (!schemes.includes(scheme)) throw new Wrong(`must be a URL that starts with ${schemes.join(':// or ')}://`)
    return value
  },
})

const key32 = (about: string, fallback?: ''): Setting<Buffer> => ({
  about: `${about} (64 hexadecimal digits)`,
  fallback,
  secret: true,
  parse: (value) => {
    if (value === '' && fallback === '') return Buffer.alloc(0)
    if (!/^[0-9a-f]{64}$/i.test(value)) throw new Wrong('must be 64 hexadecimal digits')
    return Buffer.from(value, 'hex')
  },
})

/** Secrets by number: `2=<64 hex>,3=<64 hex>`. */
const keysByNumber = (about: string): Setting<ReadonlyMap<number, Buffer>> => ({
  about: `${about} (e.g. 2=<64 hexadecimal digits>,3=<64 hexadecimal digits>)`,
  fallback: '',
  secret: true,
  parse: (value) => {
    const parts = value.split(',').filter((part) => part.trim() !== '')
    const keys = parts.map((part) => {
      const [, no = '', hex = ''] = /^\s*(\d{1,3})=([0-9a-f]{64})\s*$/i.exec(part) ?? []
      const number = no === '' ? Number.NaN : Number(no)
      if (!(number >= 2 && number <= 255))
        throw new Wrong('must be numbers from 2 to 255, each with 64 hexadecimal digits')
      return [number, Buffer.from(hex, 'hex')] as const
    })
    if (new Map(keys).size < keys.length) throw new Wrong('has a number twice')
    return new Map(keys)
  },
})

/** An amount of an asset with 6 decimals, in its smallest unit. */
const amount = (about: string, fallback: string): Setting<bigint> => ({
  about,
  fallback,
  parse: (value) => {
    try {
      return parseAmount(value, 6)
    } catch {
      throw new Wrong('must be an amount with at most 6 decimals, e.g. 1000 or 0.5')
    }
  },
})

/** Origins, separated by commas. */
const origins = (about: string): Setting<ReadonlySet<string>> => ({
  about,
  fallback: '',
  parse: (value) => {
    const found = value.split(',').flatMap((part) => part.trim() || [])
    if (!found.every((each) => URL.canParse(each) && new URL(each).origin === each))
      throw new Wrong('must be origins such as http://127.0.0.1:8080, separated by commas')
    return new Set(found)
  },
})

const folder = (about: string, fallback: string): Setting<string> => ({
  about,
  fallback,
  parse: (value) => path.resolve(value),
})

export const settings = {
  UNIPAY_MODE: choice(
    'sandbox brings its own outside world; live refuses to start on anything unsafe',
    ['sandbox', 'live'],
    'sandbox',
  ),
  HOST: text('Address that the HTTP server listens on', '127.0.0.1'),
  PORT: integer('Port of the HTTP server', 4000, 1, 65_535),
  DATA_DIR: folder('Where the sandbox, the keystore and the anchors keep their files', '.unipay'),
  DRAIN_MS: integer(
    'How long a server that stops says it is not ready and still serves, in milliseconds; longer than a balancer needs to notice',
    500,
    0,
    5_000,
  ),
  PUBLIC_URL: url('Address under which customers reach this server; used in links', ['http', 'https'], ''),
  TRUST_PROXY: integer('How many reverse proxies stand in front; their X-Forwarded-For is believed', 0, 0, 10),
  LOG_LEVEL: choice(
    'Least severe log line that is written',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'info',
  ),
  DATABASE_URL: url('PostgreSQL 15 or newer; empty starts the embedded one', ['postgres', 'postgresql'], '', true),
  DATABASE_OWNER_URL: url(
    'Login that owns the schema, for migrations alone; empty uses DATABASE_URL',
    ['postgres', 'postgresql'],
    '',
    true,
  ),
  DATABASE_SIGNER_URL: url(
    'Login of the signer, a member of unipay_signer and of nothing else; in sandbox mode empty uses DATABASE_URL',
    ['postgres', 'postgresql'],
    '',
    true,
  ),
  DATABASE_POOL: integer('Connections that one process may hold', 10, 2, 200),
  MASTER_KEY: key32('Root of all derived keys (tokens, PIN pepper, contact index); the sandbox makes its own'),
  PERSONAL_KEYS: keysByNumber(
    'More keys for personal data; key 1 is derived from MASTER_KEY. Every process knows a key before one seals with it',
  ),
  PERSONAL_KEY: integer('Which of these keys seals personal data; all of them open it', 1, 1, 255),
  FILES: choice('Where encrypted files of customers are kept', ['disk', 's3'], 'disk'),
  FILES_S3_URL: url('Bucket, as https://host/bucket; needed when FILES=s3', ['http', 'https'], ''),
  FILES_S3_REGION: text('Region of the bucket', 'us-east-1'),
  FILES_S3_ACCESS_KEY: text('Access key of the bucket', ''),
  FILES_S3_SECRET_KEY: text('Secret key of the bucket', '', true),
  METRICS_PORT: integer('Port on HOST for /metrics; 0 serves it on PORT to loopback callers only', 0, 0, 65_535),
  DEFAULT_BOOK: integer('Book that new customers belong to', 1, 1, 1_000_000),
  DEFAULT_MOBILE_PREFIX: text('Calling code of phone numbers that come without one', '+86'),
  RATE_LIMIT_PER_MINUTE: integer(
    'Requests that one address, and one customer, may make a minute, a hundred times as many from this machine; 0 for no limit',
    6_000,
    0,
    1_000_000,
  ),
  SMTP_URL: url('Mail server; empty uses the sandbox mailbox', ['smtp', 'smtps'], '', true),
  MAIL_FROM: text('Sender of mails', 'UniPay <no-reply@unipay.example>'),
  SMS_URL: url('SMS gateway that speaks Twilio Programmable Messaging; empty uses the sandbox', ['http', 'https'], ''),
  SMS_ACCOUNT: text('Account SID at the SMS gateway', 'ACsandbox'),
  SMS_TOKEN: text('Auth token at the SMS gateway', 'sandbox', true),
  SMS_FROM: text('Sender number of SMS', '+15005550006'),
  RPC_ETH: url('Ethereum node (JSON-RPC); empty uses the development chain', ['http', 'https'], '', true),
  RPC_BSC: url('BNB Smart Chain node (JSON-RPC); empty uses the development chain', ['http', 'https'], '', true),
  RPC_TRX: url('TRON node (HTTP API, its root); empty uses the development chain', ['http', 'https'], '', true),
  TRON_SOLID_URL: url(
    'Where /walletsolidity is served when not below RPC_TRX (a node of your own has it on another port)',
    ['http', 'https'],
    '',
    true,
  ),
  TRON_API_KEY: text('Key for a public TRON node, sent as TRON-PRO-API-KEY', '', true),
  NETWORKS: text('JSON that overrides network parameters by code, e.g. {"ETH":{"confirmations":20}}', '{}'),
  KEYSTORE_PASSPHRASE: text(
    'Opens the keystore (12 characters or more); read by the signer alone. The sandbox makes its own',
    '',
    true,
  ),
  APPROVAL_KEY: key32(
    'Checks the approval of withdrawals; read by the signer alone. The launcher derives it from MASTER_KEY',
    '',
  ),
  SIGNER_RUNS: choice(
    'Where the signer runs; elsewhere: on a machine of its own, and its public keys are set here',
    ['here', 'elsewhere'],
    'here',
  ),
  SIGNER_MAX_PAYMENT: amount('Most USDT that the signer lets go in one withdrawal, whatever it is asked', '100000'),
  SIGNER_MAX_HOUR: amount(
    'Most USDT that the signer lets go within an hour, by withdrawals from one hot wallet',
    '250000',
  ),
  SIGNER_MAX_PAYMENT_TRX: amount('The same as SIGNER_MAX_PAYMENT, for TRX', '500000'),
  SIGNER_MAX_HOUR_TRX: amount('The same as SIGNER_MAX_HOUR, for TRX', '1000000'),
  SIGNER_MAX_TOP_UP: text(
    'JSON: most coin, by network, that the signer gives a deposit address for fees; networks not named get none',
    '{"ETH":"0.05","BSC":"0.05","TRX":"100"}',
  ),
  SIGNER_MAX_COIN_HOUR: text(
    'JSON: most coin, by network, that the signer lets a hot wallet spend within an hour on fees and top-ups',
    '{"ETH":"5","BSC":"5","TRX":"50000"}',
  ),
  SIGNER_MAX_GWEI: integer('Most that the signer pays for a unit of gas on EVM networks, in gwei', 500, 1, 100_000),
  SIGNER_MAX_GAS: integer('Most gas that the signer grants a transaction on EVM networks', 200_000, 21_000, 10_000_000),
  SIGNER_MAX_FEE_LIMIT: amount('Most TRX that the signer lets a transaction on TRON burn', '100'),
  DEPOSIT_XPUB_EVM: text('Extended public key of m/44h/60h/0h, from which deposit addresses are derived', ''),
  DEPOSIT_XPUB_TRON: text('The same of m/44h/195h/0h, for TRON', ''),
  HOT_XPUB_EVM: text('Extended public key of m/44h/60h/1h, below which the hot wallets are', ''),
  HOT_XPUB_TRON: text('The same of m/44h/195h/1h, for TRON', ''),
  COLD_ADDRESS_EVM: text(
    'The cold wallet on EVM networks; its key is never on this machine. Empty: there is none (the sandbox makes one)',
    '',
  ),
  COLD_ADDRESS_TRON: text('The same on TRON', ''),
  UQPAY_URL: url('Card issuer and payouts (UQPAY), up to /api; empty uses the sandbox', ['http', 'https'], ''),
  UQPAY_FRAME_URL: url('Where the issuer shows a card in a frame; empty uses the sandbox', ['http', 'https'], ''),
  UQPAY_CLIENT_ID: text('Client id at UQPAY', 'sandbox-client'),
  UQPAY_API_KEY: text('API key at UQPAY', 'sandbox-api-key', true),
  UQPAY_WEBHOOK_SECRET: text('Signs what UQPAY tells us', 'sandbox-uqpay-webhooks', true),
  SUMSUB_URL: url('Identity checks (Sumsub); empty uses the sandbox', ['http', 'https'], ''),
  SUMSUB_APP_TOKEN: text('App token at Sumsub', 'sandbox-app-token', true),
  SUMSUB_SECRET_KEY: text('Signs what we ask of Sumsub', 'sandbox-sumsub-secret', true),
  SUMSUB_WEBHOOK_SECRET: text('Signs what Sumsub tells us', 'sandbox-sumsub-webhooks', true),
  RATE_URL: url('Exchange rates, see docs/remittance.md; empty uses the sandbox', ['http', 'https'], ''),
  LOCAL_ORIGINS: origins(
    'Origins on this machine that are asked when a merchant or partner names them, e.g. http://127.0.0.1:8080; for the sandbox',
  ),
  SANDBOX_URL: url('Control address of the sandbox; set by the launcher', ['http'], ''),
} satisfies Record<string, Setting<unknown>>

export type Config = { readonly [K in keyof typeof settings]: ReturnType<(typeof settings)[K]['parse']> }

/** Values that are right by themselves and not together. */
function contradictions(config: Config): string[] {
  const { PERSONAL_KEY, PERSONAL_KEYS, FILES } = config
  const needed = ['FILES_S3_URL', 'FILES_S3_ACCESS_KEY', 'FILES_S3_SECRET_KEY'] as const
  return [
    ...(PERSONAL_KEY === 1 || PERSONAL_KEYS.has(PERSONAL_KEY)
      ? []
      : [`PERSONAL_KEY="${PERSONAL_KEY}" is not among PERSONAL_KEYS`]),
    ...(FILES === 's3'
      ? needed.filter((name) => config[name] === '').map((name) => `${name} is missing: FILES=s3`)
      : []),
  ]
}

/** Thrown with one line for every wrong value, ready to print. */
export class ConfigError extends Error {}

export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const wrong: string[] = []
  const entries = Object.entries(settings as Record<string, Setting<unknown>>).map(([name, setting]) => {
    const given = env[name]?.trim() || setting.fallback
    if (given === undefined) {
      wrong.push(`${name} is missing: ${setting.about}`)
      return [name, undefined]
    }
    try {
      return [name, setting.parse(given)]
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      wrong.push(`${name}${setting.secret ? '' : `="${given}"`} ${error.message}`)
      return [name, undefined]
    }
  })
  const config = Object.fromEntries(entries) as Config
  if (wrong.length === 0) wrong.push(...contradictions(config))
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'))
  return config
}
