// Sends on TRON over java-tron's HTTP API: what a transaction may burn, bytes handed to a node, and where they are.
// Must stay true: an answer that is no clear one is thrown, never read as a no; a transaction is in a block only if the
// block, whose id and root are recomputed, holds it; that one is dead is said by irreversible blocks alone.

import { minutes } from '../base/clock.ts'
import { randomDigits } from '../base/crypto.ts'
import { divCeil } from '../base/money.ts'
import { tronAddressHex } from '../base/tron-address.ts'
import type {
  BroadcastAnswer,
  ChainSender,
  Draft,
  Outgoing,
  TronDraft,
  Whereabouts,
  WouldFail,
} from '../domain/ports.ts'
import { list, type Row, row, UnsoundAnswer } from './answer.ts'
import {
  isEmpty,
  type Proof,
  readTronBlock,
  readTronHeader,
  succeeded,
  TRANSFER,
  type TronBlock,
} from './tron-block.ts'
import { createTronHttp, type TronNode, type View } from './tron-http.ts'
import { contractTypes, hex, natural, transactionId } from './tron-proof.ts'

const TRANSFER_CALL = 'a9059cbb'
const BALANCE_OF = '70a08231'
/** Time in which it must be mined, by the chain's clock. */
const LIFE = minutes(10)
/** After its end by irreversible blocks, before it is called dead: nodes behind one address may be some blocks apart. */
const MARGIN = minutes(2)
/** Bytes of a signed transfer and its result, rounded up; each costs bandwidth. */
const SIZE = { token: 360, coin: 290 }
/** What is staked counts only when it is enough for this many alike: others of the same wallet are under way. */
const ALIKE = 17n
/** Prices change by a vote of days. */
const PRICES_FOR = minutes(5)
/** Times that balances are read until no block comes between. */
const TRIES = 6
/** Irreversible blocks between two looks that are searched for our addresses. */
const BETWEEN = 20
const REMEMBERED = 32

export interface TronSenderOptions extends TronNode {
  contract: string
  proof: Proof
}

/** In sun, for a unit. */
interface Prices {
  energy: bigint
  bandwidth: bigint
  newAccount: bigint
}

