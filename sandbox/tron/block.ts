// A TRON block: its header to the byte, the id that comes out of it, the root over its transactions, and the witness'
// signature. A client that recomputes any of them finds it right.
// Must stay true: the witness' key is everybody's; nothing but development blocks is ever signed with it.

import { sha256 } from '../../src/base/crypto.ts'
import { encode, headerMessage } from './protobuf.ts'
import { sign, type Transaction, transactionBytes } from './transaction.ts'
import type { Outcome, VmLog } from './vm.ts'

/** The receipt of a transaction, in the words and units (sun) of TRON's API; addresses in the node's own form. */
export interface Receipt {
  readonly outcome: Outcome
  /** Whether the virtual machine had a part in it. */
  readonly ran: boolean
  readonly fee: number
  readonly contractAddress: string
  readonly output: string
  readonly message: string
  readonly netUsage: number
  readonly netFee: number
  readonly energyUsage: number
  readonly energyFee: number
  readonly logs: readonly VmLog[]
}

export interface Mined {
  readonly transaction: Transaction
  readonly receipt: Receipt
}

export interface Block {
  readonly number: number
  readonly id: string
  readonly parent: string
  /** Milliseconds. */
  readonly time: number
  readonly root: string
  readonly transactions: readonly Mined[]
}

/** The second account of the mnemonic that every development tool uses. */
const witnessKey = Buffer.from('59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d', 'hex')
export const witness = '70997970c51812dc3a010c7d01b50e0d17dc79c8'
export const BLOCK_VERSION = 32

const NO_ROOT = '0'.repeat(64)

type Header = Pick<Block, 'number' | 'parent' | 'time' | 'root'>

const headerBytes = ({ number, parent, time, root }: Header): Buffer =>
  encode(headerMessage, {
    timestamp: BigInt(time),
    txTrieRoot: root,
    parentHash: parent,
    number: BigInt(number),
    witness_address: `41${witness}`,
    version: BigInt(BLOCK_VERSION),
  })

export function makeBlock(number: number, parent: string, time: number, transactions: readonly Mined[]): Block {
  const root = merkleRoot(transactions)
  const hash = sha256(headerBytes({ number, parent, time, root })).toString('hex')
  const id = number.toString(16).padStart(16, '0') + hash.slice(16)
  return { number, id, parent, time, root, transactions }
}

/** Made when somebody looks: it is the dearest part of a block, and no part of the id. */
export const witnessSignature = (block: Block): string => sign(sha256(headerBytes(block)), witnessKey)

function merkleRoot(transactions: readonly Mined[]): string {
  let row = transactions.map(({ transaction, receipt }) => sha256(transactionBytes(transaction, receipt.outcome)))
  while (row.length > 1) {
    const above: Buffer[] = []
    for (let i = 0; i < row.length; i += 2) {
      const [left, right] = [row[i] as Buffer, row[i + 1]]
      above.push(right ? sha256(Buffer.concat([left, right])) : left)
    }
    row = above
  }
  return row[0]?.toString('hex') ?? NO_ROOT
}
