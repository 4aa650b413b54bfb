// A database and a node that die under a process at a chosen moment, as with a kill -9 of it: what was not committed is
// rolled back, what was committed or handed to the node stays, and nothing answers that process any more.

import type { Database, Tx } from '../../src/base/database.ts'
import type { ChainSender } from '../../src/domain/ports.ts'

export class Killed extends Error {}

/** `name` of a statement, `commit` after one of a transaction, `broadcast` before or after the node was called. */
export type Moment =
  | { at: 'statement'; name: string }
  | { at: 'commit'; name: string }
  | { at: 'before broadcast' }
  | { at: 'after broadcast' }
  /** Any statement or commit counts. */
  | { at: 'step' }

export interface Mortal {
  readonly db: Database
  readonly sender: ChainSender
  readonly dead: boolean
  /** How often its moment came. */
  readonly met: number
}

/** Dies when the moment comes for the n-th time. */
export function mortal(db: Database, sender: ChainSender, moment: Moment, n: number): Mortal {
  let met = 0
  let dead = false
  const live = () => {
    if (dead) throw new Killed()
  }
  const meet = () => {
    if (++met < n) return
    dead = true
    throw new Killed()
  }
  const on = (name: string) => {
    live()
    if (moment.at === 'step' || (moment.at === 'statement' && moment.name === name)) meet()
  }
  return {
    get dead() {
      return dead
    },
    get met() {
      return met
    },
    db: {
      ...db,
      async query(name, sql, values) {
        on(name)
        return db.query(name, sql, values)
      },
      async transaction(work, options) {
        live()
        const seen = new Set<string>()
        const result = await db.transaction(
          (tx): ReturnType<typeof work> =>
            work({
              ...tx,
              async query(name, sql, values) {
                on(name)
                seen.add(name)
                return tx.query(name, sql, values)
              },
            } satisfies Tx),
          options,
        )
        if (moment.at === 'step' || (moment.at === 'commit' && seen.has(moment.name))) meet()
        return result
      },
    },
    sender: {
      ...sender,
      async broadcast(raw) {
        live()
        if (moment.at === 'before broadcast') meet()
        const answer = await sender.broadcast(raw)
        if (moment.at === 'after broadcast') meet()
        return answer
      },
    },
  }
}
