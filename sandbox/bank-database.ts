// Keeps the embedded PostgreSQL up and holds the bank's database in it, owned by a role that is no superuser, as in
// production. A server that dies is started again on the same port; what was committed is there.

import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { sleep } from '../src/base/clock.ts'
import { randomToken } from '../src/base/crypto.ts'
import type { Log } from '../src/base/log.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { writeWhole } from './write-whole.ts'

export interface BankDatabase {
  /** Address for the owner of the schema. */
  readonly url: string
  stop(): Promise<void>
}

const NAME = 'unipay'

export async function startBankDatabase(dir: string, port: number, log: Log): Promise<BankDatabase> {
  let postgres: Postgres = await startPostgres({ dir, port })
  const password = ownerPassword(path.join(dir, 'owner.password'))
  await makeDatabase(postgres.url('postgres'), password)
  let stopping = false

  async function keepUp(): Promise<void> {
    for (let wait = 100; ; ) {
      await postgres.exited
      if (stopping) return
      log.warn('PostgreSQL died; starting it again')
      try {
        postgres = await startPostgres({ dir, port })
        wait = 100
        if (stopping) await postgres.stop()
      } catch (error) {
        log.error({ err: error }, 'PostgreSQL did not come back')
        await sleep(wait)
        wait = Math.min(wait * 2, 5_000)
      }
    }
  }
  const kept = keepUp()

  return {
    url: `postgres://${NAME}:${password}@127.0.0.1:${port}/${NAME}`,
    async stop() {
      stopping = true
      await postgres.stop()
      await kept
    },
  }
}

function ownerPassword(file: string): string {
  if (!fs.existsSync(file)) writeWhole(file, `${randomToken(24)}\n`)
  return fs.readFileSync(file, 'utf8').trim()
}

/** The password is our own random text, so it needs no quoting; what is there already is left as it is. */
async function makeDatabase(url: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const role = await client.query('select from pg_roles where rolname = $1', [NAME])
    if (role.rowCount === 0) await client.query(`create role ${NAME} login createrole`)
    await client.query(`alter role ${NAME} password '${password}'`)
    const database = await client.query('select from pg_database where datname = $1', [NAME])
    if (database.rowCount === 0) await client.query(`create database ${NAME} owner ${NAME}`)
  } finally {
    await client.end()
  }
}
