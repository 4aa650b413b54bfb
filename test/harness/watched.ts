// A bank with one or two watched development chains: people with deposit addresses, followers that are stepped by hand.
// Time on the chains passes only when a test mines.

import { HDKey } from '@scure/bip32'
import { readConfig } from '../../src/base/config.ts'
import { type Network, networkOf } from '../../src/domain/chain/network.ts'
import type { Actor, Bank } from '../../src/domain/context.ts'
import { depositAddress } from '../../src/domain/deposit/deposit-address.ts'
import { createFollower, type Follower } from '../../src/domain/deposit/follow-chain.ts'
import type { ChainReader } from '../../src/domain/ports.ts'
import { type Asset, personAccount } from '../../src/ledger/accounts.ts'
import { balancesOf } from '../../src/ledger/balances.ts'
import { readerOf } from '../../src/main/chain-nodes.ts'
import { compose } from '../../src/main/compose.ts'
import type { TestDatabase } from './database.ts'

const testSeed = HDKey.fromMasterSeed(Buffer.alloc(32, 7))
export const testXpub = testSeed.derive("m/44'/60'/0'").publicExtendedKey
export const testTronXpub = testSeed.derive("m/44'/195'/0'").publicExtendedKey

/** A bank over a test database, with these network parameters. */
export function watchedBank(base: Pick<TestDatabase, 'db'>, networks: object, log = 'silent'): Bank {
  const config = readConfig({
    MASTER_KEY: '11'.repeat(32),
    DEPOSIT_XPUB_EVM: testXpub,
    DEPOSIT_XPUB_TRON: testTronXpub,
    NETWORKS: JSON.stringify(networks),
    LOG_LEVEL: log,
  })
  return compose(config, 'test', {
    db: base.db,
    mail: { send: async () => {} },
    sms: { send: async () => {} },
    files: { put: async () => {}, get: async () => undefined, remove: async () => {} },
  }).bank
}

export const actorOf = (personNo: bigint, bookId = 1): Actor => ({
  bookId,
  personNo,
  personId: '00000000-0000-7000-8000-000000000000',
  sessionId: '00000000-0000-7000-8000-000000000000',
  ip: '127.0.0.1',
  userAgent: 'test',
  locale: 'en',
})

export interface Watched {
  bank: Bank
  network: Network
  follower: Follower
  /** Reads and settles until nothing more is to be done at this head. */
  catchUp(): Promise<void>
  address(personNo: bigint): Promise<string>
  balance(personNo: bigint): Promise<bigint>
  /** In TRX. */
  coinBalance(personNo: bigint): Promise<bigint>
  deposits(personNo?: bigint): Promise<DepositLine[]>
}

export interface DepositLine {
  status: string
  class: string
  asset: string
  tx_hash: string
  ordinal: number
  person_no: bigint
  amount_received: bigint
  amount_credited: bigint
  owed: bigint
  round: number
  reason: string
}

/** `url` may be a proxy in front of the chain; `second`, the node whose word large deposits need as well. */
export function watched(bank: Bank, code: string, url: string, reader?: ChainReader, second?: ChainReader): Watched {
  const network = networkOf(bank.networks, code)
  const node = reader ?? readerOf({ ...network, rpc: url })
  if (!node) throw new Error(`${code} has no node`)
  const follower = createFollower(bank, 1, network, node, second)
  const held = async (personNo: bigint, asset: Asset) => {
    const account = personAccount(personNo, 'main', asset)
    return (await balancesOf(bank.db, 1, [account]))(account).balance
  }
  return {
    bank,
    network,
    follower,
    async catchUp() {
      for (let quiet = 0; quiet < 2; ) {
        const more = await follower.advance()
        const settled = await follower.settle()
        quiet = more || settled > 0 ? 0 : quiet + 1
      }
    },
    address: (personNo) => depositAddress(bank, actorOf(personNo), network),
    balance: (personNo) => held(personNo, 'USDT'),
    coinBalance: (personNo) => held(personNo, 'TRX'),
    deposits: (personNo) =>
      bank.db.query<DepositLine>(
        'test-deposits',
        `select status, class, asset, tx_hash, ordinal, person_no, amount_received, amount_credited, owed, round, reason from deposits
         where network = $1 and ($2::bigint is null or person_no = $2) order by id`,
        [code, personNo ?? null],
      ),
  }
}
