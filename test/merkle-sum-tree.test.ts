// The tree of a proof of reserves, made by the bank and verified by the customers' own verifier, which shares no code with
// it; and every way to cheat with such a tree, tried by a bank that does.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ProofError, type ReserveProof, sha256, verifyReserveProof } from '../sdk/reserves.js'
import {
  buildTree,
  contextOf,
  type Leaf,
  leafNode,
  levelsAbove,
  type Node,
  type Snapshot,
  siblingsOf,
} from '../src/domain/reserves/merkle-sum-tree.ts'
import { draws } from './harness/ledger.ts'

const MAX = 2n ** 63n - 1n

const snapshotOf = (size: number): Snapshot => ({
  bookId: 1,
  id: '01988f5e-3c1a-7d2b-9b8e-0242ac120002',
  at: new Date('2026-03-01T00:10:00.123Z'),
  size,
  assets: ['USDT', 'TRX'],
})
const customer = (no: number, ...sums: bigint[]): Leaf => ({ uid: `U${10_001 + no}`, salt: randomBytes(32), sums })

interface Tree {
  snapshot: Snapshot
  leaves: Leaf[]
  levels: Node[][]
}

function treeOf(leaves: Leaf[], snapshot = snapshotOf(leaves.length)): Tree {
  return { snapshot, leaves, levels: buildTree(snapshot, leaves) }
}

/** The document as the API gives it, for the leaf at a place. */
function proofOf({ snapshot, leaves, levels }: Tree, index: number): ReserveProof {
  const leaf = leaves[index]
  const root = levels.at(-1)?.[0]
  assert.ok(leaf && root)
  return {
    format: 'unipay-reserve-proof',
    version: 1,
    snapshot: { book: 1, id: snapshot.id, at: snapshot.at.toISOString(), size: snapshot.size, assets: ['USDT', 'TRX'] },
    leaf: { index, uid: leaf.uid, salt: Buffer.from(leaf.salt).toString('hex'), units: leaf.sums.map(String) },
    siblings: siblingsOf(levels, index).map(({ hash, sums }) => ({
      hash: hash.toString('hex'),
      units: sums.map(String),
    })),
    root: root.hash.toString('hex'),
    liabilities: root.sums.map(String),
  }
}

const refused = (proof: unknown, reason: RegExp) =>
  assert.throws(
    () => verifyReserveProof(proof as ReserveProof),
    (error) => error instanceof ProofError && reason.test(error.message),
  )

test('the verifier’s own SHA-256 is SHA-256', () => {
  for (let length = 0; length < 200; length++) {
    const message = randomBytes(length)
    assert.equal(Buffer.from(sha256(message)).toString('hex'), createHash('sha256').update(message).digest('hex'))
  }
})

test('each customer of a tree of any size verifies, and learns what all are owed', (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  for (const size of [...Array.from({ length: 34 }, (_, i) => i + 1), 63, 64, 65, 255, 256, 257]) {
    const leaves = Array.from({ length: size }, (_, i) => customer(i, BigInt(below(1e9)), BigInt(below(1e6))))
    const tree = treeOf(leaves)
    const owed = [0, 1].map((asset) => leaves.reduce((sum, leaf) => sum + (leaf.sums[asset] ?? 0n), 0n))
    for (const [i, leaf] of leaves.entries()) {
      const found = verifyReserveProof(proofOf(tree, i))
      assert.deepEqual(found.liabilities, { USDT: owed[0], TRX: owed[1] })
      assert.deepEqual(found.balances, { USDT: leaf.sums[0], TRX: leaf.sums[1] })
      assert.deepEqual([found.uid, found.compared], [leaf.uid, false])
    }
  }
})

