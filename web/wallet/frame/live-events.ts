// What happens to the customer, as it happens: one stream a page, read with fetch because it needs the access token.
// Must stay true: a broken stream comes back by itself where it ended; what it tells is only "look again", never a sum.

import { askSigned, sessionState } from '../../kit/api/session.ts'
import { type ReadName, tellChanged } from '../../kit/api/use-api.ts'
import { currentLanguage } from '../../kit/language.ts'

export interface LiveEvent {
  type: string
  data: Readonly<Record<string, unknown>>
}

const money: ReadName[] = ['GET /api/account/balance', 'GET /api/account/ledger']
const told: Readonly<Record<string, readonly ReadName[]>> = {
  deposit: ['GET /api/recharge/orders', 'GET /api/recharge/orders/{id}'],
  transfer: ['GET /api/transfer/orders'],
  withdrawal: [
    'GET /api/withdrawal/usdt/orders',
    'GET /api/withdrawal/usdt/orders/{id}',
    'GET /api/withdrawal/usdt/networks',
  ],
  node: ['GET /api/node/dashboard', 'GET /api/node/holdings', 'GET /api/node/orders'],
  cashback: ['GET /api/node/cashback'],
  commission: ['GET /api/commission/me/summary', 'GET /api/commission/rewards'],
  yield: ['GET /api/node/yields'],
  level: ['GET /api/user/level', 'GET /api/user/me'],
  kyc: ['GET /api/kyc/me', 'GET /api/user/me', 'GET /api/withdrawal/usdt/networks'],
  card: ['GET /api/card/account', 'GET /api/card/cards', 'GET /api/card/transactions'],
  recipient: ['GET /api/remittance/recipients'],
  remittance: ['GET /api/remittance/orders', 'GET /api/remittance/orders/{id}'],
  inbox: ['GET /api/inbox', 'GET /api/inbox/unread_count'],
}
const movesMoney = new Set([
  'deposit',
  'transfer',
  'withdrawal',
  'node',
  'cashback',
  'commission',
  'yield',
  'card',
  'remittance',
])

const listeners = new Set<(event: LiveEvent) => void>()
/** For screens that show what comes as it comes. */
export function onLiveEvent(hear: (event: LiveEvent) => void): () => void {
  listeners.add(hear)
  return () => listeners.delete(hear)
}

let stop: AbortController | undefined
let place: string | undefined

export function followEvents(): void {
  const look = () => {
    const wanted = sessionState.value === 'in'
    if (wanted && !stop) {
      stop = new AbortController()
      void follow(stop.signal)
    } else if (!wanted && stop) {
      stop.abort()
      stop = undefined
      place = undefined
    }
  }
  sessionState.watch(look)
  look()
}

async function follow(signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      const answer = await openStream(signal)
      if (answer.ok && answer.body) {
        failures = 0
        await readStream(answer.body)
      } else failures++
    } catch {
      failures++
    }
    if (signal.aborted) return
    await new Promise((resolve) => setTimeout(resolve, Math.min(1_000 * 2 ** failures, 30_000)))
  }
}

/** Without the time limit of ordinary requests: it stays open. */
async function openStream(signal: AbortSignal): Promise<Response> {
  const query = place === undefined ? '' : `?last_event_id=${encodeURIComponent(place)}`
  return askSigned('GET', `/api/events${query}`, {
    signal,
    patience: null,
    headers: { accept: 'text/event-stream', 'accept-language': currentLanguage() },
  })
}

async function readStream(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += decoder.decode(value, { stream: true })
    const frames = text.split('\n\n')
    text = frames.pop() ?? ''
    for (const frame of frames) hear(frame)
  }
}

function hear(frame: string): void {
  const field = (name: string) =>
    frame
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n')
  const type = field('event')
  if (type === '') return
  const id = field('id')
  if (id !== '') place = id
  const data = JSON.parse(field('data') || '{}') as Record<string, unknown>
  const area = type.split('.')[0] ?? ''
  if (type === 'reset') tellChanged(...money, ...Object.values(told).flat())
  else tellChanged(...(told[area] ?? []), ...(movesMoney.has(area) && type !== 'deposit.confirming' ? money : []))
  for (const listener of listeners) listener({ type, data })
}
