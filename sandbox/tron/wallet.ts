// TRON's HTTP API: what /wallet/* and /walletsolidity/* answer. The second reads the solid part of the same chain alone, and
// neither builds nor takes transactions.
// Must stay true: names, defaults and errors are java-tron's; an error is an answer `{"Error": …}`, not an HTTP status.

import { accountToJson, nodeInfo } from './account.ts'
import type { Block } from './block.ts'
import { estimate, trigger } from './calling.ts'
import type { TronChain } from './chain.ts'
import { blockToJson, infoToJson, minedToJson } from './json.ts'
import { type Fields, smartContract } from './protobuf.ts'
import { type Answer, type Asked, addressOf, errorText, illegal, type Query, whole } from './query.ts'
import { writers } from './sending.ts'
import type { State } from './state.ts'
import { fieldsToJson } from './transaction.ts'

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