export function createTronSender(options: TronSenderOptions): ChainSender {
  const { contract, proof } = options
  const http = createTronHttp(options)
  const pinned = bytesOf(contract)
  const proven = new Map<string, TronBlock>()
  let prices: { at: number; value: Prices } | undefined
  let stamp = 0

  const newest = async (view: View) => readTronHeader(await http.read(view, 'getblock', { detail: false }))

  /** A call that changes nothing, tried on the state of a view. */
  async function tryCall(view: View, from: string, data: string): Promise<{ answer: string; energy: number }> {
    const said = row(
      await http.read(view, 'triggerconstantcontract', {
        owner_address: `41${from}`,
        contract_address: `41${pinned}`,
        data,
      }),
      'call',
    )
    const result = row(said.result, 'result')
    if (result.result !== true) throw new UnsoundAnswer(`the call was not made: ${messageOf(result)}`)
    const answer = String(list(said.constant_result ?? [], 'result')[0] ?? '')
    const [ran] = list(row(said.transaction ?? {}, 'transaction').ret ?? [], 'results')
    if (row(ran ?? {}, 'result').ret === 'FAILED') throw wouldFail(revertReason(answer) ?? messageOf(result))
    return { answer: hex(answer, 'result'), energy: natural(said.energy_used, 'energy') }
  }

  async function pricesNow(now: number): Promise<Prices> {
    if (prices && now - prices.at < PRICES_FOR) return prices.value
    const answer = row(await http.read('wallet', 'getchainparameters'), 'parameters')
    const all = new Map(
      list(answer.chainParameter, 'parameters').map((each) => {
        const { key, value } = row(each, 'parameter')
        return [String(key), value]
      }),
    )
    const price = (name: string) => {
      if (!all.has(name)) throw new UnsoundAnswer(`the node does not say ${name}`)
      return BigInt(natural(all.get(name), name))
    }
    const value = {
      energy: price('getEnergyFee'),
      bandwidth: price('getTransactionFee'),
      newAccount: price('getCreateNewAccountFeeInSystemContract') + price('getCreateAccountFee'),
    }
    prices = { at: now, value }
    return value
  }

  async function isNew(address: string): Promise<boolean> {
    return isEmpty(await http.read('wallet', 'getaccount', { address: `41${bytesOf(address)}` }))
  }

  /** What it burns at most, the limit that goes with it, and what staked energy pays of that. */
  async function costOf({ asset, from, to, value }: Outgoing, at: Prices) {
    const bandwidth = BigInt(SIZE[asset]) * at.bandwidth
    if (asset === 'coin') return { limit: 0n, staked: 0n, most: bandwidth + ((await isNew(to)) ? at.newAccount : 0n) }
    const data = `${TRANSFER_CALL}${padded(to)}${value.toString(16).padStart(64, '0')}`
    const [{ energy }, resources] = await Promise.all([
      tryCall('wallet', bytesOf(from), data),
      http.read('wallet', 'getaccountresource', { address: `41${bytesOf(from)}` }),
    ])
    // an account that became empty, or a contract that became dearer, since it was tried
    const needed = divCeil(BigInt(energy) * 13n, 10n)
    const limit = needed * at.energy
    const { EnergyLimit, EnergyUsed } = row(resources, 'resources')
    const spare = BigInt(natural(EnergyLimit, 'energy limit')) - BigInt(natural(EnergyUsed, 'energy used'))
    return { limit, staked: spare >= ALIKE * needed ? limit : 0n, most: limit + bandwidth }
  }

  async function draft(outgoing: Outgoing): Promise<TronDraft> {
    const [head, solid] = await Promise.all([newest('wallet'), newest('walletsolidity')])
    const now = head.minedAt.getTime()
    const { limit, most, staked } = await costOf(outgoing, await pricesNow(now))
    // two payments that are alike are two transactions: their times differ
    stamp = Math.max(stamp + 1, now + Number.parseInt(randomDigits(3), 10))
    return {
      refBlockBytes: (solid.number & 0xffff).toString(16).padStart(4, '0'),
      refBlockHash: solid.hash.slice(16, 32),
      timestamp: stamp,
      expiration: now + LIFE,
      feeLimit: whole(limit),
      most: whole(most),
      staked: whole(staked),
    }
  }

  /** A block with its transactions, which must be the node's at that height now. */
  async function blockAt(number: number): Promise<TronBlock> {
    const header = readTronHeader(await http.read('wallet', 'getblock', { id_or_num: `${number}`, detail: false }))
    if (header.number !== number) throw new UnsoundAnswer(`asked for block ${number}, got ${header.number}`)
    const known = proven.get(header.hash)
    if (known) return known
    const block = readTronBlock(await http.read('wallet', 'getblockbyid', { value: header.hash }), proof)
    if (block.hash !== header.hash) throw new UnsoundAnswer('asked for one block, got another')
    proven.set(block.hash, block)
    for (const oldest of proven.keys()) {
      if (proven.size <= REMEMBERED) break
      proven.delete(oldest)
    }
    return block
  }

  async function inBlock(txHash: string): Promise<Whereabouts | undefined> {
    const said = await http.read('wallet', 'gettransactioninfobyid', { value: txHash })
    if (isEmpty(said)) return undefined
    const receipt = row(said, 'receipt')
    if (hex(receipt.id, 'receipt id', 32) !== txHash) throw new UnsoundAnswer('asked for one receipt, got another')
    const block = await blockAt(natural(receipt.blockNumber, 'block number'))
    const transaction = block.transactions.find(({ id }) => id === txHash)
    if (!transaction) throw new UnsoundAnswer('the block does not have the transaction')
    if (natural(receipt.blockTimeStamp, 'block time') !== block.minedAt.getTime())
      throw new UnsoundAnswer('a receipt of another block')
    const success = succeeded(transaction, receipt) && (transaction.type !== contractTypes.trigger || moved(receipt))
    return { at: 'block', number: block.number, hash: block.hash, success, fee: BigInt(natural(receipt.fee, 'fee')) }
  }

  /** A token whose transfer went well says so in a log; what its call returns says nothing on TRON. */
  const moved = (receipt: Row): boolean =>
    list(receipt.log ?? [], 'logs').some((entry) => {
      const { address, topics } = row(entry, 'log')
      return address === pinned && list(topics ?? [], 'topics')[0] === TRANSFER
    })

  async function isWaiting(txHash: string): Promise<boolean> {
    const said = await http.read('wallet', 'gettransactionfrompending', { value: txHash })
    if (isEmpty(said)) return false
    if (hex(row(said, 'transaction').txID, 'transaction id', 32) !== txHash)
      throw new UnsoundAnswer('asked for one transaction, got another')
    return true
  }

  async function balanceIn(view: View, address: string, asset: 'token' | 'coin'): Promise<bigint> {
    if (asset === 'token') {
      const { answer } = await tryCall(view, bytesOf(address), `${BALANCE_OF}${padded(address)}`)
      return BigInt(`0x${hex(answer, 'balance', 32)}`)
    }
    const account = row(await http.read(view, 'getaccount', { address: `41${bytesOf(address)}` }), 'account')
    return BigInt(natural(account.balance, 'balance'))
  }

  /** Whether one of the irreversible blocks after `from` up to `to` has to do with one of these addresses. */
  async function touchedBetween(from: number, to: number, addresses: ReadonlySet<string>): Promise<boolean> {
    if (to - from > BETWEEN) return true
    for (let num = from + 1; num <= to; num++) {
      const block = await http.read('walletsolidity', 'getblockbynum', { num })
      if (isEmpty(block)) throw new UnsoundAnswer(`the irreversible view has lost block ${num}`)
      const receipts = await http.read('walletsolidity', 'gettransactioninfobyblocknum', { num })
      const text = JSON.stringify([block, receipts]).toLowerCase()
      if ([...addresses].some((address) => text.includes(address))) return true
    }
    return false
  }

  return {
    draft,
    maxFee: (given) => bound(given) - BigInt(tron(given).staked ?? 0),
    feeBound: bound,
    raise: async () => undefined, // a transaction of TRON cannot be replaced; it ends by itself

    async broadcast(raw): Promise<BroadcastAnswer> {
      const id = transactionId(Buffer.from(hex(raw, 'transaction'), 'hex'))
      const said = row(await http.once('wallet', 'broadcasthex', { transaction: raw }), 'answer')
      if (said.result === true) {
        if (hex(said.txid, 'transaction id', 32) !== id) throw new UnsoundAnswer('the node took something else')
        return { result: 'accepted' }
      }
      const code = String(said.code ?? '')
      if (code === 'DUP_TRANSACTION_ERROR') return { result: 'known' }
      if (!refusals.has(code)) throw new UnsoundAnswer(`the node says ${code || 'nothing'}: ${messageOf(said)}`)
      return { result: 'refused', reason: `${code}: ${messageOf(said)}` }
    },

    async find(txHash) {
      const found = await inBlock(txHash)
      if (found) return found
      if (await isWaiting(txHash)) return { at: 'pool' }
      return (await inBlock(txHash)) ?? { at: 'nowhere' } // it may have gone from one to the other meanwhile
    },

    async isDead({ expiresAt, txHash }) {
      if (expiresAt === null) throw new Error('a transaction of TRON has an end')
      const over = async () => (await newest('walletsolidity')).minedAt.getTime() >= expiresAt.getTime() + MARGIN
      if (!(await over())) return false
      const answers = await Promise.all(
        (['walletsolidity', 'wallet'] as const).flatMap((view) =>
          ['gettransactionbyid', 'gettransactioninfobyid'].map((method) => http.read(view, method, { value: txHash })),
        ),
      )
      // asked once more: the node that did not know it must not be one that lags behind the first
      return answers.every(isEmpty) && (await over())
    },

    balance: (address, asset, at = 'latest') =>
      balanceIn(at === 'latest' ? 'wallet' : 'walletsolidity', address, asset),

    async finalBalances(of) {
      const addresses = new Set(of.map(({ address }) => bytesOf(address)))
      for (let tries = 0; tries < TRIES; tries++) {
        const { number } = await newest('walletsolidity')
        const balances = await Promise.all(of.map(({ address, asset }) => balanceIn('walletsolidity', address, asset)))
        const after = await newest('walletsolidity')
        if (after.number === number || !(await touchedBetween(number, after.number, addresses)))
          return { block: number, balances }
      }
      throw new UnsoundAnswer('the addresses change faster than they can be asked for')
    },
  }
}

