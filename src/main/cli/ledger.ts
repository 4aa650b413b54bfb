// `unipay ledger …`: the proof of the books, and the trial balance.
// Must stay true: both only read, and need no key.

import type { Command } from 'commander'
import { formatAmount } from '../../base/money.ts'
import { type Network, readNetworks } from '../../domain/chain/network.ts'
import { assets } from '../../ledger/accounts.ts'
import { anchorFile } from '../../ledger/anchor-file.ts'
import { type TrialLine, trialBalance } from '../../ledger/trial-balance.ts'
import { CannotReach, columns, onDatabase, WrongUsage } from './command.ts'
import { NoSuchBook, printProof, proveBooks, whyNotProven } from './ledger-proof.ts'

export function define(ledger: Command): void {
  ledger
    .command('verify')
    .description('proves the books: every entry, balance, hold, order and seal, in one snapshot')
    .option('--anchors <folder>', 'folder that holds anchors/book-<id>.jsonl (default: DATA_DIR)')
    .addHelpText('after', '\nExamples:\n  unipay ledger verify\n  unipay ledger verify --book 1 --json')
    .action(
      onDatabase<{ anchors?: string; book?: number }>(async ({ db, config, now }, _args, { anchors, book }) => {
        const place = anchorFile(anchors ?? config.DATA_DIR)
        const proof = await proveBooks(db, { book, anchors: place, now }).catch((error: unknown) => {
          if (error instanceof NoSuchBook) throw new WrongUsage(error.message)
          const reason = whyNotProven(error)
          throw reason === undefined ? error : new CannotReach(reason)
        })
        return { found: !proof.sound, data: proof, text: printProof(proof) }
      }),
    )

  ledger
    .command('trial-balance')
    .description('what every kind of account holds, and that all of it sums to zero')
    .addHelpText('after', '\nExamples:\n  unipay ledger trial-balance\n  unipay ledger trial-balance --json')
    .action(
      onDatabase(async ({ db, config, bookId, now }) => {
        const networks = readNetworks(config)
        now('adding accounts up')
        const { at, lines, sums } = await trialBalance(db, bookId)
        const found = sums.some(({ sum }) => sum !== 0n)
        const rows = lines.map((line) => [
          line.asset,
          nameOf(networks, line),
          line.accounts.toLocaleString('en'),
          formatAmount(line.balance, assets[line.asset].scale, 2),
          formatAmount(line.held, assets[line.asset].scale, 2),
        ])
        const text = [
          `Book ${bookId} at ${at.toISOString()}`,
          columns([['asset', 'account', 'accounts', 'balance', 'held'], ...rows], [2, 3, 4]),
          ...sums.map(({ asset, scale, sum }) => `${asset} sums to ${formatAmount(sum, scale)}`),
        ]
        return { found, data: { book: bookId, at, balanced: !found, lines, sums }, text: text.join('\n') }
      }),
    )
}

/** "main of people", "custody ETH", "fees". */
function nameOf(networks: readonly Network[], { kind, whose, sub }: TrialLine): string {
  if (whose === 'people') return `${kind} of people`
  const network = networks.find(({ no }) => no === sub)
  return sub === 0 ? kind : `${kind} ${network?.code ?? sub}`
}
