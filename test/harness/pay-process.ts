// A process of its own that advances the payments of one chain, to be killed by a test.

import { openDatabase } from '../../src/base/database.ts'
import { withdrawalPayments } from '../../src/domain/withdrawal/follow-payment.ts'
import { createEvmSender } from '../../src/providers/evm-sender.ts'
import { accountPath } from '../../src/signer/wallet-address.ts'
import { advancePayments } from '../../src/workers/advance-payments.ts'
import { signerKeystore } from './signer-process.ts'
import { watchedBank } from './watched.ts'

const { PAY_DATABASE = '', PAY_NETWORKS = '{}', PAY_RPC = '', PAY_LOG = 'silent' } = process.env
const networks = JSON.parse(PAY_NETWORKS) as object
const db = openDatabase({ url: PAY_DATABASE, role: 'unipay_app', max: 4 })
const watching = watchedBank({ db }, networks, PAY_LOG)
const config = { ...watching.config, HOT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.hot) }
const bank = { ...watching, config }
advancePayments(bank, [1], { withdrawal: withdrawalPayments(bank) }, (network) =>
  network.code in networks ? createEvmSender({ ...network, rpc: PAY_RPC, timeout: 3_000 }) : undefined,
)
process.send?.('up')
