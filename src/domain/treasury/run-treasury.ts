// One run of a network's treasury: looks at its wallets, books coin that came, tells what is short, and begins what is due.
// Must stay true: a run may end anywhere and be begun again by any process; each step commits by itself; while money out is
// stopped nothing is begun, and what is under way is followed by the payment loop as ever.

import { chainStateOf } from '../chain/chain-state.ts'
import { perBank } from '../per-bank.ts'
import { moneyOutStopped } from '../setting.ts'
import { beginSweeps } from './begin-sweeps.ts'
import { bookCoinFunding } from './coin-funding.ts'
import { moveToCold, tellOfHotWallet } from './mind-hot-wallet.ts'
import { planCoinSweeps, planSweeps } from './plan-sweeps.ts'
import { beginRun, type Run, type Treasury } from './treasury-run.ts'

export interface RunReport {
  planned: number
  begun: number
  /** Why nothing, or not all, was done; for people. */
  note: string
}

/** What a hot wallet's coin is made of is added up over all of its payments; once that is long it has its share of time. */
const LONG = 250
const SHARE = 20
const rested = perBank(() => new Map<string, number>())

async function findCoin(run: Run): Promise<void> {
  const until = rested(run.bank)
  const name = `${run.bookId} ${run.network.code}`
  const begun = performance.now()
  if (begun < (until.get(name) ?? 0)) return
  await bookCoinFunding(run, run.hot, run.finalCoin)
  const took = performance.now() - begun
  if (took > LONG) until.set(name, begun + took * SHARE)
}

const nothing = (note: string): RunReport => ({ planned: 0, begun: 0, note })

export async function runTreasury(treasury: Treasury): Promise<RunReport> {
  const { bank, bookId, network } = treasury
  const state = await chainStateOf(bank.db, bookId, network.code)
  if (state?.phase !== 'following' || state.number === null) return nothing('the network is not followed')
  const run = await beginRun(treasury)
  if (!run) return nothing('the signer has not said the hot wallet’s key')
  await findCoin(run)
  await tellOfHotWallet(run)
  const stopped = await moneyOutStopped(bank.db, bookId, network.code)
  if (stopped !== undefined) return nothing(`money out is stopped: ${stopped}`)
  const moved = await moveToCold(run)
  const sweeps = await planSweeps(run)
  const planned = sweeps.count + (await planCoinSweeps(run))
  const begun = (await beginSweeps(run)) + (moved ? 1 : 0)
  return { planned, begun, note: sweeps.note }
}
