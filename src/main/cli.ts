// `unipay`: everything that people do from a shell with an installation, one file per group of commands under cli/.
// Must stay true: each command takes --json, says in --help what it does, and ends with one of the exit codes of
// cli/command.ts; a group is loaded only when it is named, so that none waits for what the others need.

import { Command, CommanderError } from 'commander'
import { exitCodeHelp, exitCodes, withGlobals } from './cli/command.ts'

interface Group {
  about: string
  /** What its file does with the command of its name. */
  load: () => Promise<{ define(command: Command): void }>
}

const groups: Readonly<Record<string, Group>> = {
  doctor: {
    about: 'looks at configuration, database, chains, keys and jobs; says what to do about what is not well',
    load: () => import('./cli/doctor.ts'),
  },
  migrate: {
    about: 'applies the migrations that the database has not seen (DATABASE_OWNER_URL, or DATABASE_URL)',
    load: () => import('./cli/migrate.ts'),
  },
  ledger: { about: 'proves the books, adds them up', load: () => import('./cli/ledger.ts') },
  reconcile: { about: 'compares books and chains now', load: () => import('./cli/reconcile.ts') },
  withdrawal: { about: 'where a withdrawal is', load: () => import('./cli/withdrawal.ts') },
  banks: { about: 'the directory of banks that recipients are chosen from', load: () => import('./cli/banks.ts') },
  por: { about: 'proof of reserves', load: () => import('./cli/por.ts') },
  merchant: { about: 'who runs UniPay under a brand of their own', load: () => import('./cli/merchant.ts') },
  partner: { about: 'who moves fiat in and out', load: () => import('./cli/partner.ts') },
  'api-key': { about: 'keys of customers’ programs for the spot API', load: () => import('./cli/api-key.ts') },
  webhook: { about: 'where partners and merchants are told what happens', load: () => import('./cli/webhook.ts') },
  demo: { about: 'what to try a sandbox’s partner APIs with', load: () => import('./cli/demo.ts') },
  sign: { about: 'requests to the partner APIs, signed by hand', load: () => import('./cli/sign.ts') },
  operator: { about: 'who works for the house', load: () => import('./cli/operator.ts') },
  chain: {
    about: 'networks and deposits: how they are, and decisions about them',
    load: () => import('./cli/chain.ts'),
  },
  keystore: {
    about: 'the seed of every key: making it, its public keys, its backup, its passphrase',
    load: () => import('./cli/keystore.ts'),
  },
  keys: {
    about: 'the keys that seal personal data: which of them do, going over to another',
    load: () => import('./cli/keys.ts'),
  },
}

const program = withGlobals(
  new Command('unipay').description('Looks after the running installation of DATA_DIR, or that of DATABASE_URL.'),
)
  .configureHelp({ showGlobalOptions: true })
  .addHelpText('afterAll', exitCodeHelp)
  .showHelpAfterError('(--help says more)')
  .exitOverride()

for (const [name, { about, load }] of Object.entries(groups)) {
  const command = program.command(name).description(about)
  if (process.argv.includes(name, 2)) (await load()).define(command)
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit()) // nobody reads any more

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage
}
