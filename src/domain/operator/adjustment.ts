// The approval of a correction between any two accounts, with the past day that it belongs to where it has one.
// Must stay true: an adjustment's order is its approval, one journal each; what is previewed is what is booked.

import { Type as T } from 'typebox'
import { days } from '../../base/clock.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { accountByName, assets, describeAccount, isPersonAccount } from '../../ledger/accounts.ts'
import { accountStates } from '../../ledger/balances.ts'
import { adjustment } from '../../ledger/journals.ts'
import { post } from '../../ledger/post.ts'
import type { Journal } from '../../ledger/posting.ts'
import type { Bank } from '../context.ts'
import { personByNo } from '../people/people.ts'
import { approvalKind, type Words } from './approval-kind.ts'

interface Payload {
  from: string
  to: string
  amount: string
  memo: string
  value_day?: string
}

const OLDEST = days(400)

const Account = T.String({
  maxLength: 60,
  description: 'U10001:main:USDT, house:suspense:USDT, house:custody:USDT:2',
  examples: ['house:suspense:USDT'],
})

/** The account of that name. Refuses (`InvalidParams`) one that cannot be: a typing error must not open it. */
async function accountOf(bank: Bank, q: Queries, bookId: number, name: string, pointer: string): Promise<bigint> {
  const id = accountByName(name)
  if (id === undefined) throw new Refusal('InvalidParams', { pointer, reason: 'no account has such a name' })
  const { ownerNo } = describeAccount(id)
  const isThere = isPersonAccount(id)
    ? (await personByNo(bank, bookId, ownerNo)) !== undefined
    : ownerNo === 1n || (await accountStates(q, bookId, [id])).length > 0
  if (!isThere) throw new Refusal('InvalidParams', { pointer, reason: 'this account was never used' })
  return id
}

interface Adjustment {
  journal: Journal
  scale: number
}

async function read(bank: Bank, q: Queries, bookId: number, id: string, payload: Payload): Promise<Adjustment> {
  const from = await accountOf(bank, q, bookId, payload.from, '/payload/from')
  const to = await accountOf(bank, q, bookId, payload.to, '/payload/to')
  const { asset } = describeAccount(from)
  if (from === to) throw new Refusal('SameAccount')
  if (describeAccount(to).asset !== asset) {
    throw new Refusal('InvalidParams', { pointer: '/payload/to', reason: 'both accounts must be of one asset' })
  }
  const { scale } = assets[asset]
  const amount = parsePositiveAmount(payload.amount, scale, '/payload/amount')
  const valueAt = payload.value_day === undefined ? undefined : dayOf(payload.value_day, bank.clock.now())
  const journal = adjustment({ id, from, to, amount, memo: payload.memo, ...(valueAt ? { valueAt } : {}) })
  return { journal, scale }
}

/** The last instant of a past day (UTC): its closing balance has the correction in it, none before. */
function dayOf(text: string, now: Date): Date {
  const end = new Date(`${text}T23:59:59.999Z`)
  const pointer = '/payload/value_day'
  if (Number.isNaN(end.getTime()) || end.toISOString().slice(0, 10) !== text) {
    throw new Refusal('InvalidParams', { pointer, reason: 'expected a day such as 2026-01-31' })
  }
  if (end >= now) throw new Refusal('InvalidParams', { pointer, reason: 'the day must be over' })
  if (now.getTime() - end.getTime() > OLDEST) throw new Refusal('InvalidParams', { pointer, reason: 'too long ago' })
  return end
}

const whole = (payload: Payload): Words => {
  const { from, to, amount, value_day: day } = payload
  const asset = from.split(':')[2] ?? ''
  return {
    zh: `调账 ${amount} ${asset}:${from} → ${to}${day ? `,归属 ${day}` : ''}`,
    en: `Adjust ${amount} ${asset}: ${from} → ${to}${day ? `, belonging to ${day}` : ''}`,
  }
}

export const adjustmentApproval = approvalKind({
  kind: 'adjustment',
  title: { zh: '调账', en: 'Adjustment of the books' },
  makers: ['finance'],
  checkers: ['finance', 'admin'],
  payload: T.Object(
    {
      from: Account,
      to: Account,
      amount: T.String({ maxLength: 40, examples: ['1.25'] }),
      memo: T.String({ minLength: 1, maxLength: 200, description: "shown on a customer's statement" }),
      value_day: T.Optional(T.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2026-01-31'] })),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: () => '',
  async prepare(bank, tx, bookId, payload) {
    const { journal, scale } = await read(bank, tx, bookId, '', payload)
    const amount = formatAmount(journal.legs[1]?.amount ?? 0n, scale)
    return { ...payload, amount }
  },
  describe: whole,
  async preview(bank, q, bookId, payload, id) {
    const { journal, scale } = await read(bank, q, bookId, id, payload)
    const states = new Map(
      (
        await accountStates(
          q,
          bookId,
          journal.legs.map((leg) => leg.account),
        )
      ).map((state) => [state.id, state]),
    )
    const effects = journal.legs.map(({ account, amount }, i): Words => {
      const { balance = 0n, held = 0n, status = 'open' } = states.get(account) ?? {}
      if (status === 'closed') throw new Refusal('AccountClosed')
      if (isPersonAccount(account) && amount < 0n && balance + amount < held) throw new Refusal('InsufficientBalance')
      const name = i === 0 ? payload.from : payload.to
      const line = `${name}: ${formatAmount(balance, scale)} → ${formatAmount(balance + amount, scale)}`
      return { zh: `余额 ${line}`, en: `Balance of ${line}` }
    })
    return { journals: [journal], effects }
  },
  async apply(bank, tx, { id, bookId, payload }) {
    const { journal } = await read(bank, tx, bookId, id, payload)
    await post(tx, { bookId, journal, evenIfFrozen: true })
  },
})

/** Part of the proof of the books: a correction has its approval, and the other way round. */
export const adjustmentChecks = [
  {
    name: 'an adjustment has its approval',
    sql: `select 'approval ' || coalesce(a.id, j.order_id) || ' of ' || coalesce(a.amount, 'nothing') || ': journal '
                 || coalesce(j.account_ids::text || ' ' || j.amounts::text, 'none') as detail
          from (select id, payload::json ->> 'amount' as amount from approvals
                where book_id = $1 and kind = 'adjustment' and status = 'applied') a
          full join (select * from journals where book_id = $1 and kind = 'adjustment') j on j.order_id = a.id
          where a.id is null or j.id is null or j.amounts[2] <> a.amount::numeric * 1000000 limit 100`,
  },
  {
    name: 'what operators moved otherwise has its approval',
    sql: `select j.kind || ' of ' || j.order_id || ' ' || j.amounts::text || ': approval ' || coalesce(a.status, 'none') as detail
          from journals j left join approvals a on a.book_id = $1 and a.id = j.order_id
            and a.kind = case j.kind when 'issuer_funded' then 'issuer_funding' when 'remittance_loss' then 'remittance_end' else j.kind end
          where j.book_id = $1 and j.kind in ('issuer_funded', 'remittance_loss', 'card_release') and a.status is distinct from 'applied'
          limit 100`,
  },
]
