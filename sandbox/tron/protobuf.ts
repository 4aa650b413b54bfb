// The protobuf messages that TRON's transactions are made of, as data, and one encoder and decoder for all of them.
// A decoded message is what TRON's HTTP API prints: field names, bytes as hex, integers as bigint, defaults left out.
// Must stay true: encoding is canonical (fields in order, defaults omitted), since hashes are taken of it.

export type Kind = 'address' | 'bytes' | 'text' | 'int' | 'bool' | readonly string[] | Message

interface Field {
  readonly no: number
  readonly name: string
  readonly kind: Kind
  readonly repeated: boolean
}
export type Message = readonly Field[]

export type Value = string | bigint | boolean | Fields | Value[]
export interface Fields {
  [name: string]: Value | undefined
}

const one = (no: number, name: string, kind: Kind): Field => ({ no, name, kind, repeated: false })
const many = (no: number, name: string, kind: Kind): Field => ({ no, name, kind, repeated: true })

const abiParameter: Message = [one(1, 'indexed', 'bool'), one(2, 'name', 'text'), one(3, 'type', 'text')]
const entryTypes = ['UnknownEntryType', 'Constructor', 'Function', 'Event', 'Fallback', 'Receive', 'Error']
const mutabilities = ['UnknownMutabilityType', 'Pure', 'View', 'Nonpayable', 'Payable']
const abiEntry: Message = [
  one(1, 'anonymous', 'bool'),
  one(2, 'constant', 'bool'),
  one(3, 'name', 'text'),
  many(4, 'inputs', abiParameter),
  many(5, 'outputs', abiParameter),
  one(6, 'type', entryTypes),
  one(7, 'payable', 'bool'),
  one(8, 'stateMutability', mutabilities),
]

export const smartContract: Message = [
  one(1, 'origin_address', 'address'),
  one(2, 'contract_address', 'address'),
  one(3, 'abi', [many(1, 'entrys', abiEntry)]),
  one(4, 'bytecode', 'bytes'),
  one(5, 'call_value', 'int'),
  one(6, 'consume_user_resource_percent', 'int'),
  one(7, 'name', 'text'),
  one(8, 'origin_energy_limit', 'int'),
  one(9, 'code_hash', 'bytes'),
  one(10, 'trx_hash', 'bytes'),
  one(11, 'version', 'int'),
]

/** The contract types that this node executes, by name. */
export const contractTypes = {
  TransferContract: {
    no: 1,
    message: [one(1, 'owner_address', 'address'), one(2, 'to_address', 'address'), one(3, 'amount', 'int')],
  },
  CreateSmartContract: {
    no: 30,
    message: [
      one(1, 'owner_address', 'address'),
      one(2, 'new_contract', smartContract),
      one(3, 'call_token_value', 'int'),
      one(4, 'token_id', 'int'),
    ],
  },
  TriggerSmartContract: {
    no: 31,
    message: [
      one(1, 'owner_address', 'address'),
      one(2, 'contract_address', 'address'),
      one(3, 'call_value', 'int'),
      one(4, 'data', 'bytes'),
      one(5, 'call_token_value', 'int'),
      one(6, 'token_id', 'int'),
    ],
  },
} as const satisfies Record<string, { no: number; message: Message }>
export type ContractType = keyof typeof contractTypes

const anyMessage: Message = [one(1, 'type_url', 'text'), one(2, 'value', 'bytes')]
const contractMessage: Message = [
  one(1, 'type', 'int'),
  one(2, 'parameter', anyMessage),
  one(3, 'provider', 'bytes'),
  one(4, 'ContractName', 'bytes'),
  one(5, 'Permission_id', 'int'),
]
export const rawMessage: Message = [
  one(1, 'ref_block_bytes', 'bytes'),
  one(3, 'ref_block_num', 'int'),
  one(4, 'ref_block_hash', 'bytes'),
  one(8, 'expiration', 'int'),
  one(10, 'data', 'bytes'),
  many(11, 'contract', contractMessage),
  one(12, 'scripts', 'bytes'),
  one(14, 'timestamp', 'int'),
  one(18, 'fee_limit', 'int'),
]

