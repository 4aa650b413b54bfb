// Instants as people read them, in their language and time zone. Must stay true: "5 minutes ago" never stands alone, the
// exact time is one hover away (see ui/when.tsx).

import { currentLanguage } from './language.ts'

const format = (options: Intl.DateTimeFormatOptions) => (instant: string | Date) =>
  new Intl.DateTimeFormat(currentLanguage(), options).format(new Date(instant))

export const dayText = format({ year: 'numeric', month: 'long', day: 'numeric' })
export const timeText = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
export const instantText = format({
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
export const shortText = format({
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

const steps: readonly [limit: number, size: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, 'second'],
  [3_600, 60, 'minute'],
  [86_400, 3_600, 'hour'],
  [604_800, 86_400, 'day'],
]

/** "3 minutes ago", "in 2 hours"; a date when it is more than a week away. */
export function agoText(instant: string | Date, now = Date.now()): string {
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000)
  const step = steps.find(([limit]) => Math.abs(seconds) < limit)
  if (!step) return shortText(instant)
  const [, size, unit] = step
  return new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}

/** "about 2 min" in the language of the page, for how long something takes. */
export function durationText(seconds: number): string {
  const [size, unit] = seconds < 90 ? [1, 'second'] : seconds < 5_400 ? [60, 'minute'] : [3_600, 'hour']
  return new Intl.NumberFormat(currentLanguage(), {
    style: 'unit',
    unit: unit as string,
    unitDisplay: 'short',
  }).format(Math.max(1, Math.round(seconds / (size as number))))
}

export const sameDay = (a: string, b: string): boolean => new Date(a).toDateString() === new Date(b).toDateString()
