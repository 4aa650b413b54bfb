// The vendors' wires, from configuration: the card issuer, payouts, identity checks.
// Must stay true: nothing is reached, and no key is derived, before somebody asks a vendor something.

import type { Clock } from '../base/clock.ts'
import type { Config } from '../base/config.ts'
import type { Database } from '../base/database.ts'
import type { Bank } from '../domain/context.ts'
import { sharedToken } from '../domain/vendor-event/shared-token.ts'
import { sumsubCheck } from '../providers/sumsub.ts'
import { uqpayCards } from '../providers/uqpay-cards.ts'
import { createUqpay } from '../providers/uqpay-http.ts'
import { uqpayPayouts } from '../providers/uqpay-payouts.ts'

export function vendorPorts(
  config: Config,
  db: Database,
  clock: Clock,
  vendorKey: () => Buffer,
): Pick<Bank, 'cardIssuer' | 'payouts' | 'identityCheck'> {
  const uqpay = createUqpay({
    url: config.UQPAY_URL,
    clientId: config.UQPAY_CLIENT_ID,
    apiKey: config.UQPAY_API_KEY,
    token: sharedToken({ db, clock }, vendorKey, config.DEFAULT_BOOK, 'uqpay'),
  })
  return {
    cardIssuer: uqpayCards(uqpay, config.UQPAY_FRAME_URL),
    payouts: uqpayPayouts(uqpay),
    identityCheck: sumsubCheck({
      url: config.SUMSUB_URL,
      appToken: config.SUMSUB_APP_TOKEN,
      secretKey: config.SUMSUB_SECRET_KEY,
      clock,
    }),
  }
}
