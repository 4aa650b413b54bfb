// The books as operators read them: an account as of an instant, a journal with its legs, the trial balance.
// Reading an account or a journal is logged, as either may be a customer's. Nothing here writes.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { listJournals, seeAccount, seeJournal } from '../../domain/operator/ledger-view.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { accountName, describeAccount } from '../../ledger/accounts.ts'
import type { EntryLine, JournalView } from '../../ledger/balances.ts'
import { trialBalance } from '../../ledger/trial-balance.ts'
import {
  amountText,
  type ConsoleServer,
  Data,
  Id,
  Instant,
  Items,
  instantOrNull,
  instantText,
  Leg,
  legOf,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: ledger']

export const Entry = T.Object({
  account: T.String(),
  seq: T.String(),
  journal_id: T.String(),
  kind: T.String(),
  order_kind: T.String(),
  order_id: T.String(),
  memo: T.String(),
  amount: T.String(),
  balance_after: T.String(),
  recorded_at: Instant,
})
export function entryOf(line: EntryLine) {
  const { asset } = describeAccount(line.account_id)
  return {
    account: accountName(line.account_id),
    seq: `${line.seq}`,
    journal_id: line.journal_id,
    kind: line.kind,
    order_kind: line.order_kind,
    order_id: line.order_id,
    memo: line.memo,
    amount: amountText(line.amount, asset),
    balance_after: amountText(line.balance_after, asset),
    recorded_at: instantText(line.recorded_at),
  }
}

export const Journal = T.Object({
  id: T.String(),
  kind: T.String(),
  key: T.String(),
  order_kind: T.String(),
  order_id: T.String(),
  memo: T.String(),
  reverses: OrNull(T.String()),
  recorded_at: Instant,
  value_at: OrNull(Instant),
  legs: T.Array(Leg, { description: 'sum to zero' }),
})
export const journalOf = (journal: JournalView) => ({
  id: journal.id,
  kind: journal.kind,
  key: journal.key,
  order_kind: journal.order_kind,
  order_id: journal.order_id,
  memo: journal.memo,
  reverses: journal.reverses,
  recorded_at: instantText(journal.recorded_at),
  value_at: instantOrNull(journal.value_at),
  legs: journal.account_ids.map((account, i) => legOf({ account, amount: journal.amounts[i] ?? 0n })),
})

/** ISO-8601 with a time zone; anything else is refused. */
function instantOf(text: string): Date {
  const at = new Date(text)
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text) || Number.isNaN(at.getTime())) {
    throw new Refusal('InvalidParams', { pointer: '/at', reason: 'expected an instant such as 2026-01-31T12:00:00Z' })
  }
  return at
}

/** The beginning of a day, UTC; what is no day is refused. */
function dayOf(text: string): Date {
  const day = new Date(`${text}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || instantText(day).slice(0, 10) !== text) {
    throw new Refusal('InvalidParams', { pointer: '/day', reason: 'no such day' })
  }
  return day
}

export function ledgerRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/ledger/accounts/:account',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowAccount',
        summary: '账户某一时刻的余额与明细 / An account as of an instant, with its entries up to then, newest first',
        params: strict({ account: T.String({ minLength: 1, maxLength: 60, examples: ['U10001:main:USDT'] }) }),
        querystring: strict({
          at: T.Optional(T.String({ maxLength: 40, examples: ['2026-01-31T12:00:00Z'] })),
          ...pageQuery,
        }),
        response: {
          200: Data(
            T.Object({
              account: T.String(),
              asset: T.String(),
              status: T.String(),
              balance: T.String({ description: 'as of `at`, with corrections known today' }),
              held: T.String({ description: 'now' }),
              at: Instant,
              entries: T.Array(Entry),
              page: T.Integer(),
              size: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const until = request.query.at === undefined ? undefined : instantOf(request.query.at)
      const view = await seeAccount(bank, operatorOf(request), request.params.account, { until, offset, size })
      const { id, status, held } = view.state
      const { asset } = describeAccount(id)
      return {
        data: {
          account: accountName(id),
          asset,
          status,
          balance: amountText(view.balance, asset),
          held: amountText(held, asset),
          at: instantText(view.at),
          entries: view.entries.map(entryOf),
          page,
          size,
        },
      }
    },
  )

  app.get(
    '/ledger/journals',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListJournals',
        summary:
          '某日(UTC)的凭证,可按类型(每次查看均记录)/ What was booked on a day (UTC), newest first; every look is logged',
        querystring: strict({
          day: T.Optional(T.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2026-01-31'] })),
          kind: T.Optional(T.String({ maxLength: 60, examples: ['transfer'] })),
          ...pageQuery,
        }),
        response: { 200: Items(Journal) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { kind, day = instantText(bank.clock.now()).slice(0, 10) } = request.query
      const rows = await listJournals(bank, operatorOf(request), { day: dayOf(day), kind, offset, size })
      return { data: { items: rows.map(journalOf), page, size } }
    },
  )

  app.get(
    '/ledger/journals/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowJournal',
        summary: '凭证 / A journal with its legs',
        params: strict({ id: Id }),
        response: { 200: Data(Journal) },
      },
    },
    async (request) => {
      return { data: journalOf(await seeJournal(bank, operatorOf(request), readId(request.params.id))) }
    },
  )

  app.get(
    '/ledger/trial-balance',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleTrialBalance',
        summary: '试算平衡 / Trial balance: what all accounts of a kind hold; each asset sums to zero',
        response: {
          200: Data(
            T.Object({
              at: Instant,
              lines: T.Array(
                T.Object({
                  asset: T.String(),
                  kind: T.String(),
                  whose: T.String(),
                  sub: T.Integer(),
                  accounts: T.Integer(),
                  balance: T.String(),
                  held: T.String(),
                }),
              ),
              sums: T.Array(T.Object({ asset: T.String(), sum: T.String() })),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { at, lines, sums } = await trialBalance(bank.db, operatorOf(request).bookId)
      return {
        data: {
          at: instantText(at),
          lines: lines.map(({ balance, held, ...line }) => ({
            ...line,
            balance: amountText(balance, line.asset),
            held: amountText(held, line.asset),
          })),
          sums: sums.map(({ asset, sum }) => ({ asset, sum: amountText(sum, asset) })),
        },
      }
    },
  )
}
