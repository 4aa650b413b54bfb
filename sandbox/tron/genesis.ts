// How a TRON development chain begins: one account with all TRX, and test USDT deployed in block 1.
// Must stay true: nothing of today or of this machine goes in, so that the first blocks, the chain id and the token's address
// are the same everywhere.

import { readContract } from '../compiled-contract.ts'
import { contractAddressOf, toBase58 } from './address.ts'
import { type Block, makeBlock } from './block.ts'
import { type Fields, smartContract } from './protobuf.ts'
import { type Changes, newAccount, noChanges } from './state.ts'
import { draft, fieldsFromJson, signTransaction, type Transaction } from './transaction.ts'

const GENESIS_TIME = Date.UTC(2024, 0, 1)
const FIRST_TIME = GENESIS_TIME + 3_000

/** The first account of the mnemonic that every development tool uses. Everybody has its key. */
export const holder = {
  address: 'f39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  secretKey: Buffer.from('ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80', 'hex'),
}

/** In sun; as much as a JavaScript client still reads exactly. */
const ALL_TRX = 5_000_000_000_000_000n
const ALL_USDT = 1_000_000_000_000n * 10n ** 6n

export const genesisBlock: Block = makeBlock(0, '0'.repeat(64), GENESIS_TIME, [])

/** As TRON makes it: the last four bytes of the first block's id. */
export const CHAIN_ID = Number.parseInt(genesisBlock.id.slice(-8), 16)

export function genesisState(): Changes {
  const state = noChanges()
  state.account.set(holder.address, { ...newAccount(GENESIS_TIME), balance: ALL_TRX })
  return state
}

/** What block 1 holds, and when it is made. */
export function firstBlock(): { time: number; transaction: Transaction } {
  const { abi, bytecode } = readContract('TronUsdt')
  const owner = `41${holder.address}`
  const details = {
    origin_address: owner,
    name: 'TetherToken',
    abi: { entrys: abi },
    bytecode: bytecode + ALL_USDT.toString(16).padStart(64, '0'),
    consume_user_resource_percent: 100,
    origin_energy_limit: 10_000_000,
  }
  const contract: Fields = { owner_address: owner, new_contract: fieldsFromJson(smartContract, details, false) }
  return { time: FIRST_TIME, transaction: signed({ type: 'CreateSmartContract', contract, head: genesisBlock }) }
}

interface Unsigned {
  type: Transaction['type']
  contract: Fields
  head: Block
  refBlock?: Block
  timestamp?: number
}

/** A transaction of the holder's. */
export function signed({ type, contract, head, refBlock = head, timestamp = head.time }: Unsigned): Transaction {
  const feeLimit = type === 'TransferContract' ? 0n : 5_000_000_000n
  const raw = draft({ type, contract, refBlock, expiration: head.time + 3_600_000, timestamp, feeLimit })
  return signTransaction(raw, holder.secretKey)
}

/** The token's address in Base58, on a chain whose block 1 holds this transaction. */
export const deployedAt = (transaction: Transaction): string =>
  toBase58(contractAddressOf(transaction.id, transaction.owner))