test('10,000 customers: each verifies their own leaf; sums are those of the leaves', (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const leaves = Array.from({ length: 10_000 }, (_, i) => customer(i, BigInt(below(1e9)), 0n))
  const tree = treeOf(leaves)
  const published = {
    id: tree.snapshot.id,
    at: tree.snapshot.at.toISOString(),
    size: 10_000,
    root: proofOf(tree, 0).root,
  }
  const began = performance.now()
  for (let i = 0; i < leaves.length; i++) assert.ok(verifyReserveProof(proofOf(tree, i), published).compared)
  const milliseconds = (performance.now() - began) / leaves.length
  t.diagnostic(`${milliseconds.toFixed(2)} ms a proof`)
  assert.ok(milliseconds < 5)
  assert.equal(
    tree.levels.at(-1)?.[0]?.sums[0],
    leaves.reduce((sum, leaf) => sum + (leaf.sums[0] ?? 0n), 0n),
  )
})

test('salted: equal balances give different leaves, the same customer another one in every snapshot', () => {
  const equal = Array.from({ length: 64 }, (_, i) => customer(i, 1_000_000n, 0n))
  const tree = treeOf(equal)
  const hashes = new Set(tree.levels[0]?.map(({ hash }) => hash.toString('hex')))
  assert.equal(hashes.size, 64)
  const later = { ...snapshotOf(64), id: '01988f5e-3c1a-7d2b-9b8e-0242ac120003' }
  const again = treeOf(equal, later)
  assert.ok(again.levels[0]?.every(({ hash }) => !hashes.has(hash.toString('hex'))))
  // what one customer is given names no other and holds nobody's salt
  const text = JSON.stringify(proofOf(tree, 5))
  for (const [i, { uid, salt }] of equal.entries()) {
    assert.equal(text.includes(uid) || text.includes(Buffer.from(salt).toString('hex')), i === 5)
  }
  // guessing who the neighbour is needs the neighbour's salt
  const context = contextOf(tree.snapshot)
  const guess = leafNode(context, 4, { uid: equal[4]?.uid ?? '', salt: Buffer.alloc(32), sums: [1_000_000n, 0n] })
  assert.notEqual(guess.hash.toString('hex'), tree.levels[0]?.[4]?.hash.toString('hex'))
})

// --- a bank that cheats ----------------------------------------------------------------------------------------------

const honest = () =>
  treeOf([
    customer(0, 700n, 1n),
    customer(1, 300n, 0n),
    customer(2, 500n, 2n),
    customer(3, 250n, 0n),
    customer(4, 40n, 0n),
  ])

/** Hashes what no honest tree would hold, by the same rules: numbers wrap around as they would in a careless language. */
function cheat(
  snapshot: Snapshot,
  leaves: Leaf[],
): { root: Buffer; sums: bigint[]; siblings: (index: number) => Node[] } {
  const wrap = (value: bigint) => BigInt.asUintN(64, value)
  const u64 = (value: bigint | number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(wrap(BigInt(value)))
    return bytes
  }
  const context = contextOf(snapshot)
  const hash = (tag: number, ...parts: Uint8Array[]) =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.of(tag), context, ...parts]))
      .digest()
  const row: Node[] = leaves.map(({ uid, salt, sums }, i) => {
    const owner = hash(3, salt, Buffer.from(uid))
    return { hash: hash(0, u64(i), owner, ...sums.map(u64)), sums }
  })
  const levels = [row]
  for (let level = 1; (levels.at(-1)?.length ?? 0) > 1; level++) {
    const below = levels.at(-1) ?? []
    levels.push(
      Array.from({ length: Math.ceil(below.length / 2) }, (_, position) => {
        const left = below[2 * position]
        assert.ok(left)
        const right = below[2 * position + 1] ?? {
          hash: hash(2, u64(level - 1), u64(2 * position + 1)),
          sums: left.sums.map(() => 0n),
        }
        const sums = left.sums.map((sum, i) => BigInt.asIntN(64, sum + (right.sums[i] ?? 0n)))
        const parts = [left, right].flatMap((child) => [child.hash, ...child.sums.map(u64)])
        return { hash: hash(1, u64(level), u64(position), ...parts), sums }
      }),
    )
  }
  const top = levels.at(-1)?.[0]
  assert.ok(top)
  return { root: top.hash, sums: [...top.sums], siblings: (index) => siblingsOf(levels, index) }
}

