// A TRON transaction: its signed bytes, what they say, and who signed them; and the JSON that clients send and read.
// Must stay true: what counts is read out of the signed bytes (`raw`), and the id is their hash; never a field beside them.

import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '../../src/base/crypto.ts'
import { addressOfKey, parseAddress, toBase58 } from './address.ts'
import {
  type ContractType,
  contractTypes,
  decode,
  encode,
  type Fields,
  type Kind,
  type Message,
  rawMessage,
  transactionMessage,
  type Value,
  WireError,
} from './protobuf.ts'
import { Invalid, Refused } from './refusal.ts'
import { type Outcome, outcomes } from './vm.ts'

export interface Transaction {
  readonly id: string
  /** The signed bytes, hex. */
  readonly raw: string
  readonly signatures: readonly string[]
  readonly type: ContractType
  /** What the contract says, as in TRON's JSON. */
  readonly contract: Fields
  readonly owner: string
  readonly permission: number
  readonly refBlockBytes: string
  readonly refBlockHash: string
  readonly expiration: number
  readonly feeLimit: bigint
  /** Hex; costs a fee of its own. */
  readonly memo: string
}

const integer = (value: Value | undefined) => (typeof value === 'bigint' ? value : 0n)
const text = (value: Value | undefined) => (typeof value === 'string' ? value : '')
/** An address within a message, in the node's own form. */
export const addressIn = (fields: Fields, name: string): string => text(fields[name]).slice(2)

export const int = (fields: Fields, name: string): bigint => integer(fields[name])
export const str = (fields: Fields, name: string): string => text(fields[name])

const typeByNo = (no: bigint): ContractType | undefined =>
  (Object.keys(contractTypes) as ContractType[]).find((type) => BigInt(contractTypes[type].no) === no)

/** Throws `WireError` when it cannot be read, `Refused` when nothing here could execute it. */
export function readTransaction(raw: Uint8Array, signatures: readonly string[]): Transaction {
  const id = sha256(raw).toString('hex')
  const fields = decode(rawMessage, raw)
  const contracts = (fields.contract ?? []) as Fields[]
  const [envelope] = contracts
  if (!envelope) throw new Invalid('No contract!')
  if (contracts.length > 1)
    throw new Refused(
      'OTHER_ERROR',
      `Error: tx ${id} contract size should be exactly 1, this is extend feature ,actual :${contracts.length}`,
    )
  const type = typeByNo(int(envelope, 'type'))
  if (!type)
    throw new Refused('OTHER_ERROR', `Error: this node does not execute contracts of type ${int(envelope, 'type')}`)
  const any = (envelope.parameter ?? {}) as Fields
  const contract = decode(contractTypes[type].message, Buffer.from(str(any, 'value'), 'hex'))
  return {
    id,
    raw: Buffer.from(raw).toString('hex'),
    signatures,
    type,
    contract,
    owner: addressIn(contract, 'owner_address'),
    permission: Number(int(envelope, 'Permission_id')),
    refBlockBytes: str(fields, 'ref_block_bytes'),
    refBlockHash: str(fields, 'ref_block_hash'),
    expiration: Number(int(fields, 'expiration')),
    feeLimit: int(fields, 'fee_limit'),
    memo: str(fields, 'data'),
  }
}

/** The whole transaction as TRON's nodes send it, with how it ended once it stands in a block. */
export function transactionBytes({ raw, signatures }: Transaction, outcome?: Outcome): Buffer {
  return encode(transactionMessage, {
    raw_data: raw,
    signature: [...signatures],
    ...(outcome ? { ret: [{ contractRet: BigInt(outcomes[outcome]) }] } : {}),
  })
}

export function unpackWhole(bytes: Uint8Array): Packed {
  const { raw_data, signature } = decode(transactionMessage, bytes)
  return { raw: Buffer.from(text(raw_data), 'hex'), signatures: (signature ?? []) as string[] }
}

export interface Draft {
  type: ContractType
  contract: Fields
  refBlock: { number: number; id: string }
  expiration: number
  timestamp: number
  feeLimit?: bigint
  permission?: number
  memo?: string
}

/** The bytes that an owner signs. */
export function draft(given: Draft): Buffer {
  const { type, contract, refBlock } = given
  const value = encode(contractTypes[type].message, contract).toString('hex')
  return encode(rawMessage, {
    ref_block_bytes: (refBlock.number & 0xffff).toString(16).padStart(4, '0'),
    ref_block_hash: refBlock.id.slice(16, 32),
    expiration: BigInt(given.expiration),
    data: given.memo ?? '',
    contract: [
      {
        type: BigInt(contractTypes[type].no),
        parameter: { type_url: `type.googleapis.com/protocol.${type}`, value },
        Permission_id: BigInt(given.permission ?? 0),
      },
    ],
    timestamp: BigInt(given.timestamp),
    fee_limit: given.feeLimit ?? 0n,
  })
}

// --- signatures ---

export function sign(hash: Uint8Array, secretKey: Uint8Array): string {
  const [recovery = 0, ...rest] = secp256k1.sign(hash, secretKey, { prehash: false, format: 'recovered' })
  return Buffer.from([...rest, recovery]).toString('hex')
}

export function signTransaction(raw: Uint8Array, secretKey: Uint8Array): Transaction {
  return readTransaction(raw, [sign(sha256(raw), secretKey)])
}

