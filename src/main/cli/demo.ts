// `unipay demo`: the sandbox's own customer, API key, partner and merchant, as the running installation keeps them.
// Must stay true: it only reads; a live installation has none.

import type { Command } from 'commander'
import { linesOf, readDemo } from '../demo-file.ts'
import { CannotReach, onConfig } from './command.ts'

export function define(demo: Command): void {
  demo.action(
    onConfig(async ({ config }) => {
      const known = readDemo(config.DATA_DIR)
      if (!known) throw new CannotReach('there is none here: the sandbox makes it shortly after its first start')
      const { merchantPrivateKey, platformPublicKey, secret } = known.platform
      const keys = [
        `            its private key  ${merchantPrivateKey}`,
        `            our public key   ${platformPublicKey}`,
        `            plain secret     ${secret}`,
      ]
      return { data: known, text: [...linesOf(known).slice(1), ...keys].join('\n') }
    }),
  )
}