function cheatingProof(leaves: Leaf[], index: number): ReserveProof {
  const snapshot = snapshotOf(leaves.length)
  const { root, sums, siblings } = cheat(snapshot, leaves)
  const honestPart = proofOf(treeOf(leaves.map(({ uid, salt }) => ({ uid, salt, sums: [0n, 0n] }))), index)
  return {
    ...honestPart,
    leaf: { ...honestPart.leaf, units: (leaves[index]?.sums ?? []).map(String) },
    siblings: siblings(index).map(({ hash, sums: below }) => ({
      hash: hash.toString('hex'),
      units: below.map(String),
    })),
    root: root.toString('hex'),
    liabilities: sums.map(String),
  }
}

test('the cheat’s hashes are right where nothing is cheated', () => {
  const leaves = [customer(0, 5n, 0n), customer(1, 7n, 1n), customer(2, 9n, 0n)]
  for (const i of leaves.keys()) assert.equal(verifyReserveProof(cheatingProof(leaves, i)).liabilities.USDT, 21n)
})

test('refused: a negative balance that makes the sum smaller', () => {
  const leaves = [customer(0, 1_000n, 0n), customer(1, -900n, 0n)]
  const proof = cheatingProof(leaves, 0)
  assert.equal(proof.liabilities[0], '100')
  refused(proof, /no whole number of 0 or more/)
  const hidden = { ...proof, siblings: proof.siblings.map((one) => ({ ...one, units: [`${2n ** 64n - 900n}`, '0'] })) }
  refused(hidden, /no whole number|larger than a ledger can hold/)
})

test('refused: sums that overflow and wrap around', () => {
  const leaves = [customer(0, 1_000n, 0n), customer(1, MAX, 0n), customer(2, MAX, 0n), customer(3, 2n, 0n)]
  const wrapped = cheatingProof(leaves, 0)
  refused(wrapped, /larger than a ledger can hold|no whole number/)
  assert.throws(() => treeOf(leaves), /beyond what a ledger holds/, 'an honest bank does not even build it')
  const atTheLimit = treeOf([customer(0, MAX - 1n, 0n), customer(1, 1n, 0n)])
  assert.equal(verifyReserveProof(proofOf(atTheLimit, 0)).liabilities.USDT, MAX)
})

test('refused: a customer who was left out', () => {
  const tree = honest()
  const omitted = customer(99, 12_345n, 0n)
  for (const index of tree.leaves.keys()) {
    const proof = proofOf(tree, index)
    const salt = Buffer.from(omitted.salt).toString('hex')
    refused({ ...proof, leaf: { ...proof.leaf, uid: omitted.uid, salt, units: ['12345', '0'] } }, /another root/)
  }
  // behind the last one there is nothing but padding
  const proof = proofOf(tree, 4)
  for (const index of [5, 6, 7]) refused({ ...proof, leaf: { ...proof.leaf, index } }, /outside the tree/)
  refused({ ...proof, snapshot: { ...proof.snapshot, size: 6 }, leaf: { ...proof.leaf, index: 5 } }, /./)
})

