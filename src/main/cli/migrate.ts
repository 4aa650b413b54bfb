// `unipay migrate`: brings the database to this release's schema. The launcher does the same at every start.
// Must stay true: forward only, each file once; the owner's login is used for this and for nothing else.

import type { Command } from 'commander'
import pg from 'pg'
import { MigrationError, pendingMigrations } from '../../base/migrate.ts'
import { prepareDatabase } from '../prepare-database.ts'
import { CannotReach, onConfig, requireDatabase } from './command.ts'

export function define(command: Command): void {
  command
    .option('--dry-run', 'only says which')
    .addHelpText('after', '\nExamples:\n  unipay migrate --dry-run\n  DATABASE_OWNER_URL=postgres://… unipay migrate')
    .action(
      onConfig<{ dryRun?: true }>(async ({ config, now }, _args, { dryRun }) => {
        const url = config.DATABASE_OWNER_URL || requireDatabase(config).DATABASE_URL
        const pending = await pendingIn(url)
        const done = { data: { applied: [], pending }, text: 'the schema is at head' }
        if (pending.length === 0) return done
        if (dryRun) return { ...done, text: `to apply:\n  ${pending.join('\n  ')}` }
        now('migrating')
        const applied = await prepareDatabase(url, (name) => now(`applying ${name}`)).catch((error: unknown) => {
          const mayNot = error instanceof MigrationError || (error as { code?: string }).code === '42501'
          throw mayNot ? new CannotReach(explain(error as Error, config.DATABASE_OWNER_URL)) : error
        })
        return { data: { applied, pending: [] }, text: `applied:\n  ${applied.join('\n  ')}` }
      }),
    )
}

function explain({ message }: Error, ownerUrl: string): string {
  const mayNot = ownerUrl === '' && /permission denied|must be owner/.test(message)
  return mayNot ? `${message}. Set DATABASE_OWNER_URL to the login that owns the schema` : message
}

/** Also right for a database without any table of ours. */
export async function pendingIn(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return await pendingMigrations(async (sql) => {
      const { rows } = await client.query<{ there: boolean }>(
        `select to_regclass('schema_migrations') is not null as there`,
      )
      return rows[0]?.there ? (await client.query<{ name: string }>(sql)).rows : []
    })
  } finally {
    await client.end()
  }
}
