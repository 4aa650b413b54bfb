// A development chain for tests: a real anvil of its own that mines only when told, with the tokens that the test wants.
// Everything is sent from anvil's unlocked accounts.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'
import { type Abi, encodeDeployData, encodeFunctionData, type Hex } from 'viem'
import { sleep } from '../../src/base/clock.ts'

const compiled = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '../../sandbox/contracts/compiled.json'), 'utf8'),
) as Record<string, { abi: Abi; bytecode: Hex }>

export interface Token {
  name: string
  address: string
}

export interface Chain {
  readonly url: string
  readonly accounts: string[]
  rpc<T = unknown>(method: string, ...params: unknown[]): Promise<T>
  deploy(name: string, ...args: unknown[]): Promise<Token>
  /** Puts a call into the pool; it happens when a block is mined. Answers the transaction's hash. */
  send(
    token: Token,
    fn: string,
    args: unknown[],
    options?: { from?: string; gas?: number; nonce?: number; tip?: bigint },
  ): Promise<Hex>
  mine(blocks?: number): Promise<void>
  head(): Promise<number>
  reorg(depth: number): Promise<void>
  rollback(depth: number): Promise<void>
  balance(token: Token, who: string): Promise<bigint>
  stop(): void
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = net.createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
  })

export async function startChain(chainId: number): Promise<Chain> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const program = path.join(
    path.dirname(createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/package.json')),
    'bin/anvil',
  )
  const args = [
    '--port',
    `${port}`,
    '--chain-id',
    `${chainId}`,
    '--no-mining',
    '--silent',
    '--order',
    'fifo',
    '--accounts',
    '4',
  ]
  const child = spawn(
    program,
    [...args, '--gas-limit', '300000000', '--prune-history', '256', '--hardfork', 'cancun'],
    { stdio: 'ignore' },
  )
  const stop = () => void child.kill('SIGKILL')
  process.once('exit', stop)

  let id = 0
  async function rpc<T>(method: string, ...params: unknown[]): Promise<T> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const answer = (await response.json()) as { result: T; error?: { message: string } }
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result
  }
  for (let i = 0; ; i++) {
    try {
      await rpc('eth_chainId')
      break
    } catch (error) {
      if (i > 100) throw error
      await sleep(50)
    }
  }
  const accounts = await rpc<string[]>('eth_accounts')
  const [owner = ''] = accounts

  const mine = async (blocks = 1) => void (await rpc('anvil_mine', `0x${blocks.toString(16)}`))
  const contract = (name: string) => {
    const found = compiled[name]
    if (!found) throw new Error(`there is no contract ${name}`)
    return found
  }

  return {
    url,
    accounts,
    rpc,
    mine,
    stop,
    async deploy(name, ...deployArgs) {
      const { abi, bytecode } = contract(name)
      const data = encodeDeployData({ abi, bytecode, args: deployArgs })
      const hash = await rpc<Hex>('eth_sendTransaction', { from: owner, data, gas: '0x500000' })
      await mine()
      const receipt = await rpc<{ contractAddress: string }>('eth_getTransactionReceipt', hash)
      return { name, address: receipt.contractAddress.toLowerCase() }
    },
    send(token, fn, fnArgs, { from = owner, gas = 20_000_000, nonce, tip } = {}) {
      const data = encodeFunctionData({ abi: contract(token.name).abi, functionName: fn, args: fnArgs })
      const fee =
        tip === undefined
          ? {}
          : { maxPriorityFeePerGas: `0x${tip.toString(16)}`, maxFeePerGas: `0x${(tip + 10n ** 11n).toString(16)}` }
      const transaction = { from, to: token.address, data, gas: `0x${gas.toString(16)}`, ...fee }
      return rpc<Hex>(
        'eth_sendTransaction',
        nonce === undefined ? transaction : { ...transaction, nonce: `0x${nonce.toString(16)}` },
      )
    },
    head: async () => Number(await rpc<Hex>('eth_blockNumber')),
    reorg: async (depth) => void (await rpc('anvil_reorg', depth, [])),
    rollback: async (depth) => void (await rpc('anvil_rollback', depth)),
    async balance(token, who) {
      const data = encodeFunctionData({ abi: contract('BscUsdt').abi, functionName: 'balanceOf', args: [who] })
      return BigInt(await rpc<Hex>('eth_call', { to: token.address, data }, 'latest'))
    },
  }
}
