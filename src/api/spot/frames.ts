// One frame of the spot WebSocket: {id, method, params}, signed by its parameters; and its answer {id, code, msg, data}.
// Must stay true: every frame is signed, those that read what everybody may read as well; an answer carries the id as it
// was written; a refusal has the code that it has over HTTP.

import { asRefusal } from '../../base/database.ts'
import { isRefusal, Refusal } from '../../base/errors.ts'
import { exactNumber } from '../../base/exact-json.ts'
import type { ApiKeyScope } from '../../domain/api-key/api-key.ts'
import { authenticateKey, type Program } from '../../domain/api-key/authenticate-key.ts'
import type { Bank, Origin } from '../../domain/context.ts'
import { type SpotParams, verifySpotFrame } from '../../domain/signature/spot.ts'
import { balancesOf, infoOf } from './account.ts'
import { coinList, rateList } from './coins.ts'
import { countThisSecond } from './per-second.ts'
import { readBody } from './read-exactly.ts'
import { refusalOf } from './refuse.ts'

interface Method {
  scope: ApiKeyScope | undefined
  /** Parameters besides those of the signature. */
  params?: readonly string[]
  answer(bank: Bank, program: Program, params: SpotParams): unknown
}

const methods: Readonly<Record<string, Method>> = {
  ping: { scope: undefined, answer: () => 'pong' },
  'common.rate.list': { scope: undefined, answer: (bank) => rateList(bank) },
  'common.coin.coin_network.list': { scope: undefined, answer: (bank) => coinList(bank) },
  'user.account': { scope: 'read', answer: (bank, program) => balancesOf(bank, program, 'main') },
  'user.info': { scope: 'read', answer: (_bank, program) => infoOf(program) },
}

/** What a connection does with frames that concern the connection itself. */
export interface Connection {
  origin: Origin
  methods: Readonly<Record<string, Method>>
  /** A frame was signed right. */
  known(): void
}

const SIGNATURE = ['apiKey', 'nonce', 'timestamp', 'sign']

interface Frame {
  id: unknown
  method: string
  params: SpotParams
}

/** The id as it was written, to be printed again; undefined for what is no id. */
function idOf(checked: unknown, exact: unknown): unknown {
  if (checked === undefined || checked === null) return null
  if (typeof checked === 'string') return checked.length <= 64 ? checked : undefined
  if (typeof checked === 'number' && typeof exact === 'string' && /^(0|[1-9]\d{0,18})$/.test(exact))
    return exactNumber(exact)
  return undefined
}

const refuse = (pointer: string, reason: string) => new Refusal('InvalidParams', { pointer, reason })

function readFrame(checked: Record<string, unknown>, exact: Record<string, unknown>): Frame {
  const id = idOf(checked.id, exact.id)
  if (id === undefined) throw refuse('/id', 'a text, a number or null')
  const extra = Object.keys(checked).find((name) => !['id', 'method', 'params'].includes(name))
  if (extra !== undefined) throw refuse(`/${extra}`, 'unknown field')
  const { params = {} } = exact
  const { method } = checked
  if (typeof method !== 'string') throw refuse('/method', 'must be a text')
  if (params === null || typeof params !== 'object' || Array.isArray(params))
    throw refuse('/params', 'must be an object')
  const texts = Object.entries(params).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw refuse(`/params/${name}`, 'a text or a number')
    return [name, value]
  })
  return { id, method, params: Object.fromEntries(texts) }
}

/** Answers a frame; what is sent back, as text. Never throws. */
export async function answerFrame(bank: Bank, connection: Connection, bytes: Buffer): Promise<string> {
  let id: unknown = null
  try {
    const body = readBody(bytes)
    const exact = body.exact as Record<string, unknown>
    id = idOf(body.checked.id, exact.id) ?? null
    const frame = readFrame(body.checked, exact)
    const data = await perform(bank, connection, frame)
    return JSON.stringify({ id, code: '0', msg: 'success', data })
  } catch (error) {
    const refusal = refusalFor(bank, error)
    const { code, msg } = refusalOf(refusal, connection.origin.locale)
    return JSON.stringify({ id, code, msg, data: null })
  }
}

async function perform(bank: Bank, connection: Connection, { method: name, params }: Frame): Promise<unknown> {
  const { origin } = connection
  const method = Object.hasOwn(connection.methods, name)
    ? connection.methods[name]
    : Object.hasOwn(methods, name)
      ? methods[name]
      : undefined
  countThisSecond(bank, origin.ip, method ? `socket ${name}` : 'socket none')
  if (!method) throw new Refusal('NotFound', { pointer: '/method' })
  const { apiKey = '', nonce = '', timestamp = '', sign = '' } = params
  const program = await authenticateKey(bank, origin, { apiKey, nonce, timestamp, sign }, method.scope, (secret) =>
    verifySpotFrame(params, sign, secret),
  )
  connection.known()
  const extra = Object.keys(params).find((one) => !SIGNATURE.includes(one) && !method.params?.includes(one))
  if (extra !== undefined) throw refuse(`/params/${extra}`, 'unknown field')
  return method.answer(bank, program, params)
}

function refusalFor(bank: Bank, error: unknown): Refusal {
  const known = asRefusal(error)
  if (isRefusal(known)) return known
  bank.log.error({ err: error }, 'unexpected error in a frame')
  return new Refusal('Internal')
}
