// A process of its own that delivers webhooks, to be killed by a test.

import { readConfig } from '../../src/base/config.ts'
import { compose } from '../../src/main/compose.ts'
import { deliverWebhooks } from '../../src/workers/deliver-webhooks.ts'

deliverWebhooks(compose(readConfig(), 'test').bank, [1])
process.send?.('up')
