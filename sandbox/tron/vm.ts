// TRON's virtual machine: Ethereum's, with TRON's prices, addresses and a chain id and energy price of its own.
// Prices are Ethereum's first ones, which TRON has kept; nothing is charged for a transaction as such or for its data, and
// nothing is given back for freed storage.
// Must stay true: one call at a time, since the machine has one state and one block.

import { type Common, createCustomCommon, Hardfork, Mainnet, type StateManagerInterface } from '@ethereumjs/common'
import { EVM, EVMError, type EVMOpts, type Message, NobleBN254, paramsEVM } from '@ethereumjs/evm'
import { Account, Address, KECCAK256_NULL } from '@ethereumjs/util'
import { keccak, lastTwenty } from './address.ts'
import { newAccount, type State } from './state.ts'

/** How a contract's execution ended, in TRON's words and numbers. */
export const outcomes = {
  SUCCESS: 1,
  REVERT: 2,
  BAD_JUMP_DESTINATION: 3,
  STACK_TOO_SMALL: 6,
  ILLEGAL_OPERATION: 8,
  STACK_OVERFLOW: 9,
  OUT_OF_ENERGY: 10,
  OUT_OF_TIME: 11,
  UNKNOWN: 13,
  TRANSFER_FAILED: 14,
} as const
export type Outcome = keyof typeof outcomes

export interface VmLog {
  readonly address: string
  readonly topics: readonly string[]
  readonly data: string
}

export interface VmCall {
  state: State
  block: { number: number; time: number; witness: string }
  transactionId: string
  caller: string
  /** The contract, or where the code in `data` comes to stand. */
  to: string
  isCreation: boolean
  data: string
  /** In sun. */
  value: bigint
  energyLimit: bigint
}

export interface VmResult {
  readonly outcome: Outcome
  /** Empty on success. */
  readonly message: string
  readonly energyUsed: bigint
  readonly output: string
  readonly logs: readonly VmLog[]
}

export interface VmOptions {
  chainId: number
  /** Sun. */
  energyPrice: number
  /** Energy that one transaction can use within the time it is given. */
  energyInTime: bigint
  blockId(number: number): string | undefined
}

export type Vm = (call: VmCall) => Promise<VmResult>

export function createVm(options: VmOptions): Vm {
  const states = stateManager()
  const evm = new TronEvm({
    common: tronRules(options.chainId),
    params: { ...paramsEVM, 607: { ...paramsEVM[607], expByteGas: 10 }, 608: {} },
    customOpcodes: [
      constant(0x46, 'CHAINID', BigInt(options.chainId)),
      { opcode: 0x47, opcodeName: 'SELFBALANCE', baseFee: 5, logicFunction: selfBalance },
      constant(0x48, 'BASEFEE', BigInt(options.energyPrice)),
    ],
    stateManager: states.manager,
    blockchain: blockIds(options.blockId),
    allowUnlimitedContractSize: true,
    allowUnlimitedInitCodeSize: true,
    bn254: new NobleBN254(),
  })

  return async ({ state, block, transactionId, caller, to, isCreation, data, value, energyLimit }) => {
    const gasLimit = energyLimit < options.energyInTime ? energyLimit : options.energyInTime
    evm.begin(transactionId, to)
    states.use(state, block.time)
    const { execResult } = await evm
      .runCall({
        block: {
          header: {
            number: BigInt(block.number),
            timestamp: BigInt(Math.floor(block.time / 1000)),
            coinbase: address(block.witness),
            difficulty: 0n,
            prevRandao: new Uint8Array(32),
            gasLimit: 0n,
            getBlobGasPrice: () => undefined,
          },
        },
        caller: address(caller),
        origin: address(caller),
        ...(isCreation ? {} : { to: address(to) }),
        data: Buffer.from(data, 'hex'),
        value,
        gasLimit,
        skipNonceIncrement: true,
      })
      .finally(() => evm.journal.cleanJournal())
    const { exceptionError, executionGasUsed, returnValue, logs = [] } = execResult
    const output = Buffer.from(returnValue).toString('hex')
    if (!exceptionError) {
      for (const dead of execResult.selfdestruct?.keys() ?? []) bury(state, dead.slice(2))
      return { outcome: 'SUCCESS', message: '', energyUsed: executionGasUsed, output, logs: logs.map(readLog) }
    }
    const outcome = outcomeOf(exceptionError, gasLimit < energyLimit)
    const energyUsed = outcome === 'OUT_OF_TIME' ? energyLimit : executionGasUsed
    return { outcome, message: messages[outcome] ?? exceptionError.error, energyUsed, output, logs: [] }
  }
}

const address = (hex: string) => new Address(Buffer.from(hex, 'hex'))
const hexOf = ({ bytes }: Address) => Buffer.from(bytes).toString('hex')
const readLog = ([from, topics, data]: [Uint8Array, Uint8Array[], Uint8Array]): VmLog => ({
  address: Buffer.from(from).toString('hex'),
  topics: topics.map((topic) => Buffer.from(topic).toString('hex')),
  data: Buffer.from(data).toString('hex'),
})

/** The last rules of Ethereum with prices like TRON's, and PUSH0. No compiler needs the younger ones unless told so. */
function tronRules(chainId: number): Common {
  return createCustomCommon({ chainId, name: 'TRON' }, Mainnet, {
    hardfork: Hardfork.Petersburg,
    eips: [3855],
  })
}

type Opcode = NonNullable<EVMOpts['customOpcodes']>[number]
type OpcodeLogic = Extract<Opcode, { logicFunction: unknown }>['logicFunction']

const constant = (opcode: number, opcodeName: string, value: bigint): Opcode => ({
  opcode,
  opcodeName,
  baseFee: 2,
  logicFunction: ({ stack }) => stack.push(value),
})
const selfBalance: OpcodeLogic = ({ stack, interpreter }) => stack.push(interpreter.getSelfBalance())

