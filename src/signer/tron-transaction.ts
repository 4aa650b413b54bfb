// Payments out on TRON as signed bytes: TransferContract for the coin, TriggerSmartContract with the token's
// transfer(address,uint256) for USDT, in TRON's own protobuf messages.
// Must stay true: the bytes are decoded again and compared with what was meant before they are signed.

import { isDeepStrictEqual } from 'node:util'
import { sha256 } from '../base/crypto.ts'
import { assert } from '../base/errors.ts'
import { tronAddress, tronAddressHex } from '../base/tron-address.ts'
import { type Signed, transferCall } from './evm-transaction.ts'
import { type KeyPort, signDigest } from './key-port.ts'
import { decode, encode } from './protobuf.ts'
import type { TronTerms } from './read-draft.ts'

export interface TronPayment extends TronTerms {
  /** Of the network; used when `asset` is the token. */
  contract: string
  asset: 'token' | 'coin'
  from: string
  to: string
  value: bigint
}

/** What a transaction says. */
export interface TronFields {
  refBlockBytes: string
  refBlockHash: string
  expiration: bigint
  timestamp: bigint
  feeLimit: bigint
  type: 'TransferContract' | 'TriggerSmartContract'
  owner: string
  /** Who gets the coin, or the contract that is called. */
  to: string
  amount: bigint
  data: string
}

const types = { TransferContract: 1n, TriggerSmartContract: 31n } as const
const typeUrl = (type: TronFields['type']) => `type.googleapis.com/protocol.${type}`
const bytes21 = (address: string) => Buffer.from(`41${tronAddressHex(address)}`, 'hex')

function fieldsOf(payment: TronPayment): TronFields {
  const { refBlockBytes, refBlockHash, from, to, value } = payment
  const common = {
    refBlockBytes,
    refBlockHash,
    expiration: BigInt(payment.expiration),
    timestamp: BigInt(payment.timestamp),
    owner: from,
  }
  if (payment.asset === 'coin')
    return { ...common, feeLimit: 0n, type: 'TransferContract', to, amount: value, data: '' }
  const data = transferCall(tronAddressHex(to) ?? '', value).slice(2)
  const feeLimit = BigInt(payment.feeLimit)
  return { ...common, feeLimit, type: 'TriggerSmartContract', to: payment.contract, amount: 0n, data }
}

function rawData(fields: TronFields): Buffer {
  const { type, owner, to } = fields
  const call = encode(
    type === 'TransferContract'
      ? [
          [1, bytes21(owner)],
          [2, bytes21(to)],
          [3, fields.amount],
        ]
      : [
          [1, bytes21(owner)],
          [2, bytes21(to)],
          [4, Buffer.from(fields.data, 'hex')],
        ],
  )
  const parameter = encode([
    [1, Buffer.from(typeUrl(type))],
    [2, call],
  ])
  const contract = encode([
    [1, types[type]],
    [2, parameter],
  ])
  return encode([
    [1, Buffer.from(fields.refBlockBytes, 'hex')],
    [4, Buffer.from(fields.refBlockHash, 'hex')],
    [8, fields.expiration],
    [11, contract],
    [14, fields.timestamp],
    [18, fields.feeLimit],
  ])
}

/** The message's fields as texts and numbers; throws when there are others than `wanted`, or one is of another kind. */
function pick(message: Uint8Array, numbers: readonly number[], texts: readonly number[]) {
  const fields = decode(message)
  for (const [no, value] of fields) {
    assert((typeof value === 'bigint' ? numbers : texts).includes(no), `a field ${no} that was not meant`)
  }
  return {
    int: (no: number) => (fields.get(no) as bigint | undefined) ?? 0n,
    bytes: (no: number) => (fields.get(no) as Buffer | undefined) ?? Buffer.alloc(0),
  }
}

const addressOf21 = (bytes: Buffer): string => {
  assert(bytes.length === 21 && bytes[0] === 0x41, 'an address that is none of TRON')
  return tronAddress(bytes.subarray(1).toString('hex'))
}

/** What the raw_data of a transaction says. */
export function readRawData(raw: Uint8Array): TronFields {
  const whole = pick(raw, [8, 14, 18], [1, 4, 11])
  const contract = pick(whole.bytes(11), [1], [2])
  const parameter = pick(contract.bytes(2), [], [1, 2])
  const type = contract.int(1) === types.TransferContract ? 'TransferContract' : 'TriggerSmartContract'
  assert(contract.int(1) === types[type] && parameter.bytes(1).toString() === typeUrl(type), 'another contract type')
  const call =
    type === 'TransferContract' ? pick(parameter.bytes(2), [3], [1, 2]) : pick(parameter.bytes(2), [], [1, 2, 4])
  return {
    refBlockBytes: whole.bytes(1).toString('hex'),
    refBlockHash: whole.bytes(4).toString('hex'),
    expiration: whole.int(8),
    timestamp: whole.int(14),
    feeLimit: whole.int(18),
    type,
    owner: addressOf21(call.bytes(1)),
    to: addressOf21(call.bytes(2)),
    amount: type === 'TransferContract' ? call.int(3) : 0n,
    data: type === 'TransferContract' ? '' : call.bytes(4).toString('hex'),
  }
}

/** `raw`: the whole signed transaction in hex, as a node's broadcasthex takes it. */
export async function signTron(keys: KeyPort, path: string, payment: TronPayment): Promise<Signed> {
  const meant = fieldsOf(payment)
  const raw = rawData(meant)
  assert(isDeepStrictEqual(readRawData(raw), meant), 'the transaction says something else than was meant')
  const id = sha256(raw)
  const { r, s, recovery } = await signDigest(keys, path, id)
  const word = (n: bigint) => n.toString(16).padStart(64, '0')
  const signature = Buffer.from(`${word(r)}${word(s)}${(27 + recovery).toString(16)}`, 'hex')
  const whole = encode([
    [1, raw],
    [2, signature],
  ])
  return { hash: id.toString('hex'), raw: whole.toString('hex') }
}
