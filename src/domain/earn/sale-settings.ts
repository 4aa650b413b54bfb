// What holds of the sale of nodes: whether there is one, how many for one person, what comes with a node, and which shares
// of its price go where. See earn-definitions.ts for each.

import type { Bank } from '../context.ts'
import { type Reading, settingsOf } from '../setting.ts'

export interface SaleSettings {
  onSale: boolean
  perPerson: number
  /** UPT given with one node, in units. */
  upt: bigint
  feeShare: bigint
  cashback: bigint
}

export async function saleSettings(bank: Bank, bookId: number, reading: Reading = {}): Promise<SaleSettings> {
  const settings = await settingsOf(bank, bookId, reading)
  const most = settings.units('node.perPerson')
  return {
    onSale: settings.isOn('node.onSale'),
    perPerson: Number(most),
    upt: settings.units('node.upt'),
    feeShare: settings.units('node.feeShare'),
    cashback: settings.units('node.cashback'),
  }
}
