// A process of its own that watches one chain, to be killed by a test.

import { openDatabase } from '../../src/base/database.ts'
import { createEvmReader } from '../../src/providers/evm.ts'
import { watchChains } from '../../src/workers/watch-chains.ts'
import { watchedBank } from './watched.ts'

const { WATCH_DATABASE = '', WATCH_NETWORKS = '{}', WATCH_RPC = '' } = process.env
const db = openDatabase({ url: WATCH_DATABASE, role: 'unipay_app', max: 4 })
const bank = watchedBank({ db }, JSON.parse(WATCH_NETWORKS) as object)
watchChains(bank, [1], (network) =>
  network.code === 'ETH' ? createEvmReader({ ...network, rpc: WATCH_RPC }) : undefined,
)
