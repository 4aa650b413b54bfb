// The outside world on loopback, as one process: PostgreSQL, two EVM chains, a TRON chain, a mail server, an SMS gateway, a card
// issuer, identity checks, and the controls. Starts only what the environment does not name already, and tells the launcher where each of them is.
// Must stay true: everything keeps its port from start to start, so that a restart changes nobody's configuration.

import fs from 'node:fs'
import path from 'node:path'
import { readConfig } from '../src/base/config.ts'
import { createLog } from '../src/base/log.ts'
import { onStop, progress, ready } from '../src/main/child.ts'
import { startBankDatabase } from './bank-database.ts'
import type { DevelopmentChain } from './chain.ts'
import { chainControls, messageControls, startControl } from './control.ts'
import { startEvmChain } from './evm.ts'
import { freePort } from './free-port.ts'
import { startMail } from './mail.ts'
import { type Outbox, openOutbox } from './outbox.ts'
import { PostgresError, stopLeftOver } from './postgres.ts'
import { type RateServer, rateControls, startRates } from './rates.ts'
import { startSms } from './sms.ts'
import { startTronChain } from './tron.ts'
import { vendorControls } from './vendor-controls.ts'
import { startVendors } from './vendors.ts'
import { writeWhole } from './write-whole.ts'

const config = readConfig()
const log = createLog(config.LOG_LEVEL, 'sandbox')
const folder = path.join(config.DATA_DIR, 'sandbox')
const databaseFolder = path.join(config.DATA_DIR, 'postgres')
fs.mkdirSync(folder, { recursive: true })

/** Quicker than the real ones, so that nobody waits long for his confirmations. */
const BLOCK_TIME = 1_000
const evmParts = [
  { network: 'ETH', coin: 'ETH', chainId: 313_371, token: { name: 'EthUsdt', decimals: 6, holder: 0 } },
  { network: 'BSC', coin: 'BNB', chainId: 313_372, token: { name: 'BscUsdt', decimals: 18, holder: 1 } },
] as const
const networks = [...evmParts.map((part) => part.network), 'TRX'] as const

const stops: (() => Promise<void>)[] = []
const env: Record<string, string> = {}

const stopAll = () => Promise.all(stops.map((stop) => stop()))
onStop(async () => {
  await stopAll()
})

try {
  await start()
} catch (error) {
  // what the user can put right needs no stack trace
  console.error(error instanceof PostgresError ? error.message : error)
  await stopAll()
  process.exit(1)
}

async function start(): Promise<void> {
  if (!config.DATABASE_URL) await stopLeftOver(databaseFolder)
  const ports = await choosePorts(['postgres', 'mail', 'sms', 'rates', 'control', 'uqpay', 'sumsub', ...networks])
  const outbox = openOutbox(path.join(folder, 'outbox.jsonl'))
  const [chains, vendors] = await Promise.all([
    startChains(ports),
    startVendors({ config, ports, folder: path.join(folder, 'vendors'), log }),
    startDatabase(ports.postgres),
    startMailbox(ports.mail, outbox),
    startGateway(ports.sms, outbox),
  ])
  stops.push(vendors.stop)
  Object.assign(env, vendors.env)
  for (const name of vendors.names) progress(name)
  const rates = await startRateSource(ports.rates)
  const controls = {
    ...(rates ? rateControls(rates) : {}),
    ...messageControls(outbox),
    ...chainControls(chains),
    ...vendorControls(vendors),
  }
  const control = await startControl(ports.control, controls, log)
  stops.push(control.stop)
  ready({ ...env, SANDBOX_URL: `http://127.0.0.1:${ports.control}` })
}

async function startDatabase(port: number): Promise<void> {
  if (config.DATABASE_URL) return
  const database = await startBankDatabase(databaseFolder, port, log)
  stops.push(database.stop)
  env.DATABASE_URL = database.url
  env.DATABASE_OWNER_URL = database.ownerUrl
  env.DATABASE_SIGNER_URL = database.signerUrl
  progress('PostgreSQL')
}

async function startChains(ports: Record<(typeof networks)[number], number>): Promise<DevelopmentChain[]> {
  const chains = await Promise.all(
    networks
      .filter((network) => !config[`RPC_${network}`])
      .map(async (network) => {
        const place = { network, dir: path.join(folder, network.toLowerCase()), port: ports[network], log }
        const part = evmParts.find((one) => one.network === network)
        const chain = part
          ? await startEvmChain({ ...part, ...place })
          : await startTronChain({ ...place, blockTime: BLOCK_TIME })
        stops.push(chain.stop)
        progress(`${network} chain`)
        return chain
      }),
  )
  for (const chain of chains) env[`RPC_${chain.network}`] = chain.rpc
  if (chains.length > 0) env.NETWORKS = JSON.stringify(networkParameters(chains))
  return chains
}

/** What NETWORKS says already counts; a development chain only fills in what tells it from the real one. */
function networkParameters(chains: readonly DevelopmentChain[]): Record<string, object> {
  const given = JSON.parse(config.NETWORKS) as Record<string, object>
  const ours = chains.map(({ network, chainId, contract }) => {
    return [network, { chainId, contract, blockTime: BLOCK_TIME, ...given[network] }] as const
  })
  return { ...given, ...Object.fromEntries(ours) }
}

async function startMailbox(port: number, outbox: Outbox): Promise<void> {
  if (config.SMTP_URL) return
  const mail = await startMail(port, outbox, log)
  stops.push(mail.stop)
  env.SMTP_URL = `smtp://127.0.0.1:${port}`
  progress('mail server')
}

async function startGateway(port: number, outbox: Outbox): Promise<void> {
  if (config.SMS_URL) return
  const sms = await startSms({ port, account: config.SMS_ACCOUNT, token: config.SMS_TOKEN }, outbox)
  stops.push(sms.stop)
  env.SMS_URL = `http://127.0.0.1:${port}`
  progress('SMS gateway')
}

async function startRateSource(port: number): Promise<RateServer | undefined> {
  if (config.RATE_URL) return undefined
  const rates = await startRates(port)
  stops.push(rates.stop)
  env.RATE_URL = `http://127.0.0.1:${port}`
  progress('exchange rates')
  return rates
}

/** Last time's where they are still free. */
async function choosePorts<const N extends string>(names: readonly N[]): Promise<Record<N, number>> {
  const file = path.join(folder, 'ports.json')
  const before: Record<string, number> = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
  const taken = new Set<number>()
  const chosen: Record<string, number> = {}
  for (const name of names) chosen[name] = await freePort(before[name], taken)
  writeWhole(file, JSON.stringify(chosen))
  return chosen as Record<N, number>
}
