// In place of operators: POST /sandbox/kyc {uid, decision} decides what waits of a customer's identity checks,
// POST /sandbox/recipient {uid, decision} the oldest recipient of theirs that waits.
// Must stay true: mounted in sandbox mode only, and never where real people are checked.

import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { isRefusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { decideInSandbox } from '../../domain/identity/decide-identity.ts'
import { rejectionIn } from '../../domain/identity/identity-words.ts'
import { decideRecipientInSandbox } from '../../domain/remittance/decide-recipient.ts'

const decisions = { approve: 'approved', reject: 'rejected' } as const

export const sandboxIdentity =
  (bank: Bank): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    server.post('/sandbox/kyc', { schema: { hide: true } }, async (request, reply) => {
      const { uid, decision, reason } = (request.body ?? {}) as Record<string, unknown>
      if (typeof uid !== 'string' || (decision !== 'approve' && decision !== 'reject')) {
        return reply
          .code(400)
          .send({ error: 'send {"uid": "U10001", "decision": "approve" | "reject", "reason": "…"}' })
      }
      const status = decisions[decision]
      const why = status === 'rejected' ? rejectionIn(typeof reason === 'string' ? reason : '') : ''
      try {
        return await decideInSandbox(bank, bank.config.DEFAULT_BOOK, uid, { status, reason: why })
      } catch (error) {
        if (!isRefusal(error)) throw error
        return reply.code(error.code === 'NotFound' ? 404 : 409).send({ error: error.message })
      }
    })

    server.post('/sandbox/recipient', { schema: { hide: true } }, async (request, reply) => {
      const { uid, decision } = (request.body ?? {}) as Record<string, unknown>
      if (typeof uid !== 'string' || (decision !== 'approve' && decision !== 'reject')) {
        return reply.code(400).send({ error: 'send {"uid": "U10001", "decision": "approve" | "reject"}' })
      }
      try {
        return await decideRecipientInSandbox(bank, bank.config.DEFAULT_BOOK, uid, decisions[decision])
      } catch (error) {
        if (!isRefusal(error)) throw error
        return reply.code(error.code === 'NotFound' ? 404 : 409).send({ error: error.message })
      }
    })
  }
