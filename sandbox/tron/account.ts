// Accounts, their resources, and what the chain and the node say of themselves, as TRON's HTTP API prints them.
// Must stay true: nobody stakes on this chain, so that free bandwidth is the only resource there is.

import { FREE_NET_LIMIT, SLOT, usedPoints } from './bandwidth.ts'
import type { Block } from './block.ts'
import type { TronChain } from './chain.ts'
import { printAddress, sparse } from './json.ts'
import type { State } from './state.ts'

const slotTime = (chain: TronChain, slot: number) => chain.genesis.time + SLOT * slot
const slotOf = (chain: TronChain) => Math.floor((chain.head().time - chain.genesis.time) / SLOT)

export function accountToJson(chain: TronChain, state: State, address: string, visible: boolean) {
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

export function resourcesOf(chain: TronChain, address: string, more: Record<string, number>) {
  const account = chain.view('head').get('account', address)
  if (!account) return {}
  return {
    ...sparse({ freeNetUsed: usedPoints(account.freeNetUsed, account.freeNetSlot, slotOf(chain)) }),
    freeNetLimit: FREE_NET_LIMIT,
    TotalNetLimit: 43_200_000_000,
    ...more,
  }
}

export function chainParameters({ prices }: TronChain) {
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

export function nodeInfo(chain: TronChain) {
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
