// Addresses that begin and end like one that the customer knows, and are another: forgers send dust from them, so that they
// are copied out of a history. Must stay true: an address that the customer paid or wrote down before is theirs to judge;
// one that merely sent something is not known by that.

import { after, days } from '../../base/clock.ts'
import type { Queries } from '../../base/database.ts'
import type { Actor, Bank } from '../context.ts'
import { sendersTo } from '../deposit/deposit-history.ts'
import { listedAddresses } from './address-book.ts'
import { paidAddresses } from './withdrawal.ts'

const REMEMBERED = days(365)
const SHOWN = 4

/** What people compare: the first and the last characters, behind what all addresses begin with. */
function shapeOf(address: string): string {
  const text = address.replace(/^0x/, '').toLowerCase()
  return `${text.slice(0, SHOWN)}…${text.slice(-SHOWN)}`
}

export interface Acquaintance {
  /** Paid before, or in the address book. */
  known: boolean
  /** A known address that this one could be mistaken for. */
  lookalike: string | undefined
}

/** How the customer knows a canonical address. */
export async function acquaintanceOf(
  bank: Bank,
  q: Queries,
  { bookId, personNo }: Pick<Actor, 'bookId' | 'personNo'>,
  address: string,
  /** An order that is not counted: the one that asks. */
  but?: string,
): Promise<Acquaintance> {
  const since = after(bank.clock.now(), -REMEMBERED)
  const [paid, listed, senders] = await Promise.all([
    paidAddresses(q, bookId, personNo, since, but),
    listedAddresses(q, bookId, personNo),
    sendersTo(q, bookId, personNo, since),
  ])
  const known = paid.includes(address) || listed.includes(address)
  if (known) return { known, lookalike: undefined }
  const shape = shapeOf(address)
  const alike = [...listed, ...paid, ...senders].find((other) => other !== address && shapeOf(other) === shape)
  return { known, lookalike: alike }
}
