// Many small reads at once become one: calls made while a query is on its way wait and go together in the next.
// Under load this turns a query a request into a query a batch; when idle a call goes out at once.

export interface BatchLoader<K, V> {
  load(key: K): Promise<V | undefined>
}

/** `fetch` gets distinct keys, at most `size` of them, and answers with what it found. At most `lanes` run at once. */
export function batchLoader<K, V>(
  fetch: (keys: K[]) => Promise<Map<K, V>>,
  { size = 500, lanes = 1 }: { size?: number; lanes?: number } = {},
): BatchLoader<K, V> {
  let waiting = new Map<K, { resolve: (value: V | undefined) => void; reject: (error: unknown) => void }[]>()
  let running = 0

  async function run() {
    running++
    await null // lets the requests parsed in the same turn of the event loop join
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, size)
      waiting = new Map([...waiting].slice(size))
      try {
        const found = await fetch(batch.map(([key]) => key))
        for (const [key, callers] of batch) for (const caller of callers) caller.resolve(found.get(key))
      } catch (error) {
        for (const [, callers] of batch) for (const caller of callers) caller.reject(error)
      }
    }
    running--
  }

  return {
    load: (key) =>
      new Promise((resolve, reject) => {
        const callers = waiting.get(key)
        if (callers) callers.push({ resolve, reject })
        else waiting.set(key, [{ resolve, reject }])
        if (running < lanes) void run()
      }),
  }
}

/** Runs tasks of one key one after the other; tasks of different keys side by side. */
export function keyedQueue<K>() {
  const tails = new Map<K, Promise<unknown>>()
  return async function run<T>(key: K, task: () => Promise<T>): Promise<T> {
    const before = tails.get(key)
    const mine = (async () => {
      if (before) await before.catch(() => {})
      return task()
    })()
    tails.set(key, mine)
    try {
      return await mine
    } finally {
      if (tails.get(key) === mine) tails.delete(key)
    }
  }
}
