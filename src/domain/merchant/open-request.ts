// From what a merchant sends to who it is and what it asks; and the way back.
// Must stay true: whatever is wrong inside (a block, its padding, the signature, the text, a repeat) is refused alike, in
// the same time; every block counts once for ever, for app_id and time are not signed: so neither a repeat nor blocks of
// several requests put together go through; blocks are opened a few at a time, whoever sends how many.

import type { KeyObject } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { minutes } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank, Origin } from '../context.ts'
import { inEqualTime } from '../sign-in/equal-time.ts'
import {
  BLOCK,
  encryptedBlocks,
  type Opened,
  openBlock,
  readBase64,
  signText,
  verifyPlain,
  verifyText,
} from '../signature/platform.ts'
import { useAllOnce, useOnce } from '../signature/use-once.ts'
import { findActiveMerchant, type Merchant } from './merchant.ts'
import { type MerchantKeys, merchantKeys } from './merchant-key.ts'
import { countWrongBlocks, refuseBusybody } from './wrong-blocks.ts'

/** How far a request's time may be from ours, either way. */
export const WINDOW = minutes(5)
/** Refusals of what cannot be opened leave at multiples of this: more than a small request's work takes when all is busy. */
const BEAT = 100
/** Blocks between two looks at what else there is to do. */
const AT_ONCE = 4
/** From here on a request waits for the one before it. */
const LARGE = 64 * BLOCK

/** A merchant whose request this is. */
export interface MerchantCaller extends Origin {
  readonly bookId: number
  readonly merchant: Merchant
}

export interface Sealed {
  appId: string
  /** As it was sent: seconds or milliseconds. */
  time: string | number
  data: string
  sign: string
}

/** The keys that a request was made with, with which it is answered. */
interface Pair {
  platform: KeyObject
  merchant: KeyObject
}

export interface OpenRequest {
  caller: MerchantCaller
  /** What the merchant wrote, before anybody has read it as JSON. */
  value: unknown
  /** Encrypts and signs an answer. */
  answer(text: string): Promise<{ data: string; sign: string }>
}

const wrong = () => new Refusal('SignatureWrong')

/** Seconds have ten digits, milliseconds thirteen. Refuses `RequestExpired`. */
function readTime(bank: Bank, time: string | number): Date {
  const text = String(time)
  const [seconds, milliseconds] = [/^[1-9]\d{9}$/.test(text), /^[1-9]\d{12}$/.test(text)]
  if (!seconds && !milliseconds) throw new Refusal('RequestExpired', { reason: 'milliseconds, or seconds, since 1970' })
  const at = Number.parseInt(text, 10) * (seconds ? 1_000 : 1)
  if (Math.abs(bank.clock.now().getTime() - at) > WINDOW)
    throw new Refusal('RequestExpired', { reason: `more than ${WINDOW / 60_000} minutes from our time` })
  return new Date(at)
}

async function callerOf(bank: Bank, origin: Origin, appId: string): Promise<MerchantCaller> {
  const merchant = await findActiveMerchant(bank.db, appId)
  if (!merchant) throw new Refusal('ApiKeyUnknown')
  return { ...origin, bookId: merchant.bookId, merchant }
}

/** Refuses `RequestExpired`, `ApiKeyUnknown`, `SignatureWrong`, `RateLimited` after too many of these, `Busy` while large ones wait. */
export async function openRequest(
  bank: Bank,
  origin: Origin,
  sent: Sealed,
  parse: (text: Buffer) => unknown,
): Promise<OpenRequest> {
  readTime(bank, sent.time)
  refuseBusybody(bank, origin.ip)
  const caller = await callerOf(bank, origin, sent.appId)
  const began = performance.now()
  try {
    return await unlock(bank, caller, sent, parse)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'SignatureWrong') throw error
    countWrongBlocks(bank, origin.ip, Math.ceil((sent.data.length * 3) / 4 / BLOCK))
    return inEqualTime(BEAT, () => Promise.reject(error), began)
  }
}

