// Stopping money from leaving, and letting it leave again. To stop is one operator's word, at once; to go on takes two.
// Must stay true: nobody asks before stopping, and nothing but an approval resumes.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import { chainStateOf, resumeMoneyOut } from '../chain/chain-state.ts'
import { networkOf } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import { moneyOutStops, releaseMoneyOut, stopMoneyOut } from '../setting.ts'
import { approvalKind, type Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'

/** `ALL` in a payload or address: every network at once. */
export const ALL = 'ALL'
export const stoppers = ['finance', 'risk', 'admin'] as const

const scopeOf = (network: string) => (network === ALL ? '' : network)
const subjectOf = (network: string) => `money_out:${network}`
const alertOf = (network: string) => `money_out_stopped:${network}`

/** Stops all networks, or one of them. A stop that is there already gets the new reason. */
export async function stopMoney(bank: Bank, operator: Operator, network: string, why: string): Promise<void> {
  if (network !== ALL) networkOf(bank.networks, network)
  const { bookId, operatorId } = operator
  const reason = why.trim()
  if (reason === '') throw new Refusal('InvalidParams', { pointer: '/reason', reason: 'say why' })
  await bank.db.transaction(async (tx) => {
    await stopMoneyOut(bank, tx, bookId, { network: scopeOf(network), reason, madeBy: operatorId })
    const data = { network, reason }
    await raiseAlert(tx, bookId, { key: alertOf(network), kind: 'money_out_stopped', severity: 'critical', data })
    await logAudit(bank, tx, operator, { action: 'money_out.stopped', subject: subjectOf(network), data: { reason } })
  })
}

export interface MoneyOut {
  network: string
  /** By an operator. */
  stopped: string | null
  /** By the bank itself, because books and chain disagree. */
  paused: string | null
}

/** Whether money may leave, for all networks together and for each. */
export async function moneyOutNow(bank: Bank, bookId: number): Promise<MoneyOut[]> {
  const stops = await moneyOutStops(bank.db, bookId)
  const one = async (network: string): Promise<MoneyOut> => ({
    network,
    stopped: stops.get(scopeOf(network)) ?? null,
    paused: (network !== ALL && (await chainStateOf(bank.db, bookId, network))?.money_out_paused_for) || null,
  })
  return Promise.all([ALL, ...bank.networks.map(({ code }) => code)].map(one))
}

async function reasonsOf(bank: Bank, bookId: number, network: string): Promise<string[]> {
  if (network !== ALL) networkOf(bank.networks, network)
  const now = (await moneyOutNow(bank, bookId)).find((one) => one.network === network)
  const reasons = [now?.stopped, now?.paused].filter((reason) => typeof reason === 'string')
  if (reasons.length === 0) throw new Refusal('Outdated', { reason: 'money may leave already' })
  return reasons
}

export const resumeApproval = approvalKind({
  kind: 'resume_money_out',
  title: { zh: '恢复出金', en: 'Let money leave again' },
  makers: stoppers,
  checkers: stoppers,
  payload: T.Object(
    { network: T.String({ pattern: '^[A-Z0-9]{2,10}$', description: `a network, or ${ALL}`, examples: [ALL] }) },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ network }) => subjectOf(network),
  async prepare(bank, _tx, bookId, payload) {
    await reasonsOf(bank, bookId, payload.network)
    return payload
  },
  describe: ({ network }) => ({ zh: `恢复 ${network} 出金`, en: `Let money leave ${network} again` }),
  async preview(bank, _q, bookId, { network }) {
    const reasons = await reasonsOf(bank, bookId, network)
    const effects = reasons.map((why) => ({ zh: `不再停止:${why}`, en: `No longer stopped for: ${why}` }))
    return { journals: [], effects }
  },
  async apply(bank, tx, { id, bookId, payload: { network }, reason, madeBy, checkedBy }) {
    if (madeBy === undefined) throw new Refusal('Forbidden', { reason: 'operators resume' })
    const release = { network: scopeOf(network), reason, madeBy, checkedBy, approvalId: id }
    const released = await releaseMoneyOut(bank, tx, bookId, release)
    const resumed = network !== ALL && (await resumeMoneyOut(tx, bookId, network))
    if (!released && !resumed) throw new Refusal('Outdated', { reason: 'money may leave already' })
    await closeAlert(tx, bookId, alertOf(network))
    const data = { approval: id, reason }
    await logAudit(bank, tx, { bookId }, { action: 'money_out.resumed', subject: subjectOf(network), data })
  },
})
