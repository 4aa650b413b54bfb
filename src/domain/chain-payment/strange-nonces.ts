// Transactions of our wallets that are not ours: the key is known to others, or this database is an old copy that has lost
// what was paid. Must stay true: nothing is signed on top of them until people have looked, since a payment that looks
// unpaid may have been paid; and one wrong answer of a node leaves no hole in our nonces.

import { raiseAlert, wasClosed } from '../alert.ts'
import { pauseMoneyOut } from '../chain/chain-state.ts'
import type { Draft } from '../ports.ts'
import type { Payer } from './payer.ts'

const keyOf = ({ network }: Payer, address: string, nonce: number) => `nonce_taken:${network.code}:${address}:${nonce}`

/** Money out of the network stops until an operator lets it go on. */
export async function stopForStranger(payer: Payer, address: string, nonce: number): Promise<void> {
  const { bank, bookId, network } = payer
  const reason = `somebody else used nonce ${nonce} of our wallet ${address}`
  await bank.db.transaction(async (tx) => {
    await pauseMoneyOut(tx, bookId, network.code, reason)
    await raiseAlert(tx, bookId, {
      key: keyOf(payer, address, nonce),
      kind: 'nonce_taken',
      severity: 'critical',
      data: { network: network.code, wallet: address, nonce },
    })
  })
}

/** Whether the chain knows of transactions of this wallet that we do not, and nobody has looked into that. */
export async function hasStrangers(payer: Payer, address: string, draft: Draft): Promise<boolean> {
  const { bank, bookId, network, sender } = payer
  if (!('minedNonce' in draft)) return false
  const [row] = await bank.db.query<{ next: bigint }>(
    'wallet-nonce',
    'select next from wallet_nonces where book_id = $1 and network = $2 and address = $3',
    [bookId, network.code, address],
  )
  const { minedNonce } = draft
  if (minedNonce <= Number(row?.next ?? 0)) return false
  if (await wasClosed(bank.db, bookId, keyOf(payer, address, minedNonce - 1))) return false
  const again = await sender.draft({ asset: 'coin', from: address, to: address, value: 0n })
  if (!('minedNonce' in again) || again.minedNonce !== minedNonce)
    throw new Error(`the node does not know how many transactions of ${address} are mined`)
  await stopForStranger(payer, address, minedNonce - 1)
  return true
}
