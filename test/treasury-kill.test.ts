// The treasury and the payment loop killed at five points of a sweep and at any statement between, again and again on one
// chain: whatever was cut off, the next process goes on, and nothing is lost, doubled or unexplained (67).

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { draws } from './harness/ledger.ts'
import { Killed, type Moment, mortal } from './harness/mortal.ts'
import { startVault, usdt, type Vault } from './harness/vault.ts'

/** Of each named point; and of kills at any step. TEST_ROUNDS for more. */
const ROUNDS = Number(process.env.TEST_ROUNDS ?? 20)

const points: readonly (readonly [name: string, moment: Moment])[] = [
  ['after it was planned', { at: 'commit', name: 'treasury-plan' }],
  ['while its payment is made', { at: 'statement', name: 'treasury-move' }],
  ['before the node is called', { at: 'before broadcast' }],
  ['after the node was called', { at: 'after broadcast' }],
  ['after a step of its payment', { at: 'commit', name: 'chain-payment-move' }],
]

let vaults: Vault[]
before(async () => {
  vaults = await Promise.all([
    startVault({ code: 'ETH', chainId: 31_087, confirmations: 1, hotCoin: 5_000 }),
    startVault({ code: 'BSC', chainId: 31_088, confirmations: 1, hotCoin: 5_000 }),
  ])
  for (const vault of vaults) {
    await vault.set('hotFloor', '0')
    await vault.set('hotTarget', '300')
    await vault.set('hotCeiling', '300')
  }
})
after(() => Promise.all((vaults ?? []).map((vault) => vault.close())))

let nextPerson = 10_001n

/** Something to sweep, something above the ceiling; a process that dies; another that goes on. Answers whether it died. */
async function round(vault: Vault, moment: Moment, n: number): Promise<boolean> {
  const address = await vault.watch.address(nextPerson++)
  await vault.send(address, usdt(60 + (n % 7)))
  if (n % 3 === 0) await vault.send(vault.hot, usdt(90))
  await vault.mine()
  const doomed = mortal(vault.base.db, vault.sender, moment, n)
  try {
    await vault.finish(vault.loops(doomed.db, doomed.sender), 12, 4_000)
  } catch (error) {
    if (!doomed.dead || !isKill(error)) throw error
  }
  await vault.finish(vault.loops(), 60, 4_000)
  return doomed.dead
}

const isKill = (error: unknown): boolean => error instanceof Killed

/** Each vault does its share, both at once. */
async function rounds(count: number, moment: Moment, nth: () => number): Promise<number> {
  let died = 0
  await Promise.all(
    vaults.map(async (vault, i) => {
      for (let done = i; done < count; done += vaults.length) if (await round(vault, moment, nth())) died++
      await vault.prove()
      const open = await vault.base.owner.query(
        '',
        `select kind, status, reason from treasury_orders where status not in ('done', 'failed')`,
      )
      assert.deepEqual(open, [])
    }),
  )
  return died
}

for (const [name, moment] of points) {
  test(`killed ${name}, ${ROUNDS} times`, async (t) => {
    const { below } = draws((line) => t.diagnostic(line))
    const died = await rounds(ROUNDS, moment, () => 1 + below(3))
    assert.ok(died >= ROUNDS / 2, `${died} of ${ROUNDS} rounds met it`)
  })
}

test(`killed at any step, ${ROUNDS} times`, async (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  await rounds(ROUNDS, { at: 'step' }, () => 1 + below(250))
})

test('nothing was done twice: each sweep has one transfer on chain, and each address is empty', async () => {
  for (const vault of vaults) {
    const sweeps = (await vault.orders('sweep')).filter(({ status }) => status === 'done')
    const moved = sweeps.reduce((sum, { amount }) => sum + amount, 0n)
    const brought = (await vault.watch.deposits()).filter((row) => row.class === 'customer')
    assert.equal(
      moved,
      brought.reduce((sum, row) => sum + row.amount_credited, 0n),
    )
    assert.equal(await vault.booked('custody'), 0n)
    await vault.prove()
  }
})
