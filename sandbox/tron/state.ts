// What a TRON chain remembers between transactions: accounts, contracts, code and storage, in layers. The lowest layer is
// the state at the newest solid block; each block above it adds one layer of what it changed, and so does each checkpoint
// of the virtual machine. Taking a block back is dropping its layer.
// Must stay true: records are never changed in place, since a lower layer may hold the same one.

import type { Fields } from './protobuf.ts'

export interface AccountRecord {
  /** In sun, a millionth of a TRX. */
  readonly balance: bigint
  /** Chain time in milliseconds. */
  readonly created: number
  /** Free bandwidth used, as of the slot of its last use. */
  readonly freeNetUsed: number
  readonly freeNetSlot: number
  /** Time of the head when it last sent something. */
  readonly operated: number
  readonly isContract: boolean
}

interface Values {
  account: AccountRecord
  /** By address and key; hex without leading zeros. */
  slot: string
  /** By address; hex. */
  code: string
  /** By address; the SmartContract message. */
  contract: Fields
}
type Kind = keyof Values
/** null stands for what was there and is no more. */
export type Changes = { readonly [K in Kind]: Map<string, Values[K] | null> }

export const noChanges = (): Changes => ({ account: new Map(), slot: new Map(), code: new Map(), contract: new Map() })

const kinds: readonly Kind[] = ['account', 'slot', 'code', 'contract']

export function merge(from: Changes, into: Changes): void {
  const copy = <K extends Kind>(kind: K) => {
    for (const [key, value] of from[kind]) into[kind].set(key, value)
  }
  for (const kind of kinds) copy(kind)
}

export interface State {
  get<K extends Kind>(kind: K, key: string): Values[K] | undefined
  set<K extends Kind>(kind: K, key: string, value: Values[K] | null): void
  /** Opens a layer for what follows; `commit` adds it to the one below, `revert` forgets it. */
  checkpoint(): void
  commit(): void
  revert(): void
}

/** A view over the given layers, the lowest first. What is written goes into the uppermost. */
export function stateOver(given: readonly Changes[]): State {
  const layers = [...given]
  const top = (): Changes => {
    const layer = layers.at(-1)
    if (!layer) throw new Error('a state needs a layer to write to')
    return layer
  }
  return {
    get(kind, key) {
      for (let i = layers.length - 1; i >= 0; i--) {
        const value = layers[i]?.[kind].get(key)
        if (value !== undefined) return value ?? undefined
      }
      return undefined
    },
    set: (kind, key, value) => void top()[kind].set(key, value),
    checkpoint: () => void layers.push(noChanges()),
    commit() {
      const changes = top()
      layers.pop()
      merge(changes, top())
    },
    revert: () => void layers.pop(),
  }
}

export function newAccount(created: number, isContract = false): AccountRecord {
  return { balance: 0n, created, freeNetUsed: 0, freeNetSlot: 0, operated: 0, isContract }
}

/** Adds (or with a negative amount takes) sun. The account must be there and have it. */
export function addBalance(state: State, address: string, amount: bigint): void {
  const account = state.get('account', address)
  if (!account) throw new Error(`no account ${address}`)
  const balance = account.balance + amount
  if (balance < 0n) throw new Error(`account ${address} has not enough`)
  state.set('account', address, { ...account, balance })
}

// --- as text, for the journal ---

type Text = { [K in Kind]?: [string, unknown][] }

export function changesToText(changes: Changes): Text {
  const text: Text = {}
  for (const kind of kinds) if (changes[kind].size > 0) text[kind] = [...changes[kind]]
  return text
}

export function changesFromText(text: Text): Changes {
  const changes = noChanges()
  const read = <K extends Kind>(kind: K) => {
    for (const [key, value] of text[kind] ?? []) changes[kind].set(key, value as Values[K] | null)
  }
  for (const kind of kinds) read(kind)
  return changes
}
