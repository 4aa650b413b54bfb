// Coin that came to an address of ours from outside. A chain writes no log of it, so it is found as a difference: what the
// address holds at a final block, less what our own payments in blocks up to there explain and what was found before.
// Must stay true: nothing is found twice, as what was found is explained from then on; what our payments may have brought
// without our knowing it yet is waited for, and so is what they took in a block that may have left the chain. Coin that is missing is no matter of this file: reconciliation tells of it.

import type { Queries, Tx } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'
import { houseFunded } from '../../ledger/journals.ts'
import { post } from '../../ledger/post.ts'
import { addCoinDust, lockChain } from '../chain/chain-state.ts'
import { coinUnits, ledgerCoin } from '../chain/coin.ts'
import { type CoinMoved, coinMovedBy } from '../chain-payment/committed.ts'
import type { Treasury } from './treasury-run.ts'

/** Books what came to an address from outside; answers how much, in chain units. `at` is a final block. */
export async function bookCoinFunding(
  treasury: Treasury,
  address: string,
  { balance, block }: { balance: bigint; block: number },
): Promise<bigint> {
  const { bank, bookId, network, sender } = treasury
  const first = await foundCoin(treasury, bank.db, address, balance, block)
  if (first.value <= 0n) return 0n
  for (const { hash, block: number, fee } of first.mined) {
    const where = await sender.find(hash)
    const stands = where.at === 'block' && where.number === number && where.fee === fee
    if (!stands) return 0n // a fee that was not paid in this branch is no coin from outside
  }
  for (const hash of first.coming) {
    const where = await sender.find(hash)
    if (where.at === 'block' && where.number <= block) return 0n // the payment loop will know of it soon
  }
  return bank.db.transaction(async (tx) => {
    await lockChain(tx, bookId, network.code)
    const { value, mined } = await foundCoin(treasury, tx, address, balance, block)
    const asked = new Set(first.mined.map(({ hash }) => hash))
    if (value <= 0n || mined.some(({ hash }) => !asked.has(hash))) return 0n
    await book(treasury, tx, address, value, block)
    return value
  })
}

interface Found extends Pick<CoinMoved, 'coming' | 'mined'> {
  value: bigint
}

/** What nothing of ours explains: positive when it came from outside, negative when it is missing. */
async function foundCoin(
  { bookId, network }: Treasury,
  q: Pick<Tx, 'query'>,
  address: string,
  balance: bigint,
  block: number,
): Promise<Found> {
  const { brought, taken, coming, mined } = await coinMovedBy(q, bookId, network.code, address, block)
  const [row] = await q.query<{ found: string }>(
    'coin-funded',
    'select coalesce(sum(value), 0)::text as found from coin_fundings where book_id = $1 and network = $2 and address = $3',
    [bookId, network.code, address],
  )
  return { value: balance - (BigInt(row?.found ?? 0) + brought - taken), coming, mined }
}

async function book(
  { bank, bookId, network }: Treasury,
  tx: Tx,
  address: string,
  value: bigint,
  block: number,
): Promise<void> {
  const id = newId()
  const { units, dust } = coinUnits(network, value)
  await tx.query(
    'coin-funding-add',
    `insert into coin_fundings (book_id, id, network, address, value, units, block_number, booked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [bookId, id, network.code, address, value.toString(), units, block, bank.clock.now()],
  )
  await addCoinDust(tx, bookId, network.code, dust)
  if (units === 0n) return
  const asset = ledgerCoin(network)
  const journal = houseFunded({ id, key: 'house_funded', networkNo: network.no, asset, to: 'custody', amount: units })
  await post(tx, { bookId, journal })
  bank.log.info({ bookId, network: network.code, address, value: `${value}`, block }, 'coin came from outside')
}

/** Coin from outside that was found at an address in blocks up to this one, in chain units. */
export async function coinFunded(
  q: Queries,
  bookId: number,
  network: string,
  address: string,
  upTo: number,
): Promise<bigint> {
  const [row] = await q.query<{ value: string }>(
    'coin-funded-to',
    `select coalesce(sum(value), 0)::text as value from coin_fundings
     where book_id = $1 and network = $2 and address = $3 and block_number <= $4`,
    [bookId, network, address, upTo],
  )
  return BigInt(row?.value ?? 0)
}
