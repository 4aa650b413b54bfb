// What stands in the database, table by table: to show that a refused request left nothing behind.

import type { Database } from '../../src/base/database.ts'

/** Every table of the bank and of its job queue. Waiting jobs come and go; that one was added shows in the sequences. */
async function tablesOf(owner: Database): Promise<string[]> {
  const rows = await owner.query<{ name: string }>(
    '',
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('public', 'graphile_worker') and tablename <> '_private_jobs' order by 1`,
  )
  return rows.map((row) => row.name)
}

/** Rows by table, and how far sequences have come: they count also what was rolled back. */
export async function countRows(owner: Database): Promise<Record<string, number>> {
  const tables = await tablesOf(owner)
  const counts = tables.map((table) => `select '${table}' as name, (select count(*) from ${table})::int as rows`)
  const found = await owner.query<{ name: string; rows: number }>('', counts.join(' union all '))
  const sequences = await owner.query<{ name: string; rows: number }>(
    '',
    `select schemaname || '.' || sequencename as name, coalesce(last_value, 0)::float8 as rows from pg_sequences
     where schemaname in ('public', 'graphile_worker')`,
  )
  return Object.fromEntries([...found, ...sequences].map(({ name, rows }) => [name, rows]))
}

/** A fingerprint of the contents by table. */
export async function printTables(owner: Database, except: readonly string[]): Promise<Record<string, string>> {
  const tables = (await tablesOf(owner)).filter((table) => !except.includes(table.replace('public.', '')))
  const prints = tables.map(
    (table) =>
      `select '${table}' as name, (select md5(string_agg(t::text, e'\\n' order by t::text)) from ${table} t) as print`,
  )
  const found = await owner.query<{ name: string; print: string | null }>('', prints.join(' union all '))
  return Object.fromEntries(found.map(({ name, print }) => [name, print ?? '']))
}
