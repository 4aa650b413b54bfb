// Breaks between books and chains, open and past, when each network was last compared, and a comparison now.
// Nothing is put right here: books are corrected by an adjustment, money is let out again by an approval.

import { Type as T } from 'typebox'
import { networkOf } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { askToCompare } from '../../domain/reconciliation/ask-to-compare.ts'
import { breaks } from '../../domain/reconciliation/break.ts'
import { breakKinds, isBreakKind } from '../../domain/reconciliation/break-kinds.ts'
import { reconciliations } from '../../domain/reconciliation/reconciliation-state.ts'
import {
  type ConsoleServer,
  Data,
  Done,
  done,
  Instant,
  Items,
  instantOrNull,
  instantText,
  inWords,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  strict,
} from './wire.ts'

const tags = ['console: reconciliation']

export function reconciliationRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/reconciliation',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleReconciliations',
        summary: '对账概况 / When each network was last compared; the empty network is the books by themselves',
        response: {
          200: Data(
            T.Array(
              T.Object({
                network: T.String(),
                at: OrNull(Instant),
                block: OrNull(T.Integer({ description: 'final; balances are of this block' })),
                addresses: OrNull(T.Integer()),
                milliseconds: OrNull(T.Integer()),
                breaks: OrNull(T.Integer()),
                note: T.String({ description: 'why it could not be compared' }),
                asked_at: OrNull(Instant),
              }),
            ),
          ),
        },
      },
    },
    async (request) => ({
      data: (await reconciliations(bank.db, operatorOf(request).bookId)).map((one) => ({
        ...one,
        at: instantOrNull(one.at),
        block: one.block === null ? null : Number(one.block),
        asked_at: instantOrNull(one.asked_at),
      })),
    }),
  )

  app.get(
    '/reconciliation/breaks',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListBreaks',
        summary: '对账差异 / Breaks, newest first: open ones, or those that are over',
        querystring: strict({
          open: T.Optional(T.Union([T.Literal('true'), T.Literal('false')])),
          network: T.Optional(T.String({ maxLength: 10, examples: ['BSC'] })),
          ...pageQuery,
        }),
        response: {
          200: Items(
            T.Object({
              id: T.String(),
              network: T.String(),
              kind: T.String(),
              about: T.String(),
              subject: T.String({ description: 'id of the row, hash of the transaction, address, or account' }),
              asset: T.String(),
              expected: T.String(),
              found: T.String(),
              detail: T.String(),
              severity: T.String(),
              opened_at: Instant,
              seen_at: Instant,
              closed_at: OrNull(Instant),
              accepted: OrNull(T.String()),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { network } = request.query
      const open = request.query.open !== 'false'
      const rows = await breaks(bank.db, operatorOf(request).bookId, { open, network, offset, size })
      const items = rows.map(({ off: _off, kind, opened_at, seen_at, closed_at, ...rest }) => ({
        ...rest,
        kind,
        about: isBreakKind(kind) ? inWords(request, breakKinds[kind]) : kind,
        opened_at: instantText(opened_at),
        seen_at: instantText(seen_at),
        closed_at: instantOrNull(closed_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.post(
    '/reconciliation/run',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleReconcile',
        summary: '立即对账 / Compares now: one network, or all and the books',
        body: strict({ network: T.Optional(T.String({ maxLength: 10, examples: ['BSC'] })) }),
        response: { 200: Done },
      },
    },
    async (request) => {
      const { network } = request.body
      if (network !== undefined) networkOf(bank.networks, network)
      await askToCompare(bank, operatorOf(request), network)
      return done
    },
  )
}
