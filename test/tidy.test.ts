// The house's rules, as a test: what may import what, whose table is whose, how a file looks, and what is never written.
// Bans stand in harness/tidy-bans.ts, exceptions with their reasons in harness/tidy-exceptions.ts; one that nothing needs
// fails as well.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { root, type Source, sourceFiles, sourceOf } from './harness/source.ts'
import { bans } from './harness/tidy-bans.ts'
import { exceptions } from './harness/tidy-exceptions.ts'

const files = sourceFiles()
const sources = files.map(sourceOf)
const inSrc = sources.filter(({ file }) => file.startsWith('src/'))

/** Fails with all that is wrong at once, but for the rule's exceptions; and with exceptions that nothing needs. */
function expectNone(rule: string, found: { where: string; what: string }[]): void {
  const allowed = exceptions[rule] ?? {}
  const wrong = found.filter(({ where }) => !(where in allowed))
  assert.deepEqual(
    wrong.map(({ where, what }) => `${where}: ${what}`),
    [],
  )
  const needed = new Set(found.map(({ where }) => where))
  assert.deepEqual(
    Object.keys(allowed).filter((where) => !needed.has(where)),
    [],
    'exceptions that nothing needs',
  )
}

test('the scanner tells code from texts, comments and regular expressions', () => {
  const { code, texts, comments } = sourceOf('test/harness/source-sample.ts')
  assert.equal(code.join('\n').match(/hidden/g), null)
  assert.equal(code.join('\n').match(/visible/g)?.length, 7)
  assert.ok(texts.some(({ text }) => text.includes('hidden in a template')))
  assert.ok(comments.join('\n').includes('hidden in a comment'))
})

// --- floors ----------------------------------------------------------------------------------------------------------

/** Each floor and those that it stands on. A floor may always import itself. */
const standsOn: Record<string, string[]> = {
  base: [],
  ledger: ['base'],
  domain: ['ledger', 'base'],
  providers: ['base'],
  api: ['domain', 'ledger', 'base'],
  workers: ['domain', 'ledger', 'base'],
  signer: ['domain', 'ledger', 'base'],
  main: ['api', 'workers', 'signer', 'providers', 'domain', 'ledger', 'base', 'sdk'],
}
const floorOf = (file: string) => /^src\/([^/]+)\//.exec(file)?.[1] ?? file.split('/')[0] ?? ''

test('imports go down only', () => {
  const found = inSrc.flatMap(({ file, imports }) =>
    imports.flatMap((each) => {
      if (!each.file) return []
      const [from, to] = [floorOf(file), floorOf(each.file)]
      const isPort = from === 'providers' && each.file === 'src/domain/ports.ts' && each.typeOnly
      const fine = from === to || isPort || (standsOn[from] ?? []).includes(to)
      return fine ? [] : [{ where: `${file} → ${each.file}`, what: `${from} does not stand on ${to}` }]
    }),
  )
  expectNone('floors', found)
})

test('an API never imports another API', () => {
  const apiOf = (file: string) => /^src\/api\/([^/]+)\//.exec(file)?.[1]
  const found = inSrc.flatMap(({ file, imports }) =>
    imports.flatMap((each) => {
      const [from, to] = [apiOf(file), each.file && apiOf(each.file)]
      return from && to && from !== to ? [{ where: `${file} → ${each.file}`, what: 'another API' }] : []
    }),
  )
  expectNone('apis', found)
})

test('the bank does not know its sandbox, and programs for people know only what they need of it', () => {
  const may: Record<string, RegExp> = {
    src: /^(src|sdk)\//,
    sandbox: /^(sandbox|src\/base)\/|^src\/main\/child\.ts$/,
    scripts: /^(scripts|src|sandbox)\//,
    bench: /^(bench|src|sandbox|test\/harness)\//,
    test: /./,
    sdk: /^sdk\//,
    web: /^(web|sdk)\//,
  }
  const found = sources.flatMap(({ file, imports }) =>
    imports.flatMap((each) => {
      const rule = may[file.split('/')[0] ?? '']
      return !each.file || rule?.test(each.file) ? [] : [{ where: `${file} → ${each.file}`, what: 'not its business' }]
    }),
  )
  expectNone('outside', found)
})

