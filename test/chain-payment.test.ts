// Payments out on real development chains, from an approved order to a final transaction, with the signer's own code.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Paying, startPaying, usdt } from './harness/paying.ts'

let eth: Paying
let bsc: Paying

before(async () => {
  ;[eth, bsc] = await Promise.all([
    startPaying({ code: 'ETH', chainId: 31_051 }),
    startPaying({ code: 'BSC', chainId: 31_052 }),
  ])
})

after(async () => {
  await Promise.all([eth?.close(), bsc?.close()])
})

test('paid to the last unit', async () => {
  for (const world of [eth, bsc]) {
    const loop = world.advancer()
    const to = world.fresh()
    const order = await world.withdraw(usdt(100), to)
    await loop.advance()
    await world.sign()
    await loop.advance()
    await world.finish(loop)
  }
})
