// A second node's word on large deposits, where an installation names one: a node that lies, or was taken over, makes no
// large deposit alone. Must stay true: what the second node does not tell of, to the letter, stays pending, and an operator
// hears of it; small deposits and networks without a second node are not held up by it.

import type { Tx } from '../../base/database.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import type { ChainReader } from '../ports.ts'
import { nameOf, transferOf } from './read-final.ts'
import type { DepositRow } from './settle-deposits.ts'

export interface DueBlock {
  number: number
  hash: string
  /** The largest deposit that is due in it, in ledger units. */
  largest: bigint
}

export interface SecondOpinion {
  /** Asks about blocks with large deposits; answers whether a deposit may be settled. Never throws for the node. */
  on(blocks: readonly DueBlock[]): Promise<(row: DepositRow) => boolean>
  /** Raises or closes the alert about large deposits that are due and that the second node did not tell of. */
  tell(tx: Tx, due: readonly DepositRow[], agreed: (row: DepositRow) => boolean): Promise<void>
}

export function secondOpinion(bank: Bank, bookId: number, network: Network, node: ChainReader): SecondOpinion {
  const alertKey = `deposit_unconfirmed:${network.code}`
  const isLarge = (row: DepositRow) => row.amount_received >= network.secondAbove

  async function on(blocks: readonly DueBlock[]): Promise<(row: DepositRow) => boolean> {
    const known = new Set<string>()
    const asked = blocks.filter(({ largest }) => largest >= network.secondAbove)
    try {
      const wrong = asked.length > 0 ? await node.check() : undefined
      if (wrong !== undefined) throw new Error(wrong)
      for (const block of asked) for (const name of await namesIn(block)) known.add(name)
    } catch (error) {
      const why = error instanceof Error ? error.name : 'unknown' // its message may hold the node's address and key
      bank.log.warn({ network: network.code, why }, 'the second node does not answer')
    }
    return (row) => !isLarge(row) || known.has(nameOf({ number: Number(row.block_number) }, transferOf(row)))
  }

  async function namesIn({ number, hash }: DueBlock): Promise<string[]> {
    const [header] = await node.headers([number])
    if (header?.hash !== hash) return [] // it lags, or follows another branch
    const { transfers } = node.finalTransfers
      ? await node.finalTransfers({ number, hash })
      : await node.transfers(header)
    return transfers.map((transfer) => nameOf({ number }, transfer))
  }

  async function tell(tx: Tx, due: readonly DepositRow[], agreed: (row: DepositRow) => boolean): Promise<void> {
    const waiting = due.filter((row) => !agreed(row))
    const [first] = waiting
    if (first) {
      await raiseAlert(tx, bookId, {
        key: alertKey,
        kind: 'deposit_unconfirmed',
        severity: 'critical',
        data: { network: network.code, deposits: waiting.length, deposit: first.id, tx: first.tx_hash },
      })
    } else if (due.some(isLarge)) {
      await closeAlert(tx, bookId, alertKey) // whichever process raised it
    }
  }

  return { on, tell }
}
