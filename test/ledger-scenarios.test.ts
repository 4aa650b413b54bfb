// Ledger scenarios as tables: a line does one thing, its last word is the verdict.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '../src/base/errors.ts'
import { newId } from '../src/base/ids.ts'
import { formatAmount, parseAmount } from '../src/base/money.ts'
import { houseAccount, type PersonKind, personAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf, reverseJournal } from '../src/ledger/balances.ts'
import { captureHold, placeHold, voidHold } from '../src/ledger/holds.ts'
import { deposit, transfer, transferInternal } from '../src/ledger/journals.ts'
import { createPoster } from '../src/ledger/poster.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'

let base: TestDatabase
before(async () => {
  base = await createTestDatabase()
})
after(() => base.drop())

const units = (text: string) => parseAmount(text, 6)
let nextPerson = 10_001n

/** Runs a scenario's lines in a book of fresh people. Syntax: see the scenarios. */
async function play(scenario: string, bookId = 1) {
  const people = new Map<string, bigint>()
  const journals = new Map<string, string>()
  const holds = new Map<string, string>()
  const poster = createPoster(base.db)
  const no = (name: string) => {
    const found = people.get(name) ?? nextPerson++
    people.set(name, found)
    return found
  }
  const account = (text: string) => {
    const [name = '', kind = 'main'] = text.split('.')
    return name === 'house' ? houseAccount('fees') : personAccount(no(name), kind as PersonKind)
  }
  const submit = async (posting: Parameters<typeof poster.submit>[0]) => {
    const outcome = await poster.submit(posting)
    if (!outcome.ok) throw outcome.refusal
  }
  const run: Record<string, (words: string[]) => Promise<string | undefined>> = {
    async fund([who = '', amount = '']) {
      const id = newId()
      await submit({
        bookId,
        journal: deposit({ id, key: id, networkNo: 1, personNo: no(who), amount: units(amount) }),
      })
      return undefined
    },
    async send([from = '', , to = '', amount = '', label = '']) {
      const id = newId()
      const journal = transfer({
        id,
        from: { personNo: no(from), account: 'main' },
        to: { personNo: no(to), account: 'main' },
        amount: units(amount),
        fee: 0n,
        memo: '',
      })
      await submit({ bookId, journal })
      if (label) journals.set(label, journal.id)
      return undefined
    },
    async move([who = '', from = '', , to = '', amount = '']) {
      await submit({
        bookId,
        journal: transferInternal({
          id: newId(),
          personNo: no(who),
          from: from as PersonKind,
          to: to as PersonKind,
          amount: units(amount),
        }),
      })
      return undefined
    },
    async hold([who = '', amount = '', label = '']) {
      holds.set(
        label,
        await base.db.transaction((tx) =>
          placeHold(tx, { bookId, account: account(who), amount: units(amount), orderKind: 'test', orderId: newId() }),
        ),
      )
      return undefined
    },
    async capture([label = '', amount = '', rest = 'released', to = 'shop']) {
      const [hold] = await base.db.query<{ account_id: bigint }>('', 'select account_id from holds where id = $1', [
        holds.get(label),
      ])
      const from = (hold?.account_id ?? 0n) >> 16n
      const id = newId()
      const journal = transfer({
        id,
        from: { personNo: from, account: 'main' },
        to: { personNo: no(to), account: 'main' },
        amount: units(amount),
        fee: 0n,
        memo: '',
      })
      await base.db.transaction((tx) =>
        captureHold(tx, bookId, holds.get(label) ?? newId(), { amount: units(amount), journal, rest: rest as 'kept' }),
      )
      return undefined
    },
    async release([label = '']) {
      await base.db.transaction((tx) => voidHold(tx, bookId, holds.get(label) ?? newId()))
      return undefined
    },
    async reverse([label = '']) {
      await base.db.transaction((tx) => reverseJournal(tx, bookId, journals.get(label) ?? newId(), 'undone'))
      return undefined
    },
    async freeze([who = '', status = 'frozen']) {
      await base.db.query('', 'select ledger_set_status($1, $2, $3)', [bookId, no(who), status])
      return undefined
    },
    async balance([who = '']) {
      const id = account(who)
      const { balance, held } = (await balancesOf(base.db, bookId, [id]))(id)
      return `${formatAmount(balance, 6, 2)}/${formatAmount(held, 6, 2)}`
    },
    async books() {
      const report = await verifyLedger(base.db, { bookId })
      return report.faults.length === 0 ? 'balanced' : JSON.stringify(report.faults)
    },
  }
  for (const [i, raw] of scenario.trim().split('\n').entries()) {
    const words = raw.replace(/#.*/, '').trim().split(/\s+/)
    const verb = words[0] ?? ''
    const expected = words.at(-1)
    let got: string | undefined
    try {
      got = (await run[verb]?.(words.slice(1, -1))) ?? 'ok'
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      got = error.code
    }
    assert.equal(got, expected, `line ${i + 1}: ${raw.trim()}`)
  }
}

test('sending and holding', () =>
  play(`
    fund    alice 100.00                    ok
    send    alice -> bob 30.00              ok
    send    alice -> bob 70.01              InsufficientBalance
    hold    alice 50.00 w1                  ok
    balance alice                           70.00/50.00
    send    alice -> bob 30.00              InsufficientBalance     # held money is not spendable
    hold    alice 20.01 w2                  InsufficientBalance
    release w1                              ok
    release w1                              HoldNotOpen
    send    alice -> bob 70.00              ok
    balance alice                           0/0
    balance bob                             100.00/0
    books                                   balanced
  `))

test('captures', () =>
  play(`
    fund    alice 100.00                    ok
    hold    alice 60.00 h                   ok
    capture h 60.01                         HoldExceeded
    capture h 10.00 kept                    ok
    balance alice                           90.00/50.00
    capture h 20.00 kept                    ok
    capture h 5.00 released                 ok
    balance alice                           65.00/0
    capture h 1.00                          HoldNotOpen
    hold    alice 65.00 all                 ok
    capture all 65.00 kept                  ok                      # all of it: final whatever was asked
    release all                             HoldNotOpen
    balance alice                           0/0
    balance shop                            100.00/0
    books                                   balanced
  `))

test('reversal happens once, and not into the red', () =>
  play(`
    fund    alice 10.00                     ok
    send    alice -> bob 4.00 t1            ok
    reverse t1                              ok
    reverse t1                              AlreadyReversed
    reverse nothing                         JournalUnknown
    balance alice                           10.00/0
    send    alice -> bob 4.00 t2            ok
    send    bob -> carol 3.00               ok
    reverse t2                              InsufficientBalance
    balance bob                             1.00/0
    books                                   balanced
  `))

test('own accounts and frozen people', () =>
  play(`
    fund    alice 10.00                     ok
    move    alice main -> node 6.00         ok
    move    alice main -> node 4.01         InsufficientBalance
    balance alice.node                      6.00/0
    freeze  alice frozen                    ok
    send    alice -> bob 1.00               AccountClosed
    send    bob -> alice 1.00               InsufficientBalance
    fund    alice 1.00                      ok                      # what arrives is kept
    freeze  alice closed                    ok
    fund    alice 1.00                      AccountClosed
    books                                   balanced
  `))

test('two books do not see each other', async () => {
  await base.owner.query('', `insert into books (book_id, name) values (2, 'second')`)
  const people = nextPerson
  await play('fund alice 5.00 ok', 1)
  nextPerson = people // the same person number in the other book
  await play(
    `
    balance alice                           0/0
    fund    alice 7.00                      ok
    balance alice                           7.00/0
    books                                   balanced
  `,
    2,
  )
})
