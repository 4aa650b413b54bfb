// Makes a snapshot of reserves from a shell. Must stay true: the same as the worker's task makes, refused for the same
// reasons.

import { formatAmount } from '../../base/money.ts'
import { buildReserves, NotBacked } from '../../domain/reserves/build-reserves.ts'
import { Unproven } from '../../domain/reserves/holdings.ts'
import { reserveAssets } from '../../domain/reserves/reserve-asset.ts'
import { assets } from '../../ledger/accounts.ts'
import { senderOf } from '../chain-nodes.ts'
import type { BankShell, Outcome } from './command.ts'

export async function build({ bank, bookId, now }: BankShell): Promise<Outcome> {
  try {
    const built = await buildReserves(bank, bookId, senderOf, now)
    const rows = reserveAssets.map(
      (asset, i) => `  ${text(built.liabilities[i], asset)} owed, ${text(built.holdings[i], asset)} on chain`,
    )
    return {
      data: built,
      text: [`snapshot ${built.id} of ${built.size} customers, root ${built.root}`, ...rows].join('\n'),
    }
  } catch (error) {
    if (!(error instanceof NotBacked || error instanceof Unproven)) throw error
    return { found: true, data: { published: false, reason: error.message }, text: `not published: ${error.message}` }
  }
}

const text = (units = 0n, asset: keyof typeof assets) => `${formatAmount(units, assets[asset].scale, 2)} ${asset}`
