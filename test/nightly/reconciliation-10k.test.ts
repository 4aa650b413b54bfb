// No false alarms in 10,000 operations; the short one is test/nightly/reconciliation-load.test.ts.

import { test } from 'node:test'
import { withoutFalseAlarm } from '../harness/reconciling-load.ts'

test('10,000 operations under reorganisations, compared all the time, and not one break', async (t) => {
  await withoutFalseAlarm(t, { code: 'ETH', chainId: 31_221, operations: 10_000 })
})
