// Snapshots of reserves as they are kept: the published part for ever, the leaves for some weeks.
// Must stay true: a snapshot is written whole or not at all; what was published never changes.

import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { HeldAddress, Holdings } from './holdings.ts'
import type { Node, Snapshot } from './merkle-sum-tree.ts'
import type { ReserveAsset } from './reserve-asset.ts'

/** Nodes below this level are worked out again from the leaves under them. */
export const KEPT_LEVEL = 8

const AT_ONCE = 10_000

export interface Member {
  personNo: bigint
  units: readonly bigint[]
}

export interface Published {
  id: string
  at: Date
  size: number
  assets: ReserveAsset[]
  root: Buffer
  liabilities: bigint[]
  /** On chain at the blocks that `places` names. */
  holdings: bigint[]
  /** Left by those blocks, for payments that the books still owed. */
  paid: bigint[]
  places: { network: string; asset: ReserveAsset; block: number; addresses: number; units: string }[]
  payments: { network: string; asset: ReserveAsset; tx_hash: string; units: string }[]
}

const columns = 'id, at, size, assets, root, liabilities, holdings, paid, places, payments'

/** Writes a snapshot with its leaves in order. */
export async function insertSnapshot(
  tx: Tx,
  snapshot: Snapshot,
  { members, levels, held, paid }: { members: readonly Member[]; levels: readonly (readonly Node[])[] } & Holdings,
): Promise<void> {
  const { bookId, id, at, size, assets } = snapshot
  const top = levels.at(-1)?.[0]
  if (!top) throw new Error('a tree has a root')
  const sum = (of: readonly { asset: string; units: bigint }[]) =>
    assets.map((asset) => of.reduce((total, one) => (one.asset === asset ? total + one.units : total), 0n))
  const places = held.map(({ network, asset, block, units, addresses }) => {
    return { network, asset, block, addresses: addresses.length, units: `${units}` }
  })
  const payments = paid.map((one) => ({ ...one, units: `${one.units}` }))
  await tx.query(
    'reserve-snapshot-add',
    `insert into reserve_snapshots (book_id, ${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      bookId,
      id,
      at,
      size,
      assets,
      top.hash,
      top.sums,
      sum(held),
      sum(paid),
      JSON.stringify(places),
      JSON.stringify(payments),
    ],
  )
  for (let i = 0; i < members.length; i += AT_ONCE) {
    const some = members.slice(i, i + AT_ONCE)
    await tx.query(
      'reserve-leaves-add',
      `insert into reserve_leaves (book_id, snapshot_id, index, person_no, units)
       select $1, $2, u.index, u.person_no, u.units::bigint[] from unnest($3::integer[], $4::bigint[], $5::text[]) u (index, person_no, units)`,
      [bookId, id, some.map((_, n) => i + n), some.map((one) => one.personNo), some.map((one) => arrayText(one.units))],
    )
  }
  await insertNodes(tx, bookId, id, levels)
  for (const { network, asset, addresses } of held) await insertAddresses(tx, bookId, id, network, asset, addresses)
}

const arrayText = (values: readonly bigint[]) => `{${values.join(',')}}`

async function insertNodes(tx: Tx, bookId: number, id: string, levels: readonly (readonly Node[])[]): Promise<void> {
  for (const [level, nodes] of levels.entries()) {
    if (level < KEPT_LEVEL) continue
    await tx.query(
      'reserve-nodes-add',
      `insert into reserve_nodes (book_id, snapshot_id, level, position, hash, units)
       select $1, $2, $3::smallint, u.position, u.hash, u.units::bigint[]
       from unnest($4::integer[], $5::bytea[], $6::text[]) u (position, hash, units)`,
      [bookId, id, level, nodes.map((_, n) => n), nodes.map(({ hash }) => hash), nodes.map((n) => arrayText(n.sums))],
    )
  }
}

async function insertAddresses(
  tx: Tx,
  bookId: number,
  id: string,
  network: string,
  asset: string,
  addresses: readonly HeldAddress[],
): Promise<void> {
  await tx.query(
    'reserve-addresses-add',
    `insert into reserve_addresses (book_id, snapshot_id, network, asset, address, purpose, value)
     select $1, $2, $3, $4, * from unnest($5::text[], $6::text[], $7::numeric[])`,
    [
      bookId,
      id,
      network,
      asset,
      addresses.map((one) => one.address),
      addresses.map((one) => one.purpose),
      addresses.map((one) => `${one.value}`),
    ],
  )
}

// --- reading ---

/** Newest first. */
export const publishedSnapshots = (
  q: Queries,
  bookId: number,
  page: { offset: number; size: number },
): Promise<Published[]> =>
  q.query<Published>(
    'reserve-snapshots',
    `select ${columns} from reserve_snapshots where book_id = $1 order by at desc, id desc limit $2 offset $3`,
    [bookId, page.size, page.offset],
  )

/** One, or the newest. Refuses `NotFound`. */
export async function publishedSnapshot(q: Queries, bookId: number, id?: string): Promise<Published> {
  const [row] = id
    ? await q.query<Published>(
        'reserve-snapshot',
        `select ${columns} from reserve_snapshots where book_id = $1 and id = $2`,
        [bookId, id],
      )
    : await publishedSnapshots(q, bookId, { offset: 0, size: 1 })
  if (!row) throw new Refusal('NotFound')
  return row
}

export interface ReserveAddress {
  network: string
  asset: ReserveAsset
  address: string
  purpose: HeldAddress['purpose']
  value: string
}

/** What each address held: the house's wallets first, then by what they held. */
export const reserveAddresses = (
  q: Queries,
  bookId: number,
  snapshotId: string,
  page: { offset: number; size: number },
): Promise<ReserveAddress[]> =>
  q.query<ReserveAddress>(
    'reserve-addresses',
    `select network, asset, address, purpose, value from reserve_addresses where book_id = $1 and snapshot_id = $2
     order by purpose = 'deposit', network, asset, value desc, address limit $3 offset $4`,
    [bookId, snapshotId, page.size, page.offset],
  )

/** A customer's place in a snapshot; nothing when they are not in it, or its leaves were forgotten. */
export async function leafIndex(q: Queries, bookId: number, id: string, personNo: bigint): Promise<number | undefined> {
  const [row] = await q.query<{ index: number }>(
    'reserve-leaf-of',
    'select index from reserve_leaves where book_id = $1 and snapshot_id = $2 and person_no = $3',
    [bookId, id, personNo],
  )
  return row?.index
}

/** The leaves from one place on, in order. */
export async function leavesFrom(
  q: Queries,
  bookId: number,
  id: string,
  first: number,
  count: number,
): Promise<Member[]> {
  const rows = await q.query<{ person_no: bigint; units: bigint[] }>(
    'reserve-leaves',
    `select person_no, units from reserve_leaves
     where book_id = $1 and snapshot_id = $2 and index >= $3 and index < $4 order by index`,
    [bookId, id, first, first + count],
  )
  return rows.map((row) => ({ personNo: row.person_no, units: row.units }))
}

/** Kept nodes at these places; those that are not there have no customer below them. */
export async function nodesAt(
  q: Queries,
  bookId: number,
  id: string,
  places: readonly { level: number; position: number }[],
): Promise<(Node | undefined)[]> {
  const rows = await q.query<{ level: number; position: number; hash: Buffer; units: bigint[] }>(
    'reserve-nodes',
    `select level, position, hash, units from reserve_nodes
     where book_id = $1 and snapshot_id = $2 and (level, position) in (select * from unnest($3::smallint[], $4::integer[]))`,
    [bookId, id, places.map((place) => place.level), places.map((place) => place.position)],
  )
  return places.map(({ level, position }) => {
    const row = rows.find((one) => one.level === level && one.position === position)
    return row && { hash: row.hash, sums: row.units }
  })
}

/** Forgets whose leaf is where, of snapshots before an instant. Roots and what was published stay. */
export async function forgetLeaves(q: Queries, bookId: number, before: Date): Promise<void> {
  for (const table of ['reserve_leaves', 'reserve_nodes'] as const) {
    await q.query(
      `${table}-forget`,
      `delete from ${table} where book_id = $1 and snapshot_id in (
         select id from reserve_snapshots where book_id = $1 and at < $2)`,
      [bookId, before],
    )
  }
}
