// How far each network is read, and whether money may leave it.
// Deciding anything about a network is an approval, or the shell's (`unipay chain`).

import { Type as T } from 'typebox'
import { chainStates } from '../../domain/chain/chain-state.ts'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { type ConsoleServer, Data, Instant, instantOrNull, instantText, OrNull, operatorOf } from './wire.ts'

const tags = ['console: chains']

export function chainRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/chains',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListChains',
        summary: '各网络状态 / How far each network is read',
        response: {
          200: Data(
            T.Array(
              T.Object({
                network: T.String(),
                name: T.String(),
                phase: T.String(),
                note: T.String(),
                block: OrNull(T.Integer()),
                head: T.Integer(),
                final: T.Integer(),
                behind: OrNull(T.Integer()),
                answered_at: Instant,
                money_out_paused_at: OrNull(Instant),
                money_out_paused_for: OrNull(T.String()),
              }),
            ),
          ),
        },
      },
    },
    async (request) => {
      const names = new Map(bank.networks.map(({ code, name }) => [code, name]))
      const states = await chainStates(bank.db, operatorOf(request).bookId)
      return {
        data: states.map((state) => ({
          network: state.network,
          name: names.get(state.network) ?? state.network,
          phase: state.phase,
          note: state.note,
          block: state.number,
          head: state.head,
          final: state.final,
          behind: state.number === null ? null : state.head - state.number,
          answered_at: instantText(state.answered_at),
          money_out_paused_at: instantOrNull(state.money_out_paused_at),
          money_out_paused_for: state.money_out_paused_for,
        })),
      }
    },
  )
}
