// Pays commissions: reads the fees account entry by entry from where it left off, splits each fee up the payer's team, and
// takes back what was paid on a fee that was given back.
//
// A job and not part of the payment: payments commit by the hundred, and must not wait for the accounts of teams' heads.
// Exactly once, because the fees account is its queue: entries are numbered without gaps under the account's lock, the place
// reached moves in the transaction that pays, and a fee is a row by its journal. Killed at any instant, it goes on there.

import type { Tx } from '../../base/database.ts'
import { assert, isRefusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { assets, houseAccount, isPersonAccount, personAccount } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import { type EntryInFull, entriesAfter, journalsOfOrder } from '../../ledger/balances.ts'
import { lockAccounts } from '../../ledger/desk.ts'
import { commission, commissionReversed } from '../../ledger/node-journals.ts'
import type { Posting } from '../../ledger/posting.ts'
import type { Bank } from '../context.ts'
import { outboxRow } from '../notice/outbox.ts'
import { uplinesOf } from '../people/referral.ts'
import { type SettingReader, settingsOf } from '../setting.ts'
import { type CommissionPart, splitFee } from './commission.ts'
import { type FeeSource, feeSourceOf, layers } from './fee-source.ts'
import { manyHoldings } from './node-holdings.ts'
import { productText } from './rate.ts'

export const PAY_COMMISSIONS = 'pay-commissions'

const AT_ONCE = 200
const FEES = houseAccount('fees')
const { scale } = assets.USDT

/** Until there is no fee left that nobody looked at. Answers how many rewards were paid. */
export async function payCommissions(bank: Bank, bookId: number): Promise<number> {
  let paid = 0
  for (;;) {
    const step = await payNext(bank, bookId)
    if (step === undefined) return paid
    paid += step
  }
}

/** The next entries, in one transaction. Undefined when there are none. */
async function payNext(bank: Bank, bookId: number): Promise<number | undefined> {
  const settings = await settingsOf(bank, bookId, { fresh: true })
  return bank.db.transaction(async (tx) => {
    const from = await lockCursor(tx, bookId)
    const entries = await entriesAfter(tx, bookId, FEES, from, AT_ONCE)
    const [first] = entries
    if (!first) return undefined
    if (isGivenBack(first)) {
      await takeBack(bank, tx, bookId, first)
      await skip(tx, bookId, from, first.seq)
      return 0
    }
    // a fee is paid on before it is taken back, so whatever was given back begins a step of its own
    const next = entries.findIndex(isGivenBack)
    const step = next < 0 ? entries : entries.slice(0, next)
    const to = step.at(-1)?.seq ?? from
    const fees = await feesIn(tx, bookId, settings, step)
    if (fees.length === 0) {
      await skip(tx, bookId, from, to)
      return 0
    }
    return pay(bank, tx, bookId, { from, to, fees })
  })
}

const isGivenBack = ({ amount, reverses }: EntryInFull) => amount < 0n && reverses !== null

async function lockCursor(tx: Tx, bookId: number): Promise<bigint> {
  const [row] = await tx.query<{ seq: bigint }>('commission-lock', 'select commission_lock($1) as seq', [bookId])
  assert(row, 'a function answers')
  return row.seq
}

const skip = (tx: Tx, bookId: number, from: bigint, to: bigint) =>
  tx.query('commission-skip', 'select commission_skip($1, $2, $3)', [bookId, from, to])

/** A fee with those who have a part of it. */
interface Fee {
  entry: EntryInFull
  source: FeeSource
  payerNo: bigint
  parts: CommissionPart[]
}

async function feesIn(
  tx: Tx,
  bookId: number,
  settings: SettingReader,
  entries: readonly EntryInFull[],
): Promise<Fee[]> {
  const earned = entries.flatMap((entry) => {
    const source = entry.amount > 0n ? feeSourceOf(entry.kind) : undefined
    const payerNo = payerOf(entry)
    return source && payerNo !== undefined ? [{ entry, source, payerNo }] : []
  })
  const payers = earned.map((fee) => fee.payerNo)
  const uplines = await uplinesOf(tx, bookId, payers, layers.length)
  const eligible = await eligibleOf(tx, bookId, settings, [...uplines.values()].flat())
  return earned.flatMap((fee) => {
    const rates = layers.map((layer) => settings.units('commission.rate', `${fee.source}/${layer}`))
    const parts = splitFee(fee.entry.amount, uplines.get(fee.payerNo) ?? [], rates, eligible)
    return parts.length > 0 ? [{ ...fee, parts }] : []
  })
}

/** The customer out of whose account the fee came. */
function payerOf({ account_ids, amounts }: EntryInFull): bigint | undefined {
  const payer = account_ids.find((account, i) => isPersonAccount(account) && (amounts[i] ?? 0n) < 0n)
  return payer === undefined ? undefined : payer >> 16n
}

async function eligibleOf(tx: Tx, bookId: number, settings: SettingReader, people: readonly bigint[]) {
  if (!settings.isOn('commission.nodesOnly')) return () => true
  const held = await manyHoldings(tx, bookId, [...new Set(people)])
  const holders = new Set(held.filter(({ nodes }) => nodes > 0).map((one) => one.person_no))
  return (personNo: bigint) => holders.has(personNo)
}

interface Paying {
  from: bigint
  to: bigint
  fees: readonly Fee[]
}

async function pay(bank: Bank, tx: Tx, bookId: number, { from, to, fees }: Paying): Promise<number> {
  const at = bank.clock.now()
  const asked = fees.flatMap((fee) => fee.parts.map((part) => ({ fee, part, id: newId() })))
  const postings = asked.map(({ fee, part, id }): Posting => {
    const amount = formatAmount(part.amount, scale, 2)
    const memo = `${fee.source} L${part.layer}: ${productText(fee.entry.amount, part.rate)}`
    return {
      bookId,
      journal: commission({ id, personNo: part.personNo, amount: part.amount, memo }),
      rows: [
        outboxRow(
          bookId,
          part.personNo,
          'commission.paid',
          { id, source_biz_type: fee.source, layer: part.layer, amount },
          at,
        ),
      ],
    }
  })
  const outcomes = await applyBatch(tx, bookId, postings, false)
  const done = asked.filter((_, i) => {
    const outcome = outcomes[i]
    // what a closed account would have got stays with the house
    if (outcome && !outcome.ok && !isRefusal(outcome.refusal, 'AccountClosed')) throw outcome.refusal
    return outcome?.ok
  })
  await tx.query(
    'commission-record',
    `select commission_record($1, $2, $3, $4::uuid[], $5::bigint[], $6::text[], $7::uuid[], $8::bigint[], $9::bigint[],
       $10::uuid[], $11::uuid[], $12::bigint[], $13::smallint[], $14::bigint[], $15::bigint[], $16)`,
    [
      bookId,
      from,
      to,
      fees.map(({ entry }) => entry.journal_id),
      fees.map(({ entry }) => entry.seq),
      fees.map(({ source }) => source),
      fees.map(({ entry }) => entry.order_id),
      fees.map(({ payerNo }) => payerNo),
      fees.map(({ entry }) => entry.amount),
      done.map(({ id }) => id),
      done.map(({ fee }) => fee.entry.journal_id),
      done.map(({ part }) => part.personNo),
      done.map(({ part }) => part.layer),
      done.map(({ part }) => part.rate),
      done.map(({ part }) => part.amount),
      at,
    ],
  )
  return done.length
}

interface ToTakeBack {
  id: string
  person_no: bigint
  amount: bigint
}

/** The fee went back to who had paid it: so do its commissions, as far as they are still there. */
async function takeBack(bank: Bank, tx: Tx, bookId: number, { reverses, kind }: EntryInFull): Promise<void> {
  const at = bank.clock.now()
  const rewards = await tx.query<ToTakeBack>(
    'commission-to-take-back',
    `select id, person_no, amount from commission_rewards
     where book_id = $1 and journal_id = $2 and status = 'paid' order by layer`,
    [bookId, reverses],
  )
  if (rewards.length === 0) return
  const accountOf = (reward: ToTakeBack) => personAccount(reward.person_no, 'node')
  const states = await lockAccounts(tx, bookId, [FEES, houseAccount('receivable'), ...rewards.map(accountOf)])
  for (const reward of rewards) {
    const { balance = 0n, held = 0n } = states.find(({ id }) => id === accountOf(reward)) ?? {}
    const [paid] = await journalsOfOrder(tx, bookId, reward.id)
    assert(paid, 'a reward has its journal')
    const available = balance > held ? balance - held : 0n
    const parts = { id: reward.id, personNo: reward.person_no, amount: reward.amount, available, reverses: paid.id }
    const owed = available < reward.amount ? reward.amount - available : 0n
    const data = { id: reward.id, amount: formatAmount(reward.amount, scale, 2) }
    const rows = [outboxRow(bookId, reward.person_no, 'commission.reversed', data, at)]
    const [outcome] = await applyBatch(
      tx,
      bookId,
      [{ bookId, journal: commissionReversed(parts), rows, evenIfClosed: true }],
      false,
    )
    if (!outcome?.ok) throw outcome?.refusal ?? new Error('a posting has an outcome')
    const values = [bookId, reward.id, 'reversed', owed, `fee given back: ${kind}`, at]
    await tx.query('commission-reverse', 'select commission_reverse($1, $2, $3, $4, $5, $6)', values)
  }
}