test('no file needs itself by way of others', () => {
  const graph = new Map(
    inSrc.map(({ file, imports }) => [file, imports.flatMap((i) => (i.file && !i.typeOnly ? [i.file] : []))]),
  )
  const done = new Set<string>()
  const found: { where: string; what: string }[] = []
  const visit = (file: string, way: string[]) => {
    const seen = way.indexOf(file)
    if (seen >= 0) found.push({ where: [...way.slice(seen), file].join(' → '), what: 'a cycle' })
    if (seen >= 0 || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...way, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  expectNone('cycles', found)
})

test('every file is reached from a program', () => {
  const programs = files.filter((file) => file.startsWith('src/main/'))
  // programs of other folders may be the only users of a part of ours, tests may not
  const others = files.filter((file) => /^(sandbox|scripts|bench)\//.test(file))
  const reached = new Set<string>()
  const reach = (file: string) => {
    if (reached.has(file) || !files.includes(file)) return
    reached.add(file)
    for (const { file: next } of sourceOf(file).imports) if (next) reach(next)
  }
  for (const file of [...programs, ...others]) reach(file)
  expectNone(
    'dead',
    inSrc.filter(({ file }) => !reached.has(file)).map(({ file }) => ({ where: file, what: 'nothing uses it' })),
  )
})

// --- tables ----------------------------------------------------------------------------------------------------------

const tables = fs
  .globSync('sql/*.sql', { cwd: root })
  .flatMap((file) => [...fs.readFileSync(path.join(root, file), 'utf8').matchAll(/^create table (\w+)/gm)])
  .map(([, name = '']) => name)
/** Tables that several files share as one module; every other is named by the file that declares it, or by one alone. */
const homes: Record<string, string[]> = {
  card_topups: ['src/domain/card/'],
  card_transactions: ['src/domain/card/'],
  card_payments: ['src/domain/card/'],
  card_balances: ['src/domain/card/'],
  cards: ['src/domain/card/'],
  card_accounts: ['src/domain/card/'],
  card_events: ['src/domain/card/'],
  card_releases: ['src/domain/card/'],
  ...Object.fromEntries(
    ['books', 'assets', 'accounts', 'journals', 'entries', 'holds', 'velocity', 'idempotency', 'seals'].map((table) => [
      table,
      ['src/ledger/'],
    ]),
  ),
  ...Object.fromEntries(
    ['address_custody', 'treasury_orders', 'coin_fundings'].map((table) => [table, ['src/domain/treasury/']]),
  ),
  deposits: domain(
    'deposit/deposit',
    'deposit/sight-deposits',
    'deposit/decide-deposit',
    'deposit/deposit-record',
    'deposit/deposit-history',
    'deposit/follow-chain',
  ),
  chain_states: domain(
    'chain/chain-state',
    'deposit/deposit',
    'deposit/settle-deposits',
    'deposit/follow-chain',
    'deposit/read-final',
    'chain-payment/chain-transaction',
  ),
  chain_blocks: ['src/domain/deposit/', 'src/domain/chain-payment/chain-transaction.ts'],
  ...Object.fromEntries(
    ['chain_payments', 'chain_payment_events', 'chain_transactions', 'signing_requests', 'wallet_nonces'].map(
      (table) => [table, ['src/domain/chain-payment/']],
    ),
  ),
  withdrawals: ['src/domain/withdrawal/'],
  ...Object.fromEntries(
    [
      'banks',
      'bank_branches',
      'exchange_rates',
      'remittance_recipients',
      'remittance_recipient_events',
      'remittance_quotes',
      'remittances',
      'remittance_events',
    ].map((table) => [table, ['src/domain/remittance/']]),
  ),
  ...Object.fromEntries(
    ['identity_checks', 'identity_files', 'identity_events'].map((table) => [table, ['src/domain/identity/']]),
  ),
  ...Object.fromEntries(
    [
      'node_tiers',
      'node_tier_changes',
      'node_orders',
      'node_order_parts',
      'node_holdings',
      'node_cashbacks',
      'commission_bases',
      'commission_rewards',
      'commission_days',
      'yield_runs',
      'node_yields',
      'level_changes',
      'upt_prices',
    ].map((table) => [table, ['src/domain/earn/']]),
  ),
  ramp_orders: domain('ramp/ramp-order', 'ramp/ramp-checks'),
  referrals: domain('people/referral'),
  ...Object.fromEntries(
    ['chain_movements', 'chain_balances', 'reconciliation_breaks', 'reconciliations'].map((table) => [
      table,
      ['src/domain/reconciliation/'],
    ]),
  ),
  ...Object.fromEntries(
    ['webhook_endpoints', 'webhook_deliveries', 'webhook_attempts', 'webhook_events'].map((table) => [
      table,
      ['src/domain/webhook/'],
    ]),
  ),
  sessions: domain('sign-in/session', 'sign-in/session-life', 'sign-in/device', 'sign-in/login'),
  payment_factors: domain('payment-proof/payment-factors', 'payment-proof/pin', 'payment-proof/totp', 'people/people'),
  people: domain('people/people', 'sign-in/login', 'payment-proof/payment-factors'),
  attempts: domain('sign-in/attempt'),
  codes: domain('sign-in/code'),
  login_challenges: domain('sign-in/login-challenge'),
  ...Object.fromEntries(
    ['operators', 'operator_sessions', 'approvals', 'audit_log'].map((table) => [table, ['src/domain/operator/']]),
  ),
}
function domain(...names: string[]): string[] {
  return names.map((name) => `src/domain/${name}.ts`)
}

/** Tables that a file names in SQL. */
function tablesNamed({ texts }: Source): string[] {
  const named = new Set<string>()
  for (const { text } of texts) {
    if (!/\b(?:select|insert|update|delete|with|from|join)\b/i.test(text)) continue
    for (const [, name = ''] of text.matchAll(/\b(?:from|join|into|update|using|lock table)\s+(?:only\s+)?(\w+)/gi)) {
      named.add(name)
    }
  }
  return tables.filter((table) => named.has(table))
}

/** Tables that a file declares, for rows that go with a posting. */
const tablesDeclared = ({ text }: Source): string[] =>
  [...text.matchAll(/\browTable<?[^(]*\(\s*'(\w+)'/g)].map(([, name = '']) => name)

/** Compares every table with every other, which is all that it is for; writing it leaves to their owners. */
const RECONCILES = 'src/domain/reconciliation/'
const reconciles = ({ file, text }: Source, table: string): boolean =>
  file.startsWith(RECONCILES) && !new RegExp(`\\b(?:insert into|update|delete from)\\s+${table}\\b`).test(text)

test('a module names no table but its own', () => {
  const found: { where: string; what: string }[] = []
  for (const table of tables) {
    const naming = inSrc
      .filter(
        (source) =>
          tablesNamed(source).includes(table) && (homes[table]?.includes(RECONCILES) || !reconciles(source, table)),
      )
      .map(({ file }) => file)
    const declaring = inSrc.filter((source) => tablesDeclared(source).includes(table)).map(({ file }) => file)
    const own = homes[table] ?? (declaring.length > 0 ? declaring : naming.slice(0, 1))
    const others = [...new Set([...naming, ...declaring])].filter((file) => !own.some((home) => file.startsWith(home)))
    for (const file of others) {
      found.push({ where: `${file}: ${table}`, what: `the table is ${own.join(' and ')}'s; call a verb of it` })
    }
    const strangers = (homes[table] ?? []).filter((home) => !naming.some((file) => file.startsWith(home)))
    for (const file of strangers)
      if (table in homes && naming.length > 0) found.push({ where: `homes.${table}`, what: `${file} does not name it` })
  }
  expectNone('tables', found)
})

// --- how a file looks ------------------------------------------------------------------------------------------------

test('a file opens with what lives there and what must stay true: two lines or more, in tests and tools one', () => {
  const found = sources.flatMap(({ file, lines }) => {
    const start = lines[0]?.startsWith('#!') ? 1 : 0
    const header = lines.slice(start).findIndex((line) => !line.startsWith('//'))
    return header >= (/^(src|sandbox|sdk)\//.test(file) ? 2 : 1) ? [] : [{ where: file, what: `${header} lines` }]
  })
  expectNone('header', found)
})

test('a file has one thought: at most 450 lines', () => {
  const found = sources.flatMap(({ file, lines }) =>
    lines.length > 451 ? [{ where: file, what: `${lines.length} lines` }] : [],
  )
  expectNone('length', found)
})

const NO_NAMES = [
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'manager',
  'service',
  'index',
  'misc',
  'shared',
  'stuff',
]

test('files and folders are named in kebab-case, after their verb or table', () => {
  const found = files.flatMap((file) =>
    file.split('/').flatMap((part) => {
      const name = part.replace(/(\.test|\.config|\.d)?\.(ts|tsx|mjs|js)$/, '')
      if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) return [{ where: file, what: `${part} is not kebab-case` }]
      return NO_NAMES.includes(name) ? [{ where: file, what: `${part} says nothing` }] : []
    }),
  )
  expectNone('names', found)
})

// --- what is never written -------------------------------------------------------------------------------------------

test('every ban catches what it is for, and nothing else', () => {
  for (const { name, pattern, catches, spares } of bans) {
    for (const text of catches) assert.match(text, pattern, name)
    for (const text of spares) assert.doesNotMatch(text, pattern, name)
  }
})

for (const ban of bans) {
  test(`never written: ${ban.name}`, () => {
    const found = sources
      .filter(({ file }) => ban.files.test(file))
      .flatMap((source) =>
        source[ban.in].flatMap((line, i) =>
          ban.pattern.test(line)
            ? [{ where: source.file, what: `line ${i + 1}: ${source.lines[i]?.trim()}; instead: ${ban.instead}` }]
            : [],
        ),
      )
    expectNone(`never ${ban.name}`, found)
  })
}

// --- packages --------------------------------------------------------------------------------------------------------

const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8')

test('packages are named with their exact version', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
  assert.deepEqual(
    all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    [],
  )
  assert.ok(all.length > 20)
})

test('the lock file names no place to download from, and has every package by its hash', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Record<string, unknown>> }
  const installed = Object.entries(lock.packages).filter(([name]) => name !== '')
  assert.deepEqual(
    installed.filter(([, entry]) => 'resolved' in entry).map(([name]) => name),
    [],
  )
  assert.deepEqual(
    installed
      // what is bundled comes inside of another, under that one's hash
      .filter(([, entry]) => !entry.link && !entry.inBundle && !/^sha512-/.test(String(entry.integrity)))
      .map(([name]) => name),
    [],
  )
})

test('the lock file holds every package that one in it may need: without, a clone cannot be installed', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, Partial<Record<'dependencies' | 'optionalDependencies', Record<string, string>>>>
  }
  /** As Node looks for it: in the package's own folder, then in those above. */
  const isHeld = (owner: string, name: string): boolean => {
    const above = owner.lastIndexOf('/node_modules/')
    const here = `${owner === '' ? '' : `${owner}/`}node_modules/${name}`
    return here in packages || (owner !== '' && isHeld(above < 0 ? '' : owner.slice(0, above), name))
  }
  const missing = Object.entries(packages).flatMap(([owner, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isHeld(owner, name))
      .map((name) => `${owner || 'package.json'} needs ${name}`),
  )
  assert.deepEqual(missing, [])
})

test('code imports no package that package.json does not name, and names none that nothing needs', () => {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >
  const nameOf = (from: string) =>
    from
      .split('/')
      .slice(0, from.startsWith('@') ? 2 : 1)
      .join('/')
  const imported = (from: RegExp, typesToo: boolean) =>
    new Set(
      sources
        .filter(({ file }) => from.test(file))
        .flatMap(({ imports }) =>
          imports.filter(
            // the SDK's examples name the SDK as its users do; what begins with / is an address, told to a browser
            (i) => !i.file && !/^(?:node:|\/|@unipay\/sdk(?:$|\/))/.test(i.from) && (typesToo || !i.typeOnly),
          ),
        )
        .map((i) => nameOf(i.from)),
    )
  const running = imported(/^(src|sandbox)\//, false)
  assert.deepEqual(
    [...running].filter((name) => !(name in dependencies)),
    [],
    'needed to run',
  )
  const any = imported(/./, true)
  assert.deepEqual(
    [...any].filter((name) => !(name in dependencies) && !(name in devDependencies)),
    [],
    'needed at all',
  )
  // tools are named by scripts, types by what they are the types of, packages of files by the text that looks for them
  const texts = sources.filter(({ file }) => !file.startsWith('test/harness/tidy-')).map(({ text }) => text)
  texts.push(...fs.globSync('web/**/*.css', { cwd: root }).map(read))
  const whole = [...texts, read('package.json').replace(/"[^"]+": "[\d.]+"/g, '')].join('\n')
  const tools: Record<string, string> = { '@biomejs/biome': 'biome check', typescript: 'tsc', '@types/node': 'node:' }
  const unused = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => {
    const sign = tools[name] ?? name.replace('@types/', '')
    return !any.has(name) && !any.has(sign) && !whole.includes(sign)
  })
  expectNone(
    'packages',
    unused.map((name) => ({ where: name, what: 'needed by nothing' })),
  )
})
