// A TRON development chain for tests: the sandbox's node in this process, which makes blocks only when told, with the tokens
// that the test wants. Its solid part is 19 blocks behind unless said otherwise.

import type { AddressInfo } from 'node:net'
import net from 'node:net'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { encodeDeployData, encodeFunctionData, type Hex } from 'viem'
import { readContract } from '../../sandbox/compiled-contract.ts'
import { addressOfKey, parseAddress, toBase58 } from '../../sandbox/tron/address.ts'
import type { TronChain } from '../../sandbox/tron/chain.ts'
import { holder } from '../../sandbox/tron/genesis.ts'
import { startTronNode, type TronNode, type TronNodeOptions } from '../../sandbox/tron/node.ts'
import type { ContractType, Fields } from '../../sandbox/tron/protobuf.ts'
import { smartContract } from '../../sandbox/tron/protobuf.ts'
import { draft, fieldsFromJson, signTransaction } from '../../sandbox/tron/transaction.ts'
import { callConstant } from '../../sandbox/tron/trigger.ts'
import { tokenOf } from '../../sandbox/tron.ts'
import { sha256 } from '../../src/base/crypto.ts'
import type { Token } from './chain.ts'

/** Addresses are Base58, keys hex as tronweb takes them. */
export interface TronAccount {
  address: string
  privateKey: string
}

export interface TronTestChain {
  readonly url: string
  readonly node: TronChain
  /** The first has all TRX and all test USDT; the others have 100,000 TRX each. */
  readonly accounts: readonly [TronAccount, ...TronAccount[]]
  /** The USDT of block 1. */
  readonly usdt: Token
  deploy(name: string, ...args: unknown[]): Promise<Token>
  /** Puts a call into the pool; it happens when a block is made. Answers the transaction's id. Amounts in sun. */
  send(token: Token, fn: string, args: unknown[], options?: SendOptions): Promise<string>
  /** Pays TRX likewise. */
  sendTrx(to: string, sun: bigint, from?: TronAccount): Promise<string>
  mine(blocks?: number): Promise<void>
  head(): number
  solid(): number
  reorg(depth: number, transactions?: 'keep' | 'drop'): Promise<void>
  balance(token: Token, who: string): Promise<bigint>
  /** In sun. */
  trx(who: string): bigint
  stop(): Promise<void>
}

export interface SendOptions {
  from?: TronAccount
  feeLimit?: bigint
  callValue?: bigint
  /** Refers to the newest block, so that a reorganisation makes it invalid; otherwise to a solid one. */
  refersToHead?: boolean
}

export const tronAccount = (name: string): TronAccount => accountOf(sha256(name).toString('hex'))

function accountOf(privateKey: string): TronAccount {
  const publicKey = secp256k1.getPublicKey(Buffer.from(privateKey, 'hex'), false)
  return { privateKey, address: toBase58(addressOfKey(publicKey)) }
}

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = net.createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

const hex41 = (address: string) => `41${parseAddress(address) ?? ''}`
/** Contracts' arguments name accounts as Solidity does. */
const inSolidity = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inSolidity)
  const address = typeof value === 'string' && value.startsWith('T') ? parseAddress(value) : undefined
  return address === undefined ? value : `0x${address}`
}

export async function startTronTestChain(options: Partial<TronNodeOptions> = {}): Promise<TronTestChain> {
  const node: TronNode = await startTronNode({ port: await freePort(), blocks: 'asked', ...options })
  const { chain } = node
  const owner = accountOf(holder.secretKey.toString('hex'))
  const others = ['one', 'two', 'three'].map(tronAccount)
  let stamp = Date.now()

  async function push(type: ContractType, contract: Fields, given: SendOptions): Promise<string> {
    const { from = owner, feeLimit = 1_000_000_000n, refersToHead = false } = given
    const head = chain.head()
    const raw = draft({
      type,
      contract: { owner_address: hex41(from.address), ...contract },
      refBlock: refersToHead ? head : chain.solid(),
      expiration: head.time + 60_000,
      timestamp: ++stamp, // two that are alike otherwise are two
      feeLimit: type === 'TransferContract' ? 0n : feeLimit,
    })
    const transaction = signTransaction(raw, Buffer.from(from.privateKey, 'hex'))
    await chain.broadcast(transaction)
    return transaction.id
  }

  const sendTrx = (to: string, sun: bigint, from = owner) =>
    push('TransferContract', { to_address: hex41(to), amount: sun }, { from })
  if (chain.head().number === 1) {
    for (const { address } of others) await sendTrx(address, 100_000_000_000n)
    await chain.mine(1)
  }

  return {
    url: node.url,
    node: chain,
    accounts: [owner, ...others],
    usdt: { name: 'TronUsdt', address: tokenOf(chain) },
    async deploy(name, ...args) {
      const { abi, bytecode } = readContract(name)
      const data = encodeDeployData({ abi, bytecode, args: args.map(inSolidity) }).slice(2)
      const details = {
        origin_address: hex41(owner.address),
        name,
        bytecode: data,
        abi: { entrys: abi },
        consume_user_resource_percent: 100,
        origin_energy_limit: 10_000_000,
      }
      const id = await push(
        'CreateSmartContract',
        { new_contract: fieldsFromJson(smartContract, details, false) },
        { feeLimit: 5_000_000_000n },
      )
      await chain.mine(1)
      const receipt = chain.mined(id)?.mined.receipt
      if (receipt?.outcome !== 'SUCCESS') throw new Error(`${name} was not deployed: ${receipt?.outcome}`)
      return { name, address: toBase58(receipt.contractAddress) }
    },
    send({ name, address }, fn, args, given = {}) {
      const { abi } = readContract(name)
      const data = encodeFunctionData({ abi, functionName: fn, args: args.map(inSolidity) }).slice(2)
      const { callValue = 0n } = given
      return push('TriggerSmartContract', { contract_address: hex41(address), call_value: callValue, data }, given)
    },
    sendTrx,
    mine: async (blocks = 1) => void (await chain.mine(blocks)),
    head: () => chain.head().number,
    solid: () => chain.solid().number,
    reorg: async (depth, transactions = 'keep') => void (await chain.reorganise(depth, transactions)),
    async balance({ address }, who) {
      const { abi } = readContract('TronUsdt')
      const data: Hex = encodeFunctionData({ abi, functionName: 'balanceOf', args: [inSolidity(who)] })
      const call = { owner_address: hex41(who), contract_address: hex41(address), data: data.slice(2) }
      return BigInt(`0x${(await callConstant(chain, 'head', call)).ran.output}`)
    },
    trx: (who) => chain.view('head').get('account', parseAddress(who) ?? '')?.balance ?? 0n,
    stop: node.stop,
  }
}
