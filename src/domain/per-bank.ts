// Memory that belongs to one composed bank (batch loaders, caches), made on first use and gone with the bank.
// Nothing kept this way may be needed for correctness: other processes have their own.

import { batchLoader } from '../base/batch.ts'
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

/** Reads many keys of one book in one query; calls that come while a query is on its way share the next. */
export function loaderByBook<K, V>(
  read: (bank: Bank, bookId: number, keys: K[]) => Promise<Map<K, V>>,
): (bank: Bank, bookId: number, key: K) => Promise<V | undefined> {
  const books = perBank(() => new Map<number, ReturnType<typeof batchLoader<K, V>>>())
  return (bank, bookId, key) => {
    const loaders = books(bank)
    let loader = loaders.get(bookId)
    if (!loader) {
      loader = batchLoader((keys) => read(bank, bookId, keys))
      loaders.set(bookId, loader)
    }
    return loader.load(key)
  }
}
