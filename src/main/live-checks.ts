// What a server that holds real money refuses to start on: anything of the sandbox, default secrets, a database that
// may lose what it acknowledged or that its users could rewrite. Every reason is named, all of them at once.

import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { type Config, settings } from '../base/config.ts'

/** Chain ids of our development chains, and of the tools that they are made of. */
const developmentChains = [313_371, 313_372, 3_436_491_012, 31_337, 1_337]

export function configurationRefusals(config: Config): string[] {
  const refusals: string[] = []
  for (const name of ['DATABASE_URL', 'SMTP_URL', 'SMS_URL'] as const) {
    if (config[name] === '') refusals.push(`${name} is empty: in live mode there is no sandbox to stand in for it`)
  }
  refusals.push(...signerRefusals(config))
  if (config.LOCAL_ORIGINS.size > 0) {
    refusals.push('LOCAL_ORIGINS is set: in live mode nobody is sent to this machine or its network')
  }
  if (config.SANDBOX_URL) refusals.push('SANDBOX_URL is set: live mode has no sandbox')
  for (const [name, setting] of Object.entries(settings)) {
    const secret = 'secret' in setting && setting.secret === true && setting.fallback
    if (secret && !isUnused(config, name) && config[name as keyof Config] === setting.fallback)
      refusals.push(`${name} is the sandbox's default secret`)
  }
  if (config.SMS_ACCOUNT === settings.SMS_ACCOUNT.fallback) refusals.push("SMS_ACCOUNT is the sandbox's default")
  refusals.push(
    ...vendorRefusals(config),
    ...masterKeyRefusals(config),
    ...addressRefusals(config),
    ...networkRefusals(config),
  )
  return refusals
}

/** A bank may do without cards or identity checks: a vendor without an address is never asked and never heard. */
const isUnused = (config: Config, name: string) =>
  (name.startsWith('UQPAY_') && config.UQPAY_URL === '') || (name.startsWith('SUMSUB_') && config.SUMSUB_URL === '')

/** What a vendor needs where there is one. */
function vendorRefusals(config: Config): string[] {
  if (config.UQPAY_URL === '') return []
  const refusals: string[] = []
  if (config.UQPAY_FRAME_URL === '') refusals.push('UQPAY_FRAME_URL is empty: the issuer shows cards there')
  if (config.UQPAY_CLIENT_ID === settings.UQPAY_CLIENT_ID.fallback)
    refusals.push("UQPAY_CLIENT_ID is the sandbox's default")
  return refusals
}

/** What the signer needs where it runs, and what has no business on a machine where it does not. */
function signerRefusals(config: Config): string[] {
  const secrets = ['DATABASE_SIGNER_URL', 'KEYSTORE_PASSPHRASE'] as const
  if (config.SIGNER_RUNS === 'elsewhere') {
    const keys = ['DEPOSIT_XPUB_EVM', 'DEPOSIT_XPUB_TRON', 'HOT_XPUB_EVM', 'HOT_XPUB_TRON'] as const
    return [
      ...keys
        .filter((name) => config[name] === '')
        .map((name) => `${name} is empty: where the signer runs elsewhere, its public keys are set`),
      ...secrets
        .filter((name) => config[name] !== '')
        .map((name) => `${name} is set: it belongs to the machine of the signer alone`),
    ]
  }
  const refusals: string[] = secrets
    .filter((name) => config[name] === '')
    .map((name) => `${name} is empty: in live mode the signer has a login and a passphrase of its own`)
  if (fs.existsSync(path.join(config.DATA_DIR, 'keystore/passphrase'))) {
    refusals.push(
      `the keystore in ${config.DATA_DIR} was made by a sandbox, its passphrase beside it: take another DATA_DIR`,
    )
  }
  return refusals
}

function masterKeyRefusals({ MASTER_KEY, DATA_DIR }: Config): string[] {
  const sandboxKey = path.join(DATA_DIR, 'master.key')
  if (fs.existsSync(sandboxKey) && fs.readFileSync(sandboxKey, 'utf8').trim() === MASTER_KEY.toString('hex')) {
    return [
      `MASTER_KEY is the one that the sandbox made for itself (${sandboxKey}): make one of its own, with openssl rand -hex 32`,
    ]
  }
  return new Set(MASTER_KEY).size < 8 ? ['MASTER_KEY is no random key: make one with openssl rand -hex 32'] : []
}

