// The Merkle sum tree over what the bank owes: a leaf a customer, every node with the sums below it. Pure: bytes in, bytes out.
// Must stay true: a hash commits to what its node is, where it stands and what both of its children sum to, so none can be
// left out, shown twice, swapped or made negative without another root; the definition is in docs/reserves.md, and the
// verifier for customers (sdk/reserves.js) works by that page and shares nothing with this file.

import { sha256 } from '../../base/crypto.ts'
import { assert } from '../../base/errors.ts'
import { MAX_UNITS } from '../../base/money.ts'

/** What a snapshot is; every hash of its tree commits to all of it. */
export interface Snapshot {
  bookId: number
  id: string
  at: Date
  /** Customers, and so leaves. */
  size: number
  /** In the order of the sums. */
  assets: readonly string[]
}

export interface Leaf {
  uid: string
  salt: Uint8Array
  /** One for each asset, in its smallest unit. */
  sums: readonly bigint[]
}

export interface Node {
  hash: Buffer
  sums: readonly bigint[]
}

const HASH = 32
const tags = { leaf: 0, node: 1, pad: 2, owner: 3 } as const

/** The bytes by which all hashes of a snapshot differ from those of every other. */
export function contextOf({ bookId, id, at, size, assets }: Snapshot): Buffer {
  const fields = ['unipay reserves 1', bookId, id, at.toISOString(), size, ...assets]
  return sha256(fields.map((field) => `${Buffer.byteLength(`${field}`)}:${field},`).join(''))
}

/** Levels above the leaves. */
export function depthOf(size: number): number {
  let depth = 0
  while (2 ** depth < size) depth++
  return depth
}

const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

const hashOf = (context: Buffer, tag: keyof typeof tags, ...parts: Uint8Array[]): Buffer =>
  sha256(Buffer.concat([Buffer.of(tags[tag]), context, ...parts]))

function within(sums: readonly bigint[]): readonly bigint[] {
  for (const sum of sums) assert(sum >= 0n && sum <= MAX_UNITS, `a sum of ${sum} is beyond what a ledger holds`)
  return sums
}

export function leafNode(context: Buffer, index: number, { uid, salt, sums }: Leaf): Node {
  assert(salt.length === HASH, 'a salt is as long as a hash')
  const owner = hashOf(context, 'owner', salt, Buffer.from(uid))
  return { hash: hashOf(context, 'leaf', u64(index), owner, ...within(sums).map(u64)), sums }
}

/** Stands where a subtree has no customer at all. */
const padNode = (context: Buffer, assets: number, level: number, position: number): Node => ({
  hash: hashOf(context, 'pad', u64(level), u64(position)),
  sums: Array.from({ length: assets }, () => 0n),
})

function parentNode(context: Buffer, level: number, position: number, left: Node, right: Node): Node {
  const sums = within(left.sums.map((sum, i) => sum + (right.sums[i] ?? 0n)))
  const parts = [left, right].flatMap((child) => [child.hash, ...child.sums.map(u64)])
  return { hash: hashOf(context, 'node', u64(level), u64(position), ...parts), sums }
}

/**
 * The levels above given nodes, theirs first, up to the root. They stand at `level` from `position` on and reach to the end
 * of the tree or of a whole subtree of `depth`.
 */
export function levelsAbove(
  snapshot: Pick<Snapshot, 'assets'>,
  context: Buffer,
  nodes: readonly Node[],
  { level, position, depth }: { level: number; position: number; depth: number },
): Node[][] {
  const { length: assets } = snapshot.assets
  const levels = [nodes.length > 0 ? [...nodes] : [padNode(context, assets, level, position)]]
  for (let at = level + 1, from = position / 2; at <= depth; at++, from /= 2) {
    const below = levels.at(-1) ?? []
    const row: Node[] = []
    for (let i = 0; i < below.length; i += 2) {
      const [left, right] = [below[i], below[i + 1]]
      assert(left, 'a parent has a left child')
      const place = from + i / 2
      row.push(parentNode(context, at, place, left, right ?? padNode(context, assets, at - 1, 2 * place + 1)))
    }
    levels.push(row)
  }
  return levels
}

/** All levels, the leaves first, the root last. */
export function buildTree(snapshot: Snapshot, leaves: readonly Leaf[]): Node[][] {
  assert(leaves.length === snapshot.size, 'the snapshot says how many leaves there are')
  const context = contextOf(snapshot)
  const nodes = leaves.map((leaf, index) => leafNode(context, index, leaf))
  return levelsAbove(snapshot, context, nodes, { level: 0, position: 0, depth: depthOf(snapshot.size) })
}

/** The way from a leaf to the root: on each level the other child, where there is one; pads are everybody's to work out. */
export function siblingsOf(levels: readonly (readonly Node[])[], index: number): Node[] {
  return levels.slice(0, -1).flatMap((row, level) => row[Math.floor(index / 2 ** level) ^ 1] ?? [])
}
