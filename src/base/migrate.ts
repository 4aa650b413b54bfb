// Brings a database to this code's schema: sql/NNNN-name.sql, in order, each once, forward only.
// Must stay true: two processes that start at once run each file once; a file that was applied never changes;
// a schema newer than the code is refused, not guessed at.

import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'

export class MigrationError extends Error {}

const folder = path.join(import.meta.dirname, '../../sql')
const LOCK = 7_311_001 // advisory; a convenience so that starters wait instead of colliding

export interface MigrationFile {
  name: string
  checksum: string
  sql: string
}

export async function migrationFiles(): Promise<MigrationFile[]> {
  const names = (await fs.readdir(folder)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await fs.readFile(path.join(folder, name), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** Applies what is missing and answers with the names it applied. `url` must belong to the role that owns the schema. */
export async function migrate(url: string, onFile: (name: string) => void = () => {}): Promise<string[]> {
  const files = await migrationFiles()
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'unipay migrate',
  })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await client.query(`create table if not exists schema_migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
    const applied = new Map(
      (await client.query<{ name: string; checksum: string }>('select name, checksum from schema_migrations')).rows.map(
        (row) => [row.name, row.checksum],
      ),
    )
    for (const name of applied.keys()) {
      if (!files.some((file) => file.name === name)) {
        throw new MigrationError(`the schema is newer than this code: it has ${name}. Start the newer release instead.`)
      }
    }
    const done: string[] = []
    for (const file of files) {
      const known = applied.get(file.name)
      if (known === file.checksum) continue
      if (known) throw new MigrationError(`${file.name} was changed after it had been applied; add a new file instead.`)
      onFile(file.name)
      await client.query('begin')
      await client.query("set local lock_timeout = '2s'")
      await client.query(file.sql).catch((error: Error) => {
        throw new MigrationError(`${file.name} cannot be applied: ${error.message}`)
      })
      await client.query('insert into schema_migrations (name, checksum) values ($1, $2)', [file.name, file.checksum])
      await client.query('commit')
      done.push(file.name)
    }
    return done
  } finally {
    await client.end().catch(() => {})
  }
}

/** Names of the files that this code has and the database has not. Empty means at head. */
export async function pendingMigrations(query: (sql: string) => Promise<{ name: string }[]>): Promise<string[]> {
  const applied = new Set((await query('select name from schema_migrations')).map((row) => row.name))
  return (await migrationFiles()).map((file) => file.name).filter((name) => !applied.has(name))
}
