// Brings a database to where the processes can work: our schema, the job queue's, and what the app's role may do there.
// Runs as the role that owns the schema; the processes themselves take on unipay_app.

import { runMigrations } from 'graphile-worker'
import pg from 'pg'
import { systemClock } from '../base/clock.ts'
import { openDatabase } from '../base/database.ts'
import { migrate } from '../base/migrate.ts'
import { seedBanks } from '../domain/remittance/seed-banks.ts'

/** The queue's tables let nobody but their owner see a row until a policy says so. */
const openQueue = `
  grant usage on schema graphile_worker to unipay_app;
  grant all on all tables in schema graphile_worker to unipay_app;
  grant all on all sequences in schema graphile_worker to unipay_app;
  grant execute on all functions in schema graphile_worker to unipay_app;
  do $$ declare closed regclass; begin
    for closed in
      select c.oid from pg_class c where c.relnamespace = 'graphile_worker'::regnamespace and c.relrowsecurity
        and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'unipay_app')
    loop
      execute format('create policy unipay_app on %s to unipay_app using (true) with check (true)', closed);
    end loop;
  end $$`

/** What comes with the code and is not schema: the directory of banks, where there is none yet. */
async function seed(url: string): Promise<void> {
  const db = openDatabase({ url, max: 1 })
  try {
    await db.transaction((tx) => seedBanks(tx, systemClock.now()))
  } finally {
    await db.close()
  }
}

/** Answers with the names of our migrations that it applied. */
export async function prepareDatabase(url: string, onFile?: (name: string) => void): Promise<string[]> {
  const applied = await migrate(url, onFile)
  await runMigrations({ connectionString: url })
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'unipay migrate',
  })
  await client.connect()
  try {
    await client.query(openQueue)
  } finally {
    await client.end()
  }
  await seed(url)
  return applied
}
