// The sandbox's own access to the partner APIs, kept in DATA_DIR/demo.json so that it is the same after a restart, and told on
// the terminal. Must stay true: in sandbox mode alone; readable by the one user alone, for it holds secrets.

import fs from 'node:fs'
import path from 'node:path'
import { networkOf } from '../domain/chain/network.ts'
import type { Bank } from '../domain/context.ts'
import { type DemoAccess, demoAccess } from '../domain/demo-access.ts'
import { depositAddress } from '../domain/deposit/deposit-address.ts'
import type { FaucetPort } from '../domain/ports.ts'

const fileOf = (dataDir: string) => path.join(dataDir, 'demo.json')
const FUNDS = '1000'

export function readDemo(dataDir: string): DemoAccess | undefined {
  try {
    return JSON.parse(fs.readFileSync(fileOf(dataDir), 'utf8')) as DemoAccess
  } catch {
    return undefined
  }
}

/** Makes what is missing, keeps it, and says it line by line. A customer that is new is given test USDT. */
export async function offerDemo(bank: Bank, say: (line: string) => void, faucet: FaucetPort): Promise<void> {
  const { DATA_DIR, DEFAULT_BOOK: bookId } = bank.config
  const { demo, person, fresh } = await demoAccess(bank, bookId, readDemo(DATA_DIR))
  const half = `${fileOf(DATA_DIR)}.${process.pid}`
  fs.writeFileSync(half, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 })
  fs.renameSync(half, fileOf(DATA_DIR))
  for (const line of linesOf(demo)) say(line)
  if (!fresh) return
  const actor = {
    bookId,
    personId: person.id,
    personNo: person.no,
    sessionId: '',
    ip: '',
    userAgent: '',
    locale: 'en',
  } as const
  const address = await depositAddress(bank, actor, networkOf(bank.networks, 'BSC'))
  await faucet.pay({ network: 'BSC', asset: 'USDT', address, amount: FUNDS })
}

/** What people read of it; the merchant's keys are in the file. */
export const linesOf = ({ customer, spot, ramp, platform }: DemoAccess): string[] => [
  'to try the partner APIs with (npx unipay demo shows it again):',
  `  customer  ${customer.email}  password ${customer.password}  PIN ${customer.pin}  ${customer.uid}`,
  `  spot      api-key ${spot.apiKey}  secret ${spot.secret}`,
  `  ramp      apiKey ${ramp.apiKey}  secret ${ramp.secret}  source ${ramp.source}`,
  `  platform  app_id ${platform.appId}  invitation ${platform.inviteCode}`,
]
