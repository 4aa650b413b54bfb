// Executes one TRON transaction on a state: charges bandwidth, moves TRX or runs a contract, burns the fees, and says what
// happened.
// Must stay true: a refused transaction changes nothing; one whose contract fails stands in its block and pays.

import { contractAddressOf, toBase58 } from './address.ts'
import { SLOT, takeFreePoints } from './bandwidth.ts'
import type { Receipt } from './block.ts'
import type { Fields } from './protobuf.ts'
import { Invalid, Refused } from './refusal.ts'
import { addBalance, newAccount, type State } from './state.ts'
import { addressIn, int, str, type Transaction, transactionBytes } from './transaction.ts'
import type { Vm, VmResult } from './vm.ts'

/** What the chain charges, in sun. */
export interface Prices {
  energy: number
  bandwidth: number
  memo: number
  /** Bandwidth of a transaction that makes an account. */
  createAccount: number
  /** The account itself. */
  newAccount: number
  maxFeeLimit: number
}

export interface BlockPlace {
  number: number
  time: number
  witness: string
  /** Time of the block before. */
  headTime: number
  genesisTime: number
}

/** Room that TRON charges for the result of a transaction's contract. */
const RESULT_SIZE = 64
const MAX_CREATION_SIZE = 1_000
const SIGNATURE_SIZE = 65

type Bill = { netUsage: number; netFee: number; fee: number }

export async function execute(
  vm: Vm,
  prices: Prices,
  state: State,
  transaction: Transaction,
  place: BlockPlace,
): Promise<Receipt> {
  const bill = chargeBandwidth(prices, state, transaction, place)
  if (transaction.memo !== '') {
    burn(
      state,
      transaction.owner,
      prices.memo,
      () => new Refused('BANDWITH_ERROR', 'Account resource insufficient error.'),
    )
    bill.fee += prices.memo
  }
  if (transaction.type !== 'TransferContract') return runContract(vm, prices, state, transaction, place, bill)
  const fee = validateTransfer(prices, state, transaction.contract)
  transfer(state, transaction.contract, fee, place)
  return { ...nothing, netUsage: bill.netUsage, netFee: bill.netFee, fee: bill.fee + fee }
}

const nothing: Receipt = {
  outcome: 'SUCCESS',
  ran: false,
  fee: 0,
  contractAddress: '',
  output: '',
  message: '',
  netUsage: 0,
  netFee: 0,
  energyUsage: 0,
  energyFee: 0,
  logs: [],
}

function burn(state: State, owner: string, sun: number, refuse: () => Refused): void {
  if ((state.get('account', owner)?.balance ?? 0n) < BigInt(sun)) throw refuse()
  addBalance(state, owner, -BigInt(sun))
}

// --- bandwidth ---

function chargeBandwidth(prices: Prices, state: State, transaction: Transaction, place: BlockPlace): Bill {
  const { owner, type, contract } = transaction
  const account = state.get('account', owner)
  if (!account) throw new Invalid(`account [${toBase58(owner)}] does not exist`)
  const size = transactionBytes(transaction).length
  const points = size + RESULT_SIZE
  const insufficient = () => new Refused('BANDWITH_ERROR', 'Account resource insufficient error.')
  state.set('account', owner, { ...account, operated: place.headTime })

  if (type === 'TransferContract' && !state.get('account', addressIn(contract, 'to_address'))) {
    const bare = size - transaction.signatures.length * SIGNATURE_SIZE
    if (bare > MAX_CREATION_SIZE) throw tooBig('new account transaction', transaction, bare, MAX_CREATION_SIZE)
    burn(state, owner, prices.createAccount, insufficient)
    return { netUsage: 0, netFee: prices.createAccount, fee: prices.createAccount }
  }
  const slot = Math.floor((place.headTime - place.genesisTime) / SLOT)
  const taken = takeFreePoints({ ...account, operated: place.headTime }, points, slot)
  if (taken) {
    state.set('account', owner, taken)
    return { netUsage: points, netFee: 0, fee: 0 }
  }
  const netFee = points * prices.bandwidth
  burn(state, owner, netFee, insufficient)
  return { netUsage: 0, netFee, fee: netFee }
}

export const tooBig = (what: string, { id }: Transaction, size: number, max: number): Refused =>
  new Refused('TOO_BIG_TRANSACTION_ERROR', `Too big ${what}, TxId ${id}, the size is ${size} bytes, maxTxSize ${max}`)

// --- TRX ---

