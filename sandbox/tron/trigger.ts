// Calls of a contract that change nothing: what is called, and what it would answer.
// Must stay true: a call runs on a view whose changes are forgotten, alone, and within the energy that a node gives for it.

import { keccak } from './address.ts'
import { witness } from './block.ts'
import type { TronChain } from './chain.ts'
import { type Fields, WireError } from './protobuf.ts'
import { Invalid } from './refusal.ts'
import type { State } from './state.ts'
import { addressIn, int, str } from './transaction.ts'
import type { VmResult } from './vm.ts'

/** What a node spends on a call at most. */
const MAX_ENERGY = 100_000_000n

/** The call's bytes: given whole, or as the method's name and its encoded parameters. */
export function methodData(query: Readonly<Record<string, unknown>>): string {
  const selector = String(query.function_selector ?? '')
  const hex =
    selector === ''
      ? String(query.data ?? '')
      : keccak(Buffer.from(selector)).subarray(0, 4).toString('hex') + String(query.parameter ?? '')
  const data = hex.replace(/^0x/, '')
  if (!/^([0-9a-fA-F]{2})*$/.test(data)) throw new WireError('1:1: INVALID hex String')
  return data.toLowerCase()
}

/** Whether the contract's published interface says that the method only reads. */
export function isConstant(state: State, contract: Fields): boolean {
  const known = state.get('contract', addressIn(contract, 'contract_address'))
  const entries = ((known?.abi as Fields | undefined)?.entrys ?? []) as Fields[]
  const selector = str(contract, 'data').slice(0, 8)
  return entries.some((entry) => {
    const reads = entry.constant === true || entry.stateMutability === 'View' || entry.stateMutability === 'Pure'
    if (entry.type !== 'Function' || !reads) return false
    const types = ((entry.inputs ?? []) as Fields[]).map((input) => str(input, 'type'))
    const signature = `${str(entry, 'name')}(${types.join(',')})`
    return keccak(Buffer.from(signature)).subarray(0, 4).toString('hex') === selector
  })
}

/** `failed`: why the contract gave up; empty when it did not. */
export async function callConstant(
  chain: TronChain,
  which: 'head' | 'solid',
  contract: Fields,
): Promise<{ ran: VmResult; failed: string }> {
  const block = which === 'head' ? chain.head() : chain.solid()
  const ran = await chain.alone((vm) => {
    const state = chain.view(which)
    const to = addressIn(contract, 'contract_address')
    if (!state.get('contract', to)) throw new Invalid('Smart contract is not exist.')
    const caller = addressIn(contract, 'owner_address')
    const value = int(contract, 'call_value')
    if (value > (state.get('account', caller)?.balance ?? 0n))
      throw new Invalid('Validate InternalTransfer error, balance is not sufficient.')
    const block20 = { number: block.number, time: block.time, witness }
    return vm({
      state,
      block: block20,
      transactionId: '00'.repeat(32),
      caller,
      to,
      isCreation: false,
      data: str(contract, 'data'),
      value,
      energyLimit: MAX_ENERGY,
    })
  })
  if (ran.outcome !== 'SUCCESS' && ran.outcome !== 'REVERT') throw new Error(ran.message)
  return { ran, failed: ran.outcome === 'REVERT' ? ran.message : '' }
}
