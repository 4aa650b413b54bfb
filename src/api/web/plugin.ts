// Where the web apps live: the wallet at / and /app/…, the operators' console at /console/…, what both are made of at
// /assets/…. Must stay true: only these addresses; no fallback that could swallow one of an API's.

import fs from 'node:fs'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Bank } from '../../domain/context.ts'
import { readWebFiles } from '../web-files.ts'

const built = path.join(import.meta.dirname, '../../../dist/web')
/** Everything below /console but its API. */
const SCREEN = ':screen(^(?!api$)[\\w.-]+$)'

export const webApps = (bank: Bank) => async (server: FastifyInstance) => {
  const { UNIPAY_MODE, SANDBOX_URL, UQPAY_FRAME_URL } = bank.config
  const files = readWebFiles({
    folder: built,
    mode: UNIPAY_MODE === 'sandbox' && SANDBOX_URL === '' ? 'test' : UNIPAY_MODE,
    frames: UQPAY_FRAME_URL === '' ? [] : [new URL(UQPAY_FRAME_URL).origin],
  })
  const hidden = { schema: { hide: true } } as const
  const pages: [app: string, addresses: string[]][] = [
    ['wallet', ['/', '/app', '/app/*']],
    ['console', ['/console', '/console/', `/console/${SCREEN}`, `/console/${SCREEN}/*`]],
  ]
  for (const [app, addresses] of pages) {
    if (!files.has(app)) continue
    for (const address of addresses) {
      server.get(address, hidden, async (request, reply) => files.sendPage(app, request, reply))
    }
  }
  server.get('/assets/*', hidden, async (request, reply) =>
    files.sendFile(`assets/${(request.params as { '*': string })['*']}`, request, reply),
  )
  for (const file of files.top()) {
    server.get(`/${file}`, hidden, async (request, reply) => files.sendFile(file, request, reply))
  }
}

/** Whether the wallet was built, and has / for itself. */
export const walletIsBuilt = (): boolean => fs.existsSync(path.join(built, 'wallet/index.html'))
