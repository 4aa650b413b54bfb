// `npm run chain`: what an operator can see and decide about networks and deposits from a shell.
// Must stay true: every decision here is one that people take, never a program; exit code 0 says it is done, 1 refused,
// 2 that it could not run.

import os from 'node:os'
import { Command } from 'commander'
import { ConfigError } from '../base/config.ts'
import { isDisconnected } from '../base/database.ts'
import { isRefusal } from '../base/errors.ts'
import { formatAmount } from '../base/money.ts'
import { closeAlert, openAlerts } from '../domain/alert.ts'
import { chainStates, resumeMoneyOut } from '../domain/chain/chain-state.ts'
import { networkOf } from '../domain/chain/network.ts'
import type { Bank } from '../domain/context.ts'
import { approveDeposit, rejectDeposit } from '../domain/deposit/decide-deposit.ts'
import { depositsInReview, foreignDeposits } from '../domain/deposit/deposit.ts'
import { createFollower } from '../domain/deposit/follow-chain.ts'
import { assets } from '../ledger/accounts.ts'
import { createEvmReader } from '../providers/evm.ts'
import { compose } from './compose.ts'
import { runningConfig } from './environment.ts'
import { complain, say } from './terminal.ts'

/** Ids as customers see them (r-…) or bare. */
const bare = (id: string) => id.replace(/^r-/, '')
const amount = (units: bigint) => formatAmount(units, assets.USDT.scale, 2)

const program = new Command('chain')
  .description('Networks and deposits of the running installation of DATA_DIR, or of DATABASE_URL.')
  .option('--book <id>', 'another book than the default one')
  .option('--by <name>', 'who decides; noted with the decision', os.userInfo().username)
  .addHelpText('after', '\nExit codes: 0 done, 1 refused, 2 it could not run.')

program.command('status').description('how far each network is read, and what is open').action(run(status))
program
  .command('resume <network>')
  .description('lets money leave a network again, after its reorganisation was looked into')
  .action(run((bank, book, _by, network) => resume(bank, book, network)))
program
  .command('reread <network> <block>')
  .description('reads a network again from a block on; also the way out of a halt')
  .action(run((bank, book, _by, network, block) => reread(bank, book, network, block)))
program
  .command('approve <deposit>')
  .description('credits a deposit that waits for review')
  .action(run((bank, book, by, id) => approveDeposit(bank, book, bare(id), by).then(() => say('credited'))))
program
  .command('reject <deposit> <reason>')
  .description('keeps a deposit that waits for review aside, credited to nobody')
  .action(run((bank, book, by, id, why) => rejectDeposit(bank, book, bare(id), by, why).then(() => say('kept aside'))))

await program.parseAsync()

type Act = (bank: Bank, book: number, by: string, first: string, second: string) => Promise<void>

/** One bank for one command; whatever goes wrong is said in a sentence. */
function run(act: Act) {
  return async (...given: unknown[]) => {
    const [first = '', second = ''] = given.filter((value) => typeof value === 'string')
    const { book, by } = program.opts<{ book?: string; by: string }>()
    try {
      const config = runningConfig()
      if (config.DATABASE_URL === '') throw new ConfigError('there is no database: start UniPay, or set DATABASE_URL')
      const { bank, close } = compose({ ...config, LOG_LEVEL: 'silent' }, 'chain')
      try {
        await act(bank, book === undefined ? config.DEFAULT_BOOK : Number.parseInt(book, 10), by, first, second)
      } finally {
        await close()
      }
    } catch (error) {
      if (isRefusal(error)) complain(`refused: ${error.message}`)
      else if (isDisconnected(error)) complain('the database does not answer')
      else complain(error instanceof Error ? error.message : String(error))
      process.exitCode = isRefusal(error) ? 1 : 2
    }
  }
}

async function status(bank: Bank, book: number): Promise<void> {
  for (const state of await chainStates(bank.db, book)) {
    const behind =
      state.number === null ? 'nothing read yet' : `block ${state.number}, ${state.head - state.number} behind`
    say(`${state.network.padEnd(5)} ${state.phase}, ${behind}, last answer ${state.answered_at.toISOString()}`)
    if (state.note !== '') say(`      ${state.note}`)
    if (state.money_out_paused_at) say(`      money out is paused: ${state.money_out_paused_for}`)
  }
  const waiting = await depositsInReview(bank.db, book)
  if (waiting.length > 0) say('\nDeposits that wait for review:')
  for (const one of waiting) {
    say(
      `  r-${one.id}  U${one.person_no}  ${amount(one.amount_received)} USDT on ${one.network}  ${one.reason}  ${one.tx_hash}`,
    )
  }
  const foreign = await foreignDeposits(bank.db, book, 20)
  if (foreign.length > 0) say('\nOther tokens at our addresses, credited to nobody (the newest 20):')
  for (const one of foreign) {
    say(
      `  ${one.network}  U${one.person_no}  ${one.value} of ${one.contract} at ${one.address}  ${one.reason}  ${one.tx_hash}`,
    )
  }
  const alerts = await openAlerts(bank.db, book)
  if (alerts.length > 0) say('\nOpen alerts:')
  for (const one of alerts) {
    say(
      `  ${one.severity.padEnd(8)} ${one.key}  ${one.times} times since ${one.raised_at.toISOString()}  ${JSON.stringify(one.data)}`,
    )
  }
}

async function resume(bank: Bank, book: number, code: string): Promise<void> {
  const { code: network } = networkOf(bank.networks, code)
  await resumeMoneyOut(bank.db, book, network)
  for (const { key } of await openAlerts(bank.db, book)) {
    if (key.startsWith(`deep_reorg:${network}:`) || key === `chain_halted:${network}`)
      await closeAlert(bank.db, book, key)
  }
  say(`money may leave ${network} again`)
}

async function reread(bank: Bank, book: number, code: string, block: string): Promise<void> {
  const network = networkOf(bank.networks, code)
  if (!/^\d{1,15}$/.test(block)) throw new Error('a block is a whole number')
  if (network.family !== 'evm' || network.rpc === '') throw new Error(`${code} has no node to read from`)
  await createFollower(bank, book, network, createEvmReader(network)).reread(Number.parseInt(block, 10))
  say(`${code} is read again from block ${block} on`)
}
