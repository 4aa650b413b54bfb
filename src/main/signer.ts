// The process that holds the keys. It listens on nothing; the launcher gets the extended public keys from it, and nobody
// gets anything else. A wrong passphrase ends it with a sentence.

import path from 'node:path'
import { systemClock } from '../base/clock.ts'
import { readConfig } from '../base/config.ts'
import { createLog } from '../base/log.ts'
import { accountPath, KeystoreError, openKeystore, ownPassphrase } from '../signer/keystore.ts'
import { onStop, ready } from './child.ts'

const config = readConfig()
const log = createLog(config.LOG_LEVEL, 'signer')
const dir = path.join(config.DATA_DIR, 'keystore')

onStop(() => {})

try {
  const keystore = openKeystore(dir, passphrase(), systemClock.now())
  log.info('keystore opened')
  ready({ DEPOSIT_XPUB_EVM: keystore.publicKeyAt(accountPath.evm.deposit) })
} catch (error) {
  if (!(error instanceof KeystoreError)) throw error
  log.fatal(error.message)
  process.exit(1)
}
if (!process.connected) setInterval(() => {}, 60_000) // started by hand: nothing else keeps it

function passphrase(): string {
  if (config.KEYSTORE_PASSPHRASE !== '') return config.KEYSTORE_PASSPHRASE
  if (config.UNIPAY_MODE === 'live') throw new KeystoreError('KEYSTORE_PASSPHRASE is not set')
  return ownPassphrase(dir)
}
