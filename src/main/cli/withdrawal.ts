// `unipay withdrawal …`: one withdrawal with all that belongs to it, for whoever has to find out where it is.
// Must stay true: it only reads, and shows no bytes that were signed.

import type { Command } from 'commander'
import { isId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { type ChainPayment, paymentOfOrder } from '../../domain/chain-payment/chain-payment.ts'
import { type ChainTransaction, transactionsOf } from '../../domain/chain-payment/chain-transaction.ts'
import { paymentEvents } from '../../domain/chain-payment/payment-events.ts'
import { askedOf } from '../../domain/chain-payment/signing-request.ts'
import { netOf, withdrawalById, withdrawalEvents } from '../../domain/withdrawal/withdrawal.ts'
import { accountName, assets, describeAccount } from '../../ledger/accounts.ts'
import { type JournalView, journalsOfOrder } from '../../ledger/balances.ts'
import { type Hold, holdsOfOrder } from '../../ledger/holds.ts'
import { columns, type DatabaseShell, type Outcome, onDatabase, WrongUsage } from './command.ts'

export function define(withdrawal: Command): void {
  withdrawal
    .command('show <id>')
    .description('order, payment, transactions, hold and journals of a withdrawal, step by step')
    .addHelpText('after', '\nExample:\n  unipay withdrawal show w-01988f5e-3c1a-7d2b-9b8e-0242ac120002')
    .action(onDatabase((shell, [id = '']) => show(shell, id.replace(/^w-/, ''))))
}

async function show({ db, bookId }: DatabaseShell, id: string): Promise<Outcome> {
  if (!isId(id)) throw new WrongUsage('a withdrawal’s id looks like w-01988f5e-3c1a-7d2b-9b8e-0242ac120002')
  const order = await withdrawalById(db, bookId, id)
  const payment = await paymentOfOrder(db, bookId, 'withdrawal', id)
  const [steps, journals, holds] = await Promise.all([
    withdrawalEvents(db, bookId, id),
    journalsOfOrder(db, bookId, id),
    holdsOfOrder(db, bookId, id),
  ])
  const paid = payment && {
    ...payment,
    approval_mac: payment.approval_mac?.toString('hex') ?? null,
    steps: await paymentEvents(db, bookId, payment.id),
    asked: (await askedOf(db, bookId, [payment.id]))(payment.id),
    transactions: withoutBytes((await transactionsOf(db, bookId, [payment.id])).get(payment.id)),
  }
  const text = (units: bigint) => `${formatAmount(units, assets[order.asset].scale, 2)} ${order.asset}`
  const lines = [
    `w-${order.id}  ${order.status}${order.reason ? ` (${order.reason})` : ''}`,
    `  U${order.person_no} pays ${text(order.amount)}, of it ${text(order.fee)} fee`,
    `  ${text(netOf(order))} to ${order.to_address} on ${order.network}`,
    '',
    'Steps of the order:',
    stepLines(steps),
    '',
    ...(paid ? paymentLines(paid) : ['No payment was made out.']),
    '',
    ...holds.map((hold) => holdLine(hold, text)),
    ...journals.map(journalLine),
  ]
  return { data: { order, steps, payment: paid ?? null, holds, journals }, text: lines.join('\n') }
}

/** A signed transaction that is shown could be sent by whoever sees it. */
type Shown = Omit<ChainTransaction, 'raw'>
const withoutBytes = (all: readonly ChainTransaction[] = []): Shown[] => all.map(({ raw: _raw, ...rest }) => rest)

interface Step {
  from_status: string | null
  to_status: string
  tx_hash: string | null
  reason: string
  note?: string
  at: Date
}

const stepLines = (steps: readonly Step[]): string =>
  columns(
    steps.map(({ at, from_status, to_status, reason, note, tx_hash }) => [
      `  ${at.toISOString()}`,
      `${from_status ?? ''} → ${to_status}`,
      [reason, note, tx_hash].filter((part) => part).join('  '),
    ]),
  )

interface Paid extends Omit<ChainPayment, 'approval_mac'> {
  steps: Step[]
  transactions: Shown[]
  asked: { waiting: unknown; refusals: number; refused_for: string | null }
}

function paymentLines({ id, status, reason, from_address, value, steps, transactions, asked }: Paid): string[] {
  const signer = asked.waiting
    ? ['  the signer was asked and has not answered']
    : asked.refusals > 0
      ? [`  the signer refused ${asked.refusals} times, last: ${asked.refused_for}`]
      : []
  return [
    `Payment ${id}  ${status}${reason ? ` (${reason})` : ''}`,
    `  ${value} chain units from ${from_address}`,
    ...signer,
    stepLines(steps),
    ...transactions.map((tx) => {
      const place = tx.block_number === null ? '' : `  block ${tx.block_number}`
      const turn = tx.nonce === null ? '' : `  nonce ${tx.nonce}`
      const fee = tx.fee_paid === null ? '' : `  fee ${tx.fee_paid}`
      const outcome = tx.success === null ? '' : tx.success ? '  success' : '  reverted'
      return `  transaction ${tx.tx_hash}  ${tx.status}${turn}${place}${outcome}${fee}${tx.replaces ? '  replaces another' : ''}`
    }),
  ]
}

const holdLine = ({ id, status, amount, captured }: Hold, text: (units: bigint) => string) =>
  `Hold ${id}  ${status}, ${text(captured)} of ${text(amount)} taken`

function journalLine({ id, kind, recorded_at, account_ids, amounts }: JournalView): string {
  const moved = account_ids.map((account, i) => {
    const { scale } = assets[describeAccount(account).asset]
    return `    ${accountName(account)}  ${formatAmount(amounts[i] ?? 0n, scale)}`
  })
  return [`Journal ${id}  ${kind} at ${recorded_at.toISOString()}`, ...moved].join('\n')
}
