// One line of the doctor's report.
// Must stay true: what is not well comes with what to do next.

export interface Finding {
  /** What was looked at: `database`, `network ETH` … */
  part: string
  status: 'ok' | 'warn' | 'fail'
  says: string
  /** What to do about it. */
  next?: string
}

export const ok = (part: string, says: string): Finding => ({ part, status: 'ok', says })
export const warn = (part: string, says: string, next: string): Finding => ({ part, status: 'warn', says, next })
export const fail = (part: string, says: string, next: string): Finding => ({ part, status: 'fail', says, next })
