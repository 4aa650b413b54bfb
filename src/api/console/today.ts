// What waits and what is wrong, first; then how much moved: what the console's first screen and its queues' badges show.
// And one search for everything. Wire ↔ domain only.

import { Type as T } from 'typebox'
import { after, days, hours, minutes } from '../../base/clock.ts'
import { alertRows } from '../../domain/alert.ts'
import { paymentFigures } from '../../domain/chain-payment/show-payments.ts'
import type { Bank } from '../../domain/context.ts'
import { depositsInReview } from '../../domain/deposit/deposit.ts'
import { findAnything } from '../../domain/operator/find-anything.ts'
import { openApprovals } from '../../domain/operator/open-approvals.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { openBreaks } from '../../domain/reconciliation/break.ts'
import { remittanceFigures } from '../../domain/remittance/remittance-figures.ts'
import { withdrawalFigures } from '../../domain/withdrawal/withdrawal-figures.ts'
import { trialBalance } from '../../ledger/trial-balance.ts'
import { dailyVolumes } from '../../ledger/volumes.ts'
import { amountText, type ConsoleServer, Data, Instant, instantText, OrNull, operatorOf, strict } from './wire.ts'

const tags = ['console: today']
/** A payment out that took longer is looked at. */
const LATE = minutes(30)
const ALERTS = 50

const Waiting = T.Object({ count: T.Integer(), oldest: OrNull(Instant) })
const Figure = T.Object({ status: T.String(), count: T.Integer(), oldest: Instant })

export function todayRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/today',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleToday',
        summary: '待办与异常 / What waits, and what is wrong',
        response: {
          200: Data(
            T.Object({
              approvals: T.Array(
                T.Object({
                  kind: T.String(),
                  open: T.Integer(),
                  yours: T.Integer({ description: 'that the one who asks could check now' }),
                  oldest: Instant,
                }),
              ),
              deposits_in_review: Waiting,
              alerts: T.Array(
                T.Object({
                  id: T.String(),
                  kind: T.String(),
                  severity: T.String(),
                  data: T.Object({}, { additionalProperties: true }),
                  times: T.Integer(),
                  raised_at: Instant,
                }),
                { description: `critical ones first, at most ${ALERTS}` },
              ),
              alerts_open: T.Object({ critical: T.Integer(), warning: T.Integer() }),
              breaks: T.Integer({ description: 'between books and chains, open' }),
              payments: T.Object({
                open: T.Integer(),
                late: T.Integer({ description: `on their way for more than ${LATE / 60_000} minutes` }),
                troubled: T.Integer({ description: 'refused by the signer, or of unknown outcome' }),
              }),
              withdrawals: T.Array(Figure, { description: 'not over, and failed within 24 hours' }),
              remittances: T.Array(Figure, { description: 'not over, and failed or returned within 24 hours' }),
            }),
          ),
        },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { bookId } = operator
      const now = bank.clock.now()
      const yesterday = after(now, -hours(24))
      const [approvals, deposits, alerts, breaks, payments, withdrawals, remittances] = await Promise.all([
        openApprovals(bank, operator),
        depositsInReview(bank.db, bookId),
        alertRows(bank.db, bookId, { open: true, offset: 0, size: 1_000 }),
        openBreaks(bank.db, bookId),
        paymentFigures(bank.db, bookId, after(now, -LATE)),
        withdrawalFigures(bank.db, bookId, yesterday),
        remittanceFigures(bank.db, bookId, yesterday),
      ])
      const figure = <F extends { oldest: Date }>(one: F) => ({ ...one, oldest: instantText(one.oldest) })
      const critical = alerts.filter(({ severity }) => severity === 'critical')
      const warning = alerts.filter(({ severity }) => severity !== 'critical')
      return {
        data: {
          approvals: approvals.map(figure),
          deposits_in_review: {
            count: deposits.length,
            oldest: deposits[0] ? instantText(deposits[0].settled_at) : null,
          },
          alerts: [...critical, ...warning].slice(0, ALERTS).map(({ id, kind, severity, data, times, raised_at }) => ({
            id,
            kind,
            severity,
            data,
            times,
            raised_at: instantText(raised_at),
          })),
          alerts_open: { critical: critical.length, warning: warning.length },
          breaks,
          payments,
          withdrawals: withdrawals.map(figure),
          remittances: remittances.map(figure),
        },
      }
    },
  )

  app.get(
    '/volumes',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleVolumes',
        summary: '每日交易量与客户余额(USDT,UTC)/ What moved day by day, and what customers held (USDT, UTC)',
        querystring: strict({ days: T.Optional(T.Union([T.Literal('7'), T.Literal('30'), T.Literal('90')])) }),
        response: {
          200: Data(
            T.Object({
              days: T.Array(
                T.Object({
                  day: T.String(),
                  customers: T.String({ description: 'what all customers held at its end' }),
                  kinds: T.Array(T.Object({ kind: T.String(), count: T.Integer(), amount: T.String() })),
                }),
              ),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const span = Number.parseInt(request.query.days ?? '30', 10)
      const today = dayOf(bank.clock.now())
      const first = after(new Date(`${today}T00:00:00Z`), -days(span - 1))
      const [volumes, { lines }] = await Promise.all([
        dailyVolumes(bank.db, bookId, first),
        trialBalance(bank.db, bookId),
      ])
      let held = lines
        .filter(({ whose, asset }) => whose === 'people' && asset === 'USDT')
        .reduce((sum, { balance }) => sum + balance, 0n)
      const all = []
      // from today backwards: what they held, less what came since
      for (let back = 0; back < span; back += 1) {
        const day = dayOf(after(new Date(`${today}T00:00:00Z`), -days(back)))
        const volume = volumes.find((one) => one.day === day)
        const kinds = (volume?.kinds ?? []).map((one) => ({ ...one, amount: amountText(one.amount) }))
        all.push({ day, customers: amountText(held), kinds })
        held -= volume?.growth ?? 0n
      }
      return { data: { days: all.reverse() } }
    },
  )

  app.post(
    '/search',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleSearch',
        summary:
          '按 UID、联系方式、任意 id、交易哈希或请求编号查找 / Find by UID, contact, any id, transaction hash or request id (a POST: contacts stay out of addresses)',
        body: strict({ q: T.String({ minLength: 1, maxLength: 254, examples: ['U10001'] }) }),
        response: {
          200: Data(T.Array(T.Object({ kind: T.String(), id: T.String(), about: T.String() }))),
        },
      },
    },
    async (request) => ({ data: await findAnything(bank, operatorOf(request), request.body.q) }),
  )
}

const dayOf = (instant: Date): string => instantText(instant).slice(0, 10)
