// The house's own wallets: the hot one, derived from the signer's public key, and the cold one, whose key is elsewhere.
// Must stay true: an address that was ever the house's stays listed, as what it sends to customers is never a deposit.

import { ConfigError } from '../../base/config.ts'
import type { Queries } from '../../base/database.ts'
import type { Bank } from '../context.ts'
import { deriveAddress, type Family, parseAddress } from './address.ts'

export type HousePurpose = 'hot' | 'cold' | 'gas'

/** The book's hot wallet of a family, canonical; nothing before the signer has said its key. */
export function hotAddress({ config }: Pick<Bank, 'config'>, bookId: number, family: Family): string | undefined {
  const xpub = family === 'evm' ? config.HOT_XPUB_EVM : config.HOT_XPUB_TRON
  if (xpub === '') return undefined
  const name = `${xpub} ${bookId}`
  const address = hotAddresses.get(name) ?? deriveAddress(family, xpub, bookId, 0)
  hotAddresses.set(name, address)
  return address
}
/** Asked for with every withdrawal; deriving one takes milliseconds. */
const hotAddresses = new Map<string, string>()

/** The cold wallet of a family, canonical; nothing where there is none. Throws `ConfigError` on what is no address. */
export function coldAddress({ config }: Pick<Bank, 'config'>, family: Family): string | undefined {
  const [name, text] =
    family === 'evm' ? ['COLD_ADDRESS_EVM', config.COLD_ADDRESS_EVM] : ['COLD_ADDRESS_TRON', config.COLD_ADDRESS_TRON]
  if (text === '') return undefined
  const parsed = parseAddress(family, text)
  if ('wrong' in parsed) throw new ConfigError(`${name}="${text}" is no address: ${parsed.wrong}`)
  return parsed.address
}

export interface HouseAddress {
  family: Family
  address: string
  purpose: HousePurpose
}

/** Every address that is or was the house's. */
export async function houseAddresses(q: Queries, bookId: number): Promise<HouseAddress[]> {
  return q.query<HouseAddress>(
    'house-addresses',
    'select family, address, purpose from house_addresses where book_id = $1 order by family, purpose, address',
    [bookId],
  )
}

/** What each of these addresses is to the house. Those that are nothing to it are not in the answer. */
export async function housePurposes(
  q: Queries,
  bookId: number,
  family: Family,
  addresses: readonly string[],
): Promise<Map<string, HousePurpose>> {
  const rows = await q.query<HouseAddress>(
    'house-purposes',
    `select family, address, purpose from house_addresses
     where book_id = $1 and family = $2 and address = any ($3::text[])`,
    [bookId, family, addresses],
  )
  return new Map(rows.map((row) => [row.address, row.purpose]))
}

/** Lists an address for good; answers what it is listed as, which is something else only where it was so before. */
export async function addHouseAddress(
  q: Queries,
  bookId: number,
  { family, address, purpose }: HouseAddress,
): Promise<HouseAddress['purpose']> {
  await q.query(
    'house-address-add',
    'insert into house_addresses (book_id, family, address, purpose) values ($1, $2, $3, $4) on conflict do nothing',
    [bookId, family, address, purpose],
  )
  return (await housePurposes(q, bookId, family, [address])).get(address) ?? purpose
}
