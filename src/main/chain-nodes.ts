// Which provider speaks to a network's node. Every program that needs one asks here; a family is a line.
// Must stay true: a network without an RPC address has no node, and nobody stands in for it.

import type { Network } from '../domain/chain/network.ts'
import type { ChainReader, ChainSender } from '../domain/ports.ts'
import { createEvmReader } from '../providers/evm.ts'
import { createEvmSender } from '../providers/evm-sender.ts'
import { createTronReader } from '../providers/tron.ts'
import { createTronSender } from '../providers/tron-sender.ts'

/** Reads blocks; undefined where the network is off. */
export function readerOf(network: Network): ChainReader | undefined {
  if (network.rpc === '') return undefined
  return network.family === 'evm' ? createEvmReader(network) : createTronReader(network)
}

/** The node whose word large deposits need as well; undefined where none is named. */
export function secondReaderOf(network: Network): ChainReader | undefined {
  return readerOf({ ...network, rpc: network.secondRpc, solidRpc: '', apiKey: '' })
}

/** Sends what was signed; undefined where the network is off. */
export function senderOf(network: Network): ChainSender | undefined {
  if (network.rpc === '') return undefined
  return network.family === 'evm' ? createEvmSender(network) : createTronSender(network)
}
