// The process that holds the keys. It listens on nothing and talks to no node: its only wire is the database, under a login
// of its own. The launcher gets the extended public keys from it, and nobody gets anything else.
// Must stay true: whatever is wrong with its keys, its limits or its login ends it with a sentence before it signs.

import path from 'node:path'
import { sleep, systemClock } from '../base/clock.ts'
import { type Config, ConfigError, readConfig } from '../base/config.ts'
import { openDatabase } from '../base/database.ts'
import { createLog } from '../base/log.ts'
import { parseAddress } from '../domain/chain/address.ts'
import { readNetworks } from '../domain/chain/network.ts'
import { type Keystore, openKeystore } from '../signer/keystore.ts'
import { readLimits } from '../signer/limits.ts'
import { openRecord } from '../signer/own-record.ts'
import { hasSeed, KeystoreError, ownPassphrase } from '../signer/seed-file.ts'
import { serveRequests } from '../signer/serve-requests.ts'
import { accountPath, type Family } from '../signer/wallet-address.ts'
import { onStop, ready } from './child.ts'
import { signerLoginRefusals } from './live-checks.ts'

/** The master key is not this process's to know. */
const UNUSED_KEY = '00'.repeat(32)

const config = readConfig({ ...process.env, MASTER_KEY: UNUSED_KEY })
const log = createLog(config.LOG_LEVEL, 'signer')
const dir = path.join(config.DATA_DIR, 'keystore')
const isLive = config.UNIPAY_MODE === 'live'

try {
  await start()
} catch (error) {
  if (!(error instanceof KeystoreError || error instanceof ConfigError)) throw error
  log.fatal(error.message)
  process.exit(1)
}

async function start(): Promise<void> {
  const networks = readNetworks(config)
  const limits = readLimits(config, networks)
  if (config.DATABASE_SIGNER_URL === '') throw new ConfigError('DATABASE_SIGNER_URL is not set')
  if (config.APPROVAL_KEY.length === 0) throw new ConfigError('APPROVAL_KEY is not set')
  if (isLive && !hasSeed(dir)) {
    // one that makes itself would have no backup on paper
    throw new KeystoreError(`there is no keystore in ${dir}: make one with "unipay keystore make" (docs/keys.md)`)
  }
  const keystore = openKeystore(dir, passphrase(), systemClock.now())
  const publicKeys = {
    DEPOSIT_XPUB_EVM: keystore.publicKeyAt(accountPath.evm.deposit),
    DEPOSIT_XPUB_TRON: keystore.publicKeyAt(accountPath.tron.deposit),
    HOT_XPUB_EVM: keystore.publicKeyAt(accountPath.evm.hot),
    HOT_XPUB_TRON: keystore.publicKeyAt(accountPath.tron.hot),
  }
  for (const [name, key] of Object.entries(publicKeys)) {
    const set = config[name as keyof typeof publicKeys]
    if (set !== '' && set !== key) throw new KeystoreError(`${name} is set, and is not of the keystore in ${dir}`)
  }
  const cold = { evm: coldAddress('evm', keystore), tron: coldAddress('tron', keystore) }
  log.info({ fingerprint: keystore.fingerprint }, 'keystore opened')

  const db = openDatabase({
    url: config.DATABASE_SIGNER_URL,
    max: 6,
    role: 'unipay_signer',
    onError: (error) => log.warn({ reason: error.message }, 'an idle database connection was lost'),
  })
  const stopping = new AbortController()
  const record = openRecord(path.join(dir, 'signed.jsonl'))
  const parts = { networks, limits, cold, record, approvalKey: config.APPROVAL_KEY, keys: keystore.keys }
  const serving = (async () => {
    if (isLive) await requireOwnLogin(stopping.signal)
    return stopping.signal.aborted ? undefined : serveRequests({ ...parts, db, clock: systemClock, log })
  })()
  onStop(async () => {
    stopping.abort()
    await (await serving)?.stop()
    keystore.close()
    await db.close()
  })
  ready({
    ...publicKeys,
    ...(isLive ? {} : { COLD_ADDRESS_EVM: cold.evm, COLD_ADDRESS_TRON: cold.tron }),
  })
}

function passphrase(): string {
  if (config.KEYSTORE_PASSPHRASE !== '') return config.KEYSTORE_PASSPHRASE
  if (isLive) throw new KeystoreError('KEYSTORE_PASSPHRASE is not set')
  return ownPassphrase(dir)
}

/** The configured one in canonical form; the sandbox has one of its own. */
function coldAddress(family: Family, keystore: Keystore): string {
  const name = `COLD_ADDRESS_${family.toUpperCase()}` as 'COLD_ADDRESS_EVM' | 'COLD_ADDRESS_TRON'
  const set: Config[typeof name] = config[name]
  if (set === '') return isLive ? '' : keystore.coldAddress(family)
  const parsed = parseAddress(family, set)
  if ('wrong' in parsed) throw new ConfigError(`${name} is no address: ${parsed.wrong}`)
  if (isLive && parsed.address === keystore.coldAddress(family)) {
    throw new ConfigError(`${name} is an address of the keystore that signs; a cold wallet has keys of its own`)
  }
  return parsed.address
}

/** In live mode a login that can do more than sign is refused. A database that does not answer is waited for. */
async function requireOwnLogin(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const refusals = await signerLoginRefusals(config.DATABASE_SIGNER_URL)
      for (const refusal of refusals) log.fatal(refusal)
      if (refusals.length > 0) process.exit(1)
      return
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the database does not answer')
      await sleep(1_000, signal)
    }
  }
}
