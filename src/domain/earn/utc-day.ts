// Days as the node programme counts them: UTC, written "2026-06-28".
// Text and not Date: a day is no instant, and the database's days must not pass through a machine's time zone.

import { after, days } from '../../base/clock.ts'

export const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10)

export const startOf = (day: string): Date => new Date(`${day}T00:00:00.000Z`)

export const isDay = (text: string): boolean => {
  const start = startOf(text)
  return !Number.isNaN(start.getTime()) && dayOf(start) === text
}

export const dayAfter = (day: string): string => dayOf(after(startOf(day), days(1)))
