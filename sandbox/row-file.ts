// Rows that outlive a kill: tables in memory, every change a line appended to one file, read again at start.
// Must stay true: a change is in the file before anybody is told of it; half a line at the end is a change that was not.

import fs from 'node:fs'
import path from 'node:path'
import { writeWhole } from './write-whole.ts'

export interface Table<R extends object> {
  get(id: string): R | undefined
  /** In the order in which they came. */
  all(): IterableIterator<R>
  put(id: string, row: R): R
  remove(id: string): void
  readonly size: number
}

export interface RowFile {
  table<R extends object>(name: string): Table<R>
  /** Writes the changes of a piece of work at once: a kill finds all of them or none. */
  together<T>(work: () => T): T
}

type Line = { table: string; id: string; row: object | null }

export function openRows(file: string): RowFile {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const tables = new Map<string, Map<string, object>>()
  const rowsOf = (name: string) => {
    const rows = tables.get(name) ?? new Map<string, object>()
    tables.set(name, rows)
    return rows
  }
  for (const line of fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : []) {
    try {
      const { table, id, row } = JSON.parse(line) as Line
      if (row) rowsOf(table).set(id, row)
      else rowsOf(table).delete(id)
    } catch {
      // the end of the file, or half a line of a process that was killed
    }
  }
  const lines = [...tables].flatMap(([table, rows]) => [...rows].map(([id, row]) => JSON.stringify({ table, id, row })))
  writeWhole(file, lines.map((line) => `${line}\n`).join(''))
  let gathered: string[] | undefined
  const append = (line: Line) => {
    const text = `${JSON.stringify(line)}\n`
    if (gathered) gathered.push(text)
    else fs.appendFileSync(file, text)
  }

  return {
    together(work) {
      if (gathered) return work()
      gathered = []
      try {
        return work()
      } finally {
        const lines = gathered
        gathered = undefined
        if (lines.length > 0) fs.appendFileSync(file, lines.join(''))
      }
    },
    table<R extends object>(name: string): Table<R> {
      const rows = rowsOf(name) as Map<string, R>
      return {
        get: (id) => rows.get(id),
        all: () => rows.values(),
        put(id, row) {
          append({ table: name, id, row })
          rows.set(id, row)
          return row
        },
        remove(id) {
          if (!rows.delete(id)) return
          append({ table: name, id, row: null })
        },
        get size() {
          return rows.size
        },
      }
    },
  }
}
