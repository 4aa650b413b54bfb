// Identity checks over Sumsub: a link for a person, and where their check is.
// Must stay true: what is signed is what is sent, byte for byte; a status that is not one of Sumsub's throws.

import { createHmac } from 'node:crypto'
import { withoutCardData } from '../base/card-data.ts'
import type { Clock } from '../base/clock.ts'
import { after, seconds as secondsOf, sleep } from '../base/clock.ts'
import { parseExactJson } from '../base/exact-json.ts'
import type { IdentityCheck, IdentityState } from '../domain/ports.ts'
import { list, type Row, row } from './answer.ts'
import { link, maybeText, oneOf, text, VendorFailed } from './vendor-answer.ts'

export interface SumsubOptions {
  url: string
  appToken: string
  secretKey: string
  clock: Clock
  /** Milliseconds that one request may take. */
  timeout?: number
  pauses?: readonly number[]
}

export function sumsubCheck(options: SumsubOptions): IdentityCheck {
  const { appToken, secretKey, clock, timeout = 10_000, pauses = [300, 1_000] } = options
  const base = options.url.replace(/\/+$/, '')

  /** Asking twice for the same is harmless: a link for the same person, or a look. */
  async function ask(method: 'GET' | 'POST', path: string, body = ''): Promise<Row | undefined> {
    for (let attempt = 0; ; attempt++) {
      const pause = pauses[attempt]
      try {
        return await once(method, path, body)
      } catch (error) {
        const { status } = error as Partial<VendorFailed>
        const passing = error instanceof VendorFailed && (status === 0 || status === 429 || (status ?? 0) >= 500)
        if (!passing || pause === undefined) throw error
        await sleep(pause)
      }
    }
  }

  async function once(method: 'GET' | 'POST', path: string, body: string): Promise<Row | undefined> {
    const stamp = String(Math.trunc(clock.now().getTime() / 1_000))
    const signature = createHmac('sha256', secretKey).update(`${stamp}${method}${path}`).update(body).digest('hex')
    let status: number
    let said: string
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body ? { 'content-type': 'application/json' } : {}),
          'x-app-token': appToken,
          'x-app-access-ts': stamp,
          'x-app-access-sig': signature,
        },
        ...(body ? { body } : {}),
        redirect: 'error', // the signature is for this host alone
        signal: AbortSignal.timeout(timeout),
      })
      status = response.status
      said = await response.text()
    } catch (error) {
      throw new VendorFailed(`Sumsub does not answer (${(error as Error).name})`)
    }
    if (status === 404) return undefined
    let answer: Row
    try {
      answer = row(withoutCardData(parseExactJson(said)), 'the answer')
    } catch {
      throw new VendorFailed(`Sumsub answers ${status} with no JSON object`, status)
    }
    if (status !== 200 && status !== 201) {
      const why = typeof answer.errorName === 'string' ? answer.errorName : 'no reason given'
      throw new VendorFailed(`Sumsub answers ${status}: ${why.slice(0, 100)}`, status)
    }
    return answer
  }

  return {
    async link({ userId, level, seconds, language }) {
      const body = JSON.stringify({ levelName: level, userId, ttlInSecs: seconds })
      const until = after(clock.now(), secondsOf(seconds))
      const answer = await ask('POST', '/resources/sdkIntegrations/levels/-/websdkLink', body)
      if (!answer) throw new VendorFailed('Sumsub does not know the level', 404)
      const url = new URL(link(answer, 'url'))
      url.searchParams.set('lang', language)
      return { url: url.href, expiresAt: until }
    },
    async status(userId) {
      const found = await ask('GET', `/resources/applicants/-;externalUserId=${encodeURIComponent(userId)}/one`)
      if (!found) return undefined
      const applicantId = text(found, 'id')
      const status = await ask('GET', `/resources/applicants/${encodeURIComponent(applicantId)}/status`)
      return status && { applicantId, ...stateIn(status) }
    },
  }
}

const words = [
  'init',
  'pending',
  'prechecked',
  'queued',
  'completed',
  'onHold',
  'awaitingService',
  'awaitingUser',
] as const

/** RED is final unless it says that another try may help. */
function stateIn(from: Row): Pick<IdentityState, 'status' | 'labels'> {
  const status = oneOf(from, 'reviewStatus', words)
  if (from.reviewResult === undefined || from.reviewResult === null)
    return { status: status === 'init' ? 'init' : 'pending', labels: [] }
  const result = row(from.reviewResult, 'reviewResult')
  const labels = result.rejectLabels === undefined ? [] : list(result.rejectLabels, 'rejectLabels').map(String)
  const answer = oneOf(result, 'reviewAnswer', ['GREEN', 'RED'])
  // the result of an earlier round stays there while a new one is under way
  if (status !== 'completed') {
    const isRetry = status === 'init' && answer === 'RED' && maybeText(result, 'reviewRejectType') === 'RETRY'
    return { status: isRetry ? 'retry' : status === 'init' ? 'init' : 'pending', labels }
  }
  if (answer === 'GREEN') return { status: 'approved', labels }
  return { status: oneOf(result, 'reviewRejectType', ['RETRY', 'FINAL']) === 'FINAL' ? 'rejected' : 'retry', labels }
}