/** Ports that the sandbox in this data folder has or had. */
function addressRefusals(config: Config): string[] {
  const file = path.join(config.DATA_DIR, 'sandbox/ports.json')
  if (!fs.existsSync(file)) return []
  const ports = Object.values(JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, number>)
  const isSandbox = (value: unknown) => {
    if (typeof value !== 'string' || !URL.canParse(value)) return false
    const { hostname, port } = new URL(value)
    return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) && ports.includes(Number(port))
  }
  return Object.entries(config)
    .filter(([name, value]) => /_URL$|^RPC_/.test(name) && isSandbox(value))
    .map(([name]) => `${name} is an address of the sandbox`)
}

function networkRefusals({ NETWORKS }: Config): string[] {
  let networks: Record<string, { chainId?: unknown } | null>
  try {
    networks = JSON.parse(NETWORKS)
  } catch {
    return [] // named where networks are read
  }
  return Object.entries(networks)
    .filter(([, network]) => developmentChains.includes(Number(network?.chainId)))
    .map(([code]) => `NETWORKS makes ${code} a development chain`)
}

/** Looks at the database as its user. */
export async function databaseRefusals(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const refusals: string[] = []
    const { rows } = await client.query<{ name: string; superuser: boolean; bypass: boolean }>(
      'select rolname as name, rolsuper as superuser, rolbypassrls as bypass from pg_roles where rolname = session_user',
    )
    if (rows[0]?.superuser)
      refusals.push(`DATABASE_URL logs in as ${rows[0].name}, who is a superuser and could rewrite the ledger`)
    for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) {
      const found = await client.query<{ value: string }>('select current_setting($1) as value', [name])
      if (found.rows[0]?.value === 'off')
        refusals.push(`the database runs with ${name}=off and may lose what it acknowledged`)
    }
    return refusals
  } finally {
    await client.end()
  }
}

/** Once the schema is there: may the processes' login step out of unipay_app and become the owner of the ledger? */
export async function ownershipRefusals(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; owns: boolean }>(
      `select session_user as name, pg_has_role(session_user, relowner, 'member') as owns
       from pg_class where oid = 'public.journals'::regclass`,
    )
    return rows.flatMap(({ name, owns }) =>
      owns
        ? [
            `DATABASE_URL logs in as ${name}, who owns the ledger's tables and could rewrite them. ` +
              'Give it a login that is only a member of unipay_app, and the owner to DATABASE_OWNER_URL',
          ]
        : [],
    )
  } finally {
    await client.end()
  }
}

/** Once the schema is there: can the signer's login do anything that its role cannot? */
export async function signerLoginRefusals(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; what: string }>(
      `select session_user as name, what from (
         select 'is a superuser' as what from pg_roles
         where rolname = session_user and (rolsuper or rolcreaterole or rolbypassrls)
         union all
         select 'is a member of ' || r.rolname from pg_roles r
         where pg_has_role(session_user, r.oid, 'member') and r.rolname not in (session_user, 'unipay_signer')
         union all
         select 'is no member of unipay_signer' where not pg_has_role(session_user, 'unipay_signer', 'member')
         union all
         select 'may write ' || c.relname from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
           and (has_table_privilege(session_user, c.oid, 'insert, update, delete, truncate')
             or has_any_column_privilege(session_user, c.oid, 'insert, update'))
       ) beyond limit 10`,
    )
    return rows.map(
      ({ name, what }) =>
        `DATABASE_SIGNER_URL logs in as ${name}, who ${what}. Give it a login that is a member of unipay_signer and of nothing else`,
    )
  } finally {
    await client.end()
  }
}

/** Asks the nodes which chain they are of. A node that does not answer is the watcher's to report. */
export async function chainRefusals(config: Config): Promise<string[]> {
  const addresses = Object.entries(config).filter(([name, value]) => name.startsWith('RPC_') && value !== '')
  const found = await Promise.all(
    addresses.map(async ([name, url]) => {
      const ask = name === 'RPC_TRX' ? tronChainId : chainId
      const id = await ask(String(url)).catch(() => undefined)
      return id !== undefined && developmentChains.includes(id)
        ? [`${name} is a node of a development chain (${id})`]
        : []
    }),
  )
  return found.flat()
}

async function chainId(url: string): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
    signal: AbortSignal.timeout(4_000),
  })
  return Number(((await answer.json()) as { result?: unknown }).result)
}

/** TRON's nodes have JSON-RPC switched off as a rule; the id is the end of the first block's. */
async function tronChainId(url: string): Promise<number> {
  const answer = await fetch(`${url.replace(/\/$/, '')}/wallet/getblockbynum`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"num":0}',
    signal: AbortSignal.timeout(4_000),
  })
  const { blockID } = (await answer.json()) as { blockID?: unknown }
  return Number.parseInt(String(blockID).slice(-8), 16)
}
