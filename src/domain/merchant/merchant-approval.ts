// The approvals of merchants: that there is one, and what changes who can speak for it. A new key of a merchant's opens its
// customers' data to whoever holds it; so two operators agree on it.
// Must stay true: payloads hold public keys and never a secret; a secret that an approval made is shown once, to an admin.

import { type Static, Type as T } from 'typebox'
import { hours } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import { approvalKind, type Words } from '../operator/approval-kind.ts'
import { changeKeyIn, makeMerchantIn, newKeyOf, stopIn } from './make-merchant.ts'
import { merchantById, readMerchantName } from './merchant.ts'
import { LONGEST_OVERLAP, ourKey, plainKey, theirKey } from './merchant-key.ts'

const PublicKey = T.String({
  maxLength: 2_000,
  description: 'RSA 2048, PEM or DER in Base64',
  examples: [''],
})

export const merchantApproval = approvalKind({
  kind: 'merchant',
  title: { zh: '新商户', en: 'New merchant' },
  makers: ['admin'],
  checkers: ['admin'],
  payload: T.Object(
    { name: T.String({ maxLength: 200, examples: ['Example'] }), public_key: PublicKey },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ name }) => `merchant-name:${name}`,
  async prepare(_bank, _tx, _bookId, { name, public_key }) {
    const { publicKey } = theirKey(public_key, '/payload/public_key')
    return { name: readMerchantName(name, '/payload/name'), public_key: publicKey ?? '' }
  },
  describe: ({ name }) => ({ zh: `新商户 ${name}`, en: `New merchant ${name}` }),
  preview: async (_bank, _q, _bookId, { name }) => ({
    journals: [],
    effects: [
      {
        zh: `${name} 可通过开放平台接口注册并查看自己的客户`,
        en: `${name} may register customers by the platform API, and see those`,
      },
    ],
  }),
  async apply(bank, tx, { bookId, payload: { name, public_key } }) {
    const keys = [theirKey(public_key), await ourKey(), plainKey(bank)]
    await makeMerchantIn(bank, tx, { bookId }, { name, keys })
  },
})

const changes = {
  merchant_key: { zh: '更换商户公钥', en: 'take its new public key' },
  platform_key: { zh: '更换平台密钥对', en: 'have a new key pair of ours' },
  plain_secret: { zh: '更换明文接口密钥', en: 'have a new secret for the plain form' },
  resume: { zh: '恢复', en: 'be let in again' },
} as const satisfies Record<string, Words>
const sides = { merchant_key: 'merchant', platform_key: 'platform', plain_secret: 'plain' } as const

const Change = T.Object(
  {
    merchant: T.String({ maxLength: 80, examples: ['pk_test_unknown'], description: 'app_id' }),
    change: T.Union([
      T.Literal('merchant_key'),
      T.Literal('platform_key'),
      T.Literal('plain_secret'),
      T.Literal('resume'),
    ]),
    public_key: T.Optional(PublicKey),
    overlap_hours: T.Optional(
      T.String({
        pattern: '^[0-9]{1,3}$',
        description: 'how long the old one counts, 24 where it does not say',
        examples: ['24'],
      }),
    ),
  },
  { additionalProperties: false },
)

const overlapOf = ({ overlap_hours: text = '24' }: Static<typeof Change>): number => {
  const overlap = hours(Number.parseInt(text, 10))
  if (overlap <= LONGEST_OVERLAP) return overlap
  throw new Refusal('InvalidParams', { pointer: '/payload/overlap_hours', reason: 'at most 720' })
}

export const merchantChangeApproval = approvalKind({
  kind: 'merchant_change',
  title: { zh: '商户变更', en: 'Change of a merchant' },
  makers: ['admin'],
  checkers: ['admin'],
  payload: Change,
  checks: () => 1,
  subject: ({ merchant }) => `merchant:${merchant}`,
  async prepare(_bank, tx, bookId, payload) {
    const { stoppedAt } = await merchantById(tx, bookId, payload.merchant)
    overlapOf(payload)
    if (payload.change === 'resume' && stoppedAt === null) throw new Refusal('Outdated', { stopped: false })
    if (payload.change !== 'merchant_key') return payload
    const { publicKey } = theirKey(payload.public_key ?? '', '/payload/public_key')
    return { ...payload, public_key: publicKey ?? '' }
  },
  describe: ({ merchant, change }) => ({
    zh: `商户 ${merchant}:${changes[change].zh}`,
    en: `Merchant ${merchant}: let it ${changes[change].en}`,
  }),
  async preview(_bank, q, bookId, payload) {
    const { name } = await merchantById(q, bookId, payload.merchant)
    const { zh, en } = changes[payload.change]
    const left = overlapOf(payload) / hours(1)
    const old: Words =
      payload.change === 'resume'
        ? { zh: '', en: '' }
        : { zh: `,旧的 ${left} 小时后失效`, en: `; the old one counts for ${left} hours` }
    return { journals: [], effects: [{ zh: `${name}:${zh}${old.zh}`, en: `Let ${name} ${en}${old.en}` }] }
  },
  async apply(bank, tx, { bookId, payload, reason }) {
    const { change, public_key } = payload
    const merchant = await merchantById(tx, bookId, payload.merchant)
    if (change === 'resume') {
      await stopIn(bank, tx, { bookId }, merchant.id, false, reason)
      return
    }
    await changeKeyIn(
      bank,
      tx,
      { bookId },
      merchant,
      await newKeyOf(bank, sides[change], public_key),
      overlapOf(payload),
    )
  },
})
