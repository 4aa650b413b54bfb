// A customer's card account follows what their card payments come to: one posting takes what was captured, holds what is
// authorised, and pays off what is owed. Must stay true: balance less owed changes by exactly what was taken; nothing is
// owed while there is a balance; what is held is all that is open or, where there is less, all there is.

import type { Tx } from '../../base/database.ts'
import { assert } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { assets, houseAccount, personAccount } from '../../ledger/accounts.ts'
import { cardPayment } from '../../ledger/card-journals.ts'
import { lockAccounts } from '../../ledger/desk.ts'
import { findHold } from '../../ledger/holds.ts'
import { post } from '../../ledger/post.ts'
import type { Posting } from '../../ledger/posting.ts'
import type { Row } from '../../ledger/rows.ts'
import { raiseAlert } from '../alert.ts'
import type { FamilyMoney } from './transaction-kind.ts'

export interface CardBalance extends FamilyMoney {
  /** The order that card journals and the hold belong to. */
  id: string
  /** Taken by the issuer when it was not there any more. */
  owed: bigint
  hold_id: string | null
  step: bigint
}

/** Takes the lock under which all of a customer's card money moves. Comes after an order's lock, before any account's. */
export async function lockCardBalance(tx: Tx, bookId: number, personNo: bigint): Promise<CardBalance> {
  const read = () =>
    tx.query<CardBalance>(
      'card-balance-lock',
      `select id, open, taken, confirmed, owed, hold_id, step from card_balances
       where book_id = $1 and person_no = $2 for no key update`,
      [bookId, personNo],
    )
  const [there] = await read()
  if (there) return there
  await tx.query(
    'card-balance-open',
    'insert into card_balances (book_id, person_no, id) values ($1, $2, $3) on conflict do nothing',
    [bookId, personNo, newId()],
  )
  const [made] = await read()
  assert(made, 'a card balance is there once it is opened')
  return made
}

const nothing: FamilyMoney = { open: 0n, taken: 0n, confirmed: 0n }

/**
 * Follows a change of what the customer's payments come to, or none: then it catches up with what is there meanwhile, as
 * after a top-up. `before` was read by `lockCardBalance` in this transaction. `rows` are written with it.
 */
export async function settleCard(
  tx: Tx,
  bookId: number,
  personNo: bigint,
  before: CardBalance,
  { by = nothing, memo = '', rows = [] }: { by?: FamilyMoney; memo?: string; rows?: Row[] } = {},
): Promise<void> {
  const account = personAccount(personNo, 'card')
  const house = [houseAccount('receivable'), houseAccount('issuer'), houseAccount('float')]
  const locked = await lockAccounts(
    tx,
    bookId,
    by.taken === 0n && by.confirmed === 0n && before.owed === 0n ? [account] : [account, ...house],
  )
  const state = locked.find(({ id }) => id === account)
  assert(state, 'a card account is open once it is locked')

  const old = before.hold_id === null ? undefined : await findHold(tx, bookId, before.hold_id)
  // what other orders hold of it, e.g. what is being put onto the card, is not there to be taken yet
  const others = state.held - (old?.amount ?? 0n)
  const worth = state.balance - before.owed - by.taken
  const balance = worth > others ? worth : others
  const owed = balance - worth
  const open = before.open + by.open
  const free = balance - others
  const wanted = open < free ? open : free
  const journal = cardPayment({
    id: before.id,
    key: `card_payment:${before.step + 1n}`,
    personNo,
    taken: by.taken,
    confirmed: by.confirmed,
    balance: balance - state.balance,
    owed: owed - before.owed,
    memo,
  })
  const holdChanges = (old?.amount ?? 0n) !== wanted
  const placed = holdChanges && wanted > 0n ? newId() : null
  const posting: Posting = { bookId, rows, evenIfClosed: true, evenIfFrozen: true }
  if (journal) posting.journal = journal
  if (old && holdChanges) posting.change = { id: old.id, account, to: 'voided', captured: 0n }
  if (placed !== null) {
    posting.place = { id: placed, account, amount: wanted, orderKind: 'card_payment', orderId: before.id }
  }
  await post(tx, posting)
  await tx.query(
    'card-balance-set',
    `update card_balances set open = $3, taken = $4, confirmed = $5, owed = $6, hold_id = $7, step = $8
     where book_id = $1 and person_no = $2`,
    [
      bookId,
      personNo,
      open,
      before.taken + by.taken,
      before.confirmed + by.confirmed,
      owed,
      holdChanges ? placed : before.hold_id,
      before.step + (journal ? 1n : 0n),
    ],
  )
  if (owed > before.owed) await tellShort(tx, bookId, personNo, owed)
}

const tellShort = (tx: Tx, bookId: number, personNo: bigint, owed: bigint) =>
  raiseAlert(tx, bookId, {
    key: `card_short:${personNo}`,
    kind: 'card_short',
    severity: 'warning',
    data: { customer: `U${personNo}`, owed: formatAmount(owed, assets.USDT.scale, 2), asset: 'USDT' },
  })
