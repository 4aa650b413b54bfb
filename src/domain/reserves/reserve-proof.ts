// A customer's own proof: their leaf and the way from it to the published root. The format is that of docs/reserves.md.
// Must stay true: it holds the salt of nobody but the one who asks; it leads to the root that was published, or is not given.

import { assert, Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import { saltOf, uidOf } from './build-reserves.ts'
import { contextOf, depthOf, leafNode, levelsAbove, type Node, type Snapshot, siblingsOf } from './merkle-sum-tree.ts'
import { KEPT_LEVEL, leafIndex, leavesFrom, nodesAt, type Published, publishedSnapshot } from './reserve-snapshot.ts'

export interface ReserveProof {
  format: 'unipay-reserve-proof'
  version: 1
  snapshot: { book: number; id: string; at: string; size: number; assets: string[] }
  leaf: { index: number; uid: string; salt: string; units: string[] }
  siblings: { hash: string; units: string[] }[]
  root: string
  liabilities: string[]
}

const texts = (units: readonly bigint[]) => units.map((value) => `${value}`)

/** Of the snapshot with this id, or of the newest. Refuses `NotFound` when the customer is not in it, or it is too old. */
export async function reserveProof(bank: Bank, actor: Actor, snapshotId?: string): Promise<ReserveProof> {
  const { bookId, personNo } = actor
  const published = await publishedSnapshot(bank.db, bookId, snapshotId)
  const index = await leafIndex(bank.db, bookId, published.id, personNo)
  if (index === undefined) throw new Refusal('NotFound', { reason: 'no part of this snapshot' })
  const { id, at, size, assets } = published
  const snapshot: Snapshot = { bookId, id, at, size, assets }
  const { siblings, units, top } = await wayUp(bank, snapshot, index)
  assert(top.hash.equals(published.root), 'a proof leads to the published root')
  return {
    format: 'unipay-reserve-proof',
    version: 1,
    snapshot: { book: bookId, id, at: at.toISOString(), size, assets },
    leaf: {
      index,
      uid: uidOf(personNo),
      salt: saltOf(bank, bookId, id, personNo).toString('hex'),
      units: texts(units),
    },
    siblings: siblings.map(({ hash, sums }) => ({ hash: hash.toString('hex'), units: texts(sums) })),
    root: published.root.toString('hex'),
    liabilities: texts(published.liabilities),
  }
}

/** Works out again the lowest levels under the leaf's kept node; the levels above come from their rows. */
async function wayUp(
  bank: Bank,
  snapshot: Snapshot,
  index: number,
): Promise<{ siblings: Node[]; units: readonly bigint[]; top: Node }> {
  const { bookId, id, size } = snapshot
  const context = contextOf(snapshot)
  const depth = depthOf(size)
  const low = Math.min(KEPT_LEVEL, depth)
  const group = Math.floor(index / 2 ** low)
  const first = group * 2 ** low
  const members = await leavesFrom(bank.db, bookId, id, first, 2 ** low)
  const own = members[index - first]
  assert(own, 'a leaf that was found is there')
  const leaves = members.map(({ personNo, units }, i) => {
    const salt = saltOf(bank, bookId, id, personNo)
    return leafNode(context, first + i, { uid: uidOf(personNo), salt, sums: units })
  })
  const levels = levelsAbove(snapshot, context, leaves, { level: 0, position: first, depth: low })
  const above = Array.from({ length: depth - low }, (_, i) => {
    return { level: low + i, position: Math.floor(group / 2 ** i) ^ 1 }
  })
  const kept = await nodesAt(bank.db, bookId, id, [...above, { level: depth, position: 0 }])
  const top = depth > low ? kept.at(-1) : levels.at(-1)?.[0]
  assert(top, 'a tree has a root')
  const siblings = [...siblingsOf(levels, index - first), ...kept.slice(0, -1).flatMap((node) => node ?? [])]
  return { siblings, units: own.units, top }
}

/** What of a snapshot a proof is held against. */
export const publishedRoot = ({ id, at, size, root }: Published) => ({
  id,
  at: at.toISOString(),
  size,
  root: root.toString('hex'),
})
