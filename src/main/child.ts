// What every process that the launcher starts has in common: saying that it is ready, and ending in order.
// Must stay true: a child never outlives the launcher (a launcher that was killed closes the channel), and ends within
// 10 seconds of being asked, whatever hangs. Without a launcher (started by hand) signals work the same.

const LIMIT = 10_000

/** What a child sends to the launcher once it serves. `env` is handed to the children that start after it. */
export interface ReadyMessage {
  ready: true
  env?: Record<string, string>
}

/** One line for whoever watches the start. */
export interface ProgressMessage {
  progress: string
}

export function progress(text: string): void {
  const message: ProgressMessage = { progress: text }
  process.send?.(message)
}

export function ready(env?: Record<string, string>): void {
  const message: ReadyMessage = env ? { ready: true, env } : { ready: true }
  process.send?.(message)
}

/** Runs once, on SIGTERM, SIGINT or when the launcher is gone; then the process ends. */
export function onStop(stop: () => Promise<void> | void): void {
  let stopping = false
  const begin = async () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), LIMIT).unref()
    try {
      await stop()
      process.exit(0)
    } catch (error) {
      console.error(error)
      process.exit(1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(signal, begin)
  if (process.send && !process.connected) void begin() // the launcher went while we were starting
}
