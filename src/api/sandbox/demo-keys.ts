// GET /sandbox/partner and GET /sandbox/merchant: keys to try the ramp API and the platform API with, secrets and all.
// Must stay true: mounted in sandbox mode only; the verbs refuse in any other. The same partner and merchant at every call.

import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { Bank } from '../../domain/context.ts'
import { demoMerchant } from '../../domain/merchant/make-merchant.ts'
import { demoPartner } from '../../domain/ramp/make-partner.ts'

export const sandboxKeys =
  (bank: Bank): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    const hidden = { schema: { hide: true } } as const
    server.get('/sandbox/partner', hidden, async () => {
      const { partner, keyId, secret } = await demoPartner(bank, bank.config.DEFAULT_BOOK)
      return { apiKey: keyId, secretKey: secret, source: partner.sources[0] ?? '' }
    })
    server.get('/sandbox/merchant', hidden, async () => {
      const { appId, inviteCode, merchantPrivateKey, platformPublicKey, secret } = await demoMerchant(
        bank,
        bank.config.DEFAULT_BOOK,
      )
      return { appId, inviteCode, privateKey: merchantPrivateKey, platformPublicKey, secret }
    })
  }
