// What a wallet may promise: first come, first served, and nothing twice. As a table, and against a plain model.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { budgetOf, type Claim, freeOf, type Promised } from '../src/domain/chain-payment/wallet-budget.ts'

const claim = (asset: 'token' | 'coin', value: bigint, fee = 1n): Claim => ({ asset, value, fee })
const token = (value: bigint, fee = 1n) => claim('token', value, fee)
const coin = (value: bigint, fee = 1n) => claim('coin', value, fee)

const cases: [
  what: string,
  free: { token: bigint; coin: bigint },
  claims: Claim[],
  verdicts: (string | undefined)[],
][] = [
  ['all fit', { token: 100n, coin: 10n }, [token(60n), token(40n)], [undefined, undefined]],
  ['exactly', { token: 100n, coin: 2n }, [token(60n), token(40n)], [undefined, undefined]],
  ['a smaller one does not overtake', { token: 100n, coin: 10n }, [token(101n), token(1n)], ['token', 'behind']],
  [
    'those before it are served',
    { token: 100n, coin: 10n },
    [token(60n), token(60n), token(1n)],
    [undefined, 'token', 'behind'],
  ],
  [
    'coin passes a payment that waits for token',
    { token: 0n, coin: 10n },
    [token(5n), coin(5n), token(0n)],
    ['token', undefined, 'behind'],
  ],
  [
    'who cannot pay the fee stops all',
    { token: 100n, coin: 0n },
    [token(5n), token(5n), coin(0n)],
    ['coin', 'behind', 'behind'],
  ],
  [
    'coin that is short stops coin alone',
    { token: 100n, coin: 5n },
    [coin(50n), token(5n), coin(1n)],
    ['coin', undefined, 'behind'],
  ],
  ['the fee counts beside the coin', { token: 0n, coin: 5n }, [coin(5n), coin(1n)], ['coin', 'behind']],
  ['nothing is left below zero', { token: -5n, coin: 10n }, [token(1n)], ['token']],
]

for (const [what, free, claims, verdicts] of cases) {
  test(`a budget: ${what}`, () => {
    const budget = budgetOf(free)
    assert.deepEqual(
      claims.map((one) => budget.take(one)),
      verdicts,
    )
  })
}

test('promises are taken from both balances, those in blocks from the final one alone; the smaller counts', () => {
  const promised: Promised[] = [
    { ...token(30n, 3n), paymentId: 'a', mined: false },
    { ...coin(5n, 2n), paymentId: 'b', mined: true },
  ]
  const free = (final: bigint, latest: bigint) =>
    freeOf({ token: final, coin: final }, { token: latest, coin: latest }, promised)
  assert.deepEqual(free(100n, 100n), { token: 70n, coin: 90n })
  assert.deepEqual(free(100n, 500n), { token: 70n, coin: 90n }, 'what arrives is not there before it is final')
  assert.deepEqual(free(100n, 40n), { token: 10n, coin: 37n }, 'what left without us is missed at once')
})

test('1,000 rows of claims: never more than there is, and nobody is served before one of his kind who waits', () => {
  const amount = fc.bigInt({ min: 0n, max: 50n })
  const claims = fc.array(
    fc.record({ asset: fc.constantFrom('token', 'coin'), value: amount, fee: fc.bigInt({ min: 0n, max: 9n }) }),
  )
  fc.assert(
    fc.property(claims, amount, amount, (all, tokens, coins) => {
      const budget = budgetOf({ token: tokens, coin: coins })
      const waiting = new Set<string>()
      let [spentToken, spentCoin] = [0n, 0n]
      for (const one of all) {
        if (budget.take(one) !== undefined) {
          waiting.add(one.asset)
          continue
        }
        assert.ok(!waiting.has(one.asset), 'overtaken')
        spentCoin += one.fee + (one.asset === 'coin' ? one.value : 0n)
        spentToken += one.asset === 'token' ? one.value : 0n
      }
      assert.ok(spentToken <= tokens && spentCoin <= coins)
    }),
    { numRuns: 1_000 },
  )
})
