// Where a withdrawal may go: an address of the network, whose key somebody outside of this bank can have.
// Must stay true: an address of a customer here is refused and never turned into a payment inside the bank: what was asked
// for is done or refused, not replaced. The sender reads that a payment by UID is the way (docs/withdrawals.md).

import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { addressBytes, addressOfBytes, type Family, nobodysAddress, readAddress } from '../chain/address.ts'
import { coldAddress, hotAddress } from '../chain/house-address.ts'
import type { Network } from '../chain/network.ts'
import type { Actor, Bank } from '../context.ts'
import { ownersOf } from '../deposit/deposit-address.ts'

const families: readonly Family[] = ['evm', 'tron']

/** The canonical address. Refuses `AddressInvalid`, `AddressForbidden`, `AddressOfCustomer`. */
export async function readDestination(
  bank: Bank,
  q: Queries,
  actor: Pick<Actor, 'bookId' | 'personNo'>,
  network: Network,
  text: string,
  pointer = '/to_address',
): Promise<string> {
  const address = readAddress(network, text, pointer)
  const nobodys = nobodysAddress(bank.networks, address)
  if (nobodys !== undefined) throw new Refusal('AddressForbidden', { pointer, reason: nobodys })
  const owner = await ownerOf(bank, q, actor.bookId, address)
  if (owner === undefined) return address
  if (owner === 'house') throw new Refusal('AddressForbidden', { pointer, reason: 'an address of this bank' })
  if (owner === actor.personNo)
    throw new Refusal('AddressForbidden', { pointer, reason: 'this is your own deposit address' })
  throw new Refusal('AddressOfCustomer', { pointer })
}

/** Also the same key on the other family's chains: somebody mistook the one for the other. */
async function ownerOf(bank: Bank, q: Queries, bookId: number, address: string): Promise<bigint | 'house' | undefined> {
  const bytes = addressBytes(address)
  for (const family of families) {
    const same = addressOfBytes(family, bytes)
    if (same === hotAddress(bank, bookId, family) || same === coldAddress(bank, family)) return 'house'
    const owner = (await ownersOf(q, bookId, family, [same])).get(same)
    if (owner !== undefined) return owner
  }
  return undefined
}
