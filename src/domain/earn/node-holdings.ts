// What customers hold: nodes, what was paid for them, and the nodes of everybody below. Running totals of the orders,
// counted up in the transaction of the purchase (node_sell in sql/0016-nodes.sql) and proven by earn-checks.ts.

import type { Queries, Tx } from '../../base/database.ts'

export interface Holdings {
  person_no: bigint
  nodes: number
  principal: bigint
  team_nodes: number
}

const nothing = (personNo: bigint): Holdings => ({ person_no: personNo, nodes: 0, principal: 0n, team_nodes: 0 })

export async function holdingsOf(q: Queries, bookId: number, personNo: bigint): Promise<Holdings> {
  const [row] = await manyHoldings(q, bookId, [personNo])
  return row ?? nothing(personNo)
}

/** Those of these people who have anything to count. */
export const manyHoldings = (q: Queries, bookId: number, people: readonly bigint[]): Promise<Holdings[]> =>
  q.query<Holdings>(
    'node-holdings',
    `select person_no, nodes, principal, team_nodes from node_holdings
     where book_id = $1 and person_no = any ($2::bigint[]) order by person_no`,
    [bookId, people],
  )

/** The same, kept from purchases until the transaction ends. People and accounts are locked after it, never before. */
export const lockHoldings = (tx: Tx, bookId: number, people: readonly bigint[]): Promise<Holdings[]> =>
  tx.query<Holdings>(
    'node-holdings-lock',
    'select person_no, nodes, principal, team_nodes from node_holdings_lock($1, $2::bigint[])',
    [bookId, people],
  )

/** Everybody with something to count, in order of their numbers, from after this one. */
export const holdingsAfter = (q: Queries, bookId: number, after: bigint, limit: number): Promise<Holdings[]> =>
  q.query<Holdings>(
    'node-holdings-after',
    `select person_no, nodes, principal, team_nodes from node_holdings
     where book_id = $1 and person_no > $2 order by person_no limit $3`,
    [bookId, after, limit],
  )
