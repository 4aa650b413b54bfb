// `unipay reconcile`: compares the books with the chains now. Must stay true: it does what the worker's task does, opens
// and closes breaks as that would, and ends with 1 when there is one.

import type { Command } from 'commander'
import type { BreakKind } from '../../domain/reconciliation/break.ts'
import { type Reconciled, reconcile } from '../../domain/reconciliation/reconcile.ts'
import { senderOf } from '../chain-nodes.ts'
import { type BankShell, type Outcome, onKeyedBank } from './command.ts'

export function define(reconcile: Command): void {
  reconcile
    .addHelpText('after', '\nExamples:\n  unipay reconcile\n  unipay reconcile --json')
    .action(onKeyedBank((shell) => run(shell)))
}

async function run({ bank, bookId, now }: BankShell): Promise<Outcome> {
  const done = await reconcile(bank, bookId, senderOf, now)
  const found = done.some(({ outcome }) => outcome !== 'agrees')
  const data = done.map((one) => ({
    ...one,
    at: one.at.toISOString(),
    breaks: one.breaks.map((broken) => ({ ...broken, expected: `${broken.expected}`, found: `${broken.found}` })),
  }))
  return { ...(found ? { found: true as const } : {}), data, text: done.flatMap(linesOf).join('\n') }
}

const marks = { agrees: '✓', breaks: '✗', waits: '!' } as const
const words: Record<BreakKind, string> = {
  total: 'total',
  address: 'address',
  coin: 'coin',
  unknown_payment: 'unknown payment',
  order: 'order',
}

function linesOf({ network, outcome, block, note, breaks, milliseconds }: Reconciled): string[] {
  const what = outcome === 'waits' ? `not compared: ${note}` : `compared at block ${block}, ${milliseconds} ms`
  return [
    `${marks[outcome]} ${network.padEnd(6)} ${what}`,
    ...breaks.map(({ kind, detail }) => `         ${words[kind]}: ${detail}`),
  ]
}
