// `unipay reconcile`: compares books and chains now, as the worker does each minute, and says what differs.
// Must stay true: what it finds is noted like any other run's: breaks are opened and closed, alerts raised, money out stopped.

import type { Command } from 'commander'
import { networkOf } from '../../domain/chain/network.ts'
import { acceptBreak } from '../../domain/reconciliation/accept-break.ts'
import { type BreakKind, breakKinds } from '../../domain/reconciliation/break-kinds.ts'
import type { Difference } from '../../domain/reconciliation/difference.ts'
import { type Reconciled, reconcileBook, reconcileNetwork } from '../../domain/reconciliation/reconcile.ts'
import { noteReconciliation } from '../../domain/reconciliation/reconciliation-state.ts'
import { readerOf, senderOf } from '../chain-nodes.ts'
import { type BankShell, CannotReach, type Outcome, onBank, WrongUsage } from './command.ts'

interface Options {
  network?: string
  all?: true
  accept?: string
  reason?: string
}

export function define(reconcile: Command): void {
  reconcile
    .option('--network <code>', 'this network alone; else all that have a node, and the books')
    .option('--all', 'every address, not only those that should hold something')
    .option('--accept <break>', 'says that what an address holds is so (balance_off, coin_short); needs --reason')
    .option('--reason <words>', 'why; kept for ever')
    .addHelpText(
      'after',
      '\nExamples:\n  unipay reconcile\n  unipay reconcile --network TRX --all\n  unipay reconcile --accept 01988f5e-… --reason "destroyed by the issuer, incident 42"',
    )
    .action(
      onBank<Options>((shell, _args, options) =>
        options.accept === undefined ? run(shell, options) : accept(shell, options),
      ),
    )
}

async function accept({ bank, bookId, by }: BankShell, { accept: id = '', reason = '' }: Options): Promise<Outcome> {
  if (reason === '') throw new WrongUsage('--accept needs --reason')
  const one = await acceptBreak(bank, bookId, id, by, reason)
  const text = `accepted: ${one.subject} is compared with what it holds from now on; the books say so until they are corrected`
  return { data: { accepted: one }, text }
}

async function run(shell: BankShell, { network: code, all }: Options): Promise<Outcome> {
  const { bank, bookId, now } = shell
  const wanted = code === undefined ? bank.networks : [networkOf(bank.networks, code)]
  const compared: { network: string; result: Reconciled }[] = []
  for (const network of wanted) {
    const [reader, sender] = [readerOf(network), senderOf(network)]
    if (!reader || !sender) {
      if (code !== undefined) throw new CannotReach(`${code} has no node to ask: set RPC_${code}`)
      continue
    }
    const began = performance.now()
    const result = await reconcileNetwork({ bank, bookId, network, reader, sender, all: all === true, now })
    compared.push({ network: network.code, result })
    await noteReconciliation(bank.db, bookId, network.code, {
      asked: null,
      block: result.block,
      addresses: result.addresses,
      milliseconds: Math.round(performance.now() - began),
      breaks: result.differences.length,
      note: result.note,
    })
  }
  if (code === undefined) compared.push({ network: '', result: await reconcileBook(bank, bookId) })
  const differing = compared.flatMap(({ result }) => result.differences)
  const skipped = compared.some(({ result }) => result.note !== '')
  return {
    found: differing.length > 0 || skipped,
    data: {
      book: bookId,
      agrees: differing.length === 0 && !skipped,
      compared: compared.map(({ network, result: { block, addresses, note } }) => ({
        network,
        block,
        addresses,
        note,
      })),
      differences: differing,
    },
    text: [...compared.map(lineOf), ...differing.flatMap(linesOf), '', verdict(differing.length, skipped)].join('\n'),
  }
}

function lineOf({
  network,
  result: { block, addresses, note, differences },
}: {
  network: string
  result: Reconciled
}): string {
  const name = network === '' ? 'books' : network
  if (note !== '') return `! ${name.padEnd(6)} not compared: ${note}`
  const what = network === '' ? 'holds and accounts' : `${addresses} balances at block ${block ?? 'none'}`
  return `${differences.length === 0 ? '✓' : '✗'} ${name.padEnd(6)} ${what}`
}

function linesOf({ kind, subject, asset, expected, found, detail, severity }: Difference): string[] {
  const about = breakKinds[kind as BreakKind]?.en ?? kind
  const amounts = `expected ${expected}, found ${found}${asset === '' ? '' : ` ${asset}`}`
  return [
    '',
    `${severity === 'critical' ? '✗' : '!'} ${about} (${kind})`,
    `    ${subject}: ${amounts}`,
    `    ${detail}`,
  ]
}

const verdict = (count: number, skipped: boolean): string => {
  if (count > 0) return `${count} ${count === 1 ? 'difference' : 'differences'}.`
  return skipped ? 'What was compared agrees.' : 'Books and chains agree.'
}
