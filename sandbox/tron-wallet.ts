// TRON's HTTP API: what /wallet/* and /walletsolidity/* answer. The second reads the solid part of the same chain alone, and
// neither builds nor takes transactions.
// Must stay true: names, defaults and errors are java-tron's; an error is an answer `{"Error": …}`, not an HTTP status.

import { sha256 } from '../src/base/crypto.ts'
import { parseAddress } from './tron-address.ts'
import { FREE_NET_LIMIT, SLOT, usedPoints } from './tron-bandwidth.ts'
import type { Block } from './tron-block.ts'
import type { TronChain } from './tron-chain.ts'
import { validateTransfer } from './tron-execute.ts'
import { blockToJson, infoToJson, minedToJson, printAddress, printText, sparse } from './tron-json.ts'
import { contractTypes, type Fields, smartContract, WireError } from './tron-protobuf.ts'
import { Invalid, Refused } from './tron-refusal.ts'
import type { State } from './tron-state.ts'
import {
  draft,
  fieldsFromJson,
  fieldsToJson,
  type Packed,
  packJson,
  readTransaction,
  signerOf,
  type Transaction,
  transactionToJson,
  unpackWhole,
} from './tron-transaction.ts'
import { callConstant, isConstant, methodData } from './tron-trigger.ts'

export type Query = Readonly<Record<string, unknown>>

/** An error in the words of java-tron: the class of an exception and its message. */
export class WalletError extends Error {}

const illegal = (message: string) => new WalletError(`class java.lang.IllegalArgumentException : ${message}`)
const invalidParameter = (message: string) =>
  new WalletError(`class java.security.InvalidParameterException : ${message}`)

interface Asked {
  query: Query
  visible: boolean
  which: 'head' | 'solid'
}
type Answer = (asked: Asked) => unknown

const LIFE = 60_000

/** Answers to one of TRON's paths; nothing when there is no such path. */
export function createWallet(chain: TronChain): (path: string, query: Query) => Promise<{ body: unknown } | undefined> {
  const reading = readers(chain)
  const writing = writers(chain)
  return async (path, query) => {
    const [, root, name = ''] = /^\/(wallet|walletsolidity)\/(\w+)\/?$/.exec(path) ?? []
    const answer = reading[name.toLowerCase()] ?? (root === 'wallet' ? writing[name.toLowerCase()] : undefined)
    if (!root || !answer) return undefined
    const visible = query.visible === true || query.visible === 'true'
    try {
      return { body: await answer({ query, visible, which: root === 'wallet' ? 'head' : 'solid' }) }
    } catch (error) {
      return { body: { Error: errorText(error) } }
    }
  }
}

function errorText(error: unknown): string {
  if (error instanceof WalletError) return error.message
  if (error instanceof Invalid) return `class org.tron.core.exception.ContractValidateException : ${error.bare}`
  if (error instanceof WireError)
    return `class org.tron.core.services.http.JsonFormat$ParseException : ${error.message}`
  return `class java.lang.RuntimeException : ${error instanceof Error ? error.message : String(error)}`
}

// --- what is asked ---

function addressOf(query: Query, name: string, visible: boolean): string {
  const given = query[name]
  const address = parseAddress(given)
  if (address === undefined || visible !== String(given).startsWith('T')) {
    if (given === undefined || given === '') throw invalidParameter(`${name} isn't set.`)
    throw new WireError(`1:1: INVALID ${visible ? 'base58check' : 'hex'} String, ${name}`)
  }
  return address
}

function whole(query: Query, name: string): number | undefined {
  const given = query[name]
  if (given === undefined || given === '') return undefined
  if (!/^-?\d{1,15}$/.test(String(given))) throw new WalletError(`class java.lang.NumberFormatException : ${given}`)
  return Number(given)
}

// --- reading ---

