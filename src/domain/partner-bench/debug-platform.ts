// The debugger for the platform API's signature: what is inside `data`, as the bank opens it, and whether it was signed.
// Must stay true: what was encrypted is not answered, for it is about a merchant's customers; only its MD5, which is what is
// signed. Operators alone get here: whoever else could send blocks would learn from it what is in others'.

import { type KeyObject, verify } from 'node:crypto'
import type { Bank } from '../context.ts'
import { merchantById } from '../merchant/merchant.ts'
import { merchantKeys } from '../merchant/merchant-key.ts'
import {
  BLOCK,
  openBlock,
  plainBase,
  platformBase,
  readBase64,
  verifyPlain,
  verifyText,
} from '../signature/platform.ts'
import type { Finding, SentRequest, Trial } from './trial.ts'

const MOST_BLOCKS = 32

interface Body {
  data?: unknown
  sign?: unknown
}

/** With the text that was opened, for a comparison with what its sender meant to send. */
export async function debugPlatform(
  bank: Bank,
  bookId: number,
  keyId: string,
  { body }: SentRequest,
): Promise<Finding & { text: Buffer | undefined }> {
  const merchant = await merchantById(bank.db, bookId, keyId)
  const keys = await merchantKeys(bank, bookId, merchant.id)
  const known = merchant.stoppedAt === null
  const { data, sign, ...rest } = readBody(body)
  if (typeof sign !== 'string') return nothing(known, '请求体中缺少 sign', 'the body has no sign')
  if (typeof data !== 'string') return { ...plain(keys.plain, { ...rest, sign }), known, text: undefined }
  const bytes = readBase64(data)
  const signature = readBase64(sign)
  if (!bytes || bytes.length === 0 || bytes.length % BLOCK !== 0 || bytes.length > MOST_BLOCKS * BLOCK)
    return nothing(known, 'data 不是 256 字节块的 Base64', 'data is not Base64 of blocks of 256 bytes')
  if (signature?.length !== BLOCK)
    return nothing(known, 'sign 不是 256 字节的 Base64', 'sign is not Base64 of 256 bytes')
  const text = keys.platform.map(({ key }) => openAll(key, bytes)).find((each) => each !== undefined)
  if (!text)
    return nothing(
      known,
      '无法解密:未使用平台公钥分段加密(每段至多 245 字节)',
      'cannot be opened: it was not encrypted with our public key, in chunks of at most 245 bytes',
    )
  const md5 = platformBase(text)
  const signs = (check: (key: KeyObject) => boolean) => keys.merchant.some(({ key }) => check(key))
  const signedOver =
    (bytesOf: string | Uint8Array, algorithm = 'RSA-SHA256') =>
    () =>
      signs((key) => verify(algorithm, Buffer.from(bytesOf), key, signature))
  const wrongly = (zh: string, en: string, base: string | Uint8Array): Trial => ({
    about: { zh, en },
    fits: signedOver(base),
  })
  return {
    known,
    fits: signs((key) => verifyText(key, text, signature)),
    base: Buffer.from(md5),
    forms: [],
    text,
    trials: [
      wrongly(
        '签名的是明文,应为其 MD5 的小写十六进制',
        'the text itself was signed; the lower-case hexadecimal MD5 of it is wanted',
        text,
      ),
      wrongly('MD5 为大写', 'the MD5 was in upper case', md5.toUpperCase()),
      wrongly(
        '签名的是 MD5 的 16 个字节',
        'the 16 bytes of the MD5 were signed, not their hexadecimal digits',
        Buffer.from(md5, 'hex'),
      ),
      wrongly('签名的是加密后的 data', 'the encrypted data was signed', data),
      {
        about: { zh: '使用了 SHA-1,应为 SHA-256', en: 'SHA-1 was used; SHA-256 is wanted' },
        fits: signedOver(md5, 'RSA-SHA1'),
      },
      {
        about: { zh: '使用了 MD5withRSA,应为 SHA256withRSA', en: 'MD5withRSA was used; SHA256withRSA is wanted' },
        fits: signedOver(text, 'RSA-MD5'),
      },
    ],
    notes: [],
  }
}

function openAll(key: KeyObject, bytes: Buffer): Buffer | undefined {
  const blocks = Array.from({ length: bytes.length / BLOCK }, (_, i) =>
    openBlock(key, bytes.subarray(i * BLOCK, (i + 1) * BLOCK)),
  )
  return blocks.every(({ wrong }) => wrong === 0) ? Buffer.concat(blocks.map(({ text }) => text)) : undefined
}

function plain(secrets: readonly string[], body: Record<string, unknown>): Omit<Finding, 'known'> {
  const { sign, ...fields } = Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]))
  const base = plainBase(fields)
  const fits = (given: string) => secrets.some((secret) => verifyPlain(fields, given, secret))
  return {
    fits: fits(sign ?? ''),
    base: Buffer.from(base),
    forms: [],
    trials: [
      {
        about: { zh: 'MD5 应为小写', en: 'the MD5 is in upper case; lower case is wanted' },
        fits: () => fits((sign ?? '').toLowerCase()),
      },
    ],
    notes: [],
  }
}

const nothing = (known: boolean, zh: string, en: string) => ({
  known,
  fits: false,
  base: Buffer.alloc(0),
  forms: [],
  trials: [],
  notes: [{ zh, en }],
  text: undefined,
})

function readBody(body: string): Body & Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
