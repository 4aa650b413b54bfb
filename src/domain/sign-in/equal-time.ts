// Answers that must not tell by their duration whether an account exists: they leave at fixed beats after the request.
// The work inside should already be alike for both cases; the beat hides what is left of the difference.

import { sleep } from '../../base/clock.ts'

/** Runs the work and settles, either way, at the next whole multiple of `beat` milliseconds after it began. */
export async function inEqualTime<T>(beat: number, work: () => Promise<T>, began = performance.now()): Promise<T> {
  try {
    return await work()
  } finally {
    const spent = performance.now() - began
    await sleep(Math.ceil(spent / beat) * beat - spent)
  }
}
