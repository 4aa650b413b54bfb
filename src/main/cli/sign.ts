// `unipay sign …`: a request to a partner API signed by hand: the text that is signed, the signature, and a curl that sends
// it. For whoever writes a client and compares step by step.
// Must stay true: it signs by the same functions as the APIs verify; a secret is typed or piped in, never an argument, and
// printed nowhere; it asks no database.

import fs from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { randomToken } from '../../base/crypto.ts'
import { parseExactJson } from '../../base/exact-json.ts'
import {
  encryptText,
  platformBase,
  privateKeyOf,
  publicKeyOf,
  readPublicKey,
  signText,
} from '../../domain/signature/platform.ts'
import { type Fields, rampBase, signRamp } from '../../domain/signature/ramp.ts'
import { queryForms, spotBase, spotDigest, spotSign } from '../../domain/signature/spot.ts'
import { signWebhook, webhookBase } from '../../domain/signature/webhook.ts'
import { withAnswers } from './ask.ts'
import { CannotReach, type Outcome, onConfig, type Shell, WrongUsage } from './command.ts'

interface Options {
  key: string
  method: string
  path: string
  body: string
  nonce?: string
  timestamp?: string
  url?: string
}

const readMethod = (text: string): string => {
  if (/^(GET|POST)$/i.test(text)) return text.toUpperCase()
  throw new InvalidArgumentError('GET or POST.')
}
const readDigits = (text: string): string => {
  if (/^\d{10,13}$/.test(text)) return text
  throw new InvalidArgumentError('Milliseconds since 1970, or seconds.')
}

export function define(sign: Command): void {
  const request = (name: string, about: string, path: string) =>
    sign
      .command(name)
      .description(about)
      .requiredOption('--key <id>', 'the key that signs')
      .option('--method <method>', 'GET or POST', readMethod, 'GET')
      .option('--path <path>', 'with the query', path)
      .option('--body <text>', 'the body, to the byte', '')
      .option('--timestamp <ms>', 'in place of now', readDigits)
      .option('--url <address>', 'where the server is; the running one where it does not say')

  request('spot', 'a request to the spot API; the secret is asked for', '/api/spot/v1/user/account')
    .option('--nonce <text>', 'in place of a fresh one')
    .addHelpText('after', '\nExample:\n  unipay sign spot --key pk_test_… --path /api/spot/v1/user/account')
    .action(onConfig<Options>(async (shell, _args, options) => signSpot(shell, options, await askSecret())))

  request('ramp', 'a request to the ramp API; the secret is asked for', '/transaction/getOrderDetail')
    .addHelpText(
      'after',
      '\nExample:\n  unipay sign ramp --key rpk_test_… --path "/transaction/getOrderDetail?source=binance&orderNo=E1"',
    )
    .action(onConfig<Options>(async (shell, _args, options) => signRampRequest(shell, options, await askSecret())))

  sign
    .command('platform')
    .description('a request to the platform API: parameters encrypted and signed')
    .requiredOption('--app-id <id>', 'the merchant')
    .requiredOption('--private-key <file>', 'the merchant’s private key: PKCS#8, DER in Base64 or PEM')
    .requiredOption('--platform-key <file>', 'our public key for the merchant: PEM, or DER in Base64')
    .option('--path <path>', 'the endpoint', '/platformapi/chainup/open/user/reg_info_list')
    .option('--params <json>', 'what is encrypted', '{}')
    .option('--timestamp <ms>', 'in place of now', readDigits)
    .option('--url <address>', 'where the server is; the running one where it does not say')
    .addHelpText(
      'after',
      '\nExample:\n  unipay sign platform --app-id pk_test_… --private-key merchant.pem --platform-key ours.pub --params \'{"page":"1"}\'',
    )
    .action(onConfig<PlatformOptions>(async (shell, _args, options) => signPlatform(shell, options)))

  sign
    .command('webhook')
    .description('the headers of a webhook, to try a receiver with; the secret (whsec_…) is asked for')
    .requiredOption('--body <json>', 'the body, to the byte')
    .option('--id <id>', 'webhook-id', `ev-test-${randomToken(6)}`)
    .option('--timestamp <s>', 'in place of now', readDigits)
    .requiredOption('--url <address>', 'the receiver')
    .action(
      onConfig<{ body: string; id: string; timestamp?: string; url: string }>(async (_shell, _args, options) =>
        signHook(options, await askSecret()),
      ),
    )
}

