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

export interface MortalDatabase {
  readonly db: Database
  readonly dead: boolean
  /** How often its moment came. */
  readonly met: number
}

export interface Mortal extends MortalDatabase {
  readonly sender: ChainSender
}

/** Dies when the moment comes for the n-th time. */
function lifeOf(moment: Moment, n: number) {
  const life = {
    met: 0,
    dead: false,
    live() {
      if (life.dead) throw new Killed()
    },
    meet() {
      if (++life.met < n) return
      life.dead = true
      throw new Killed()
    },
    on(name: string) {
      life.live()
      if (moment.at === 'step' || (moment.at === 'statement' && moment.name === name)) life.meet()
    },
  }
  return life
}
type Life = ReturnType<typeof lifeOf>

const dying = (db: Database, moment: Moment, { live, meet, on }: Life): Database => ({
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
})

export function mortalDatabase(db: Database, moment: Moment, n: number): MortalDatabase {
  const mine = lifeOf(moment, n)
  return {
    db: dying(db, moment, mine),
    get dead() {
      return mine.dead
    },
    get met() {
      return mine.met
    },
  }
}

export function mortal(db: Database, sender: ChainSender, moment: Moment, n: number): Mortal {
  const mine = lifeOf(moment, n)
  return {
    get dead() {
      return mine.dead
    },
    get met() {
      return mine.met
    },
    db: dying(db, moment, mine),
    sender: {
      ...sender,
      async broadcast(raw) {
        mine.live()
        if (moment.at === 'before broadcast') mine.meet()
        const answer = await sender.broadcast(raw)
        if (moment.at === 'after broadcast') mine.meet()
        return answer
      },
    },
  }
}
