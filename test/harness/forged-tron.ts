// A TRON node that says whatever a test wants: blocks made of any transactions, results and receipts, under headers that sum
// them up rightly. For what no honest chain would hold, or a development chain cannot make.

import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tronAddressHex } from '../../src/base/tron-address.ts'
import { blockId, readTransaction, transactionsRoot } from '../../src/providers/tron-proof.ts'

type Json = Record<string, unknown>

export interface Forged {
  /** Number of the contract's type, and that contract's message. */
  type: number
  message: Buffer
  /** How it ended by the block; nothing leaves that out. */
  result?: string | undefined
  /** The rest of its receipt, e.g. `{receipt: {result: 'SUCCESS'}, log: […]}`. */
  info: Json
}

export interface ForgedTron {
  readonly url: string
  readonly chainId: number
  seal(transactions?: readonly Forged[]): Json
  /** Empty blocks, of which the last `lag` are not solid. */
  bury(blocks: number): void
  /** The newest block that the irreversible view has. */
  solid: number
  close(): Promise<void>
}

// --- protobuf by hand ---

const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)]
const integer = (no: number, value: bigint | number) =>
  Buffer.from([...varint(BigInt(no << 3)), ...varint(BigInt(value))])
const bytes = (no: number, value: Uint8Array) =>
  Buffer.concat([Buffer.from([...varint(BigInt((no << 3) | 2)), ...varint(BigInt(value.length))]), value])
export const hex41 = (address: string) => `41${tronAddressHex(address)}`
const account = (no: number, address: string) => bytes(no, Buffer.from(hex41(address), 'hex'))

export const forgedTransfer = (
  from: string,
  to: string,
  sun: bigint,
  given: { result?: string | undefined } = {},
): Forged => ({
  type: 1,
  message: Buffer.concat([account(1, from), account(2, to), integer(3, sun)]),
  info: { receipt: { net_usage: 268 } },
  ...{ result: 'SUCCESS', ...given },
})

/** TRC-10: an asset that may call itself what it likes. */
export const forgedAsset = (id: string, from: string, to: string, value: bigint): Forged => ({
  type: 2,
  message: Buffer.concat([bytes(1, Buffer.from(id)), account(2, from), account(3, to), integer(4, value)]),
  result: 'SUCCESS',
  info: { receipt: { net_usage: 283 } },
})

/** A call of a contract that ended so, by the block and by its receipt. */
export const forgedCall = (
  contract: string,
  given: { result?: string | undefined; told?: string | undefined; log?: Json[]; more?: Json } = {},
): Forged => {
  const { result, told } = { result: 'SUCCESS', told: given.result ?? 'SUCCESS', ...given }
  return {
    type: 31,
    message: Buffer.concat([account(1, contract), account(2, contract)]),
    result,
    info: { receipt: told === undefined ? {} : { result: told }, log: given.log ?? [], ...given.more },
  }
}

const TRANSFER = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
export const forgedLog = (contract: string, from: string, to: string, value: bigint): Json => ({
  address: tronAddressHex(contract),
  topics: [TRANSFER, ...[from, to].map((each) => `${tronAddressHex(each)}`.padStart(64, '0'))],
  data: value.toString(16).padStart(64, '0'),
})

interface Sealed {
  header: Json
  id: string
  transactions: Json[]
  infos: Json[]
}

/** `decimals` is what the token's contract says of itself. */
export async function startForgedTron(decimals = 6): Promise<ForgedTron> {
  const chain: Sealed[] = []
  let stamp = 0

  function seal(forged: readonly Forged[] = []): Json {
    const number = chain.length
    const time = 1_700_000_000_000 + 3_000 * number
    const transactions = forged.map(({ type, message, result }) => {
      const parameter = Buffer.concat([bytes(1, Buffer.from('type.googleapis.com/protocol')), bytes(2, message)])
      const contract = Buffer.concat([integer(1, type), bytes(2, parameter)])
      const raw = Buffer.concat([bytes(11, contract), integer(14, ++stamp)])
      return {
        txID: createHash('sha256').update(raw).digest('hex'),
        raw_data_hex: raw.toString('hex'),
        signature: ['11'.repeat(65)],
        ret: [result === undefined ? {} : { contractRet: result }],
      }
    })
    const header = {
      number,
      timestamp: time,
      txTrieRoot: transactionsRoot(transactions.map((each) => readTransaction(each).leaf)),
      parentHash: chain.at(-1)?.id ?? '0'.repeat(64),
      witness_address: `41${'77'.repeat(20)}`,
      version: 32,
    }
    const infos = forged.map(({ info }, i) => ({
      id: transactions[i]?.txID,
      blockNumber: number,
      blockTimeStamp: time,
      ...info,
    }))
    const sealed = { header, id: blockId(header), transactions, infos }
    chain.push(sealed)
    return print(sealed, true)
  }

  const print = ({ header, id, transactions }: Sealed, detail: boolean): Json => ({
    blockID: id,
    block_header: { raw_data: header, witness_signature: '' },
    ...(detail && transactions.length > 0 ? { transactions } : {}),
  })

  function answer(view: string, method: string, body: Json): unknown {
    const newest = view === 'wallet' ? chain.length - 1 : node.solid
    const at = (number: number) => (number <= newest ? chain[number] : undefined)
    const shown = (block: Sealed | undefined, detail: boolean) => (block ? print(block, detail) : {})
    if (method === 'getblock') return shown(at(Number(body.id_or_num ?? newest)), body.detail === true)
    if (method === 'getblockbynum') return shown(at(Number(body.num)), true)
    if (method === 'getblockbyid')
      return shown(
        chain.find(({ id }) => id === body.value),
        true,
      )
    if (method === 'gettransactioninfobyblocknum') return at(Number(body.num))?.infos ?? []
    if (method === 'triggerconstantcontract')
      return { result: { result: true }, constant_result: [decimals.toString(16).padStart(64, '0')] }
    if (method !== 'getblockbylimitnext') return { Error: `no such method: ${method}` }
    const block = chain.slice(Number(body.startNum), Math.min(Number(body.endNum), newest + 1))
    return { block: block.map((each) => print(each, true)) }
  }

  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const [, view = '', method = ''] = (request.url ?? '').split('/')
    const body = JSON.parse(Buffer.concat(parts).toString() || '{}') as Json
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer(view, method, body)))
  })
  seal()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const node: ForgedTron = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chainId: Number.parseInt(chain[0]?.id.slice(-8) ?? '', 16),
    solid: 0,
    seal,
    bury(blocks) {
      for (let i = 0; i < blocks; i++) seal()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return node
}
