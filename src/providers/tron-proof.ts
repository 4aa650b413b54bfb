// What can be recomputed of a TRON node's answer: a block's id from its header's bytes, the header's root from the
// transactions with their results, a transaction's id and what it does from its signed bytes.
// Must stay true: nothing here trusts a field that it can derive. Logs are in no hash of TRON's; see docs/deposits.md.

import { createHash } from 'node:crypto'
import { list, type Row, row, UnsoundAnswer } from './answer.ts'

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

// --- what nodes print: hex without 0x, numbers as JSON numbers, defaults left out ---

/** Lower-case hex of so many bytes, of any number without a length. */
export function hex(value: unknown, what: string, length?: number): string {
  const text = typeof value === 'string' ? value.toLowerCase() : '-'
  const fits = length === undefined ? text.length % 2 === 0 : text.length === 2 * length
  if (!fits || !/^[0-9a-f]*$/.test(text)) {
    throw new UnsoundAnswer(length === undefined ? `${what} is no hex` : `${what} is not ${length} bytes`)
  }
  return text
}

/** Not negative; absent is zero. A number that JSON cannot carry whole is refused. */
export function natural(value: unknown, what: string): number {
  if (value === undefined) return 0
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new UnsoundAnswer(`${what} is no whole number`)
  return value
}

// --- protobuf, as far as these messages need it ---

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}
const integerField = (no: number, value: number): Buffer =>
  value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(BigInt(no << 3)), varint(BigInt(value))])
const bytesField = (no: number, value: Uint8Array): Buffer =>
  Buffer.concat([varint(BigInt((no << 3) | 2)), varint(BigInt(value.length)), value])
/** Empty bytes are left out, as all defaults are. */
const hexField = (no: number, value: string): Buffer =>
  value === '' ? Buffer.alloc(0) : bytesField(no, Buffer.from(value, 'hex'))

type Fields = Map<number, (bigint | Buffer)[]>

/** The fields of a message by their number, in order. */
export function readFields(message: Buffer, what: string): Fields {
  const fields: Fields = new Map()
  let at = 0
  const number = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++]
      if (byte === undefined) break
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new UnsoundAnswer(`${what} is cut off`)
  }
  while (at < message.length) {
    const tag = Number(number())
    let value: bigint | Buffer
    if ((tag & 7) === 0) value = number()
    else if ((tag & 7) === 2) {
      const length = Number(number())
      if (at + length > message.length) throw new UnsoundAnswer(`${what} is cut off`)
      value = message.subarray(at, at + length)
      at += length
    } else throw new UnsoundAnswer(`${what} has a field of a kind that TRON does not use`)
    const no = Math.trunc(tag / 8)
    fields.set(no, [...(fields.get(no) ?? []), value])
  }
  return fields
}
const bytesOf = (fields: Fields, no: number): Buffer => {
  const value = fields.get(no)?.at(-1)
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
}
const integerOf = (fields: Fields, no: number): bigint => {
  const value = fields.get(no)?.at(-1)
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) : 0n
}

// --- headers ---

/** The id that a header has by its own fields: its number, then the end of the hash over its bytes. */
export function blockId(header: Row): string {
  const number = natural(header.number, 'block number')
  const bytes = Buffer.concat([
    integerField(1, natural(header.timestamp, 'block time')),
    hexField(2, hex(header.txTrieRoot ?? '', 'root of transactions')),
    hexField(3, hex(header.parentHash ?? '', 'parent hash')),
    integerField(7, number),
    integerField(8, natural(header.witness_id, 'witness id')),
    hexField(9, hex(header.witness_address ?? '', 'witness address')),
    integerField(10, natural(header.version, 'version')),
    hexField(11, hex(header.accountStateRoot ?? '', 'root of accounts')),
  ])
  return number.toString(16).padStart(16, '0') + sha256(bytes).toString('hex').slice(16)
}

// --- transactions ---

export interface TronTransaction {
  readonly id: string
  /** The number of its contract's type, and that contract's own message; see `contractTypes`. */
  readonly type: number
  readonly message: Buffer
  /** How it ended, as the block itself says; empty when it says nothing. */
  readonly result: string
  /** Its place in the root of transactions. */
  readonly leaf: Buffer
}

/** The id of a whole signed transaction. */
export function transactionId(whole: Buffer): string {
  return sha256(bytesOf(readFields(whole, 'transaction'), 1)).toString('hex')
}

