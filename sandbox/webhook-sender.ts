// Tells the bank what happened, as vendors do: signed at the moment of sending, again and again until it answers 2xx, and
// on request late, twice, out of order or not at all. Must stay true: what is due survives a restart.

import type { Log } from '../src/base/log.ts'
import type { RowFile } from './row-file.ts'

/** How deliveries go wrong, until it is said otherwise. */
export interface Weather {
  /** Milliseconds before each is sent. */
  delay: number
  /** How often each is sent, once answered or not. */
  copies: number
  /** Of events that wait at the same time the newest is sent first. */
  reversed: boolean
  /** The next so many are never sent. */
  lose: number
  /** With a card's number and code where nobody expects them; for vendors that know cards. */
  leaking: boolean
}

export interface WebhookSender {
  send(id: string, body: object): void
  weather: Weather
  /** What is not delivered yet. */
  readonly waiting: number
  stop(): Promise<void>
}

interface Waiting {
  id: string
  body: string
  due: number
  attempt: number
  copies: number
}

export const fairWeather: Readonly<Weather> = { delay: 0, copies: 1, reversed: false, lose: 0, leaking: false }
/** After these many milliseconds it is told again; the vendors' own schedules are in hours. */
const AGAIN = [1_000, 2_000, 5_000, 15_000, 60_000, 300_000]
const PATIENCE = 5_000
const TICK = 20

export function startWebhooks(
  rows: RowFile,
  options: { url: () => string; sign: (body: string) => Record<string, string>; log: Log },
): WebhookSender {
  const table = rows.table<Waiting>('webhook')
  const busy = new Set<string>()
  let stopped = false

  const sender: WebhookSender = {
    weather: { ...fairWeather },
    send(id, body) {
      if (sender.weather.lose > 0) {
        sender.weather.lose--
        return
      }
      const due = Date.now() + sender.weather.delay
      table.put(id, { id, body: JSON.stringify(body), due, attempt: 0, copies: sender.weather.copies })
    },
    get waiting() {
      return table.size
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      for (let waited = 0; busy.size > 0 && waited < PATIENCE; waited += TICK) {
        await new Promise((resolve) => setTimeout(resolve, TICK))
      }
    },
  }

  async function deliver(row: Waiting): Promise<void> {
    const delivered = await post(row.body)
    const copies = delivered ? row.copies - 1 : row.copies
    const pause = delivered ? 0 : AGAIN[row.attempt]
    if (copies <= 0 || pause === undefined) return table.remove(row.id)
    table.put(row.id, { ...row, copies, attempt: delivered ? row.attempt : row.attempt + 1, due: Date.now() + pause })
  }

  async function post(body: string): Promise<boolean> {
    const url = options.url()
    if (url === '') return false
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...options.sign(body) },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
      })
      await answer.body?.cancel()
      return answer.status >= 200 && answer.status < 300
    } catch {
      return false
    }
  }

  const timer = setInterval(() => {
    const now = Date.now()
    const due = [...table.all()].filter((row) => row.due <= now && !busy.has(row.id))
    for (const row of sender.weather.reversed ? due.reverse() : due) {
      if (stopped || busy.size >= 8) return
      busy.add(row.id)
      deliver(row)
        .catch((error: unknown) => options.log.warn({ err: error }, 'a webhook was not told'))
        .finally(() => busy.delete(row.id))
    }
  }, TICK)
  timer.unref()
  return sender
}
