// The HTTP process: all public APIs, health and (unless METRICS_PORT is set) metrics on one port. Any number of them may run on one database.
// Must stay true: asked to stop, it says first that it is not ready, then answers all that it was asked, then ends.

import { buildServer } from '../api/server.ts'
import { seconds, sleep } from '../base/clock.ts'
import { readConfig } from '../base/config.ts'
import { onStop, ready } from './child.ts'
import { compose } from './compose.ts'

/** A client that neither sends the rest of its request nor reads its answer is not waited for any longer. */
const LAST_CALL = seconds(3)

const config = readConfig()
const { bank, close } = compose(config, 'api')
const server = await buildServer(bank)
await server.listen({ host: config.HOST, port: config.PORT })

onStop(async () => {
  server.drain()
  await sleep(config.DRAIN_MS)
  setTimeout(() => server.server.closeAllConnections(), LAST_CALL).unref()
  await server.close()
  await close()
})
ready()