/** Those whose effects we know how to read. */
export const contractTypes = { transfer: 1, transferAsset: 2, create: 30, trigger: 31 } as const
export const isCall = (type: number): boolean => type === contractTypes.create || type === contractTypes.trigger

const results = [
  'DEFAULT',
  'SUCCESS',
  'REVERT',
  'BAD_JUMP_DESTINATION',
  'OUT_OF_MEMORY',
  'PRECOMPILED_CONTRACT',
  'STACK_TOO_SMALL',
  'STACK_TOO_LARGE',
  'ILLEGAL_OPERATION',
  'STACK_OVERFLOW',
  'OUT_OF_ENERGY',
  'OUT_OF_TIME',
  'JVM_STACK_OVER_FLOW',
  'UNKNOWN',
  'TRANSFER_FAILED',
  'INVALID_CODE',
]

/** A transaction of a block, from its signed bytes; its id is theirs, whatever the node calls it. */
export function readTransaction(value: unknown): TronTransaction {
  const given = row(value, 'transaction')
  const raw = Buffer.from(hex(given.raw_data_hex, 'transaction'), 'hex')
  const id = sha256(raw).toString('hex')
  if (hex(given.txID, 'transaction id', 32) !== id)
    throw new UnsoundAnswer('a transaction has another id than its bytes')
  const signatures = list(given.signature ?? [], 'signatures').map((each) => hex(each, 'signature'))
  const ends = list(given.ret ?? [], 'results').map((each) => row(each, 'result'))
  const leaf = sha256(
    bytesField(1, raw),
    ...signatures.map((each) => bytesField(2, Buffer.from(each, 'hex'))),
    ...ends.map((each) => bytesField(5, resultBytes(each))),
  )
  const contracts = readFields(raw, 'transaction').get(11) ?? []
  const [contract] = contracts
  // one contract is all that a transaction may have; whatever has more does nothing that we know
  const fields = contracts.length === 1 && Buffer.isBuffer(contract) ? readFields(contract, 'contract') : new Map()
  return {
    id,
    type: Number(integerOf(fields, 1)),
    message: bytesOf(readFields(bytesOf(fields, 2), 'parameter'), 2),
    result: ends.length === 1 ? String(ends[0]?.contractRet ?? '') : '',
    leaf,
  }
}

function resultBytes(end: Row): Buffer {
  const known = new Set(['fee', 'ret', 'contractRet'])
  const strange = Object.keys(end).find((name) => !known.has(name))
  const code = end.contractRet === undefined ? 0 : results.indexOf(String(end.contractRet))
  if (strange !== undefined || code < 0) throw new UnsoundAnswer('a transaction ended in a way that is not known')
  return Buffer.concat([
    integerField(1, natural(end.fee, 'fee')),
    integerField(2, end.ret === 'FAILED' ? 1 : 0),
    integerField(3, code),
  ])
}

/** The root that a block with these transactions, in this order, must have. An odd one out moves up as it is. */
export function transactionsRoot(leaves: readonly Buffer[]): string {
  let level = [...leaves]
  if (level.length === 0) return '0'.repeat(64)
  while (level.length > 1) {
    level = level.flatMap((left, i) => {
      if (i % 2 === 1) return []
      const right = level[i + 1]
      return [right ? sha256(left, right) : left]
    })
  }
  return (level[0] ?? Buffer.alloc(32)).toString('hex')
}

/** The 20 bytes of an address, without the prefix; nothing when it is none. */
const addressOf = (bytes: Buffer): string | undefined =>
  bytes.length === 21 && bytes[0] === 0x41 ? bytes.subarray(1).toString('hex') : undefined

/** What a TransferContract moves, or a TransferAssetContract of the asset with this id. */
export function readTransfer({
  type,
  message,
}: Pick<TronTransaction, 'type' | 'message'>):
  | { asset: string | undefined; from: string; to: string; value: bigint }
  | undefined {
  const isAsset = type === contractTypes.transferAsset
  if (!isAsset && type !== contractTypes.transfer) return undefined
  const fields = readFields(message, 'transfer')
  const [asset, shift] = isAsset ? [bytesOf(fields, 1).toString('latin1'), 1] : [undefined, 0]
  const from = addressOf(bytesOf(fields, 1 + shift))
  const to = addressOf(bytesOf(fields, 2 + shift))
  const value = integerOf(fields, 3 + shift)
  return from && to && value > 0n ? { asset, from, to, value } : undefined
}
