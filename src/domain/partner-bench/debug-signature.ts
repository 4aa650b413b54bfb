// Why a partner's signature does not fit: the text that the bank computed, and the first byte in which another text differs
// from it, be it the partner's own or the one of a mistake that many make.
// Must stay true: no secret and no right signature is ever answered; who asked about which key is in the audit log.

import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import type { Operator, Words } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { debugPlatform } from './debug-platform.ts'
import { debugRamp } from './debug-ramp.ts'
import { debugSpot } from './debug-spot.ts'
import { debugWebhook } from './debug-webhook.ts'
import { type Difference, firstDifference } from './first-difference.ts'
import type { Finding, SentRequest } from './trial.ts'

export const schemes = ['spot', 'ramp', 'platform', 'webhook'] as const
export type Scheme = (typeof schemes)[number]

export interface DebugInput {
  scheme: Scheme
  /** A key, an app_id, or an endpoint of webhooks. */
  keyId: string
  request: SentRequest
  /** What the partner's program signed, where they can tell. */
  base?: string | undefined
}

export interface DebugAnswer {
  known: boolean
  fits: boolean
  base: string
  forms: string[]
  mistake: Words | undefined
  difference: Difference | undefined
  notes: Words[]
}

type Debugger = (
  bank: Bank,
  bookId: number,
  keyId: string,
  request: SentRequest,
) => Promise<Finding & { text?: Buffer | undefined }>

const debuggers: Readonly<Record<Scheme, Debugger>> = {
  spot: debugSpot,
  ramp: debugRamp,
  platform: debugPlatform,
  webhook: debugWebhook,
}

/** Refuses NotFound for a merchant or an endpoint that is not there. */
export async function debugSignature(
  bank: Bank,
  operator: Operator,
  { scheme, keyId, request, base: theirs }: DebugInput,
): Promise<DebugAnswer> {
  if (scheme === 'webhook' && !isId(keyId)) throw new Refusal('NotFound')
  await logAudit(bank, bank.db, operator, { action: 'signature.debugged', subject: `key:${scheme}:${keyId}` })
  const found = await debuggers[scheme](bank, operator.bookId, keyId, request)
  const mistake = found.fits ? undefined : found.trials.find((trial) => trial.fits())
  return {
    known: found.known,
    fits: found.fits,
    base: found.base.toString('utf8'),
    forms: found.forms.map((form) => form.toString('utf8')),
    mistake: mistake?.about,
    difference:
      theirs === undefined
        ? mistake?.base && firstDifference(found.base, mistake.base)
        : compare(found, Buffer.from(theirs)),
    notes: found.notes,
  }
}

/** With the form that goes along furthest; for the platform API with what was encrypted, of which only the place is told. */
function compare(
  { base, forms, text }: Finding & { text?: Buffer | undefined },
  theirs: Buffer,
): Difference | undefined {
  if (text && !/^[0-9a-f]{32}$/i.test(theirs.toString())) {
    const found = firstDifference(text, theirs)
    return found && { ...found, ours: { byte: null, near: '' } }
  }
  const all = [base, ...forms].map((form) => firstDifference(form, theirs))
  if (all.includes(undefined)) return undefined
  return all.toSorted((a, b) => (b?.offset ?? 0) - (a?.offset ?? 0))[0]
}