/** What it costs beside the amount. Also asked before a transaction is built. */
export function validateTransfer(prices: Prices, state: State, contract: Fields): number {
  const [from, to] = [addressIn(contract, 'owner_address'), addressIn(contract, 'to_address')]
  const amount = int(contract, 'amount')
  if (from.length !== 40) throw new Invalid('Invalid ownerAddress!')
  if (to.length !== 40) throw new Invalid('Invalid toAddress!')
  if (from === to) throw new Invalid('Cannot transfer TRX to yourself.')
  const owner = state.get('account', from)
  if (!owner) throw new Invalid('Validate TransferContract error, no OwnerAccount.')
  if (amount <= 0n) throw new Invalid('Amount must be greater than 0.')
  const receiver = state.get('account', to)
  if (receiver?.isContract) throw new Invalid('Cannot transfer TRX to a smartContract.')
  const fee = receiver ? 0 : prices.newAccount
  if (owner.balance < amount + BigInt(fee))
    throw new Invalid('Validate TransferContract error, balance is not sufficient.')
  return fee
}

function transfer(state: State, contract: Fields, fee: number, place: BlockPlace): void {
  const [from, to] = [addressIn(contract, 'owner_address'), addressIn(contract, 'to_address')]
  const amount = int(contract, 'amount')
  if (!state.get('account', to)) state.set('account', to, newAccount(place.headTime))
  addBalance(state, from, -amount - BigInt(fee))
  addBalance(state, to, amount)
}

// --- contracts ---

async function runContract(
  vm: Vm,
  prices: Prices,
  state: State,
  transaction: Transaction,
  place: BlockPlace,
  bill: Bill,
): Promise<Receipt> {
  const { owner, contract, feeLimit, id } = transaction
  const isCreation = transaction.type === 'CreateSmartContract'
  const deployed = isCreation ? ((contract.new_contract ?? {}) as Fields) : contract
  const value = int(deployed, 'call_value')
  const to = isCreation ? contractAddressOf(id, owner) : addressIn(contract, 'contract_address')
  if (isCreation) validateCreation(state, owner, deployed, to)
  else if (!state.get('contract', to)) throw new Invalid('No contract or not a smart contract')
  if (value < 0n) throw new Invalid('callValue must be >= 0')
  if (feeLimit < 0n || feeLimit > BigInt(prices.maxFeeLimit))
    throw new Invalid(`feeLimit must be >= 0 and <= ${prices.maxFeeLimit}`)
  const balance = state.get('account', owner)?.balance ?? 0n
  if (value > balance) throw new Invalid('Validate InternalTransfer error, balance is not sufficient.')
  const affordable = balance - value < feeLimit ? balance - value : feeLimit
  const energyLimit = affordable / BigInt(prices.energy)

  const result = await run(vm, state, {
    transaction,
    to,
    value,
    energyLimit,
    place,
    data: isCreation ? str(deployed, 'bytecode') : str(contract, 'data'),
    creates: isCreation ? deployed : undefined,
  })
  const energyFee = Number(result.energyUsed) * prices.energy
  addBalance(state, owner, -BigInt(energyFee))
  return {
    outcome: result.outcome,
    ran: true,
    fee: bill.fee + energyFee,
    contractAddress: to,
    output: result.output,
    message: result.message,
    netUsage: bill.netUsage,
    netFee: bill.netFee,
    energyUsage: Number(result.energyUsed),
    energyFee,
    logs: result.logs,
  }
}

function validateCreation(state: State, owner: string, deployed: Fields, to: string): void {
  const percent = int(deployed, 'consume_user_resource_percent')
  if (addressIn(deployed, 'origin_address') !== owner) throw new Invalid('OwnerAddress is not equals OriginAddress')
  if (Buffer.byteLength(str(deployed, 'name')) > 32)
    throw new Invalid("contractName's length cannot be greater than 32")
  if (percent < 0n || percent > 100n) throw new Invalid('percent must be >= 0 and <= 100')
  if (int(deployed, 'origin_energy_limit') <= 0n) throw new Invalid('The originEnergyLimit must be > 0')
  if (state.get('account', to))
    throw new Invalid(`Trying to create a contract with existing contract address: ${toBase58(to)}`)
}

interface Run {
  transaction: Transaction
  to: string
  value: bigint
  data: string
  energyLimit: bigint
  place: BlockPlace
  creates: Fields | undefined
}

/** A failed run leaves the state as it was. */
async function run(vm: Vm, state: State, given: Run): Promise<VmResult> {
  const { transaction, to, creates, place } = given
  const idle = { outcome: 'SUCCESS', message: '', energyUsed: 0n, output: '', logs: [] } as const
  if (!creates && state.get('code', to) === undefined) return idle
  state.checkpoint()
  if (creates) {
    state.set('account', to, newAccount(place.headTime, true))
    state.set('contract', to, { ...creates, contract_address: `41${to}`, version: 1n })
  }
  const result = await vm({
    state,
    block: place,
    transactionId: transaction.id,
    caller: transaction.owner,
    to,
    isCreation: creates !== undefined,
    data: given.data,
    value: given.value,
    energyLimit: given.energyLimit,
  })
  if (result.outcome === 'SUCCESS') state.commit()
  else state.revert()
  return result
}
