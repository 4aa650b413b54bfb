// Reads server-sent events as a wallet does: with fetch, because EventSource cannot send a token.

import { sleep } from '../../src/base/clock.ts'

export interface StreamEvent {
  id: string | undefined
  type: string
  data: Record<string, unknown>
}

export interface EventStream {
  readonly status: number
  readonly headers: Headers
  readonly events: StreamEvent[]
  /** True when the server has ended it. */
  readonly ended: boolean
  /** The events of a type so far. */
  of(type: string): StreamEvent[]
  /** Waits for a condition on what has come. */
  until(what: string, condition: (events: StreamEvent[]) => boolean, patience?: number): Promise<void>
  close(): void
}

export async function openStream(url: string, token: string, place?: string): Promise<EventStream> {
  const leaving = new AbortController()
  const headers = { authorization: `Bearer ${token}`, ...(place === undefined ? {} : { 'last-event-id': place }) }
  const response = await fetch(`${url}/api/events`, { headers, signal: leaving.signal })
  const events: StreamEvent[] = []
  let ended = false
  void (async () => {
    let text = ''
    const decoder = new TextDecoder()
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true })
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = readEvent(text.slice(0, end))
        if (event) events.push(event)
        text = text.slice(end + 2)
      }
    }
    ended = true
  })().catch(() => {})

  return {
    status: response.status,
    headers: response.headers,
    events,
    get ended() {
      return ended
    },
    of: (type) => events.filter((event) => event.type === type),
    async until(what, condition, patience = 8_000) {
      for (let waited = 0; !condition(events); waited += 20) {
        if (waited > patience)
          throw new Error(`waited for ${what}; came: ${events.map((event) => event.type).join(', ')}`)
        await sleep(20)
      }
    },
    close: () => leaving.abort(),
  }
}

function readEvent(text: string): StreamEvent | undefined {
  const fields = new Map(
    text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )
  const data = fields.get('data')
  return data === undefined
    ? undefined
    : { id: fields.get('id'), type: fields.get('event') ?? '', data: JSON.parse(data) as Record<string, unknown> }
}