/** What a node says when it does not take a transaction, and only because of the transaction. */
const refusals = new Set([
  'SIGERROR',
  'CONTRACT_VALIDATE_ERROR',
  'CONTRACT_EXE_ERROR',
  'BANDWITH_ERROR',
  'TAPOS_ERROR',
  'TOO_BIG_TRANSACTION_ERROR',
  'TRANSACTION_EXPIRATION_ERROR',
  'BLOCK_UNSOLIDIFIED',
])

function bytesOf(address: string): string {
  const found = tronAddressHex(address)
  if (!found) throw new Error(`${address} is no TRON address`)
  return found
}
const padded = (address: string): string => bytesOf(address).padStart(64, '0')

/** As JSON carries it, exactly. */
const whole = (sun: bigint): number => natural(Number(sun), 'a price')

function tron(draft: Draft): TronDraft {
  if (!('feeLimit' in draft)) throw new Error('a draft of another family')
  return draft
}
/** What it can cost whatever happens. */
function bound(draft: Draft): bigint {
  const { feeLimit, most } = tron(draft)
  return BigInt(most ?? feeLimit)
}

/** Nodes write messages as text or as hex of it. */
function messageOf({ message, code }: Row): string {
  const text = String(message ?? code ?? '')
  const plain = text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text) ? Buffer.from(text, 'hex').toString() : text
  return plain.replace(/[^\x20-\x7e]/g, ' ').slice(0, 200)
}

/** Solidity's Error(string), or nothing. */
function revertReason(answer: string): string | undefined {
  if (!/^08c379a0/i.test(answer)) return undefined
  const data = Buffer.from(answer.slice(8), 'hex')
  if (data.length < 64) return undefined
  const length = data.readUInt32BE(60)
  return data
    .subarray(64, 64 + length)
    .toString('utf8')
    .replace(/[^\x20-\x7e]/g, ' ')
    .slice(0, 200)
}

const wouldFail = (why: string): WouldFail =>
  Object.assign(new Error(`the transaction would fail: ${why}`), { wouldFail: why })
