// Breaks of remittances and of cards, as planted-breaks.ts has those of chains. Ann's remittance of 100 was paid, another of
// 60 is under way, a third of 40 waits; Bob sent nothing. Ann's card was topped up with 50 from her money, paid 20, and holds 5.

import { newId } from '../../src/base/ids.ts'
import { remittance } from '../../src/ledger/remittance-journals.ts'
import type { Plant } from './planted-breaks.ts'
import { allOf, type Cure, type Ground, type Planting } from './planting.ts'

export interface PlantedVendors {
  ground: Ground
  ann: bigint
  bob: bigint
}

export interface PlantedRemittances extends PlantedVendors {
  paid: string
  underWay: string
  waiting: string
}

export interface PlantedCards extends PlantedVendors {
  /** Ann's card money. */
  money: string
  /** The capture of 20. */
  line: { transaction_id: string; card_id: string; family: string }
  /** From her money to her card account. */
  topup: string
  /** From there onto the card. */
  load: string
}

/** Moves the history of an order into the past. */
async function age({ plant }: Ground, table: string, column: string, id: string): Promise<Cure> {
  const shift = (by: string) => plant(`update ${table} set at = at ${by} interval '10 days' where ${column} = $1`, [id])
  await shift('-')
  return () => shift('+')
}

export function plantedRemittances(of: () => PlantedRemittances, { change, book, adjust }: Planting): Plant[] {
  const phantom = newId()
  const paid = () => `id = '${of().paid}'`
  return [
    {
      kind: 'remittance_hold',
      make: () =>
        change('holds', `id = (select hold_id from remittances where id = '${of().waiting}')`, 'amount = amount + 1'),
      subject: () => of().waiting,
      expected: '41',
      found: '41.000001',
    },
    {
      kind: 'remittance_amount',
      make: () => change('remittances', paid(), 'principal = principal + 1'),
      subject: () => of().paid,
      expected: '100.000001',
      found: '100',
    },
    {
      kind: 'remittance_clearing',
      make: () => change('remittances', paid(), `status = 'processing', settled_at = null`),
      subject: () => of().paid,
      expected: '100',
      found: '0',
    },
    {
      kind: 'remittance_fee',
      make: () => change('remittances', paid(), 'fee = fee - 1'),
      subject: () => of().paid,
      expected: '0.999999',
      found: '1',
    },
    {
      kind: 'remittance_person',
      make: () => change('remittances', paid(), `person_no = ${of().bob}`),
      subject: () => of().paid,
      expected: /^U10002$/,
      found: /^U10001$/,
    },
    {
      kind: 'remittance_phantom',
      make: () => book(remittance({ id: phantom, personNo: of().ann, vendor: 1, principal: 7_000_000n, fee: 0n })),
      subject: () => phantom,
      expected: '0',
      found: '7',
    },
    {
      kind: 'remittance_stale',
      make: () => age(of().ground, 'remittance_events', 'remittance_id', of().underWay),
      subject: () => of().underWay,
      expected: '0',
      found: '60',
    },
    {
      kind: 'payout_off',
      make: () => adjust('payout', 1n),
      subject: () => 'payout',
      expected: '60',
      found: '59.999999',
    },
  ]
}

export function plantedCards(of: () => PlantedCards, { change, remove, adjust }: Planting): Plant[] {
  const line = () => `transaction_id = '${of().line.transaction_id}'`
  const money = () => `id = '${of().money}'`
  const payment = () => `${of().line.card_id}:${of().line.family}`
  const openLoad = () =>
    change('card_topups', `id = '${of().load}'`, `status = 'sent', changed_at = changed_at - interval '10 days'`)
  return [
    {
      kind: 'card_payment_off',
      make: () => remove('card_transactions', line()),
      subject: payment,
      expected: '0',
      found: '20',
    },
    {
      kind: 'card_payment_off',
      make: () => change('card_transactions', line(), 'amount = amount + 1'),
      subject: payment,
      expected: '20.000001',
      found: '20',
    },
    {
      kind: 'card_confirmed_off',
      make: () => change('card_transactions', line(), 'statement_at = null'),
      subject: payment,
      expected: '0',
      found: '20',
    },
    {
      kind: 'card_money_off',
      make: () => change('card_balances', money(), 'taken = taken + 1'),
      subject: () => of().money,
      expected: '20',
      found: '20.000001',
    },
    {
      kind: 'card_booked_off',
      make: () => change('card_balances', money(), 'taken = taken + 1'),
      subject: () => of().money,
      expected: '20.000001',
      found: '20',
    },
    {
      kind: 'card_person',
      make: () => change('card_balances', money(), `person_no = ${of().bob}`),
      subject: () => of().money,
      expected: /^U10002$/,
      found: /^U10001$/,
    },
    {
      kind: 'card_hold',
      make: () => change('holds', `id = (select hold_id from card_balances where ${money()})`, 'amount = amount + 1'),
      subject: () => of().money,
      expected: '5',
      found: '5.000001',
    },
    {
      kind: 'card_line_missing',
      make: () => change('card_transactions', line(), `statement_at = null, first_seen_at = now() - interval '2 days'`),
      subject: () => of().line.transaction_id,
      expected: '20',
      found: '0',
    },
    {
      kind: 'issuer_off',
      make: () => adjust('issuer', 1n),
      subject: () => 'issuer',
      expected: '0',
      found: /^-0\.000001$/,
    },
    {
      kind: 'topup_amount',
      make: () => change('card_topups', `id = '${of().topup}'`, 'amount = amount + 10000'),
      subject: () => of().topup,
      expected: '50.01',
      found: '50',
    },
    { kind: 'topup_hold', make: openLoad, subject: () => of().load, expected: '50', found: '0' },
    {
      kind: 'topup_stale',
      make: async () => allOf(await openLoad(), await age(of().ground, 'card_topup_events', 'topup_id', of().load)),
      subject: () => of().load,
      expected: '0',
      found: '50',
    },
  ]
}
