// One round of all that can be done for one book's payments on one network, each step by itself.
// Must stay true: any step may be run at any time, by any number of processes, and be cut off anywhere: what it finds in
// the database is all that it needs, and a step that fails keeps no other from running.

import { buryTwins } from './bury-twins.ts'
import { findSent } from './find-sent.ts'
import { carryOutGivingUp } from './give-up.ts'
import type { Payer } from './payer.ts'
import { type Told, tellTroubles } from './payment-troubles.ts'
import { raiseFees } from './raise-fees.ts'
import { requestSignatures } from './request-signatures.ts'
import { sendSigned } from './send-signed.ts'
import { reopenDisplaced, settleMined } from './settle-mined.ts'
import { tellOrders } from './tell-orders.ts'

export type PayerOptions = Pick<Payer, 'bank' | 'bookId' | 'network' | 'sender' | 'orders'>

export interface Advancer {
  /** One round. True when something moved, so that there may be more to do at once. */
  advance(): Promise<boolean>
}

export function createAdvancer(options: PayerOptions): Advancer {
  const payer: Payer = { ...options, suspects: new Map(), pauses: new Map() }
  const said: Told = new Map()

  return {
    async advance() {
      const failed: unknown[] = []
      const attempt = async <T>(step: () => Promise<T>): Promise<T | undefined> => {
        try {
          return await step()
        } catch (error) {
          failed.push(error)
          return undefined
        }
      }
      const sent = await attempt(() => sendSigned(payer))
      // what could go out told its order itself; the rest was refused, or is held by a stop
      const told = await attempt(() => tellOrders(payer))
      const mined = await attempt(() => findSent(payer))
      const reopened = await attempt(() => reopenDisplaced(payer))
      const settled = await attempt(() => settleMined(payer))
      const ended = await attempt(() => carryOutGivingUp(payer))
      await attempt(() => raiseFees(payer))
      await attempt(() => buryTwins(payer))
      const requested = await attempt(() => requestSignatures(payer))
      if (requested) await attempt(() => tellTroubles(payer, said, requested.short))
      if (failed.length > 0) throw failed[0]
      return [sent, told, mined, reopened, settled, ended, requested?.asked].some((count) => (count ?? 0) > 0)
    },
  }
}