/** Whose signature it is. Nothing when it is nobody's. */
export function signerOf(hash: Uint8Array, signature: string): string | undefined {
  const bytes = Buffer.from(signature, 'hex')
  const last = bytes[64] ?? 0
  try {
    const recovered = Uint8Array.from([last >= 27 ? last - 27 : last, ...bytes.subarray(0, 64)])
    const key = secp256k1.recoverPublicKey(recovered, hash, { prehash: false })
    return addressOfKey(secp256k1.Point.fromBytes(key).toBytes(false))
  } catch {
    return undefined
  }
}

// --- JSON ---

const isMessage = (kind: Kind): kind is Message => typeof kind !== 'string' && typeof kind[0] === 'object'

/** Prints a message: integers as numbers; with `visible`, addresses in Base58. */
export function fieldsToJson(message: Message, fields: Fields, visible: boolean): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  for (const { name, kind, repeated } of message) {
    const value = fields[name]
    if (value === undefined) continue
    const print = (one: Value): unknown => {
      if (isMessage(kind)) return fieldsToJson(kind, one as Fields, visible)
      if (kind === 'address' && visible) return toBase58((one as string).slice(2))
      return typeof one === 'bigint' ? Number(one) : one
    }
    json[name] = repeated ? (value as Value[]).map(print) : print(value)
  }
  return json
}

/** Reads a message out of what a client sent. Unknown names are passed over, as TRON's nodes do. */
export function fieldsFromJson(message: Message, json: Record<string, unknown>, visible: boolean): Fields {
  const fields: Fields = {}
  for (const { name, kind, repeated } of message) {
    const given = json[name]
    if (given === undefined || given === null || given === '') continue
    const read = (one: unknown): Value => readValue(kind, one, name, visible)
    fields[name] = repeated ? (Array.isArray(given) ? given : [given]).map(read) : read(given)
  }
  return fields
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readValue(kind: Kind, given: unknown, name: string, visible: boolean): Value {
  const wrong = (what: string) => new WireError(`${name}: ${what}`)
  if (isMessage(kind)) {
    if (!isObject(given)) throw wrong('an object is expected')
    return fieldsFromJson(kind, given, visible)
  }
  if (kind === 'bool') return given === true || given === 'true'
  if (kind === 'int') {
    if (!/^-?\d{1,19}$/.test(String(given))) throw wrong('a whole number is expected')
    return BigInt(String(given))
  }
  if (kind === 'text') return String(given)
  if (kind === 'address') {
    const address = parseAddress(given)
    if (address === undefined || (visible && !String(given).startsWith('T'))) throw wrong('INVALID address')
    return `41${address}`
  }
  if (kind === 'bytes') {
    const hex = String(given).replace(/^0x/, '')
    if (!/^([0-9a-fA-F]{2})*$/.test(hex)) throw wrong('INVALID hex String')
    return hex.toLowerCase()
  }
  // a word of a list, in any case: compilers write "view", the protocol "View"
  return kind.find((word) => word.toLowerCase() === String(given).toLowerCase()) ?? kind[0] ?? ''
}

export function transactionToJson(transaction: Transaction, visible: boolean, outcome?: Outcome) {
  const { id, raw, signatures, type, contract, permission } = transaction
  const { contract: _, ...rawFields } = decode(rawMessage, Buffer.from(raw, 'hex'))
  const value = fieldsToJson(contractTypes[type].message, contract, visible)
  const parameter = { value, type_url: `type.googleapis.com/protocol.${type}` }
  return {
    ...(outcome ? { ret: [{ contractRet: outcome }] } : {}),
    ...(signatures.length > 0 ? { signature: signatures } : {}),
    txID: id,
    raw_data: {
      contract: [{ parameter, type, ...(permission > 0 ? { Permission_id: permission } : {}) }],
      ...fieldsToJson(rawMessage, rawFields, visible),
    },
    raw_data_hex: raw,
  }
}

export interface Packed {
  raw: Buffer
  signatures: string[]
}

/** Packs what a client broadcasts. As on TRON the readable `raw_data` counts, not its hex copy. */
export function packJson(json: Record<string, unknown>, visible: boolean): Packed {
  const { raw_data, signature = [] } = json
  if (!isObject(raw_data) || !Array.isArray(raw_data.contract)) throw new WireError('raw_data is missing')
  if (!Array.isArray(signature)) throw new WireError('signature must be a list')
  const rest = fieldsFromJson(rawMessage, { ...raw_data, contract: undefined }, visible)
  const contract = raw_data.contract.flatMap((envelope: unknown) => packContract(envelope, visible))
  const signatures = signature.map((one) => String(one).replace(/^0x/, '').toLowerCase())
  return { raw: encode(rawMessage, { ...rest, contract }), signatures }
}

/** What is not one of the known contracts is left out, as TRON's nodes do. */
function packContract(envelope: unknown, visible: boolean): Fields[] {
  if (!isObject(envelope) || !isObject(envelope.parameter) || !isObject(envelope.parameter.value)) return []
  const type = String(envelope.type) as ContractType
  if (!Object.hasOwn(contractTypes, type)) return []
  const { message, no } = contractTypes[type]
  const value = encode(message, fieldsFromJson(message, envelope.parameter.value, visible)).toString('hex')
  const permission = BigInt(Number(envelope.Permission_id ?? 0))
  return [
    {
      type: BigInt(no),
      parameter: { type_url: `type.googleapis.com/protocol.${type}`, value },
      Permission_id: permission,
    },
  ]
}
