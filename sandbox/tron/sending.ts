// The half of TRON's HTTP API that only a full node has: building transactions, taking signed ones, what waits.
// Must stay true: what it answers to a broadcast is what java-tron answers; clients decide about money by it.

import { sha256 } from '../../src/base/crypto.ts'
import { chainParameters, resourcesOf } from './account.ts'
import { parseAddress } from './address.ts'
import { build, printDraft } from './build.ts'
import { triggerOrBuild } from './calling.ts'
import type { TronChain } from './chain.ts'
import { validateTransfer } from './execute.ts'
import { minedToJson, printAddress, printText } from './json.ts'
import { contractTypes, smartContract, WireError } from './protobuf.ts'
import { type Answer, addressOf, type Query } from './query.ts'
import { Refused } from './refusal.ts'
import {
  fieldsFromJson,
  type Packed,
  packJson,
  readTransaction,
  signerOf,
  transactionToJson,
  unpackWhole,
} from './transaction.ts'

export function writers(chain: TronChain): Record<string, Answer> {
  return {
    createtransaction({ query, visible }) {
      const { message } = contractTypes.TransferContract
      const contract = fieldsFromJson(message, query, visible)
      validateTransfer(chain.prices, chain.view('head'), contract)
      return printDraft(build(chain, { type: 'TransferContract', contract, query }), visible)
    },
    triggersmartcontract: (asked) => triggerOrBuild(chain, asked),
    deploycontract({ query, visible }) {
      const owner = addressOf(query, 'owner_address', visible)
      const abi = typeof query.abi === 'string' && query.abi !== '' ? { entrys: JSON.parse(query.abi) } : query.abi
      const json = { ...query, origin_address: query.owner_address, contract_address: undefined, abi }
      const contract = { owner_address: `41${owner}`, new_contract: fieldsFromJson(smartContract, json, visible) }
      return printDraft(build(chain, { type: 'CreateSmartContract', contract, query }), visible)
    },
    async broadcasttransaction({ query, visible }) {
      const packed = packJson(query, visible)
      return { ...(await send(chain, packed, visible)), txid: sha256(packed.raw).toString('hex') }
    },
    async broadcasthex({ query }) {
      const given = String(query.transaction ?? '')
      if (!/^([0-9a-fA-F]{2})+$/.test(given)) throw new WireError('transaction: INVALID hex String')
      const packed = unpackWhole(Buffer.from(given, 'hex'))
      const { result = false, code = 'SUCCESS', message = '' } = await send(chain, packed, true)
      return {
        result,
        code,
        message,
        transaction: JSON.stringify({ raw_data_hex: packed.raw.toString('hex'), signature: packed.signatures }),
        txid: sha256(packed.raw).toString('hex'),
      }
    },
    gettransactionfrompending({ query, visible }) {
      const waiting = chain.pending(String(query.value ?? '').toLowerCase())
      return waiting ? minedToJson(waiting, visible) : {}
    },
    gettransactionlistfrompending: () =>
      sparseList(
        'txId',
        chain.pool().map(({ transaction }) => transaction.id),
      ),
    getsignweight: ({ query, visible }) => signWeight(query, visible),
    getpendingsize: () => ({ pendingSize: chain.pool().length }),
    getaccountresource({ query, visible }) {
      return resourcesOf(chain, addressOf(query, 'address', visible), { TotalEnergyLimit: 180_000_000_000 })
    },
    getaccountnet: ({ query, visible }) => resourcesOf(chain, addressOf(query, 'address', visible), {}),
    getchainparameters: () => ({ chainParameter: chainParameters(chain) }),
    validateaddress({ query }) {
      const given = String(query.address ?? '')
      const address = parseAddress(given)
      if (address === undefined) return { result: false, message: 'Invalid address' }
      return { result: true, message: given.startsWith('T') ? 'Base58check format' : 'Hex string format' }
    },
    listnodes: () => ({}),
    listwitnesses: () => ({}),
  }
}

const sparseList = (name: string, values: readonly unknown[]) => (values.length > 0 ? { [name]: values } : {})

async function send(chain: TronChain, { raw, signatures }: Packed, visible: boolean) {
  try {
    await chain.broadcast(readTransaction(raw, signatures))
    return { result: true }
  } catch (error) {
    const code = error instanceof Refused ? error.code : 'OTHER_ERROR'
    const text = error instanceof Refused ? error.message : `Error: ${error instanceof Error ? error.message : error}`
    return { code, message: printText(text, visible) }
  }
}

/** How far a transaction is signed. Every account here has one key, its own. */
function signWeight(query: Query, visible: boolean) {
  const { raw, signatures } = packJson(query, visible)
  const transaction = readTransaction(raw, signatures)
  const hash = Buffer.from(transaction.id, 'hex')
  const isSigned = signatures.some((signature) => signerOf(hash, signature) === transaction.owner)
  const owner = printAddress(transaction.owner, visible)
  return {
    result: isSigned ? {} : { code: 'NOT_ENOUGH_PERMISSION' },
    ...(isSigned ? { approved_list: [owner], current_weight: 1 } : {}),
    permission: { keys: [{ address: owner, weight: 1 }], threshold: 1, permission_name: 'owner' },
    transaction: {
      result: { result: true },
      txid: transaction.id,
      transaction: transactionToJson(transaction, visible),
    },
  }
}