function readers(chain: TronChain): Record<string, Answer> {
  const limit = (which: Asked['which']) => (which === 'head' ? chain.head().number : chain.solid().number)
  const block = (number: number, which: Asked['which']) => (number <= limit(which) ? chain.block(number) : undefined)
  const print = (found: Block | undefined, visible: boolean) => (found ? blockToJson(found, visible) : {})
  const found = (query: Query, which: Asked['which']) => {
    const mined = chain.mined(String(query.value ?? '').toLowerCase())
    return mined && mined.block.number <= limit(which) ? mined : undefined
  }
  const waiting = (query: Query) => chain.pending(String(query.value ?? '').toLowerCase())
  const list = (from: number, to: number, { visible, which }: Asked) => {
    const blocks: unknown[] = []
    for (let n = Math.max(0, from); n < to; n++) {
      const one = block(n, which)
      if (one) blocks.push(blockToJson(one, visible))
    }
    return blocks.length > 0 ? { block: blocks } : {}
  }

  return {
    getnowblock: ({ visible, which }) => print(block(limit(which), which), visible),
    getblockbynum: ({ query, visible, which }) => print(block(whole(query, 'num') ?? 0, which), visible),
    getblockbyid({ query, visible, which }) {
      const one = chain.blockById(String(query.value ?? '').toLowerCase())
      return print(one && one.number <= limit(which) ? one : undefined, visible)
    },
    getblock({ query, visible, which }) {
      const detail = query.detail === true || query.detail === 'true'
      const asked = String(query.id_or_num ?? '')
      if (asked === '') return blockToJson(chain.block(limit(which)) ?? chain.genesis, visible, detail)
      if (/^-\d+$/.test(asked)) throw illegal('num must be non-positive number.')
      const isNumber = /^\d{1,15}$/.test(asked)
      if (!isNumber && !/^[0-9a-fA-F]{64}$/.test(asked)) throw illegal('id must be legal block hash.')
      const one = isNumber ? block(Number(asked), which) : chain.blockById(asked.toLowerCase())
      return one && one.number <= limit(which) ? blockToJson(one, visible, detail) : {}
    },
    getblockbylimitnext(asked) {
      const [from, to] = [whole(asked.query, 'startNum') ?? 0, whole(asked.query, 'endNum') ?? 0]
      return from >= 0 && to > from && to - from <= 100 ? list(from, to, asked) : {}
    },
    getblockbylatestnum(asked) {
      const count = whole(asked.query, 'num') ?? 0
      return count > 0 && count < 100 ? list(limit(asked.which) - count + 1, limit(asked.which) + 1, asked) : {}
    },
    gettransactionbyid({ query, visible, which }) {
      // a full node has what waits among its transactions too, with how it would end: being found is not being mined
      const mined = found(query, which)?.mined ?? (which === 'head' ? waiting(query) : undefined)
      return mined ? minedToJson(mined, visible) : {}
    },
    gettransactioninfobyid({ query, visible, which }) {
      const one = found(query, which)
      return one ? infoToJson(one.mined, one.block, visible) : {}
    },
    gettransactioninfobyblocknum({ query, visible, which }) {
      const one = block(whole(query, 'num') ?? 0, which)
      return one ? one.transactions.map((mined) => infoToJson(mined, one, visible)) : []
    },
    gettransactioncountbyblocknum: ({ query, which }) => ({
      count: block(whole(query, 'num') ?? 0, which)?.transactions.length ?? -1,
    }),
    getaccount({ query, visible, which }) {
      const address = addressOf(query, 'address', visible)
      return accountToJson(chain, chain.view(which), address, visible)
    },
    getcontract({ query, visible }) {
      const contract = contractOf(chain.view('head'), addressOf(query, 'value', visible))
      return contract ? fieldsToJson(smartContract, contract, visible) : {}
    },
    getcontractinfo({ query, visible }) {
      const address = addressOf(query, 'value', visible)
      const contract = contractOf(chain.view('head'), address)
      if (!contract) return {}
      return {
        runtimecode: chain.view('head').get('code', address) ?? '',
        smart_contract: fieldsToJson(smartContract, contract, visible),
        contract_state: {},
      }
    },
    triggerconstantcontract: (asked) => trigger(chain, asked),
    estimateenergy: (asked) => estimate(chain, asked),
    getburntrx: () => ({ burnTrxAmount: 0 }),
    getenergyprices: () => ({ prices: `0:${chain.prices.energy}` }),
    getbandwidthprices: () => ({ prices: `0:${chain.prices.bandwidth}` }),
    getnodeinfo: () => nodeInfo(chain),
  }
}

