// What can be recomputed of a node's answer: a header up to its hash, receipts up to the header's root, blooms.
// Nodes have lost logs after a reorganisation, repeated and misnumbered them; none of that survives these sums.
// Must stay true: nothing here trusts a field that it can derive.

import { concat, type Hex, keccak256, toRlp } from 'viem'

/** A log as far as consensus knows it. */
export interface RawLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
}

export interface RawReceipt {
  readonly type: Hex
  readonly status: Hex
  readonly cumulativeGasUsed: Hex
  readonly logsBloom: Hex
  readonly logs: readonly RawLog[]
}

/** A quantity as RLP wants it: no leading zero byte, nothing at all for zero. */
const quantity = (value: Hex): Hex => {
  const digits = value.slice(2).replace(/^0+/, '')
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`
}

// in the order of consensus; the later ones came with hard forks and are absent before them
const headerFields = [
  ['parentHash', 'data'],
  ['sha3Uncles', 'data'],
  ['miner', 'data'],
  ['stateRoot', 'data'],
  ['transactionsRoot', 'data'],
  ['receiptsRoot', 'data'],
  ['logsBloom', 'data'],
  ['difficulty', 'quantity'],
  ['number', 'quantity'],
  ['gasLimit', 'quantity'],
  ['gasUsed', 'quantity'],
  ['timestamp', 'quantity'],
  ['extraData', 'data'],
  ['mixHash', 'data'],
  ['nonce', 'data'],
  ['baseFeePerGas', 'quantity'],
  ['withdrawalsRoot', 'data'],
  ['blobGasUsed', 'quantity'],
  ['excessBlobGas', 'quantity'],
  ['parentBeaconBlockRoot', 'data'],
  ['requestsHash', 'data'],
  ['blockAccessListHash', 'data'],
] as const

/** The hash that a header has by its own fields; nothing when a field is no hex. */
export function headerHash(header: Readonly<Record<string, unknown>>): Hex | undefined {
  const items: Hex[] = []
  for (const [name, kind] of headerFields) {
    const value = header[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' || !/^0x[0-9a-f]*$/.test(value)) return undefined
    items.push(kind === 'quantity' ? quantity(value as Hex) : (value as Hex))
  }
  return items.every((item) => item.length % 2 === 0) ? keccak256(toRlp(items)) : undefined
}

// --- receipts: the root of a Merkle Patricia trie from each receipt's place to its bytes ---

const EMPTY_ROOT = keccak256(toRlp('0x'))

const receiptBytes = ({ type, status, cumulativeGasUsed, logsBloom, logs }: RawReceipt): Hex => {
  const body = toRlp([
    quantity(status),
    quantity(cumulativeGasUsed),
    logsBloom,
    logs.map((log) => [log.address, [...log.topics], log.data]),
  ])
  return quantity(type) === '0x' ? body : concat([quantity(type), body])
}

interface Leaf {
  path: string // hex digits of the key
  value: Hex
}

/** Hex-prefix encoding of a part of a path. */
const compact = (path: string, leaf: boolean): Hex => {
  const flag = leaf ? 2 : 0
  return path.length % 2 === 0 ? `0x${flag}0${path}` : `0x${flag + 1}${path}`
}

// every receipt is longer than 32 bytes, so no node is ever short enough to be written into its parent
function nodeHash(leaves: readonly Leaf[], depth: number): Hex {
  const [first] = leaves
  if (!first) return EMPTY_ROOT
  if (leaves.length === 1) return keccak256(toRlp([compact(first.path.slice(depth), true), first.value]))
  let shared = depth
  while (leaves.every((leaf) => leaf.path[shared] === first.path[shared])) shared++
  if (shared > depth)
    return keccak256(toRlp([compact(first.path.slice(depth, shared), false), nodeHash(leaves, shared)]))
  const children = [...'0123456789abcdef'].map((digit): Hex => {
    const below = leaves.filter((leaf) => leaf.path[depth] === digit)
    return below.length > 0 ? nodeHash(below, depth + 1) : '0x'
  })
  return keccak256(toRlp([...children, '0x'])) // no key is the beginning of another, so none ends at a branch
}

/** The root that a block with these receipts, in this order, must have. */
export function receiptsRoot(receipts: readonly RawReceipt[]): Hex {
  const leaves = receipts.map((receipt, i): Leaf => {
    const key = toRlp(quantity(`0x${i.toString(16)}`))
    return { path: key.slice(2), value: receiptBytes(receipt) }
  })
  return nodeHash(leaves, 0)
}

// --- blooms: 2048 bits, three for each address and topic that was logged ---

const bitsOf = (item: Hex): number[] => {
  const hash = keccak256(item, 'bytes')
  return [0, 2, 4].map((i) => (((hash[i] ?? 0) << 8) | (hash[i + 1] ?? 0)) & 2047)
}

/** False means that no log of the block has this address or topic. */
export function mayContain(bloom: Hex, item: Hex): boolean {
  const bytes = Buffer.from(bloom.slice(2), 'hex')
  return bitsOf(item).every((bit) => ((bytes[255 - (bit >> 3)] ?? 0) >> (bit & 7)) & 1)
}

export function bloomOf(logs: readonly RawLog[]): Hex {
  const bytes = Buffer.alloc(256)
  for (const item of new Set(logs.flatMap((log) => [log.address, ...log.topics]))) {
    for (const bit of bitsOf(item))
      bytes.writeUInt8(bytes.readUInt8(255 - (bit >> 3)) | (1 << (bit & 7)), 255 - (bit >> 3))
  }
  return `0x${bytes.toString('hex')}`
}