const askSecret = (): Promise<string> => withAnswers(({ hidden }) => hidden('secret'))
const baseUrl = ({ config }: Shell, url: string | undefined) => url ?? `http://${config.HOST}:${config.PORT}`
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

function curl(method: string, url: string, headers: Record<string, string>, body: string): string {
  const parts = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)
  return ['curl -sS', `-X ${method}`, quote(url), ...parts, ...(body ? [`--data-raw ${quote(body)}`] : [])].join(
    ' \\\n  ',
  )
}

function outcome(base: string, signature: string, more: Record<string, string>, command: string): Outcome {
  const lines = [
    `signed     ${base}`,
    ...Object.entries(more).map(([name, value]) => `${name.padEnd(9)}  ${value}`),
    `signature  ${signature}`,
    '',
    command,
  ]
  return { data: { base, signature, ...more, curl: command }, text: lines.join('\n') }
}

const now = () => `${systemClock.now().getTime()}`
const json = (body: string): Record<string, string> => (body === '' ? {} : { 'content-type': 'application/json' })

function signSpot(shell: Shell, { key, method, path, body, nonce, timestamp, url }: Options, secret: string): Outcome {
  const at = path.indexOf('?')
  const request = {
    nonce: nonce ?? randomToken(24),
    timestamp: timestamp ?? now(),
    apiKey: key,
    body: Buffer.from(body),
  }
  const [form = ''] = queryForms(at < 0 ? '' : path.slice(at + 1))
  const base = spotBase(request, form)
  const sign = spotSign(base, secret)
  const headers = { 'api-key': key, nonce: request.nonce, timestamp: request.timestamp, sign, ...json(body) }
  const command = curl(method, baseUrl(shell, url) + path, headers, body)
  return outcome(base.toString('utf8'), sign, { digest: spotDigest(base) }, command)
}

function signRampRequest(
  shell: Shell,
  { key, method, path, body, timestamp = now(), url }: Options,
  secret: string,
): Outcome {
  const fields: Fields = { ...(method === 'GET' ? {} : fieldsOf(body)), apiKey: key, timestamp }
  const base = rampBase(fields)
  const sign = signRamp(secret, base)
  const headers = { timestamp, apiKey: key, sign, ...json(body) }
  return outcome(base, sign, {}, curl(method, baseUrl(shell, url) + path, headers, body))
}

function fieldsOf(body: string): Fields {
  try {
    const entries = Object.entries(parseExactJson(body || '{}') as Record<string, unknown>)
    if (entries.every(([, value]) => typeof value === 'string')) return Object.fromEntries(entries) as Fields
  } catch {
    // said below
  }
  throw new WrongUsage('--body must be one JSON object of texts and numbers')
}

interface PlatformOptions {
  appId: string
  privateKey: string
  platformKey: string
  path: string
  params: string
  timestamp?: string
  url?: string
}

function signPlatform(shell: Shell, options: PlatformOptions): Outcome {
  const { appId, path, params, timestamp = now(), url } = options
  const ours = readPublicKey(readFile(options.platformKey))
  if (!ours) throw new WrongUsage('--platform-key has no RSA public key of 2048 bits')
  const text = Buffer.from(params)
  const sign = signText(privateKey(readFile(options.privateKey)), text)
  const body = JSON.stringify({ app_id: appId, time: timestamp, data: encryptText(publicKeyOf(ours), text), sign })
  return outcome(platformBase(text), sign, { text: params }, curl('POST', baseUrl(shell, url) + path, json(body), body))
}

function privateKey(text: string) {
  try {
    return privateKeyOf(text.replace(/-----(BEGIN|END) PRIVATE KEY-----/g, '').replace(/\s+/g, ''))
  } catch {
    throw new WrongUsage('--private-key has no private key in PKCS#8')
  }
}

function signHook(
  { body, id, timestamp, url }: { body: string; id: string; timestamp?: string; url: string },
  secret: string,
): Outcome {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []
  if (base64 === undefined) throw new WrongUsage('the secret of a webhook begins with whsec_')
  const seconds = (timestamp ?? now()).slice(0, 10)
  const message = { id, timestamp: seconds, body }
  const sign = signWebhook('hmac', Buffer.from(base64, 'base64'), message)
  const headers = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': sign, ...json(body) }
  return outcome(webhookBase(message).toString('utf8'), sign, {}, curl('POST', url, headers, body))
}

function readFile(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    throw new CannotReach(`${file} cannot be read`)
  }
}
