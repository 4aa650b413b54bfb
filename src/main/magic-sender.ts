// Senders as a worker beside the sandbox gets them: withdrawals of certain amounts fail on chain (withdrawal/magic-amounts.ts).
// Must stay true: in every other installation these are the senders of chain-nodes.ts and nothing else; the treasury's own
// moves go through whatever their amount.

import { coldAddress, hotAddress } from '../domain/chain/house-address.ts'
import type { Network } from '../domain/chain/network.ts'
import type { Bank } from '../domain/context.ts'
import type { ChainSender } from '../domain/ports.ts'
import { magicOf } from '../domain/withdrawal/magic-amounts.ts'
import { failingSender } from '../providers/sandbox-sender.ts'
import { senderOf } from './chain-nodes.ts'

export function magicSenderOf(bank: Bank): (network: Network) => ChainSender | undefined {
  if (!bank.magicAmounts) return senderOf
  return (network) => {
    const sender = senderOf(network)
    const house = [hotAddress(bank, bank.config.DEFAULT_BOOK, network.family), coldAddress(bank, network.family)]
    return (
      sender &&
      failingSender(
        sender,
        ({ asset, to, value }) =>
          asset === 'token' && !house.includes(to) && magicOf(bank, value, network.decimals) === 'fail',
      )
    )
  }
}
