// A worker as a process of its own that carries cards and remittances on at the vendor, to be killed by a test.

import { run } from 'graphile-worker'
import { readConfig } from '../../src/base/config.ts'
import { ADVANCE_CARD } from '../../src/domain/card/card-job.ts'
import { ADVANCE_REMITTANCE } from '../../src/domain/remittance/remittance-job.ts'
import { compose } from '../../src/main/compose.ts'
import { advanceCardTask } from '../../src/workers/advance-card.ts'
import { advanceRemittanceTask } from '../../src/workers/advance-remittance.ts'

const config = readConfig()
const { bank } = compose(config, 'mortal')
await run({
  connectionString: config.DATABASE_URL,
  taskList: { [ADVANCE_CARD]: advanceCardTask(bank), [ADVANCE_REMITTANCE]: advanceRemittanceTask(bank) },
  concurrency: 2,
  pollInterval: 50,
  noHandleSignals: true,
})
process.send?.('up')
