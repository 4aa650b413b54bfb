// What a button does: one run at a time, busy while it runs, and what it was refused with.
// Must stay true: pressing twice is running once.

import { useRef, useState } from 'react'

/** One thing at a time: busy while it runs, and what it was refused with. */
export function useAction() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const running = useRef(false)
  const run = async (work: () => Promise<void>): Promise<void> => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setError(null)
    try {
      await work()
    } catch (refused) {
      setError(refused)
    } finally {
      running.current = false
      setBusy(false)
    }
  }
  return { busy, error, setError, run }
}
