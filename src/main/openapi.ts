// Prints the OpenAPI 3.1 document of all public endpoints: `npm run -s openapi`. Needs no database.
// The same server that answers requests describes itself, so the two cannot differ.

import { withOwnIds } from '../api/docs/public-apis.ts'
import { buildServer } from '../api/server.ts'
import { readConfig } from '../base/config.ts'
import { compose } from './compose.ts'

const nowhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', MASTER_KEY: '0'.repeat(64), LOG_LEVEL: 'silent' }
const { bank, close } = compose(readConfig(nowhere), 'openapi')
const server = await buildServer(bank)
await server.ready()
process.stdout.write(`${JSON.stringify(withOwnIds(server.swagger()), null, 2)}\n`)
await server.close()
await close()
