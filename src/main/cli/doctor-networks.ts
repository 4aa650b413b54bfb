// What the doctor finds at the nodes: the right chain and token, a fresh head, a clock that agrees, and a watcher that
// keeps up. Must stay true: every network is asked, side by side, within a few seconds; addresses of nodes stay unsaid.

import { sleep } from '../../base/clock.ts'
import { chainStates } from '../../domain/chain/chain-state.ts'
import { type Network, readNetworks } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import type { ChainReader } from '../../domain/ports.ts'
import { readerOf, secondReaderOf } from '../chain-nodes.ts'
import { explain, type Shell, withoutAddresses } from './command.ts'
import { type Finding, fail, ok, warn } from './doctor-finding.ts'

const PATIENCE = 15_000
const FRESH = 60_000
const STALE = 600_000
/** A block's time is its maker's; a little ahead is usual. */
const AHEAD = 15_000
const BEHIND = 10

export async function networkFindings(shell: Shell, bank: Bank | undefined): Promise<Finding[]> {
  const states = bank ? await chainStates(bank.db, shell.bookId).catch(() => []) : []
  const found = await Promise.all(
    readNetworks(shell.config).map(async (network) => {
      const part = `network ${network.code}`
      const reader = readerOf(network)
      if (!reader) return [warn(part, 'is off: it has no node', `set RPC_${network.code} to take it in`)]
      const node = await nodeFindings(part, network, reader, shell.config.UNIPAY_MODE === 'live').catch(
        (error: unknown) => [
          fail(part, withoutAddresses(explain(error).message.split('\n')[0] ?? ''), `check RPC_${network.code}`),
        ],
      )
      const state = states.find((one) => one.network === network.code)
      return [...node, ...(await secondFindings(part, network)), ...(state ? watchFindings(part, state) : [])]
    }),
  )
  return found.flat()
}

/** The node whose word large deposits need: while it is away, they wait. */
async function secondFindings(part: string, network: Network): Promise<Finding[]> {
  const cure = `check NETWORKS, ${network.code}.secondRpc`
  const wrong = await secondReaderOf(network)
    ?.check()
    .catch((error: unknown) => withoutAddresses(explain(error).message.split('\n')[0] ?? ''))
  return wrong === undefined ? [] : [fail(`${part}, second node`, wrong, cure)]
}

/** `real`: a development chain's time runs ahead of ours when blocks are asked for, each at least a second later. */
async function nodeFindings(part: string, network: Network, reader: ChainReader, real: boolean): Promise<Finding[]> {
  const answered = new AbortController() // else the process would wait for the rest of its patience
  const late = sleep(PATIENCE, answered.signal).then(() => [
    fail(part, `no answer in ${PATIENCE / 1000} s`, `check RPC_${network.code}`),
  ])
  const asked = (async () => {
    const wrong = await reader.check()
    if (wrong !== undefined) return [fail(part, wrong, `correct RPC_${network.code} or NETWORKS`)]
    const head = await reader.head()
    const [header] = await reader.headers([head])
    if (!header) return [warn(part, `the node has no block ${head}, which it calls its newest`, 'ask again')]
    const age = Date.now() - header.minedAt.getTime()
    const when = age < 0 ? `${Math.round(-age / 1000)} s ahead` : `${Math.round(age / 1000)} s ago`
    const says = `chain ${network.chainId}, ${network.decimals} decimals, block ${head} ${when}`
    const most = Math.max(FRESH, network.blockTime * 20)
    if (age < -AHEAD && real)
      return [fail(part, `${says}: the node's blocks are from the future`, "set this machine's clock")]
    if (age > Math.max(STALE, most)) return [fail(part, says, 'see whether the node is still synchronising')]
    return [age > most ? warn(part, says, 'see whether the node is still synchronising') : ok(part, says)]
  })()
  return Promise.race([asked, late]).finally(() => answered.abort())
}

type State = Awaited<ReturnType<typeof chainStates>>[number]

function watchFindings(part: string, state: State): Finding[] {
  const findings: Finding[] = []
  const watch = `${part} watch`
  const behind = state.number === null ? 0 : state.head - state.number
  const read = state.number === null ? 'nothing is read yet' : `read up to block ${state.number}, ${behind} behind`
  if (state.phase === 'halted') findings.push(fail(watch, state.note, `docs/deposits.md; then unipay chain reread`))
  else if (state.phase === 'off') findings.push(fail(watch, state.note, 'correct the node or the parameters'))
  else if (Date.now() - state.answered_at.getTime() > STALE)
    findings.push(fail(watch, `${read}; nothing since ${state.answered_at.toISOString()}`, 'see whether a worker runs'))
  else findings.push(behind > BEHIND ? warn(watch, read, 'give it time; look at the node') : ok(watch, read))
  if (state.money_out_paused_at)
    findings.push(
      fail(watch, `money out is paused: ${state.money_out_paused_for}`, `unipay chain resume ${state.network}`),
    )
  return findings
}
