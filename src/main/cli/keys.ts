// `unipay keys …`: which keys seal personal data, and going over to another one while the bank runs.
// Must stay true: no key is printed; a second run finds nothing to do.

import type { Command } from 'commander'
import { countByKey, rotatePersonalKeys } from '../../domain/personal-keys.ts'
import { bookIds } from '../../ledger/books.ts'
import { type BankShell, columns, type Outcome, onKeyedBank } from './command.ts'

export function define(keys: Command): void {
  keys
    .command('status')
    .description('how many values each key seals, and which of them this configuration knows')
    .action(onKeyedBank(status))

  keys
    .command('rotate')
    .description('seals anew, with the key that PERSONAL_KEY names, what another one seals')
    .addHelpText(
      'after',
      '\nFirst every process is started with the new key in PERSONAL_KEYS, then with its number in PERSONAL_KEY; then this.',
    )
    .action(onKeyedBank(rotate))
}

async function status({ bank }: BankShell): Promise<Outcome> {
  const counts = new Map<number, number>()
  for (const bookId of await bookIds(bank.db)) {
    for (const [key, count] of await countByKey(bank.db, bookId)) counts.set(key, (counts.get(key) ?? 0) + count)
  }
  const { current, keys } = bank.keys.personal
  const numbers = [...new Set([...keys.keys(), ...counts.keys()])].sort((a, b) => a - b)
  const rows = numbers.map((number) => ({
    key: number,
    values: counts.get(number) ?? 0,
    known: keys.has(number),
    current: number === current,
  }))
  const missing = rows.some(({ known, values }) => !known && values > 0)
  const lines = rows.map(({ key, values, known, current: seals }) => [
    `key ${key}`,
    `${values} values`,
    known ? (seals ? 'seals' : 'opens') : 'NOT HERE: its values cannot be read',
  ])
  return { found: missing, data: { keys: rows }, text: columns(lines, [1]) }
}

async function rotate({ bank, now }: BankShell): Promise<Outcome> {
  let sealed = 0
  for (const bookId of await bookIds(bank.db)) sealed += await rotatePersonalKeys(bank, bookId, now)
  const { current } = bank.keys.personal
  return { data: { key: current, sealed }, text: `${sealed} values sealed anew with key ${current}` }
}
