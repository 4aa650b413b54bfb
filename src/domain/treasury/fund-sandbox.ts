// Gives the hot wallets of a new sandbox what a newcomer's first withdrawal takes: coin for fees whenever it runs low, and
// test USDT once. Must stay true: never in live mode; the books learn of it as of any money from outside, by seeing it come.

import { chainStateOf } from '../chain/chain-state.ts'
import { hotAddress } from '../chain/house-address.ts'
import type { FaucetPort } from '../ports.ts'
import type { Treasury } from './treasury-run.ts'
import { noteFunded, wasFunded } from './treasury-state.ts'

const TEST_USDT = '100000'
/** Whole coins; given again when less than a fifth is left. */
const COINS = { evm: { amount: '10', low: 2n * 10n ** 18n }, tron: { amount: '10000', low: 2_000n * 10n ** 6n } }

export async function fundHotWallet({ bank, bookId, network, sender }: Treasury, faucet: FaucetPort): Promise<void> {
  const hot = hotAddress(bank, bookId, network.family)
  const state = await chainStateOf(bank.db, bookId, network.code)
  // what came before the first block that was read would never be seen
  if (!hot || state?.phase !== 'following' || state.number === null) return
  const { amount, low } = COINS[network.family]
  if ((await sender.balance(hot, 'coin')) < low) {
    const gave = await faucet.pay({ network: network.code, asset: 'gas', address: hot, amount })
    if (gave) bank.log.info({ network: network.code, amount, coin: network.coin }, 'the sandbox filled the hot wallet')
  }
  if (await wasFunded(bank.db, bookId, network.code)) return
  const empty = (await sender.balance(hot, 'token')) === 0n
  if (empty) await faucet.pay({ network: network.code, asset: 'USDT', address: hot, amount: TEST_USDT })
  await noteFunded(bank.db, bookId, network.code, bank.clock.now())
}