test('refused: one leaf for two customers, and one subtree shown twice', () => {
  const tree = honest()
  const alice = proofOf(tree, 0)
  refused({ ...alice, leaf: { ...alice.leaf, uid: tree.leaves[1]?.uid } }, /another root/)
  // two customers with equal balances: each place has a hash of its own, so neither's proof does for the other
  const twins = treeOf([customer(0, 5n, 0n), customer(1, 5n, 0n), customer(2, 5n, 0n), customer(3, 5n, 0n)])
  const first = proofOf(twins, 0)
  for (const index of [1, 2, 3]) refused({ ...first, leaf: { ...first.leaf, index } }, /another root/)
  // the last node taken twice, as trees that repeat an odd one allow
  const odd = treeOf([customer(0, 5n, 0n), customer(1, 6n, 0n), customer(2, 7n, 0n)])
  const context = contextOf({ ...odd.snapshot, size: 4 })
  const doubled = odd.leaves.map((leaf, i) => leafNode(context, i, leaf))
  const last = doubled[2]
  assert.ok(last)
  const depth = { level: 0, position: 0, depth: 2 }
  const levels = levelsAbove(odd.snapshot, context, [...doubled, last], depth)
  const proof = proofOf({ snapshot: { ...odd.snapshot, size: 4 }, leaves: odd.leaves, levels }, 2)
  assert.equal(verifyReserveProof(proof).uid, odd.leaves[2]?.uid, 'at its own place it is itself')
  refused({ ...proof, leaf: { ...proof.leaf, index: 3 } }, /another root/)
})

test('refused: siblings swapped, exchanged, missing, added, or with other sums', () => {
  const tree = honest()
  for (const index of tree.leaves.keys()) {
    const proof = proofOf(tree, index)
    refused({ ...proof, leaf: { ...proof.leaf, index: index ^ 1 } }, /another root|outside the tree|undefined|object/)
    const [first, second, ...rest] = proof.siblings
    if (first && second) refused({ ...proof, siblings: [second, first, ...rest] }, /another root/)
    if (first) refused({ ...proof, siblings: proof.siblings.slice(1) }, /object|another root/)
    refused(
      { ...proof, siblings: [...proof.siblings, first ?? { hash: proof.root, units: ['0', '0'] }] },
      /more siblings/,
    )
    if (first)
      refused({ ...proof, siblings: [{ ...first, units: ['1', '0'] }, ...proof.siblings.slice(1)] }, /another root/)
  }
})

test('refused: anything else that was changed, and documents that are none', () => {
  const proof = proofOf(honest(), 1)
  const { snapshot, leaf } = proof
  const changed: [unknown, RegExp][] = [
    [{ ...proof, snapshot: { ...snapshot, id: 'another' } }, /another root/],
    [{ ...proof, snapshot: { ...snapshot, at: '2026-03-02T00:10:00.123Z' } }, /another root/],
    [{ ...proof, snapshot: { ...snapshot, book: 2 } }, /another root/],
    [{ ...proof, snapshot: { ...snapshot, assets: ['TRX', 'USDT'] } }, /another root/],
    [{ ...proof, snapshot: { ...snapshot, assets: ['USDT'] } }, /one sum an asset/],
    [{ ...proof, leaf: { ...leaf, units: ['301', '0'] } }, /another root/],
    [{ ...proof, leaf: { ...leaf, units: ['0300', '0'] } }, /no whole number/],
    [{ ...proof, leaf: { ...leaf, units: [300, 0] } }, /no whole number/],
    [{ ...proof, leaf: { ...leaf, index: 1.5 } }, /outside the tree/],
    [{ ...proof, leaf: { ...leaf, salt: 'abc' } }, /64 hexadecimal digits/],
    [{ ...proof, root: proof.root.replace(/^./, (c) => (c === '0' ? '1' : '0')) }, /another root/],
    [{ ...proof, liabilities: ['1789', '3'] }, /not the liabilities/],
    [{ ...proof, version: 2 }, /version 1/],
    [{}, /./],
    ['{', /no JSON/],
    [null, /no object/],
  ]
  for (const [document, reason] of changed) refused(document, reason)
  const published = { id: snapshot.id, at: snapshot.at, size: snapshot.size, root: proof.root }
  assert.ok(verifyReserveProof(JSON.stringify(proof), published).compared)
  for (const other of [{ root: 'ab'.repeat(32) }, { id: 'x' }, { at: 'x' }, { size: 4 }]) {
    assert.throws(() => verifyReserveProof(proof, { ...published, ...other }), /published/)
  }
})
