// Keeps the embedded PostgreSQL up and holds the bank's database in it, owned by a role that is no superuser and used
// under logins that are only members of unipay_app and of unipay_signer, as in production. A server that dies is started
// again on the same port; what was committed is there.

import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { sleep } from '../src/base/clock.ts'
import { randomToken } from '../src/base/crypto.ts'
import type { Log } from '../src/base/log.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { writeWhole } from './write-whole.ts'

export interface BankDatabase {
  /** For the processes: may do what unipay_app may, and nothing else. */
  readonly url: string
  /** For the signer: may do what unipay_signer may. */
  readonly signerUrl: string
  /** For the owner of the schema: migrations alone. */
  readonly ownerUrl: string
  stop(): Promise<void>
}

const NAME = 'unipay'
const SERVER = 'unipay_server'
const SIGNER = 'unipay_signer_login'

export async function startBankDatabase(dir: string, port: number, log: Log): Promise<BankDatabase> {
  let postgres: Postgres = await startPostgres({ dir, port })
  const passwords = {
    owner: passwordIn(path.join(dir, 'owner.password')),
    server: passwordIn(path.join(dir, 'server.password')),
    signer: passwordIn(path.join(dir, 'signer.password')),
  }
  await makeDatabase(postgres.url('postgres'), passwords)
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
    url: `postgres://${SERVER}:${passwords.server}@127.0.0.1:${port}/${NAME}`,
    signerUrl: `postgres://${SIGNER}:${passwords.signer}@127.0.0.1:${port}/${NAME}`,
    ownerUrl: `postgres://${NAME}:${passwords.owner}@127.0.0.1:${port}/${NAME}`,
    async stop() {
      stopping = true
      await postgres.stop()
      await kept
    },
  }
}

function passwordIn(file: string): string {
  if (!fs.existsSync(file)) writeWhole(file, `${randomToken(24)}\n`)
  return fs.readFileSync(file, 'utf8').trim()
}

/** Passwords are our own random texts, so they need no quoting; what is there already is left as it is. */
async function makeDatabase(url: string, passwords: Record<'owner' | 'server' | 'signer', string>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const roles = [
      ['unipay_app', 'nologin'],
      ['unipay_signer', 'nologin'],
      [NAME, `login createrole password '${passwords.owner}'`],
      [SERVER, `login password '${passwords.server}'`],
      [SIGNER, `login password '${passwords.signer}'`],
    ] as const
    for (const [name, options] of roles) {
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name])
      await client.query(`${rowCount === 0 ? 'create' : 'alter'} role ${name} ${options}`)
    }
    await client.query(`grant unipay_app, unipay_signer to ${NAME} with admin option`)
    await client.query(`grant unipay_app to ${SERVER}`)
    await client.query(`grant unipay_signer to ${SIGNER}`)
    const database = await client.query('select from pg_database where datname = $1', [NAME])
    if (database.rowCount === 0) await client.query(`create database ${NAME} owner ${NAME}`)
  } finally {
    await client.end()
  }
}