const contractOf = (state: State, address: string): Fields | undefined => {
  const contract = state.get('contract', address)
  return contract && state.get('account', address) ? contract : undefined
}

const slotTime = (chain: TronChain, slot: number) => chain.genesis.time + SLOT * slot
const slotOf = (chain: TronChain) => Math.floor((chain.head().time - chain.genesis.time) / SLOT)

function accountToJson(chain: TronChain, state: State, address: string, visible: boolean) {
  const account = state.get('account', address)
  if (!account) return {}
  const slot = slotOf(chain)
  const permission = (name: string, more: Record<string, unknown>) => ({
    ...more,
    permission_name: name,
    threshold: 1,
    keys: [{ address: printAddress(address, visible), weight: 1 }],
  })
  return {
    ...sparse({ account_name: account.isContract ? 'CreatedByContract' : '' }),
    ...(account.isContract ? { type: 'Contract' } : {}),
    address: printAddress(address, visible),
    ...sparse({
      balance: Number(account.balance),
      create_time: account.created,
      latest_opration_time: account.operated,
      free_net_usage: usedPoints(account.freeNetUsed, account.freeNetSlot, slot),
      latest_consume_free_time: account.freeNetSlot > 0 ? slotTime(chain, account.freeNetSlot) : 0,
    }),
    net_window_size: 28_800_000,
    net_window_optimized: true,
    account_resource: { energy_window_size: 28_800_000, energy_window_optimized: true },
    ...(account.isContract
      ? {}
      : {
          owner_permission: permission('owner', {}),
          active_permission: [
            permission('active', { type: 'Active', id: 2, operations: `7fff1fc0033ec307${'0'.repeat(48)}` }),
          ],
        }),
    frozenV2: [{}, { type: 'ENERGY' }, { type: 'TRON_POWER' }],
    asset_optimized: true,
  }
}

function nodeInfo(chain: TronChain) {
  const place = ({ number, id }: Block) => `Num:${number},ID:${id}`
  return {
    beginSyncNum: 0,
    block: place(chain.head()),
    solidityBlock: place(chain.solid()),
    currentConnectCount: 0,
    activeConnectCount: 0,
    passiveConnectCount: 0,
    totalFlow: 0,
    peerList: [],
    configNodeInfo: { codeVersion: '4.8.0', versionNum: '18636', supportConstant: true, dbVersion: 2 },
  }
}

// --- building and sending ---

