// Tokens of each address: what it holds on chain against what its movements sum to, at one final block.
//
// Why there are no false alarms: the chain is asked first and names the final block it answered for. Only then the movements
// are read, in one snapshot, and only when the watcher had read that block by then, with the same hash: so every movement up
// to it is there. What came after it is taken off again. A difference is asked about a second time before it counts, for a
// node may answer from a place that lags.
//
// Must stay true: an address of the house may have held something before its first movement that we saw. That is found the
// first time it is looked at, and booked as paid in by the owners, once.

import type { Queries, Tx } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount, fromChainUnits } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { houseFunded } from '../../ledger/journals.ts'
import { post } from '../../ledger/post.ts'
import { lockChain } from '../chain/chain-state.ts'
import { houseAddresses } from '../chain/house-address.ts'
import type { Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import type { ChainSender } from '../ports.ts'
import type { Difference } from './difference.ts'
import type { Owner } from './movement.ts'

/** Addresses that are asked for together. */
const AT_ONCE = 200

export interface Held {
  address: string
  owner: Owner
  /** Chain units, at `block`. */
  found: bigint
  block: number
}

interface BalanceRow {
  address: string
  owner: Owner
  value: string
  opening: string | null
}

/** Lists the house's addresses, so that they are looked at before anything moved. */
export async function listHouse(q: Queries, bookId: number, network: Network): Promise<void> {
  const own = (await houseAddresses(q, bookId)).filter(({ family }) => family === network.family)
  await q.query(
    'chain-balances-house',
    `insert into chain_balances (book_id, network, address, owner) select $1, $2, * from unnest($3::text[], $4::text[])
     on conflict do nothing`,
    [bookId, network.code, own.map(({ address }) => address), own.map(({ purpose }) => purpose)],
  )
}

/** Addresses that should hold something, and all of the house's; `all` of them, when asked for. */
export async function addressesToAsk(
  q: Queries,
  bookId: number,
  network: string,
  all: boolean,
): Promise<{ address: string; owner: Owner }[]> {
  return q.query(
    'chain-balances-ask',
    `select address, owner from chain_balances
     where book_id = $1 and network = $2 and ($3 or owner <> 'deposit' or value <> 0) order by address`,
    [bookId, network, all],
  )
}

/** Asks the chain; each answer names its final block. */
export async function readHeld(
  sender: ChainSender,
  addresses: readonly { address: string; owner: Owner }[],
): Promise<Held[]> {
  const held: Held[] = []
  for (let i = 0; i < addresses.length; i += AT_ONCE) {
    const some = addresses.slice(i, i + AT_ONCE)
    const { block, balances } = await sender.finalBalances(some.map(({ address }) => ({ address, asset: 'token' })))
    held.push(...some.map((one, n) => ({ ...one, found: balances[n] ?? 0n, block })))
  }
  return held
}

/** What movements say that addresses hold after a block. Undefined where an opening is yet to be found. */
export async function expectedAt(
  q: Queries,
  bookId: number,
  network: string,
  held: readonly Held[],
): Promise<(one: Held) => { moved: bigint; opening: bigint | undefined }> {
  const rows = await q.query<BalanceRow>(
    'chain-balances-expected',
    `select b.address, b.owner, b.opening, (b.value + b.accepted + coalesce((
       select sum(case when m.from_address = b.address then m.value else 0 end - case when m.to_address = b.address then m.value else 0 end)
       from chain_movements m
       where m.book_id = $1 and m.network = $2 and m.block_number > u.block and (m.from_address = b.address or m.to_address = b.address)), 0))::text as value
     from unnest($3::text[], $4::bigint[]) u (address, block) join chain_balances b on b.book_id = $1 and b.network = $2 and b.address = u.address`,
    [bookId, network, held.map(({ address }) => address), held.map(({ block }) => block)],
  )
  const found = new Map(rows.map((row) => [row.address, row]))
  return ({ address, owner }) => {
    const row = found.get(address)
    const opening = row?.opening ?? (owner === 'deposit' ? '0' : undefined)
    return { moved: BigInt(row?.value ?? 0), opening: opening === undefined ? undefined : BigInt(opening) }
  }
}

/** Addresses whose balance is not what their movements make of it. */
export async function unlike(q: Queries, bookId: number, network: string, held: readonly Held[]): Promise<Held[]> {
  const expected = await expectedAt(q, bookId, network, held)
  return held.filter((one) => {
    const { moved, opening = one.found - moved } = expected(one)
    return one.found !== moved + opening
  })
}

export async function balanceDifferences(
  q: Queries,
  bookId: number,
  network: Network,
  held: readonly Held[],
): Promise<Difference[]> {
  const expected = await expectedAt(q, bookId, network.code, held)
  const text = (value: bigint) => formatAmount(value, network.decimals)
  return held.flatMap((one): Difference[] => {
    const { moved, opening = one.found - moved } = expected(one)
    if (one.found === moved + opening) return []
    return [
      {
        kind: 'balance_off',
        network: network.code,
        subject: one.address,
        asset: 'USDT',
        expected: text(moved + opening),
        found: text(one.found),
        detail: `${one.owner} address at block ${one.block}`,
        severity: 'critical',
        off: one.found - moved - opening,
      },
    ]
  })
}

/** Finds what addresses of the house held before we saw them move, and books it. Answers how many were opened. */
export async function findOpenings(
  bank: Bank,
  bookId: number,
  network: Network,
  held: readonly Held[],
): Promise<number> {
  let opened = 0
  for (const one of held) {
    if (one.owner === 'deposit') continue
    await bank.db.transaction(async (tx) => {
      await lockChain(tx, bookId, network.code)
      const { moved, opening } = (await expectedAt(tx, bookId, network.code, [one]))(one)
      if (opening !== undefined) return
      // less than its movements make: a break from the first look on
      await open(tx, bookId, network, one, one.found > moved ? one.found - moved : 0n)
      opened++
    })
  }
  return opened
}

async function open(tx: Tx, bookId: number, network: Network, { address, owner }: Held, value: bigint): Promise<void> {
  const { units } = fromChainUnits(value, network.decimals, assets.USDT.scale)
  const id = newId()
  await tx.query(
    'chain-balance-open',
    `update chain_balances set opening = $4, opening_id = $5, opening_units = $6
     where book_id = $1 and network = $2 and address = $3 and opening is null`,
    [bookId, network.code, address, `${value}`, id, units],
  )
  if (units === 0n) return
  const to = owner === 'cold' ? 'cold' : 'hot'
  const journal = houseFunded({ id, key: 'opening', networkNo: network.no, asset: 'USDT', to, amount: units })
  await post(tx, { bookId, journal })
}
