// The bench's vocabulary: how receivers are drawn, how latency is summed up, closed loops of clients.

/** Draws an index below `count`: evenly, by Zipf's law with exponent 1, or always the first. */
export type Spread = 'uniform' | 'zipf' | 'hot'

export function drawer(spread: Spread, count: number): () => number {
  if (spread === 'hot') return () => 0
  if (spread === 'uniform') return () => Math.floor(Math.random() * count)
  const sums = new Float64Array(count)
  let sum = 0
  for (let i = 0; i < count; i++) {
    sum += 1 / (i + 1)
    sums[i] = sum
  }
  return () => {
    const x = Math.random() * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < x) low = middle + 1
      else high = middle
    }
    return low
  }
}

export interface Result {
  perSecond: number
  p50: number
  p99: number
  done: number
  failed: number
}

export function summarise(latencies: number[], failed: number, seconds: number): Result {
  const sorted = Float64Array.from(latencies).sort()
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
  return { perSecond: sorted.length / seconds, p50: at(0.5), p99: at(0.99), done: sorted.length, failed }
}

/** `clients` loops that each do one thing after the other for `seconds`; the first tenth warms up and is not counted. */
export async function closedLoop(clients: number, seconds: number, once: () => Promise<boolean>): Promise<Result> {
  const start = performance.now()
  const from = start + seconds * 100
  const until = start + seconds * 1100
  const latencies: number[] = []
  let failed = 0
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let now = performance.now(); now < until; ) {
        const ok = await once()
        const end = performance.now()
        if (now >= from) {
          if (ok) latencies.push(end - now)
          else failed++
        }
        now = end
      }
    }),
  )
  return summarise(latencies, failed, (performance.now() - from) / 1000)
}
