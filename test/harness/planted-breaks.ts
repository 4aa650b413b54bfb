// One break of every kind that can be planted, with the names and figures that a comparison must give it. The bank is that of
// test/reconciliation-breaks.test.ts: Ann's 3,000 were deposited and swept, 100 of them withdrawn; Bob's 700 lie on his
// address, and his withdrawal of 50 waits; the owners sent 20,000 to the hot wallet.

import { newId } from '../../src/base/ids.ts'
import type { Difference } from '../../src/domain/reconciliation/difference.ts'
import { houseAccount, personAccount } from '../../src/ledger/accounts.ts'
import { deposit, withdrawal } from '../../src/ledger/journals.ts'
import { allOf, type Cure, type Planting } from './planting.ts'
import type { Reconciling } from './reconciling.ts'

export interface PlantedBank {
  here: Reconciling
  networkNo: number
  ann: bigint
  bob: bigint
  /** Orders. */
  paid: string
  waiting: string
  deposit: { id: string; tx_hash: string; ordinal: number; journal_id: string }
  house: { tx_hash: string; ordinal: number }
  payment: { id: string; tx_id: string; tx_hash: string; journal_id: string }
  sweep: { id: string; journal_id: string; payment: string }
}

const MICRO = '0.000001'
const PHANTOM = '01900000-0000-7000-8000-00000000dead'
const WEI = '0.000000000000000001'

export interface Plant {
  kind: string
  /** Makes the break; answers how it is cured. */
  make: () => Promise<Cure>
  subject: () => string
  expected?: string | RegExp
  found?: string | RegExp
}

const fits = (text: string, wanted: string | RegExp | undefined) =>
  wanted === undefined || (typeof wanted === 'string' ? text === wanted : wanted.test(text))

/** Whether a comparison names what was planted. */
export const isPlanted =
  (plant: Plant) =>
  (one: Difference): boolean =>
    one.kind === plant.kind &&
    (plant.subject() === '' || one.subject === plant.subject()) &&
    fits(one.expected, plant.expected) &&
    fits(one.found, plant.found)