async function unlock(
  bank: Bank,
  caller: MerchantCaller,
  { data, sign }: Sealed,
  parse: (text: Buffer) => unknown,
): Promise<OpenRequest> {
  const { bookId, merchant } = caller
  const keys = await merchantKeys(bank, bookId, merchant.id)
  const bytes = readBase64(data)
  const signature = readBase64(sign)
  // of what does not even have the form nothing is opened: its sender sees that by looking at it
  if (!bytes || !signature || bytes.length === 0 || bytes.length % BLOCK !== 0 || signature.length !== BLOCK)
    throw wrong()
  const opened = bytes.length > LARGE ? await inTurn(() => openAll(keys, bytes)) : await openAll(keys, bytes)
  // all combinations are tried, whichever fits
  const fits = opened.flatMap(({ text, wrong: bad, platform }) =>
    keys.merchant.flatMap(({ key }) =>
      verifyText(key, text, signature) && bad === 0
        ? [{ text, pair: { platform: platform.key, merchant: key }, platform }]
        : [],
    ),
  )
  const [found] = fits
  if (!found) throw wrong()
  const blocks = Array.from({ length: bytes.length / BLOCK }, (_, i) => bytes.subarray(i * BLOCK, (i + 1) * BLOCK))
  if (!(await useAllOnce(bank.db, bookId, 'platform', found.platform.id, blocks))) throw wrong()
  return { caller, value: parsed(found.text, parse), answer: (text) => answerWith(found.pair, text) }
}

function parsed(text: Buffer, parse: (text: Buffer) => unknown): unknown {
  try {
    return parse(text)
  } catch {
    throw wrong()
  }
}

/** A long answer is half a second of work: others are served meanwhile. */
async function answerWith({ platform, merchant }: Pair, text: string): Promise<{ data: string; sign: string }> {
  const bytes = Buffer.from(text, 'utf8')
  const blocks: Buffer[] = []
  for (const block of encryptedBlocks(merchant, bytes)) {
    if (blocks.push(block) % (4 * AT_ONCE) === 0) await setImmediate()
  }
  return { data: Buffer.concat(blocks).toString('base64url'), sign: signText(platform, bytes) }
}

/** The text under each of our keys that count; every block under every key, whatever becomes of it. */
async function openAll(
  { platform }: MerchantKeys,
  bytes: Buffer,
): Promise<(Opened & { platform: MerchantKeys['platform'][number] })[]> {
  const all = platform.map((key) => ({ platform: key, texts: [] as Buffer[], wrong: 0 }))
  for (let at = 0, done = 0; at < bytes.length; at += BLOCK) {
    for (const each of all) {
      const block = openBlock(each.platform.key, bytes.subarray(at, at + BLOCK))
      each.texts.push(block.text)
      each.wrong |= block.wrong
      if (++done % AT_ONCE === 0) await setImmediate()
    }
  }
  return all.map(({ platform: key, texts, wrong: bad }) => ({ platform: key, text: Buffer.concat(texts), wrong: bad }))
}

// --- large ones, one after the other: a second of work each ---

const MOST_WAITING = 8
const waiting: (() => void)[] = []
let running = false

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running) {
    if (waiting.length >= MOST_WAITING) throw new Refusal('Busy', { retryAfter: 5 })
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else running = true
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running = false
  }
}

// --- the plain form ---

/** Fields of the plain form by the names that they were sent under, without the signature; each held to its form before. */
export interface PlainRequest {
  appId: string
  time: string | number | undefined
  fields: Readonly<Record<string, string>>
  sign: string
}

/**
 * A request in the clear, which its document gives to one endpoint. One that says its time counts within the window and
 * once; one without can be made again for ever, as the document has it. Refuses `RequestExpired`, `ApiKeyUnknown`, `SignatureWrong`.
 */
export async function openPlain(bank: Bank, origin: Origin, sent: PlainRequest): Promise<MerchantCaller> {
  const at = sent.time === undefined ? undefined : readTime(bank, sent.time)
  const caller = await callerOf(bank, origin, sent.appId)
  const { plain } = await merchantKeys(bank, caller.bookId, caller.merchant.id)
  const fits = plain.map((secret) => verifyPlain(sent.fields, sent.sign, secret))
  if (!fits.includes(true)) throw wrong()
  if (
    at &&
    !(await useOnce(bank.db, caller.bookId, 'platform', caller.merchant.id, sent.sign, new Date(at.getTime() + WINDOW)))
  )
    throw wrong()
  return caller
}
