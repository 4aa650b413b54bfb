// Wires the bank once, from configuration. Every process that needs one (api, worker) begins here.
// Must stay true: providers are chosen here and nowhere else; a test replaces a part by naming it.

import path from 'node:path'
import { systemClock } from '../base/clock.ts'
import type { Config } from '../base/config.ts'
import { openDatabase } from '../base/database.ts'
import { guardedFetch } from '../base/guarded-fetch.ts'
import { createLog } from '../base/log.ts'
import { readNetworks } from '../domain/chain/network.ts'
import type { Bank } from '../domain/context.ts'
import { deriveKeys } from '../domain/keys.ts'
import { approvalKinds } from '../domain/operator/approval-kinds.ts'
import type { FileStore } from '../domain/ports.ts'
import { vendorHandlers, vendorPolls } from '../domain/vendor-event/handlers.ts'
import { createPoster } from '../ledger/poster.ts'
import { diskFiles } from '../providers/files-disk.ts'
import { s3Files } from '../providers/files-s3.ts'
import { httpRates } from '../providers/rate-http.ts'
import { smtpMail } from '../providers/smtp.ts'
import { twilioSms } from '../providers/twilio.ts'
import { vendorPorts } from './vendor-ports.ts'

export interface Composed {
  bank: Bank
  /** Waits for what is under way, then lets go of every connection. */
  close(): Promise<void>
}

const fileStore = (config: Config): FileStore =>
  config.FILES === 'disk'
    ? diskFiles(path.join(config.DATA_DIR, 'files'))
    : s3Files({
        url: config.FILES_S3_URL,
        region: config.FILES_S3_REGION,
        accessKey: config.FILES_S3_ACCESS_KEY,
        secretKey: config.FILES_S3_SECRET_KEY,
      })

export function compose(config: Config, process: string, parts: Partial<Bank> = {}): Composed {
  const log = parts.log ?? createLog(config.LOG_LEVEL, process)
  const db =
    parts.db ??
    openDatabase({
      url: config.DATABASE_URL,
      max: config.DATABASE_POOL,
      role: 'unipay_app',
      onError: (error) => log.warn({ reason: error.message }, 'an idle database connection was lost'),
    })
  const bank: Bank = {
    config,
    clock: systemClock,
    log,
    db,
    poster: createPoster(db),
    keys: deriveKeys(config.MASTER_KEY, config),
    mail: smtpMail(config.SMTP_URL, config.MAIL_FROM),
    sms: twilioSms({
      url: config.SMS_URL,
      account: config.SMS_ACCOUNT,
      token: config.SMS_TOKEN,
      from: config.SMS_FROM,
    }),
    files: fileStore(config),
    fetchGuarded: guardedFetch({ httpsOnly: config.UNIPAY_MODE === 'live', localOrigins: config.LOCAL_ORIGINS }),
    ...vendorPorts(config, db, parts.clock ?? systemClock, () => bank.keys.vendor),
    rates: httpRates(config.RATE_URL),
    networks: readNetworks(config),
    magicAmounts: config.UNIPAY_MODE === 'sandbox' && config.SANDBOX_URL !== '',
    approvalKinds,
    vendorHandlers,
    vendorPolls,
    ...parts,
  }
  return {
    bank,
    async close() {
      await bank.poster.drain()
      await db.close()
    },
  }
}
