// The sandbox's card issuer and identity checks, as they stand beside the bank: where their files are, whom they tell.
// Must stay true: what one is configured for elsewhere is not started here; the issuer's own checks are at the examiner's.

import path from 'node:path'
import type { Config } from '../src/base/config.ts'
import type { Log } from '../src/base/log.ts'
import { openRows } from './row-file.ts'
import { type SumsubServer, startSumsub } from './sumsub.ts'
import type { Answer } from './sumsub-page.ts'
import { startUqpay, type UqpayServer } from './uqpay.ts'

/** A tester sees a payout on its way, and can still press a button. */
const PAYOUT_MS = 8_000

const colours = { approve: 'GREEN', reject: 'RED', retry: 'RETRY' } as const

export interface StartedVendors {
  uqpay: UqpayServer | undefined
  sumsub: SumsubServer | undefined
  env: Record<string, string>
  names: string[]
  stop(): Promise<void>
}

export async function startVendors(place: {
  config: Config
  ports: { uqpay: number; sumsub: number }
  folder: string
  log: Log
}): Promise<StartedVendors> {
  const { config, ports, folder, log } = place
  const anywhere = ['0.0.0.0', '::', 'localhost'].includes(config.HOST)
  const host = anywhere ? '127.0.0.1' : config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST
  const bank = `http://${host}:${config.PORT}/webhooks`

  let uqpay: UqpayServer | undefined
  const sumsub = config.SUMSUB_URL
    ? undefined
    : await startSumsub({
        port: ports.sumsub,
        rows: openRows(path.join(folder, 'sumsub.jsonl')),
        appToken: config.SUMSUB_APP_TOKEN,
        secretKey: config.SUMSUB_SECRET_KEY,
        webhookSecret: config.SUMSUB_WEBHOOK_SECRET,
        webhookUrl: () => `${bank}/sumsub`,
        log,
        onHosted: (cardholderId: string, answer: Answer) => uqpay?.issuing.decide(cardholderId, colours[answer]),
      })
  if (!config.UQPAY_URL) {
    uqpay = await startUqpay({
      port: ports.uqpay,
      rows: openRows(path.join(folder, 'uqpay.jsonl')),
      clientId: config.UQPAY_CLIENT_ID,
      apiKey: config.UQPAY_API_KEY,
      webhookSecret: config.UQPAY_WEBHOOK_SECRET,
      webhookUrl: () => `${bank}/uqpay`,
      log,
      payoutMs: PAYOUT_MS,
      ...(sumsub ? { openCheck: sumsub.host } : {}),
    })
  }
  return {
    uqpay,
    sumsub,
    env: {
      ...(uqpay ? { UQPAY_URL: uqpay.url, UQPAY_FRAME_URL: uqpay.frameUrl } : {}),
      ...(sumsub ? { SUMSUB_URL: sumsub.url } : {}),
    },
    names: [...(uqpay ? ['card issuer'] : []), ...(sumsub ? ['identity checks'] : [])],
    async stop() {
      await Promise.all([uqpay?.stop(), sumsub?.stop()])
    },
  }
}
