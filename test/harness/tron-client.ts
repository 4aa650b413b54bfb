// Talks to a TRON node as its clients do: a real tronweb, and bare HTTP where tronweb would tidy up the answer.

import assert from 'node:assert/strict'
import { TronWeb, utils } from 'tronweb'
import type { TronAccount, TronTestChain } from './tron-chain.ts'

export type Json = Record<string, unknown>

export interface Info {
  id: string
  fee?: number
  blockNumber: number
  contractResult: string[]
  contract_address?: string
  receipt: Record<string, number | string>
  log?: { address: string; topics: string[]; data: string }[]
  result?: string
  resMessage?: string
}

export interface BlockJson {
  blockID: string
  block_header: { raw_data: Record<string, number | string>; witness_signature: string }
  transactions?: (Json & { txID: string; raw_data_hex: string; signature: string[]; ret: { contractRet: string }[] })[]
}

export interface Unsigned {
  txID: string
  raw_data: { contract: unknown[] }
  raw_data_hex: string
}
export type Signed = Unsigned & { signature: string[] }

export const TRX = 1_000_000
export const hex41 = (address: string) => TronWeb.address.toHex(address).toLowerCase()
export const textOf = (hex: unknown) => Buffer.from(String(hex), 'hex').toString('utf8')

export const webOf = (url: string, { privateKey }: TronAccount) => new TronWeb({ fullHost: url, privateKey })

export async function askNode<T = Json>(url: string, path: string, body: object = {}): Promise<T> {
  const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })
  assert.equal(response.status, 200, path)
  return (await response.json()) as T
}

/** Signs with whatever key, which tronweb's own verb does not do. */
export const signAs = ({ privateKey }: TronAccount, transaction: object): Signed =>
  utils.crypto.signTransaction(privateKey, structuredClone(transaction)) as unknown as Signed

/** The same transaction with other raw data, its id and bytes worked out by tronweb. */
export function altered(transaction: object, change: (raw: Json) => Json): Unsigned {
  const { raw_data } = transaction as { raw_data: Json }
  const changed = { ...transaction, raw_data: change(structuredClone(raw_data)) }
  const bytes = utils.transaction.txJsonToPb(changed)
  return {
    ...changed,
    raw_data: changed.raw_data as Unsigned['raw_data'],
    txID: utils.transaction.txPbToTxID(bytes).slice(2),
    raw_data_hex: utils.transaction.txPbToRawDataHex(bytes).toLowerCase(),
  }
}

/** The whole transaction as bytes, by tronweb's protocol classes. */
export function wholeBytes(transaction: object & { signature: readonly string[] }): Buffer {
  const bytes = utils.transaction.txJsonToPb(transaction)
  for (const signature of transaction.signature) bytes.addSignature(Uint8Array.from(Buffer.from(signature, 'hex')))
  return Buffer.from(bytes.serializeBinary())
}

export const infoOf = (chain: TronTestChain, value: string) =>
  askNode<Info>(chain.url, '/wallet/gettransactioninfobyid', { value })

/** Makes the block for what was sent, and answers with the receipt. */
export async function mined(chain: TronTestChain, sent: string | Promise<string>): Promise<Info> {
  const id = await sent
  await chain.mine()
  return infoOf(chain, id)
}
