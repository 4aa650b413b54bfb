// When a merchant's customer signed in, from where and with what, as the security log has it.
// Must stay true: the merchant sees its own customers' alone; what is not a sign-in is not told.

import type { Bank } from '../context.ts'
import { type SignInEntry, signIns } from '../notice/security-log.ts'
import { contactsOf } from '../people/directory.ts'
import { findCustomer } from './merchant-customer.ts'
import type { MerchantCaller } from './open-request.ts'

/** Newest first; as many as one answer holds. */
export const MOST_SIGN_INS = 100

export interface LoginHistory {
  personNo: bigint
  /** All that there are between the two instants. */
  count: number
  items: (SignInEntry & { by: 'email' | 'mobile' })[]
}

/** Refuses `NotFound`. */
export async function loginHistory(
  bank: Bank,
  { bookId, merchant }: MerchantCaller,
  uid: string,
  between: { from: Date | undefined; to: Date | undefined },
): Promise<LoginHistory> {
  const { person_no, person_id } = await findCustomer(bank, merchant, { uid })
  const { count, items } = await signIns(bank.db, bookId, person_id, between, MOST_SIGN_INS)
  // where it was not noted by what: by what they have
  const [first] = await contactsOf(bank, bank.db, bookId, person_id)
  const by = first?.kind ?? 'email'
  return { personNo: person_no, count, items: items.map((item) => ({ ...item, by: item.contactKind ?? by })) }
}
