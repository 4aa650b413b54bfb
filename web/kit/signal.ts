// A value that components can watch: the session's state, the theme, whether amounts are hidden.
// Must stay true: those who watch are told once for each change, and no longer than they want to be.

import { useSyncExternalStore } from 'react'

export class Signal<V> {
  #value: V
  readonly #watchers = new Set<() => void>()

  constructor(value: V) {
    this.#value = value
  }

  get value(): V {
    return this.#value
  }

  set(value: V): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const tell of this.#watchers) tell()
  }

  watch = (tell: () => void): (() => void) => {
    this.#watchers.add(tell)
    return () => this.#watchers.delete(tell)
  }
}

export const useSignal = <V>(signal: Signal<V>): V => useSyncExternalStore(signal.watch, () => signal.value)
