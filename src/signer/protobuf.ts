// As much of protobuf as TRON's transactions need: varints and bytes, fields by number.
// Must stay true: encoding is canonical (fields in order, zeros left out), since a transaction's id is the hash of it;
// decoding takes exactly what encoding makes and throws on all else.

import { assert } from '../base/errors.ts'

export type Field = readonly [no: number, value: bigint | Uint8Array]

const VARINT = 0n
const BYTES = 2n
const LIMIT = 1n << 63n

export function encode(fields: readonly Field[]): Buffer {
  const parts = fields.flatMap(([no, value]) => {
    const key = BigInt(no) << 3n
    if (typeof value !== 'bigint') return [...varint(key | BYTES), ...varint(BigInt(value.length)), ...value]
    return value === 0n ? [] : [...varint(key | VARINT), ...varint(value)]
  })
  return Buffer.from(parts)
}

function varint(value: bigint): number[] {
  assert(value >= 0n && value < LIMIT, 'a number is not one of 63 bits')
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number((rest & 127n) | 128n))
  bytes.push(Number(rest))
  return bytes
}

/** Fields by number; each at most once, as no message here repeats one. */
export function decode(bytes: Uint8Array): Map<number, bigint | Buffer> {
  const fields: [number, bigint | Buffer][] = []
  let at = 0
  const number = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      assert(byte !== undefined && shift < 63n, 'a number runs past its message')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = number()
    const no = Number(key >> 3n)
    if ((key & 7n) === VARINT) fields.push([no, number()])
    else {
      const end = Number(number()) + at
      fields.push([no, Buffer.from(bytes.subarray(at, end))])
      at = end
    }
  }
  assert(Buffer.compare(encode(fields), bytes) === 0, 'a message is not in canonical form')
  assert(
    fields.every(([no], i) => i === 0 || no > (fields[i - 1]?.[0] ?? 0)),
    'the fields of a message are not in order',
  )
  return new Map(fields)
}
