// The log of what the chain did with tokens of our addresses: every transfer from or to one, as the watcher saw it, whatever
// the bank makes of it elsewhere. One side of what reconciliation compares.
// Must stay true: it commits with the block it stands in and goes with it; a transfer out that nothing of ours signed stops
// money out of the network in that very transaction, long before it is final.

import type { Queries, Tx } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { raiseAlert } from '../alert.ts'
import { pauseMoneyOut } from '../chain/chain-state.ts'
import { housePurposes } from '../chain/house-address.ts'
import type { Network } from '../chain/network.ts'
import { signedAmong } from '../chain-payment/signed-among.ts'
import type { Bank } from '../context.ts'
import { ownersOf } from '../deposit/deposit-address.ts'
import type { BlockHeader, TokenTransfer } from '../ports.ts'

export type Owner = 'deposit' | 'hot' | 'cold' | 'gas'

export interface Movement {
  block: Pick<BlockHeader, 'number' | 'hash'>
  transfer: TokenTransfer
  from: Owner | ''
  to: Owner | ''
}

/** Finds our part in a block's transfers of the network's token. Owners are looked up now, after the block was read. */
export async function movementsIn(
  q: Queries,
  bookId: number,
  network: Network,
  block: Pick<BlockHeader, 'number' | 'hash'>,
  transfers: readonly TokenTransfer[],
): Promise<Movement[]> {
  const tokens = transfers.filter(({ contract, value }) => contract === network.contract && value > 0n)
  if (tokens.length === 0) return []
  const addresses = [...new Set(tokens.flatMap(({ from, to }) => [from, to]))]
  const owners = await ownersOf(q, bookId, network.family, addresses)
  if (owners.size === 0) return []
  const purposes = await housePurposes(q, bookId, network.family, [...owners.keys()])
  const ownerOf = (address: string): Owner | '' =>
    purposes.get(address) ?? (owners.has(address) ? ('deposit' as const) : '')
  return tokens.flatMap((transfer) => {
    const [from, to] = [ownerOf(transfer.from), ownerOf(transfer.to)]
    return from === '' && to === '' ? [] : [{ block, transfer, from, to }]
  })
}

/** Writes movements that are new. The caller holds the network's lock. */
export async function recordMovements(
  bank: Pick<Bank, 'clock' | 'log'>,
  tx: Tx,
  bookId: number,
  network: Network,
  movements: readonly Movement[],
): Promise<void> {
  if (movements.length === 0) return
  const rows = await tx.query<{ tx_hash: string; ordinal: number }>(
    'movements-add',
    'select tx_hash, ordinal from movements_add($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
    [
      bookId,
      network.code,
      movements.map(({ transfer }) => transfer.txHash),
      movements.map(({ transfer }) => transfer.ordinal),
      movements.map(({ transfer }) => transfer.from),
      movements.map(({ transfer }) => transfer.to),
      movements.map(({ from }) => from),
      movements.map(({ to }) => to),
      movements.map(({ transfer }) => `${transfer.value}`),
      movements.map(({ block }) => block.number),
      movements.map(({ block }) => block.hash),
      bank.clock.now(),
    ],
  )
  const added = new Set(rows.map(({ tx_hash, ordinal }) => `${tx_hash} ${ordinal}`))
  await stopAtUnknown(
    bank,
    tx,
    bookId,
    network,
    movements.filter(({ transfer }) => added.has(`${transfer.txHash} ${transfer.ordinal}`)),
  )
}

/** What leaves an address whose key only the signer has was signed by the signer, or the key is somebody else's as well. */
async function stopAtUnknown(
  bank: Pick<Bank, 'log'>,
  tx: Tx,
  bookId: number,
  network: Network,
  movements: readonly Movement[],
): Promise<void> {
  const leaving = movements.filter(needsSignature)
  if (leaving.length === 0) return
  const known = await signedAmong(
    tx,
    bookId,
    network.code,
    leaving.map(({ transfer }) => transfer.txHash),
  )
  for (const { transfer } of leaving) {
    if (known.has(transfer.txHash)) continue
    const { txHash, from, to, value } = transfer
    const amount = formatAmount(value, network.decimals)
    bank.log.fatal({ bookId, network: network.code, tx: txHash, from, to, amount }, 'tokens left, and nobody signed it')
    await pauseMoneyOut(tx, bookId, network.code, `${amount} USDT left ${from} in ${txHash}, which was not signed here`)
    await raiseAlert(tx, bookId, {
      key: unknownKey(network.code, txHash),
      kind: 'unknown_outgoing',
      severity: 'critical',
      data: { network: network.code, tx: txHash, from, to, amount },
    })
  }
}

export const unknownKey = (network: string, txHash: string) => `unknown_outgoing:${network}:${txHash}`

/** The cold wallet's keys are elsewhere: what it sends to our own wallets is as it should be, anything else is told. */
export const needsSignature = ({ from, to }: Pick<Movement, 'from' | 'to'>): boolean =>
  from !== '' && !(from === 'cold' && (to === 'hot' || to === 'cold'))

/** Takes back what stood in blocks above this one. The caller holds the network's lock. */
export const undoMovements = (tx: Tx, bookId: number, network: string, above: number): Promise<unknown> =>
  tx.query('movements-undo', 'select movements_undo($1, $2, $3)', [bookId, network, above])