export function plantedBreaks(
  of: () => PlantedBank,
  { change, remove, insert, book, adjust, rest }: Planting,
): Plant[] {
  return [
    {
      kind: 'balance_off',
      make: () => change('chain_balances', `address = '${of().here.vault.hot}'`, 'value = value + 1'),
      subject: () => of().here.vault.hot,
      expected: new RegExp(`^\\d+${WEI.slice(1).replace('.', '\\.')}$`),
      found: /^\d+$/,
    },
    {
      kind: 'coin_short',
      async make() {
        const before = await of().here.vault.coinOf(of().here.vault.hot)
        const set = async (value: bigint) => {
          await of().here.vault.chain.rpc('anvil_setBalance', of().here.vault.hot, `0x${value.toString(16)}`)
          await of().here.vault.mine()
        }
        await set(before - 1_000_000_000_000_000n)
        return () => set(before)
      },
      subject: () => of().here.vault.hot,
      expected: /^4\.9/,
      found: /^4\.9/,
    },
    {
      kind: 'outgoing_amount',
      make: () => change('chain_payments', `id = '${of().payment.id}'`, 'value = value + 1'),
      subject: () => of().payment.id,
      expected: `99${WEI.slice(1)}`,
      found: '99',
    },
    {
      kind: 'outgoing_receiver',
      make: () => change('chain_payments', `id = '${of().payment.id}'`, `to_address = '0x${'99'.repeat(20)}'`),
      subject: () => of().payment.id,
      expected: new RegExp(`to 0x${'99'.repeat(20)}$`),
      found: /to 0x[0-9a-f]{8}(cd){16}$/,
    },
    {
      kind: 'outgoing_missing',
      make: () => remove('chain_movements', `tx_hash = '${of().payment.tx_hash}'`),
      subject: () => of().payment.tx_hash,
      expected: '99',
      found: '0',
    },
    {
      kind: 'paid_twice',
      make: () =>
        insert('chain_transactions', `id = '${of().payment.tx_id}'`, {
          id: 'gen_random_uuid()',
          tx_hash: `'0x${'77'.repeat(32)}'`,
          nonce: '99',
        }),
      subject: () => of().payment.id,
      expected: /^99000000000000000000 chain units, once$/,
      found: /^198000000000000000000 chain units, by 0x\w+ and 0x\w+$/,
    },
    {
      kind: 'deposit_missing',
      make: () => remove('deposits', `id = '${of().deposit.id}'`),
      subject: () => `${of().deposit.tx_hash}:${of().deposit.ordinal}`,
      expected: '3000',
      found: '0',
    },
    {
      kind: 'house_missing',
      make: () => remove('deposits', `class = 'house'`),
      subject: () => `${of().house.tx_hash}:${of().house.ordinal}`,
      expected: '20000',
      found: '0',
    },
    {
      kind: 'deposit_value',
      make: () => change('deposits', `id = '${of().deposit.id}'`, 'value = value - 1'),
      subject: () => of().deposit.id,
      expected: '3000',
      found: '2999.999999999999999999',
    },
    {
      kind: 'deposit_unbacked',
      make: () =>
        insert('deposits', `id = '${of().deposit.id}'`, {
          id: 'gen_random_uuid()',
          tx_hash: `'0x${'66'.repeat(32)}'`,
          status: `'pending'`,
          journal_id: 'null',
          settled_at: 'null',
          amount_credited: '0',
        }),
      subject: () => '',
      expected: '0',
      found: '3000',
    },
    {
      kind: 'deposit_owner',
      make: () => change('deposits', `id = '${of().deposit.id}'`, `person_no = ${of().bob}`),
      subject: () => of().deposit.id,
      expected: /^U10001$/,
      found: /^U10002$/,
    },
    {
      kind: 'deposit_floor',
      make: () =>
        change(
          'deposits',
          `id = '${of().deposit.id}'`,
          'amount_received = amount_received + 1, amount_credited = amount_credited + 1',
        ),
      subject: () => of().deposit.id,
      expected: '3000',
      found: `3000${MICRO.slice(1)}`,
    },
    {
      kind: 'credit_missing',
      make: () => change('deposits', `id = '${of().deposit.id}'`, 'journal_id = gen_random_uuid()'),
      subject: () => of().deposit.id,
      expected: '3000',
      found: '0',
    },
    {
      kind: 'credit_amount',
      make: () =>
        change('journals', `id = '${of().deposit.journal_id}'`, 'amounts = array[amounts[1] - 1, amounts[2] + 1]'),
      subject: () => of().deposit.id,
      expected: '3000',
      found: `3000${MICRO.slice(1)}`,
    },
    {
      kind: 'credit_person',
      make: () =>
        change(
          'journals',
          `id = '${of().deposit.journal_id}'`,
          `account_ids = array[account_ids[1], ${personAccount(of().bob, 'main')}]`,
        ),
      subject: () => of().deposit.id,
      expected: /^U10001$/,
      found: /^U10002$/,
    },
    {
      kind: 'credit_phantom',
      make: () =>
        book(deposit({ id: PHANTOM, key: newId(), networkNo: of().networkNo, personNo: of().bob, amount: 1n })),
      subject: () => PHANTOM,
      expected: '0',
      found: MICRO,
    },
    {
      kind: 'deposit_stale',
      make: () =>
        insert('deposits', `id = '${of().deposit.id}'`, {
          id: 'gen_random_uuid()',
          tx_hash: `'0x${'55'.repeat(32)}'`,
          status: `'pending'`,
          journal_id: 'null',
          settled_at: 'null',
          amount_credited: '0',
          mined_at: `now() - interval '2 hours'`,
          created_at: `now() - interval '2 hours'`,
        }),
      subject: () => '',
      expected: '3000',
      found: '0',
    },
    {
      kind: 'payment_value',
      make: () => change('withdrawals', `id = '${of().waiting}'`, 'amount = amount + 1'),
      subject: () => of().waiting,
      expected: '49000001000000000000 chain units',
      found: '49000000000000000000 chain units',
    },
    {
      kind: 'payment_receiver',
      make: () => change('withdrawals', `id = '${of().waiting}'`, `to_address = '0x${'88'.repeat(20)}'`),
      subject: () => of().waiting,
      expected: `BSC 0x${'88'.repeat(20)}`,
      found: /^BSC 0x[0-9a-f]{8}(cd){16}$/,
    },
    {
      kind: 'payment_without_order',
      make: () => remove('withdrawals', `id = '${of().waiting}'`),
      subject: () => '',
      expected: 'no payment',
      found: '49000000000000000000 chain units',
    },
    {
      kind: 'order_without_payment',
      make: () => remove('chain_payments', `order_id = '${of().waiting}'`),
      subject: () => of().waiting,
      expected: '49',
      found: '0',
    },
    {
      kind: 'withdrawal_unbooked',
      make: () => change('withdrawals', `id = '${of().paid}'`, 'journal_id = gen_random_uuid()'),
      subject: () => of().paid,
      expected: '99',
      found: '0',
    },
    {
      kind: 'withdrawal_amount',
      make: () =>
        change(
          'journals',
          `id = '${of().payment.journal_id}'`,
          'amounts = array[amounts[1] - 1, amounts[2] + 1, amounts[3]]',
        ),
      subject: () => of().paid,
      expected: '99',
      found: `99${MICRO.slice(1)}`,
    },
    {
      kind: 'withdrawal_fee',
      make: () =>
        change(
          'journals',
          `id = '${of().payment.journal_id}'`,
          'amounts = array[amounts[1], amounts[2] + 1, amounts[3] - 1]',
        ),
      subject: () => of().paid,
      expected: '1',
      found: '0.999999',
    },
    {
      kind: 'withdrawal_phantom',
      make: () => book(withdrawal({ id: PHANTOM, networkNo: of().networkNo, personNo: of().bob, net: 5n, fee: 0n })),
      subject: () => PHANTOM,
      expected: '0',
      found: '0.000005',
    },
    {
      kind: 'sweep_unbooked',
      make: () => change('treasury_orders', `id = '${of().sweep.id}'`, 'journal_id = gen_random_uuid()'),
      subject: () => of().sweep.id,
      expected: '3000',
      found: '0',
    },
    {
      kind: 'sweep_amount',
      make: () =>
        change('journals', `id = '${of().sweep.journal_id}'`, 'amounts = array[amounts[1] - 1, amounts[2] + 1]'),
      subject: () => of().sweep.id,
      expected: '3000',
      found: `3000${MICRO.slice(1)}`,
    },
    {
      kind: 'sweep_value',
      make: () => change('chain_payments', `id = '${of().sweep.payment}'`, 'value = value - 1'),
      subject: () => of().sweep.id,
      expected: '3000',
      found: '2999.999999999999999999',
    },
    {
      kind: 'fee_booked',
      make: () => change('chain_transactions', `id = '${of().payment.tx_id}'`, 'fee_paid = fee_paid + 1000000000'),
      subject: () => of().payment.tx_hash,
      expected: /^0\.0/,
      found: /^0\.0/,
    },
    {
      kind: 'payment_stale',
      async make() {
        const payment = await change(
          'chain_payments',
          `id = '${of().payment.id}'`,
          `status = 'mined', settled_at = null`,
        )
        const transaction = await change(
          'chain_transactions',
          `id = '${of().payment.tx_id}'`,
          `status = 'mined', signed_at = now() - interval '3 hours'`,
        )
        return allOf(payment, transaction)
      },
      subject: () => of().payment.tx_hash,
      expected: 'settled',
      found: /^in block \d+$/,
    },
    {
      kind: 'custody_off',
      make: () => adjust('custody', -1n),
      subject: () => 'custody',
      expected: `699${'.999999'}`,
      found: '700',
    },
    { kind: 'hot_off', make: () => adjust('hot', 3n), subject: () => 'hot', expected: '22901.000003', found: '22901' },
    { kind: 'cold_off', make: () => adjust('cold', 7n), subject: () => 'cold', expected: '0.000007', found: '0' },
    {
      kind: 'hold_without_order',
      make: () =>
        insert('holds', `order_id = '${of().waiting}'`, {
          id: 'gen_random_uuid()',
          order_id: 'gen_random_uuid()',
          amount: '123',
        }),
      subject: () => '',
      expected: '0',
      found: '0.000123',
    },
    {
      kind: 'order_without_hold',
      make: () => change('holds', `order_id = '${of().waiting}'`, `status = 'voided', closed_at = now()`),
      subject: () => of().waiting,
      expected: '50',
      found: '0',
    },
    {
      kind: 'hold_amount',
      make: () => change('holds', `order_id = '${of().waiting}'`, 'amount = amount - 1'),
      subject: () => of().waiting,
      expected: '50',
      found: '49.999999',
    },
    {
      kind: 'hold_stale',
      make: () => change('holds', `order_id = '${of().waiting}'`, `expires_at = now() - interval '1 hour'`),
      subject: () => '',
      expected: '0',
      found: '50',
    },
    {
      kind: 'clearing_stale',
      make: () => rest('clearing', 1_500_000n),
      subject: () => `${houseAccount('clearing')}`,
      expected: '0',
      found: '1.5',
    },
    {
      kind: 'suspense_stale',
      make: () => rest('suspense', 2n),
      subject: () => `${houseAccount('suspense')}`,
      expected: '0',
      found: '0.000002',
    },
  ]
}
