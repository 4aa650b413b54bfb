// A bank at work, compared all the time: deposits with dust, withdrawals, sweeps, top-ups, moves to the cold wallet and back,
// coin and tokens from outside, blocks that are replaced; every loop runs beside the others, as it does in a worker.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { isRefusal } from '../../src/base/errors.ts'
import { orderChecks } from '../../src/domain/audit-book.ts'
import type { Actor } from '../../src/domain/context.ts'
import { breaks } from '../../src/domain/reconciliation/break.ts'
import type { Difference } from '../../src/domain/reconciliation/difference.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { type Draws, draws } from './ledger.ts'
import { briefly, type Reconciling, startReconciling } from './reconciling.ts'
import { usdt } from './vault.ts'

export interface Load {
  operations: Record<string, number>
  comparisons: number
  /** Comparisons that could not be made, by why. */
  notes: Record<string, number>
  /** Rounds of loops that a node failed, as it does while blocks are replaced; they are taken again. */
  failures: number
}

/** A whole run, to the proof of the books; fails when a comparison ever found something. */
export async function withoutFalseAlarm(
  t: TestContext,
  { code, chainId, operations }: { code: 'BSC' | 'ETH'; chainId: number; operations: number },
): Promise<void> {
  const here = await startReconciling({ code, chainId, hotCoin: 9_000, confirmations: 4 })
  const { vault } = here
  try {
    for (const [name, value] of Object.entries({
      sweepAbove: 100,
      hotFloor: 50,
      hotTarget: 2_000,
      hotCeiling: 3_000,
    })) {
      await vault.set(name, `${value}`)
    }
    await vault.send(vault.hot, usdt(3_000))
    await vault.mine()
    const load = await runLoad(
      here,
      draws((line) => t.diagnostic(line)),
      operations,
    )
    t.diagnostic(JSON.stringify(load))
    assert.ok(load.comparisons > 20)
    assert.ok((load.operations.withdrawal ?? 0) > 20 && (load.operations.deposit ?? 0) > 80)
    const noted = Object.values(load.notes).reduce((sum, n) => sum + n, 0)
    assert.ok(noted < load.comparisons / 2, 'most comparisons could be made')
    await vault.mine()
    await here.clean()
    assert.deepEqual(await breaks(vault.bank.db, 1, { open: false, offset: 0, size: 9 }), [])
    const [states] = await here.plant(
      `select (select count(*) from withdrawals where status = 'confirmed')::int as withdrawals,
              (select count(*) from treasury_orders where kind = 'sweep' and status = 'done')::int as sweeps,
              (select count(*) from chain_movements where settled)::int as settled`,
    )
    t.diagnostic(JSON.stringify(states))
    assert.ok(Number(states?.withdrawals) > 5 && Number(states?.sweeps) > 0)
    const { faults } = await verifyLedger(vault.base.owner, { bookId: 1, orders: orderChecks })
    assert.deepEqual(faults, [])
  } finally {
    await here.close()
  }
}

/** Runs so many operations of outsiders and customers; fails at the first difference that is found. */
export async function runLoad(here: Reconciling, draws: Draws, operations: number): Promise<Load> {
  const { vault } = here
  const { below } = draws
  const load: Load = { operations: {}, comparisons: 0, notes: {}, failures: 0 }
  const wrong: Difference[] = []
  const people: Actor[] = []
  for (let i = 0; i < 12; i++) people.push(await here.customer(`load${i}`))
  let working = true
  /** Blocks are made by one at a time: a reorganisation may not meet a block that is being made. */
  let chain: Promise<unknown> = Promise.resolve()
  const onChain = (work: () => Promise<unknown>) => {
    chain = chain.then(work, work)
    return chain
  }
  const count = (of: Record<string, number>, name: string) => {
    of[name] = (of[name] ?? 0) + 1
  }
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
  const loop = async (work: () => Promise<unknown>, rest: number) => {
    while (working && wrong.length === 0) {
      await work().catch(() => load.failures++)
      await pause(rest)
    }
  }

  const loops = [
    loop(() => onChain(() => vault.chain.mine(1)), 120),
    loop(() => vault.watch.catchUp(), 30),
    loop(() => here.advancer.advance(), 30),
    loop(() => vault.sign(), 30),
    loop(() => vault.loops().run(), 200),
    loop(async () => {
      for (const { differences, note } of [await here.compare(), await here.compareBook()]) {
        load.comparisons++
        if (note !== '') count(load.notes, note.replaceAll(/\d+/g, 'n'))
        wrong.push(...differences)
      }
    }, 50),
  ]

  const someone = () => people[below(people.length)] ?? assert.fail()
  const doing: [weight: number, name: string, work: () => Promise<unknown>][] = [
    [
      45,
      'deposit',
      async () => {
        const address = await vault.watch.address(someone().personNo)
        const value = usdt(2 + below(300)) * vault.factor + (vault.factor > 1n ? BigInt(below(1_000_000)) : 0n)
        await vault.chain.send(vault.token, 'transfer', [address, value])
      },
    ],
    [
      35,
      'withdrawal',
      async () => {
        const amount = usdt(10 + below(60)) + BigInt(below(1_000_000))
        await here.withdraw(someone(), amount).catch((error: unknown) => {
          if (!isRefusal(error)) throw error
          count(load.operations, `refused ${error.code}`)
        })
      },
    ],
    [4, 'funding', () => vault.send(vault.hot, usdt(100 + below(500)))],
    [3, 'coin', () => vault.sendCoin(vault.hot, 10n ** 15n + BigInt(below(1_000)))],
    [3, 'coin of strangers', async () => vault.sendCoin(await vault.watch.address(someone().personNo), 7n)],
    [4, 'from cold', () => fromCold(here, usdt(1 + below(20)))],
    [
      3,
      'reorganisation',
      () =>
        onChain(async () => {
          await vault.chain.reorg(1 + below(2))
          await vault.chain.mine(1)
        }),
    ],
    [
      3,
      'dust',
      async () => vault.chain.send(vault.token, 'transfer', [await vault.watch.address(someone().personNo), 3n]),
    ],
  ]
  const total = doing.reduce((sum, [weight]) => sum + weight, 0)
  try {
    for (let i = 0; i < operations && wrong.length === 0; i++) {
      const [, name, work] = choose(doing, below(total))
      await work()
      count(load.operations, name)
      if (i % 5 === 0) await pause(40)
    }
    // what is under way comes to its end
    for (let i = 0; i < 300 && wrong.length === 0 && (await isBusy(here)); i++) await pause(100)
  } finally {
    working = false
    await Promise.all(loops)
  }
  assert.deepEqual(wrong.map(briefly), [])
  return load
}

/** The one that a draw below the sum of weights falls on. */
function choose<T extends readonly [weight: number, ...unknown[]]>(of: readonly T[], drawn: number): T {
  let left = drawn
  for (const one of of) {
    if (left < one[0]) return one
    left -= one[0]
  }
  return assert.fail('a draw beyond the weights')
}

/** The cold wallet's key is the chain's own account; it holds what was moved there. */
async function fromCold({ vault }: Reconciling, amount: bigint): Promise<void> {
  if ((await vault.tokensOf(vault.cold)) < amount * vault.factor) return
  await vault.send(vault.hot, amount, vault.cold)
}

async function isBusy({ plant }: Reconciling): Promise<boolean> {
  const [row] = await plant(
    `select exists (select from treasury_orders where status in ('planned', 'topping_up', 'moving'))
         or exists (select from chain_payments where status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined'))
         or exists (select from deposits where status = 'pending') as busy`,
  )
  return row?.busy === true
}
