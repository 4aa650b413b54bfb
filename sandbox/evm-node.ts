// One anvil process: started where the stored chain ended, found again when its parent was killed, mined by us alone.
// Must stay true: it listens on a port of its own that nobody else is told of, so that clients never see it half-way.

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { sleep } from '../src/base/clock.ts'
import type { Recovery } from './evm-store.ts'
import { REPLAYED } from './evm-store.ts'
import { freePort } from './free-port.ts'
import { type Hex, type JsonRpc, jsonRpc } from './json-rpc.ts'

export interface EvmNode {
  readonly port: number
  readonly rpc: JsonRpc
  readonly exited: Promise<void>
  kill(): Promise<void>
}

function anvil(): string {
  try {
    const entry = createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/package.json')
    const file = path.join(path.dirname(entry), 'bin/anvil')
    if ((fs.statSync(file).mode & 0o111) === 0) fs.chmodSync(file, 0o755)
    return file
  } catch {
    throw new Error(
      `there is no development chain for ${process.platform} on ${process.arch}: set RPC_ETH and RPC_BSC to nodes of your own`,
    )
  }
}

/** Starts the node and makes the stored blocks again, with their times and fees and transactions in their order. */
export async function startNode(dir: string, chainId: number, recovery: Recovery): Promise<EvmNode> {
  const pidFile = path.join(dir, 'anvil.pid')
  killOrphan(pidFile, dir)
  const cache = path.join(dir, 'cache')
  fs.rmSync(cache, { recursive: true, force: true })
  const port = await freePort()
  const args = ['--port', port, '--chain-id', chainId, '--timestamp', recovery.genesisTime, '--no-mining']
  // Cancun: Prague keeps 8191 block hashes in its state, which makes every block and every dump ten times dearer.
  // First come, first served, so that a block made again has its transactions in the same order.
  const rules = ['--hardfork', 'cancun', '--order', 'fifo', '--prune-history', REPLAYED + 64, '--slots-in-an-epoch', 4]
  const quiet = ['--no-cors', '--quiet', '--cache-path', cache]
  const state = recovery.state ? ['--load-state', recovery.state.file] : []
  const child = spawn(anvil(), [...args, ...rules, ...quiet, ...state].map(String), {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'ignore'],
    detached: true, // Ctrl-C in the terminal is ours to handle
  })
  fs.writeFileSync(pidFile, String(child.pid))
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const kill = () => {
    child.kill('SIGKILL') // nothing to save: the journal has every block
    return exited
  }
  const rpc = jsonRpc(`http://127.0.0.1:${port}`)
  try {
    await answers(rpc, child)
    for (const block of recovery.blocks) {
      for (const raw of block.raw) await rpc.call<Hex>('eth_sendRawTransaction', raw)
      await rpc.call('anvil_setNextBlockBaseFeePerGas', block.fee)
      await rpc.call('evm_mine', block.time)
    }
  } catch (error) {
    await kill()
    throw error
  }
  // those that are in a block already, or whose nonce is taken, are refused, and rightly so
  for (const raw of recovery.waiting) await rpc.call<Hex>('eth_sendRawTransaction', raw).catch(() => undefined)
  return { port, rpc, exited, kill }
}

async function answers(rpc: JsonRpc, child: ChildProcess): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 20) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) break
    const up = await rpc.call('eth_chainId').then(
      () => true,
      () => false,
    )
    if (up) return
    await sleep(20)
  }
  throw new Error('the development chain (anvil) did not start')
}

/** A node that outlived its killed parent. Whoever has that process number now is only ended if it is a node of this folder. */
function killOrphan(pidFile: string, dir: string): void {
  try {
    const pid = Number(fs.readFileSync(pidFile, 'utf8'))
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    if (path.basename(command[0] ?? '') === 'anvil' && command.includes(path.join(dir, 'cache')))
      process.kill(pid, 'SIGKILL')
  } catch {
    // no such file or no such process
  }
}
