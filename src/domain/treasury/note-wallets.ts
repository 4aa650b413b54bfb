// Lists the house's wallets of today in the book, at every start and before anything is read from a chain.
// Must stay true: a hot wallet that is not the one that the books know is told, never taken over in silence; a customer's
// address never becomes the house's.

import { closeAlert, raiseAlert } from '../alert.ts'
import type { Family } from '../chain/address.ts'
import {
  addHouseAddress,
  coldAddress,
  type HouseAddress,
  type HousePurpose,
  hotAddress,
  houseAddresses,
} from '../chain/house-address.ts'
import type { Bank } from '../context.ts'
import { ownersOf } from '../deposit/deposit-address.ts'

export async function noteWallets(bank: Bank, bookId: number): Promise<void> {
  const before = await houseAddresses(bank.db, bookId)
  for (const family of new Set(bank.networks.map((network) => network.family))) {
    const hot = hotAddress(bank, bookId, family)
    const cold = coldAddress(bank, family)
    if (hot) {
      await note(bank, bookId, family, hot, 'hot')
      await tellOthers(bank, bookId, family, hot, before)
    }
    if (cold) await note(bank, bookId, family, cold, 'cold')
  }
}

/** Throws when the address is somebody else's already: money to it could never be told apart. */
async function note(bank: Bank, bookId: number, family: Family, address: string, purpose: HousePurpose): Promise<void> {
  const owner = (await ownersOf(bank.db, bookId, family, [address])).get(address)
  if (typeof owner === 'bigint') throw new Error(`the ${purpose} wallet ${address} is a customer's deposit address`)
  const listed = await addHouseAddress(bank.db, bookId, { family, address, purpose })
  if (listed !== purpose) throw new Error(`${address} is to be the ${purpose} wallet and is the ${listed} one already`)
}

/** Another seed makes another hot wallet: what stands in the old one is out of reach. */
async function tellOthers(bank: Bank, bookId: number, family: Family, hot: string, before: readonly HouseAddress[]) {
  const others = before.filter((one) => one.family === family && one.purpose === 'hot' && one.address !== hot)
  const key = `hot_address_changed:${family}`
  if (others.length === 0) return closeAlert(bank.db, bookId, key)
  bank.log.error({ bookId, family, hot }, 'the hot wallet is not the one that the books know')
  await raiseAlert(bank.db, bookId, {
    key,
    kind: 'hot_address_changed',
    severity: 'critical',
    data: { family, now: hot, before: others.map(({ address }) => address).join(', ') },
  })
}
