// No false alarms: a bank at work with every loop beside the others is compared all the time, and nothing ever differs.

import { test } from 'node:test'
import { withoutFalseAlarm } from '../harness/reconciling-load.ts'

test('300 operations under reorganisations, compared many times, and not one break', async (t) => {
  await withoutFalseAlarm(t, { code: 'BSC', chainId: 31_220, operations: 300 })
})
