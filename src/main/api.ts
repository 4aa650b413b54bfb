// The HTTP process: all public APIs, health and metrics on one port. Any number of them may run on one database.

import { buildServer } from '../api/server.ts'
import { readConfig } from '../base/config.ts'
import { onStop, ready } from './child.ts'
import { compose } from './compose.ts'

const config = readConfig()
const { bank, close } = compose(config, 'api')
const server = await buildServer(bank)
await server.listen({ host: config.HOST, port: config.PORT })

onStop(async () => {
  await server.close() // readiness goes off first, then requests under way are answered
  await close()
})
ready()
