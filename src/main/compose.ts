// Wires the bank once, from configuration. Every process that needs one (api, worker) begins here.
// Must stay true: providers are chosen here and nowhere else; a test replaces a part by naming it.

import { systemClock } from '../base/clock.ts'
import type { Config } from '../base/config.ts'
import { openDatabase } from '../base/database.ts'
import { createLog } from '../base/log.ts'
import { readNetworks } from '../domain/chain/network.ts'
import type { Bank } from '../domain/context.ts'
import { deriveKeys } from '../domain/keys.ts'
import { approvalKinds } from '../domain/operator/approval-kinds.ts'
import { createPoster } from '../ledger/poster.ts'
import { smtpMail } from '../providers/smtp.ts'
import { twilioSms } from '../providers/twilio.ts'

export interface Composed {
  bank: Bank
  /** Waits for what is under way, then lets go of every connection. */
  close(): Promise<void>
}

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
    keys: deriveKeys(config.MASTER_KEY),
    mail: smtpMail(config.SMTP_URL, config.MAIL_FROM),
    sms: twilioSms({
      url: config.SMS_URL,
      account: config.SMS_ACCOUNT,
      token: config.SMS_TOKEN,
      from: config.SMS_FROM,
    }),
    networks: readNetworks(config),
    approvalKinds,
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