const resultMessage: Message = [one(1, 'fee', 'int'), one(2, 'ret', 'int'), one(3, 'contractRet', 'int')]
export const transactionMessage: Message = [
  one(1, 'raw_data', 'bytes'),
  many(2, 'signature', 'bytes'),
  many(5, 'ret', resultMessage),
]

export const headerMessage: Message = [
  one(1, 'timestamp', 'int'),
  one(2, 'txTrieRoot', 'bytes'),
  one(3, 'parentHash', 'bytes'),
  one(7, 'number', 'int'),
  one(8, 'witness_id', 'int'),
  one(9, 'witness_address', 'address'),
  one(10, 'version', 'int'),
]

/** What is not a message of this kind; the text says where. */
export class WireError extends Error {}

const isMessage = (kind: Kind): kind is Message => typeof kind !== 'string' && typeof kind[0] === 'object'
const isWords = (kind: Kind): kind is readonly string[] => typeof kind !== 'string' && !isMessage(kind)

// --- encoding ---

function varint(value: bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return bytes
}

export function encode(message: Message, fields: Fields): Buffer {
  const parts: Uint8Array[] = []
  for (const field of message) {
    const value = fields[field.name]
    if (value === undefined) continue
    const values = field.repeated ? (value as Value[]) : [value]
    for (const each of values) {
      const body = encodeOne(field.kind, each)
      if (typeof body === 'bigint') {
        if (body !== 0n || field.repeated)
          parts.push(Uint8Array.from([...varint(BigInt(field.no << 3)), ...varint(body)]))
      } else if (body.length > 0 || field.repeated || isMessage(field.kind)) {
        parts.push(Uint8Array.from([...varint(BigInt((field.no << 3) | 2)), ...varint(BigInt(body.length))]), body)
      }
    }
  }
  return Buffer.concat(parts)
}

function encodeOne(kind: Kind, value: Value): bigint | Uint8Array {
  if (isMessage(kind)) return encode(kind, value as Fields)
  if (isWords(kind)) return BigInt(Math.max(0, kind.indexOf(value as string)))
  if (kind === 'int') return value as bigint
  if (kind === 'bool') return value === true ? 1n : 0n
  return Buffer.from(value as string, kind === 'text' ? 'utf8' : 'hex')
}

// --- decoding ---

export function decode(message: Message, bytes: Uint8Array): Fields {
  const fields: Fields = {}
  let at = 0
  const readVarint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new WireError('the message ends too early')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
    throw new WireError('an integer is too long')
  }
  while (at < bytes.length) {
    const tag = Number(readVarint())
    const field = message.find(({ no }) => no === tag >> 3)
    let value: Value | undefined
    if ((tag & 7) === 0) {
      const read = readVarint()
      if (field) value = decodeInteger(field.kind, read)
    } else if ((tag & 7) === 2) {
      const length = Number(readVarint())
      if (at + length > bytes.length) throw new WireError('the message ends too early')
      const part = bytes.subarray(at, at + length)
      at += length
      if (field) value = decodeBytes(field.kind, part)
    } else throw new WireError(`wire type ${tag & 7} is not used by TRON`)
    if (!field || value === undefined) continue
    if (!field.repeated) fields[field.name] = value
    else fields[field.name] = [...((fields[field.name] as Value[] | undefined) ?? []), value]
  }
  return fields
}

function decodeInteger(kind: Kind, read: bigint): Value | undefined {
  if (isMessage(kind)) throw new WireError('an integer where a message was expected')
  if (isWords(kind)) return read === 0n ? undefined : kind[Number(read)]
  if (kind === 'bool') return read !== 0n ? true : undefined
  if (kind !== 'int') throw new WireError('an integer where bytes were expected')
  return read === 0n ? undefined : BigInt.asIntN(64, read)
}

function decodeBytes(kind: Kind, part: Uint8Array): Value | undefined {
  if (isMessage(kind)) return decode(kind, part)
  if (isWords(kind) || kind === 'int' || kind === 'bool') throw new WireError('bytes where an integer was expected')
  return part.length === 0 ? undefined : Buffer.from(part).toString(kind === 'text' ? 'utf8' : 'hex')
}
