// A real database of its own for every test file, cloned in a moment from one that is migrated once per server.
// `npm test` starts the server and passes TEST_DATABASE_URL (a superuser); a file run alone starts its own.

import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { type Database, openDatabase } from '../../src/base/database.ts'
import { migrationFiles } from '../../src/base/migrate.ts'
import { prepareDatabase } from '../../src/main/prepare-database.ts'

export interface TestDatabase {
  /** As the bank's processes see it: role unipay_app. */
  db: Database
  /** As the signer sees it: role unipay_signer. */
  signer: Database
  /** As the owner: for looking and for planting faults. */
  owner: Database
  url: string
  drop(): Promise<void>
}

let server: Promise<string> | undefined

/** URL of a server's `postgres` database. */
async function serverUrl(): Promise<string> {
  if (process.env.TEST_DATABASE_URL) return process.env.TEST_DATABASE_URL
  server ??= (async () => {
    const { startPostgres } = await import('../../sandbox/postgres.ts')
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-test-'))
    fs.chmodSync(dir, 0o711) // as root, PostgreSQL runs as another user, who must be able to pass
    const postgres = await startPostgres({
      dir: path.join(dir, 'postgres'),
      port: await freePort(),
      flags: { fsync: 'off' },
    })
    postgres.unref() // else a file that is run alone would wait for it
    process.once('exit', () => {
      process.kill(postgres.pid, 'SIGQUIT')
      fs.rmSync(dir, { recursive: true, force: true })
    })
    return postgres.url('postgres')
  })()
  return server
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = net.createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
  })

const withName = (url: string, name: string) => {
  const renamed = new URL(url)
  renamed.pathname = `/${name}`
  return renamed.href
}

/** The migrated template. Its name carries the migrations' checksum, so a changed schema gets a new one. */
async function template(url: string): Promise<string> {
  const hash = createHash('sha256')
  for (const file of await migrationFiles()) hash.update(file.checksum)
  const name = `template_${hash.digest('hex').slice(0, 16)}`
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(7311002)') // files run side by side: one makes it, the others wait
    const { rowCount } = await client.query('select from pg_database where datname = $1 and datistemplate', [name])
    if (rowCount === 0) {
      await client.query(`drop database if exists ${name}`)
      await client.query(`create database ${name}`)
      await prepareDatabase(withName(url, name))
      await client.query(`alter database ${name} is_template true`)
    }
  } finally {
    await client.end()
  }
  return name
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const url = await serverUrl()
  const from = await template(url)
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`create database ${name} template ${from}`)
  await client.end()
  const own = withName(url, name)
  const db = openDatabase({ url: own, role: 'unipay_app', max: 20 })
  const signer = openDatabase({ url: own, role: 'unipay_signer', max: 4 })
  const owner = openDatabase({ url: own, max: 4 })
  return {
    db,
    signer,
    owner,
    url: own,
    async drop() {
      await db.close()
      await signer.close()
      await owner.close()
      const last = new pg.Client(url)
      await last.connect()
      // pools that were told to end may still be at it; cut from here, their owner would hear of an error too late to
      // be in any test
      for (let waited = 0; waited < 3_000; waited += 50) {
        const { rowCount } = await last.query('select from pg_stat_activity where datname = $1', [name])
        if (rowCount === 0) break
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      await last.query(`drop database if exists ${name} with (force)`)
      await last.end()
    },
  }
}
