// `unipay chain …`: what operators see and decide about networks and deposits from a shell; `npm run chain` is the same.
// Must stay true: every decision here is one that people take, never a program; a rescan moves nothing but what it finds.

import type { Command } from 'commander'
import { formatAmount } from '../../base/money.ts'
import { closeAlert, openAlerts } from '../../domain/alert.ts'
import { chainStates, resumeMoneyOut } from '../../domain/chain/chain-state.ts'
import { networkOf } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import { approveDeposit, rejectDeposit } from '../../domain/deposit/decide-deposit.ts'
import { depositsInReview, foreignDeposits } from '../../domain/deposit/deposit.ts'
import { createFollower, type Follower } from '../../domain/deposit/follow-chain.ts'
import { assets } from '../../ledger/accounts.ts'
import { readerOf, secondReaderOf } from '../chain-nodes.ts'
import { type BankShell, CannotReach, type Outcome, onBank, WrongUsage, wholeNumber } from './command.ts'

/** More blocks in one go would hold a shell for hours; the next stretch is another command. */
const MOST_BLOCKS = 100_000
const blockNumber = wholeNumber(0, Number.MAX_SAFE_INTEGER)

/** Ids as customers see them (r-…) or bare. */
const bare = (id = '') => id.replace(/^r-/, '')
const amount = (units: bigint) => formatAmount(units, assets.USDT.scale, 2)

const done = (text: string, data: object = {}): Outcome => ({ data: { done: true, ...data }, text })

export function define(chain: Command): void {
  chain
    .command('status')
    .description('how far each network is read, and what is open')
    .action(onBank(({ bank, bookId }) => status(bank, bookId)))

  chain
    .command('rescan')
    .description('reads blocks again: known deposits stay, missed ones are found')
    .requiredOption('--network <code>', 'the network')
    .requiredOption('--from <block>', 'the first block', blockNumber)
    .requiredOption(
      '--to <block>',
      `the last block; at most ${MOST_BLOCKS.toLocaleString('en')} in one go`,
      blockNumber,
    )
    .addHelpText('after', '\nExample:\n  unipay chain rescan --network ETH --from 21000000 --to 21000500')
    .action(onBank<Rescan>((shell, _args, options) => rescan(shell, options)))

  chain
    .command('resume <network>')
    .description('lets money leave a network again, after what stopped it was looked into')
    .action(onBank(({ bank, bookId }, [network = '']) => resume(bank, bookId, network)))

  chain
    .command('reread <network> <block>')
    .description('reads a network again from a block on; also the way out of a halt')
    .action(onBank(({ bank, bookId }, [network = '', block = '']) => reread(bank, bookId, network, block)))

  chain
    .command('approve <deposit>')
    .description('credits a deposit that waits for review')
    .action(
      onBank(async ({ bank, bookId, by }, [id]) => {
        await approveDeposit(bank, bookId, bare(id), by)
        return done('credited', { deposit: bare(id) })
      }),
    )

  chain
    .command('reject <deposit> <reason>')
    .description('keeps a deposit that waits for review aside, credited to nobody')
    .action(
      onBank(async ({ bank, bookId, by }, [id, reason = '']) => {
        await rejectDeposit(bank, bookId, bare(id), by, reason)
        return done('kept aside', { deposit: bare(id) })
      }),
    )
}

async function status(bank: Bank, book: number): Promise<Outcome> {
  const [networks, waiting, foreign, alerts] = await Promise.all([
    chainStates(bank.db, book),
    depositsInReview(bank.db, book),
    foreignDeposits(bank.db, book, 20),
    openAlerts(bank.db, book),
  ])
  const lines = networks.flatMap((state) => {
    const behind =
      state.number === null ? 'nothing read yet' : `block ${state.number}, ${state.head - state.number} behind`
    return [
      `${state.network.padEnd(5)} ${state.phase}, ${behind}, last answer ${state.answered_at.toISOString()}`,
      ...(state.note !== '' ? [`      ${state.note}`] : []),
      ...(state.money_out_paused_at ? [`      money out is paused: ${state.money_out_paused_for}`] : []),
    ]
  })
  if (lines.length === 0) lines.push('no network was read yet')
  if (waiting.length > 0) lines.push('', 'Deposits that wait for review:')
  for (const one of waiting) {
    const what = `U${one.person_no}  ${amount(one.amount_received)} ${one.asset} on ${one.network}`
    lines.push(`  r-${one.id}  ${what}  ${one.reason}  ${one.tx_hash}`)
  }
  if (foreign.length > 0) lines.push('', 'Other tokens at our addresses, credited to nobody (the newest 20):')
  for (const one of foreign) {
    const what = `U${one.person_no}  ${one.value} of ${one.contract} at ${one.address}`
    lines.push(`  ${one.network}  ${what}  ${one.reason}  ${one.tx_hash}`)
  }
  if (alerts.length > 0) lines.push('', 'Open alerts:')
  for (const one of alerts) {
    const since = `${one.times} times since ${one.raised_at.toISOString()}`
    lines.push(`  ${one.severity.padEnd(8)} ${one.key}  ${since}  ${JSON.stringify(one.data)}`)
  }
  return { data: { book, networks, review: waiting, foreign, alerts }, text: lines.join('\n') }
}

async function resume(bank: Bank, book: number, code: string): Promise<Outcome> {
  const { code: network } = networkOf(bank.networks, code)
  await resumeMoneyOut(bank.db, book, network)
  for (const { key } of await openAlerts(bank.db, book)) {
    if (key.startsWith(`deep_reorg:${network}:`) || key === `chain_halted:${network}`)
      await closeAlert(bank.db, book, key)
  }
  return done(`money may leave ${network} again`, { network })
}

async function reread(bank: Bank, book: number, code: string, block: string): Promise<Outcome> {
  if (!/^\d{1,15}$/.test(block)) throw new WrongUsage('a block is a whole number')
  await followerOf(bank, book, code).reread(Number.parseInt(block, 10))
  return done(`${code} is read again from block ${block} on`, { network: code, block })
}

interface Rescan {
  network: string
  from: number
  to: number
}

async function rescan({ bank, bookId, now }: BankShell, { network, from, to }: Rescan): Promise<Outcome> {
  if (to < from) throw new WrongUsage('--to must not be before --from')
  if (to - from >= MOST_BLOCKS) throw new WrongUsage(`at most ${MOST_BLOCKS} blocks in one go`)
  const follower = followerOf(bank, bookId, network)
  now(`reading ${network} from block ${from}`)
  const total = await follower.rescan(from, to, (block) => now(`read ${network} up to block ${block} of ${to}`))
  const settled = await follower.settle()
  const what = total.found === 0 ? 'nothing had been missed' : `${total.found} had been missed`
  return {
    data: { network, from, to, ...total, settled },
    text: `${network}: ${total.blocks} blocks hold ${total.seen} transfers to our addresses; ${what}, ${settled} settled now`,
  }
}

function followerOf(bank: Bank, book: number, code: string): Follower {
  const network = networkOf(bank.networks, code)
  const reader = readerOf(network)
  if (!reader) throw new CannotReach(`${network.code} has no node to read from: set RPC_${network.code}`)
  return createFollower(bank, book, network, reader, secondReaderOf(network))
}
