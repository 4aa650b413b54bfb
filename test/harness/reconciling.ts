// A bank whose books and chain are compared: a vault with its treasury, customers with deposits and withdrawals beside it, and
// comparisons that a test makes by hand.

import assert from 'node:assert/strict'
import { type Advancer, createAdvancer } from '../../src/domain/chain-payment/advance-payments.ts'
import type { Actor } from '../../src/domain/context.ts'
import { readContact } from '../../src/domain/people/contact.ts'
import { createPerson } from '../../src/domain/people/people.ts'
import type { ChainReader, ChainSender } from '../../src/domain/ports.ts'
import type { Difference } from '../../src/domain/reconciliation/difference.ts'
import { type Reconciled, reconcileBook, reconcileNetwork } from '../../src/domain/reconciliation/reconcile.ts'
import { treasuryPayments } from '../../src/domain/treasury/settle-treasury.ts'
import { withdrawalPayments } from '../../src/domain/withdrawal/follow-payment.ts'
import { placeWithdrawal } from '../../src/domain/withdrawal/submit-withdrawal.ts'
import { createEvmReader } from '../../src/providers/evm.ts'
import { createTronReader } from '../../src/providers/tron.ts'
import { startVault, usdt, type Vault, type VaultOptions } from './vault.ts'
import { actorOf } from './watched.ts'

export interface Reconciling {
  readonly vault: Vault
  readonly reader: ChainReader
  /** Sweeps and withdrawals alike. */
  readonly advancer: Advancer
  customer(name: string, amount?: bigint): Promise<Actor>
  /** Answers the order's id. */
  withdraw(actor: Actor, amount: bigint, to?: string): Promise<string>
  /** Treasury, payments, signatures and blocks until nothing is open. */
  finish(rounds?: number): Promise<void>
  round(): Promise<void>
  compare(options?: { sender?: ChainSender; all?: boolean }): Promise<Reconciled>
  compareBook(): Promise<Reconciled>
  /** Fails when anything differs. */
  clean(): Promise<Reconciled>
  /** The owner's hand in the database. */
  plant(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

let nextAddress = 0

export async function startReconciling(options: VaultOptions & { url?: string }): Promise<Reconciling> {
  const vault = await startVault(options)
  const { bank, watch, sender, base } = vault
  const { network } = watch
  const url = options.code === 'TRX' ? vault.url : vault.chain.url
  const reader =
    network.family === 'evm' ? createEvmReader({ ...network, rpc: url }) : createTronReader({ ...network, rpc: url })
  const ours = treasuryPayments(bank)
  const orders = { sweep: ours, top_up: ours, cold_move: ours, withdrawal: withdrawalPayments(bank) }
  const advancer = createAdvancer({ bank, bookId: 1, network, sender, orders })
  const compared = { bank, bookId: 1, network, reader, sender }

  const here: Reconciling = {
    vault,
    reader,
    advancer,
    async customer(name, amount = 0n) {
      const contact = readContact(bank, { contact: `${name}@example.com`, kind: 'email' })
      const person = await bank.db.transaction((tx) =>
        createPerson(bank, tx, { bookId: 1, contact, passwordHash: 'none', locale: 'en' }),
      )
      await base.owner.query('', `update people set kyc_level = 'full' where no = $1`, [person.no])
      if (amount > 0n) await vault.deposit(person.no, amount)
      return { ...actorOf(person.no), personId: person.id }
    },
    async withdraw(actor, amount, to = freshAddress(options.code)) {
      const text = `${amount / usdt(1)}.${(amount % usdt(1)).toString().padStart(6, '0')}`
      const input = {
        network: network.code,
        asset: 'USDT',
        to,
        amount: text,
        expectedFee: undefined,
        confirmLookalike: true,
        idempotency: undefined,
      } as const
      const { answer } = await placeWithdrawal(bank, actor, input, { prove: async () => {}, usesCode: false })
      return String(answer.id)
    },
    async round() {
      await vault.loops().run()
      await advancer.advance()
      await vault.sign()
      await advancer.advance()
      await vault.mine(1)
    },
    async finish(rounds = 60) {
      for (let i = 0; i < rounds; i++) {
        await here.round()
        const [row] = await base.owner.query<{ open: boolean }>(
          '',
          `select exists (select from treasury_orders where status in ('planned', 'topping_up', 'moving'))
               or exists (select from chain_payments where status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined')) as open`,
        )
        if (!row?.open) return
      }
    },
    compare: ({ sender: other = sender, all = false } = {}) => reconcileNetwork({ ...compared, sender: other, all }),
    compareBook: () => reconcileBook(bank, 1),
    async clean() {
      const [one, book] = [await here.compare(), await here.compareBook()]
      assert.deepEqual([...one.differences, ...book.differences], [])
      assert.equal(one.note, '')
      return one
    },
    plant: (sql, values) => base.owner.query('', sql, values),
    close: () => vault.close(),
  }
  return here
}

export const freshAddress = (code: string): string =>
  code === 'TRX'
    ? 'TBA6CypYJizwA9XdC7Ubgc5F1bxrQ7SqPt'
    : `0x${(++nextAddress).toString(16).padStart(8, '0')}${'cd'.repeat(16)}`

/** One difference as a test writes it down. */
export const briefly = ({ kind, subject, expected, found }: Difference) => `${kind} ${subject}: ${expected} → ${found}`
