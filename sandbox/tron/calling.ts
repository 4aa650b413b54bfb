// Calling contracts over TRON's HTTP API: what a call would answer and use, and the transaction that would make it.
// Must stay true: a call that cannot be made is told within `result`, not as an error of the request.

import { build, printDraft } from './build.ts'
import type { TronChain } from './chain.ts'
import { printText } from './json.ts'
import type { Fields } from './protobuf.ts'
import { type Asked, addressOf, errorText, whole } from './query.ts'
import { Invalid } from './refusal.ts'
import { addressIn } from './transaction.ts'
import { callConstant, isConstant, methodData } from './trigger.ts'

function callOf({ query, visible }: Asked): Fields {
  return {
    owner_address: `41${addressOf(query, 'owner_address', visible)}`,
    contract_address: `41${addressOf(query, 'contract_address', visible)}`,
    call_value: BigInt(whole(query, 'call_value') ?? 0),
    data: methodData(query),
  }
}

const failure = (error: unknown, visible: boolean) => {
  const isInvalid = error instanceof Invalid
  const text = isInvalid ? error.bare : errorText(error)
  return { code: isInvalid ? 'CONTRACT_VALIDATE_ERROR' : 'OTHER_ERROR', message: printText(text, visible) }
}

export async function triggerOrBuild(chain: TronChain, asked: Asked): Promise<unknown> {
  try {
    const contract = callOf(asked)
    if (!chain.view('head').get('contract', addressIn(contract, 'contract_address')))
      throw new Invalid('No contract or not a valid smart contract')
    if (isConstant(chain.view('head'), contract)) return await trigger(chain, asked)
    const built = build(chain, { type: 'TriggerSmartContract', contract, query: asked.query })
    return { result: { result: true }, transaction: printDraft(built, asked.visible) }
  } catch (error) {
    return { result: failure(error, asked.visible) }
  }
}

export async function trigger(chain: TronChain, asked: Asked): Promise<unknown> {
  const { query, visible, which } = asked
  try {
    const contract = callOf(asked)
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

export async function estimate(chain: TronChain, asked: Asked): Promise<unknown> {
  try {
    const contract = callOf(asked)
    const { ran, failed } = await callConstant(chain, asked.which, contract)
    if (failed) return { result: { code: 'CONTRACT_EXE_ERROR', message: printText(failed, asked.visible) } }
    return { result: { result: true }, energy_required: Number(ran.energyUsed) }
  } catch (error) {
    return { result: failure(error, asked.visible) }
  }
}
