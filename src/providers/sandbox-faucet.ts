// The faucet behind the sandbox's control address: test coins for the wallets of a new installation.
// Must stay true: used in sandbox mode only; resolves when the payment stands in a block, and throws on everything unclear.

import type { FaucetPort } from '../domain/ports.ts'

const LIMIT = 60_000

export function sandboxFaucet(controlUrl: string): FaucetPort {
  return {
    async pay(payment) {
      const response = await fetch(new URL('/sandbox/faucet', controlUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(payment),
        signal: AbortSignal.timeout(LIMIT),
      })
      const answer = (await response.json().catch(() => ({}))) as { tx_hash?: unknown; error?: unknown }
      if (response.status === 404) return false // this network is a real one
      if (response.status !== 200 || typeof answer.tx_hash !== 'string')
        throw new Error(`the faucet answered ${response.status}: ${String(answer.error ?? '').slice(0, 200)}`)
      return true
    },
  }
}
