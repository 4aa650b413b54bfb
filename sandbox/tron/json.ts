// Blocks, transactions and receipts as TRON's HTTP API prints them: defaults left out, addresses as 41… or, with `visible`,
// in Base58, messages as hex or, with `visible`, as text.
// Must stay true: numbers are JSON numbers, as on TRON; nothing on this chain is larger than JavaScript reads exactly.

import { toBase58 } from './address.ts'
import { BLOCK_VERSION, type Block, type Mined, witness, witnessSignature } from './block.ts'
import { transactionToJson } from './transaction.ts'

export const printAddress = (address: string, visible: boolean) => (visible ? toBase58(address) : `41${address}`)
export const printText = (text: string, visible: boolean) => (visible ? text : Buffer.from(text).toString('hex'))

/** Leaves out what protobuf calls a default. */
export function sparse<T extends Record<string, unknown>>(fields: T): Partial<T> {
  const kept = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== 0 && value !== '' && value !== false,
  )
  return Object.fromEntries(kept) as Partial<T>
}

/** `detail`: with its transactions. */
export function blockToJson(block: Block, visible: boolean, detail = true) {
  return {
    blockID: block.id,
    block_header: {
      raw_data: {
        ...sparse({ number: block.number }),
        txTrieRoot: block.root,
        witness_address: printAddress(witness, visible),
        parentHash: block.parent,
        version: BLOCK_VERSION,
        timestamp: block.time,
      },
      witness_signature: witnessSignature(block),
    },
    ...(detail && block.transactions.length > 0
      ? { transactions: block.transactions.map((mined) => minedToJson(mined, visible)) }
      : {}),
  }
}

export const minedToJson = ({ transaction, receipt }: Mined, visible: boolean) => ({
  ...transactionToJson(transaction, visible, receipt.outcome),
  ...(transaction.type === 'CreateSmartContract' ? { contract_address: `41${receipt.contractAddress}` } : {}),
})

export function infoToJson({ transaction, receipt }: Mined, block: Block, visible: boolean) {
  const failed = receipt.outcome !== 'SUCCESS'
  return {
    id: transaction.id,
    ...sparse({ fee: receipt.fee }),
    blockNumber: block.number,
    blockTimeStamp: block.time,
    contractResult: [receipt.output],
    ...(receipt.contractAddress ? { contract_address: printAddress(receipt.contractAddress, visible) } : {}),
    receipt: sparse({
      energy_fee: receipt.energyFee,
      energy_usage_total: receipt.energyUsage,
      net_usage: receipt.netUsage,
      net_fee: receipt.netFee,
      result: receipt.ran ? receipt.outcome : '',
    }),
    ...(receipt.logs.length > 0
      ? {
          log: receipt.logs.map(({ address, topics, data }) => ({
            address: visible ? toBase58(address) : address,
            ...(topics.length > 0 ? { topics } : {}),
            ...sparse({ data }),
          })),
        }
      : {}),
    ...(failed ? { result: 'FAILED', resMessage: printText(receipt.message, visible) } : {}),
  }
}