/** Gives contracts the addresses that they have on TRON. */
class TronEvm extends EVM {
  private transactionId = ''
  private first = ''
  private created = 0n

  begin(transactionId: string, first: string): void {
    this.transactionId = transactionId
    this.first = first
    this.created = 0n
  }

  protected override async _generateAddress(message: Message): Promise<Address> {
    if (message.depth === 0) return address(this.first)
    if (message.salt) {
      const code = keccak(message.code as Uint8Array)
      return address(lastTwenty(keccak(Buffer.concat([Buffer.of(0x41), message.caller.bytes, message.salt, code]))))
    }
    const nonce = Buffer.alloc(8)
    nonce.writeBigInt64BE(++this.created)
    return address(lastTwenty(keccak(Buffer.concat([Buffer.from(this.transactionId, 'hex'), nonce]))))
  }
}

const { errorMessages } = EVMError
const outcomesByError: Record<string, Outcome> = {
  [errorMessages.REVERT]: 'REVERT',
  [errorMessages.INVALID_JUMP]: 'BAD_JUMP_DESTINATION',
  [errorMessages.STACK_UNDERFLOW]: 'STACK_TOO_SMALL',
  [errorMessages.STACK_OVERFLOW]: 'STACK_OVERFLOW',
  [errorMessages.INVALID_OPCODE]: 'ILLEGAL_OPERATION',
  [errorMessages.STATIC_STATE_CHANGE]: 'ILLEGAL_OPERATION',
  [errorMessages.INSUFFICIENT_BALANCE]: 'TRANSFER_FAILED',
  [errorMessages.CREATE_COLLISION]: 'REVERT',
}
const messages: Partial<Record<Outcome, string>> = {
  REVERT: 'REVERT opcode executed',
  OUT_OF_ENERGY: 'Not enough energy for operation executing',
  OUT_OF_TIME: 'CPU timeout for operation executing',
  ILLEGAL_OPERATION: 'Invalid operation code',
}

/** `cut`: the energy that ran out was that of the time limit, not the sender's. */
function outcomeOf({ error }: EVMError, cut: boolean): Outcome {
  if (error === errorMessages.OUT_OF_GAS) return cut ? 'OUT_OF_TIME' : 'OUT_OF_ENERGY'
  return outcomesByError[error] ?? 'UNKNOWN'
}

function bury(state: State, dead: string): void {
  state.set('account', dead, null)
  state.set('code', dead, null)
  state.set('contract', dead, null)
}

const blockIds = (blockId: VmOptions['blockId']): NonNullable<EVMOpts['blockchain']> => ({
  getBlock: async (number) => ({ hash: () => Buffer.from(blockId(number) ?? '00'.repeat(32), 'hex') }),
  putBlock: async () => {},
  shallowCopy: () => blockIds(blockId),
})

/** Ethereum's machine asks for state in its own way; this answers out of ours. TRON's accounts have no nonce. */
function stateManager(): { manager: StateManagerInterface; use(state: State, time: number): void } {
  let state: State
  let time: number
  const slotOf = (owner: Address, key: Uint8Array) => `${hexOf(owner)}${Buffer.from(key).toString('hex')}`
  const readSlot = async (owner: Address, key: Uint8Array) =>
    Buffer.from(state.get('slot', slotOf(owner, key)) ?? '', 'hex')
  const code = (owner: Address) => Buffer.from(state.get('code', hexOf(owner)) ?? '', 'hex')
  const unused = (): never => {
    throw new Error('TRON has no state root')
  }
  const manager: StateManagerInterface = {
    async getAccount(owner) {
      const record = state.get('account', hexOf(owner))
      if (!record) return undefined
      const hash = state.get('code', hexOf(owner)) === undefined ? KECCAK256_NULL : keccak(code(owner))
      return new Account(0n, record.balance, undefined, hash)
    },
    async putAccount(owner, account) {
      if (!account) return
      const key = hexOf(owner)
      const known = state.get('account', key)
      // a call without value to nobody makes no account
      if (!known && account.balance === 0n && account.nonce === 0n) return
      state.set('account', key, { ...(known ?? newAccount(time)), balance: account.balance })
    },
    async deleteAccount(owner) {
      state.set('account', hexOf(owner), null)
    },
    async modifyAccountFields(owner, { balance }) {
      if (balance === undefined) return
      const key = hexOf(owner)
      state.set('account', key, { ...(state.get('account', key) ?? newAccount(time)), balance })
    },
    async putCode(owner, value) {
      const key = hexOf(owner)
      state.set('account', key, { ...(state.get('account', key) ?? newAccount(time)), isContract: true })
      state.set('code', key, Buffer.from(value).toString('hex'))
      if (!state.get('contract', key)) state.set('contract', key, { contract_address: key, version: 1n })
    },
    getCode: async (owner) => code(owner),
    getCodeSize: async (owner) => code(owner).length,
    getStorage: readSlot,
    async putStorage(owner, key, value) {
      const stored = Buffer.from(value)
        .toString('hex')
        .replace(/^(00)+/, '')
      state.set('slot', slotOf(owner, key), stored === '' ? null : stored)
    },
    clearStorage: async () => {}, // an address is never used twice
    checkpoint: async () => state.checkpoint(),
    commit: async () => state.commit(),
    revert: async () => state.revert(),
    getStateRoot: unused,
    setStateRoot: unused,
    hasStateRoot: unused,
    originalStorageCache: { get: readSlot, clear: () => {} },
    clearCaches: () => {},
    shallowCopy: unused,
  }
  return {
    manager,
    use(next, now) {
      state = next
      time = now
    },
  }
}