function writers(chain: TronChain): Record<string, Answer> {
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

function resourcesOf(chain: TronChain, address: string, more: Record<string, number>) {
  const account = chain.view('head').get('account', address)
  if (!account) return {}
  return {
    ...sparse({ freeNetUsed: usedPoints(account.freeNetUsed, account.freeNetSlot, slotOf(chain)) }),
    freeNetLimit: FREE_NET_LIMIT,
    TotalNetLimit: 43_200_000_000,
    ...more,
  }
}

function chainParameters({ prices }: TronChain) {
  const values: Record<string, number> = {
    getMaintenanceTimeInterval: 21_600_000,
    getCreateAccountFee: prices.createAccount,
    getTransactionFee: prices.bandwidth,
    getCreateNewAccountFeeInSystemContract: prices.newAccount,
    getCreateNewAccountBandwidthRate: 1,
    getEnergyFee: prices.energy,
    getMaxCpuTimeOfOneTx: 80,
    getFreeNetLimit: FREE_NET_LIMIT,
    getTotalNetLimit: 43_200_000_000,
    getTotalEnergyLimit: 180_000_000_000,
    getMaxFeeLimit: prices.maxFeeLimit,
    getMemoFee: prices.memo,
    getAllowCreationOfContracts: 1,
    getAllowTvmConstantinople: 1,
    getAllowTvmIstanbul: 1,
    getForbidTransferToContract: 1,
  }
  return Object.entries(values).map(([key, value]) => ({ key, value }))
}

/** As on TRON it refers to a solid block, so that no reorganisation makes it invalid. */
function build(
  chain: TronChain,
  given: { type: keyof typeof contractTypes; contract: Fields; query: Query },
): Transaction {
  const { type, contract, query } = given
  const memo = String(query.extra_data ?? '')
  const raw = draft({
    type,
    contract,
    refBlock: chain.solid(),
    expiration: chain.head().time + LIFE,
    timestamp: Date.now(),
    feeLimit: BigInt(whole(query, 'fee_limit') ?? 0),
    permission: whole(query, 'Permission_id') ?? 0,
    memo: query.visible === true ? Buffer.from(memo).toString('hex') : memo,
  })
  return readTransaction(raw, [])
}

const printDraft = (transaction: Transaction, visible: boolean) => ({
  visible,
  ...transactionToJson(transaction, visible),
})

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

// --- calling contracts ---

function triggerMessage(chain: TronChain, { query, visible }: Asked): Fields {
  const owner = addressOf(query, 'owner_address', visible)
  const to = addressOf(query, 'contract_address', visible)
  if (!chain.view('head').get('contract', to)) throw new Invalid('No contract or not a valid smart contract')
  return {
    owner_address: `41${owner}`,
    contract_address: `41${to}`,
    call_value: BigInt(whole(query, 'call_value') ?? 0),
    data: methodData(query),
  }
}

const failure = (error: unknown, visible: boolean) => {
  const isInvalid = error instanceof Invalid
  const text = isInvalid ? error.bare : errorText(error)
  return { code: isInvalid ? 'CONTRACT_VALIDATE_ERROR' : 'OTHER_ERROR', message: printText(text, visible) }
}

async function triggerOrBuild(chain: TronChain, asked: Asked): Promise<unknown> {
  try {
    const contract = triggerMessage(chain, asked)
    if (isConstant(chain.view('head'), contract)) return await trigger(chain, asked)
    const built = build(chain, { type: 'TriggerSmartContract', contract, query: asked.query })
    return { result: { result: true }, transaction: printDraft(built, asked.visible) }
  } catch (error) {
    return { result: failure(error, asked.visible) }
  }
}

async function trigger(chain: TronChain, asked: Asked): Promise<unknown> {
  const { query, visible, which } = asked
  try {
    const contract = triggerMessage(chain, asked)
    const { ran, failed } = await callConstant(chain, which, contract)
    const transaction = build(chain, { type: 'TriggerSmartContract', contract, query })
    return {
      result: { result: true, ...(failed ? { message: printText(failed, visible) } : {}) },
      energy_used: Number(ran.energyUsed),
      constant_result: [ran.output],
      ...(ran.logs.length > 0 ? { logs: ran.logs } : {}),
      transaction: { ret: [failed ? { ret: 'FAILED' } : {}], ...printDraft(transaction, visible) },
    }
  } catch (error) {
    return { result: failure(error, visible) }
  }
}

async function estimate(chain: TronChain, asked: Asked): Promise<unknown> {
  try {
    const contract = triggerMessage(chain, asked)
    const { ran, failed } = await callConstant(chain, asked.which, contract)
    if (failed) return { result: { code: 'CONTRACT_EXE_ERROR', message: printText(failed, asked.visible) } }
    return { result: { result: true }, energy_required: Number(ran.energyUsed) }
  } catch (error) {
    return { result: failure(error, asked.visible) }
  }
}
