// What a test file writes for test/run.ts: one JSON line for every test that ended, and the totals at its end.
// A file without totals did not end in order, and counts as failed whatever it said before.

import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

export type Report =
  | { type: 'pass'; name: string }
  | { type: 'fail'; name: string; where: string; error: string; milliseconds: number }
  | { type: 'totals'; passed: number; failed: number }

export default async function* reportEvents(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const report = reportOf(event)
    if (report) yield `${JSON.stringify(report)}\n`
  }
}

function reportOf(event: TestEvent): Report | undefined {
  if (event.type === 'test:pass')
    return isSuite(event.data.details) ? undefined : { type: 'pass', name: event.data.name }
  if (event.type === 'test:fail') {
    const { error } = event.data.details
    // a suite or parent that failed only because a test within it did has nothing to add
    if ((error as { failureType?: string }).failureType === 'subtestsFailed') return undefined
    return {
      type: 'fail',
      name: event.data.name,
      where: `${event.data.file ?? ''}:${event.data.line ?? ''}`,
      error: inspect(error.cause ?? error, { depth: 6 }),
      milliseconds: event.data.details.duration_ms,
    }
  }
  // an error after the last test has no test to belong to; said here, or the exit code alone would tell of it
  if (event.type === 'test:diagnostic' && /uncaughtException|unhandledRejection/.test(event.data.message)) {
    return {
      type: 'fail',
      name: 'after its tests',
      where: event.data.file ?? '',
      error: event.data.message,
      milliseconds: 0,
    }
  }
  if (event.type === 'test:summary') {
    const { tests, passed, skipped, todo } = event.data.counts
    return { type: 'totals', passed, failed: tests - passed - skipped - todo }
  }
  return undefined
}

const isSuite = (details: unknown) => (details as { type?: string } | undefined)?.type === 'suite'
