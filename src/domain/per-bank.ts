// Memory that belongs to one composed bank (batch loaders, caches), made on first use and gone with the bank.
// Nothing kept this way may be needed for correctness: other processes have their own.

import type { Bank } from './context.ts'

export function perBank<T>(make: (bank: Bank) => T): (bank: Bank) => T {
  const made = new WeakMap<Bank, T>()
  return (bank) => {
    let value = made.get(bank)
    if (value === undefined) {
      value = make(bank)
      made.set(bank, value)
    }
    return value
  }
}
