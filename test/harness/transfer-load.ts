// Customers who pay each other without a pause, each payment under a key of its own, as careful clients do: what was
// acknowledged is noted down, and what became of an unanswered one is asked with the same key until it is known.

import { randomInt } from 'node:crypto'
import { sleep } from '../../src/base/clock.ts'
import { faultOfRefusal } from './app-contract.ts'
import { type Client, CutConnection, type Reply } from './http-client.ts'

export interface Payer {
  id: string
  token: string
  pin: string
}

export interface Acknowledged {
  key: string
  id: string
  from: string
  to: string
  /** Hundredths of a USDT. */
  cents: number
}

export interface TransferLoad {
  readonly acknowledged: Acknowledged[]
  /** Attempts that ended with a cut connection, or with a refusal that leaves the outcome open. */
  readonly cut: { at: number; milliseconds: number; why: string }[]
  readonly unavailable: { at: number; milliseconds: number; text: string }[]
  /** What no client should see. */
  readonly faults: string[]
  /** Longest time from an unknown outcome to its being known. */
  readonly slowestAnswer: number
  /** When the last payment was acknowledged. */
  readonly lastSuccess: number
  /** Takes no more orders, and resolves when all outcomes are known. */
  stop(): Promise<void>
}

let serial = 0

/** `client()` is asked anew for every attempt: a balancer may choose. */
export function startLoad(
  payers: readonly Payer[],
  client: () => Client,
  { lanes = 16, pause = 5 } = {},
): TransferLoad {
  const acknowledged: Acknowledged[] = []
  const cut: { at: number; milliseconds: number; why: string }[] = []
  const unavailable: { at: number; milliseconds: number; text: string }[] = []
  const faults: string[] = []
  let slowestAnswer = 0
  let lastSuccess = 0
  let going = true

  async function order(): Promise<void> {
    const from = payers[randomInt(payers.length)]
    const to = payers[randomInt(payers.length)]
    if (!from || !to || from === to) return
    const key = `load-${process.pid}-${serial++}`
    const cents = 1 + randomInt(99)
    const body = JSON.stringify({
      to_user_id: to.id,
      amount: `0.${String(cents).padStart(2, '0')}`,
      payment_password: from.pin,
    })
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${from.token}`,
      'idempotency-key': key,
    }
    let open = 0 // since when the outcome is unknown
    for (;;) {
      const began = performance.now()
      try {
        const reply = await client().ask({ method: 'POST', path: '/api/transfer', headers, body })
        if (!isOpen(reply)) {
          if (open > 0) slowestAnswer = Math.max(slowestAnswer, performance.now() - open)
          note(reply, { key, from: from.id, to: to.id, cents })
          return
        }
        unavailable.push({ at: began, milliseconds: reply.milliseconds, text: reply.text })
        const fault = faultOfRefusal(reply)
        if (fault) faults.push(`${fault}: ${reply.text}`)
      } catch (error) {
        if (!(error instanceof CutConnection)) throw error
        cut.push({ at: began, milliseconds: performance.now() - began, why: error.message })
      }
      open ||= performance.now()
      if (performance.now() - open > 60_000) {
        faults.push(`${key} was not answered for a minute`)
        return
      }
      await sleep(100)
    }
  }

  function note(reply: Reply, payment: Omit<Acknowledged, 'id'>): void {
    const { code, name, data } = reply.json as { code: number; name?: string; data?: { transfer_id: string } }
    if (code === 0 && data) {
      acknowledged.push({ ...payment, id: data.transfer_id })
      lastSuccess = performance.now()
    } else if (name !== 'InsufficientBalance') faults.push(reply.text)
  }

  const running = Promise.all(
    Array.from({ length: lanes }, async () => {
      while (going) {
        await order()
        await sleep(pause)
      }
    }),
  )
  return {
    acknowledged,
    cut,
    unavailable,
    faults,
    get slowestAnswer() {
      return slowestAnswer
    },
    get lastSuccess() {
      return lastSuccess
    },
    async stop() {
      going = false
      await running
    },
  }
}

/** A refusal that says nothing of what became of the payment. */
const isOpen = ({ status, json }: Reply) =>
  status === 503 || (status === 409 && (json as { name?: string }).name === 'IdempotencyInProgress')
