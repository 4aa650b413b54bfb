// Live events of the app API (server-sent events), read with fetch: EventSource cannot send an Authorization header.
// Must stay true: a connection that ends is opened again where it ended, so no event is passed over; `end`, and an aborted
// signal, end it for good.

const PAUSE = 1_000

/** `open` answers the stream from an id on. */
export async function* followEvents(open, { signal, lastEventId } = {}) {
  let from = lastEventId
  while (!signal?.aborted) {
    const stream = await open(from)
    try {
      for await (const event of readEvents(stream, signal)) {
        from = event.id ?? from
        yield event
        if (event.type === 'end') return
      }
    } catch (error) {
      if (!(error instanceof TypeError || error?.name === 'AbortError')) throw error
      // the connection broke
    }
    await pause(signal)
  }
}

async function* readEvents(stream, signal) {
  const reader = stream.getReader()
  const stop = () => reader.cancel().catch(() => {})
  signal?.addEventListener('abort', stop, { once: true })
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/)
      rest = blocks.pop()
      for (const block of blocks) {
        const event = eventOf(block)
        if (event) yield event
      }
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    await stop()
  }
}

function eventOf(block) {
  const lines = block.split(/\r?\n/)
  const of = (name) =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''))
  const data = of('data')
  if (data.length === 0) return undefined // a comment, which keeps the connection
  return { id: of('id')[0], type: of('event')[0] ?? 'message', data: JSON.parse(data.join('\n')) }
}

function pause(signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(undefined)
    const timer = setTimeout(resolve, PAUSE)
    signal?.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })
}
