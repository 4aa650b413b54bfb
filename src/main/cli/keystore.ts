// `unipay keystore …`: the ceremony of the seed, its backup, and its passphrase. Needs no database and no network: the first
// keystore is best made on a machine that has neither (docs/keys.md).
// Must stay true: the words are shown once, on a terminal, before they are stored at all, and are stored only once they were
// typed back; no command prints them again, and --json never holds them.

import path from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { deriveKeys } from '../../domain/keys.ts'
import { type Keystore, keystoreOf, newWords, wordsFrom } from '../../signer/keystore.ts'
import { changePassphrase, hasSeed, KeystoreError, readWords, storeWords } from '../../signer/seed-file.ts'
import { accountPath, addressAt, type Family, keyPath } from '../../signer/wallet-address.ts'
import { type Answers, withAnswers } from './ask.ts'
import { CannotReach, columns, type Outcome, onConfig, type Shell, WrongUsage } from './command.ts'

const TRIES = 3

interface Options {
  dir?: string
  piped?: true
  fingerprint?: string
}

interface Room extends Shell {
  dir: string
  answers: Answers
  options: Options
}

export function define(keystore: Command): void {
  keystore.addHelpText(
    'after',
    `
The current passphrase is KEYSTORE_PASSPHRASE, or asked for. Answers are not echoed.

Examples:
  unipay keystore make --dir keystore
  unipay keystore verify
  KEYSTORE_PASSPHRASE=… unipay keystore show --json`,
  )
  const add = (name: string, about: string, work: (room: Room) => Promise<Outcome>) =>
    keystore
      .command(name)
      .description(about)
      .option('--dir <folder>', 'folder of the keystore (default: DATA_DIR/keystore)')
      .action(onConfig<Options>((shell, _args, options) => inRoom(shell, options, work)))

  add('make', 'makes a seed, shows its 24 words once, and stores it when they were typed back', make).option(
    '--piped',
    'shows the words although this is no terminal: they go to stderr',
  )
  add('restore', 'makes the keystore again from the 24 words of a backup', restore).option(
    '--fingerprint <of>',
    'of the keystore that it must be; anything else is not stored',
    fingerprint,
  )
  add('show', 'fingerprint, extended public keys and hot wallets', show)
  add('verify', 'says whether the 24 words of a backup are those of the keystore', verify)
  add('passphrase', 'seals the keystore under another passphrase', passphrase)
  keystore
    .command('approval-key')
    .description('APPROVAL_KEY for a signer on a machine of its own, worked out of MASTER_KEY; a secret')
    .action(onConfig(async () => approvalKey()))
}

function fingerprint(text: string): string {
  if (/^[0-9a-f]{4}(-[0-9a-f]{4}){7}$/.test(text)) return text
  throw new InvalidArgumentError('It looks like 0123-4567-89ab-cdef-0123-4567-89ab-cdef.')
}

async function inRoom(shell: Shell, options: Options, work: (room: Room) => Promise<Outcome>): Promise<Outcome> {
  const dir = path.resolve(options.dir ?? path.join(shell.config.DATA_DIR, 'keystore'))
  try {
    return await withAnswers((answers) => work({ ...shell, dir, answers, options }))
  } catch (error) {
    throw error instanceof KeystoreError ? new WrongUsage(error.message) : error
  }
}

// --- commands ---

async function make({ dir, answers, options }: Room): Promise<Outcome> {
  refuseIfMade(dir)
  if (!process.stderr.isTTY && !options.piped) {
    throw new WrongUsage('the words are shown on a terminal alone; --piped writes them to stderr all the same')
  }
  const chosen = await newPassphrase(answers)
  const words = newWords()
  process.stderr.write(
    `\nWrite these 24 words down, on paper, in this order. They are the money.\n\n${grid(words)}\n\n`,
  )
  await answers.enter('Press Enter when they are written down.')
  if (process.stderr.isTTY) process.stderr.write('\u001b[3J\u001b[2J\u001b[H') // the screen, and what was scrolled off it
  await typedBack(answers, words)
  storeWords(dir, chosen, words, systemClock.now())
  return described(keystoreOf(readWords(dir, chosen)), dir, 'the keystore was made')
}

async function restore({ dir, answers, options }: Room): Promise<Outcome> {
  refuseIfMade(dir)
  const words = wordsFrom(await answers.hidden('The 24 words of the backup'))
  const restored = keystoreOf(words)
  if (options.fingerprint !== undefined && restored.fingerprint !== options.fingerprint) {
    return differs(restored.fingerprint, options.fingerprint)
  }
  storeWords(dir, await newPassphrase(answers), words, systemClock.now())
  return described(restored, dir, 'the keystore was restored')
}

async function show({ dir, answers, bookId }: Room): Promise<Outcome> {
  const keystore = keystoreOf(readWords(dir, await currentPassphrase(dir, answers)))
  const hot = async (family: Family) => addressAt(keystore.keys, family, keyPath(family, 'hot', bookId, 0))
  const wallets = { evm: await hot('evm'), tron: await hot('tron') }
  const { data, text } = described(keystore, dir, '')
  const rows = Object.entries(wallets).map(([family, address]) => [`hot wallet of book ${bookId}, ${family}`, address])
  return { data: { ...data, book: bookId, hot: wallets }, text: `${text}\n${columns(rows)}` }
}

async function verify({ dir, answers }: Room): Promise<Outcome> {
  const own = keystoreOf(readWords(dir, await currentPassphrase(dir, answers))).fingerprint
  const backup = keystoreOf(wordsFrom(await answers.hidden('The 24 words of the backup'))).fingerprint
  if (backup !== own) return differs(backup, own)
  return { data: { same: true, fingerprint: own }, text: `the backup is good: it makes the same keys (${own})` }
}

async function passphrase({ dir, answers }: Room): Promise<Outcome> {
  const before = await currentPassphrase(dir, answers)
  const { fingerprint: own } = keystoreOf(
    changePassphrase(dir, before, await newPassphrase(answers), systemClock.now()),
  )
  return {
    data: { fingerprint: own },
    text: `the passphrase was changed (${own}). Set KEYSTORE_PASSPHRASE before the signer starts again; the old file stays until then`,
  }
}

async function approvalKey(): Promise<Outcome> {
  const master = process.env.MASTER_KEY ?? ''
  if (!/^[0-9a-f]{64}$/i.test(master)) throw new WrongUsage('set MASTER_KEY to that of the bank')
  const key = deriveKeys(Buffer.from(master, 'hex')).withdrawalApproval.toString('hex')
  return { data: { approval_key: key }, text: key }
}

// --- what they share ---

function refuseIfMade(dir: string): void {
  if (hasSeed(dir)) throw new WrongUsage(`there is a keystore in ${dir} already; a seed is never overwritten`)
}

function currentPassphrase(dir: string, answers: Answers): Promise<string> | string {
  if (!hasSeed(dir)) throw new CannotReach(`there is no keystore in ${dir}`)
  return process.env.KEYSTORE_PASSPHRASE || answers.hidden('Passphrase of the keystore')
}

async function newPassphrase(answers: Answers): Promise<string> {
  const first = await answers.hidden('New passphrase (12 characters or more)')
  if (first.length < 12) throw new WrongUsage('the passphrase must have at least 12 characters')
  if ((await answers.hidden('The new passphrase again')) !== first) throw new WrongUsage('these were two passphrases')
  return first
}

async function typedBack(answers: Answers, words: string): Promise<void> {
  for (let left = TRIES; left > 0; left--) {
    const typed = await answers.hidden('Type the 24 words from the paper')
    try {
      if (wordsFrom(typed) === words) return
      process.stderr.write('These are the words of another seed.\n')
    } catch (error) {
      if (!(error instanceof KeystoreError)) throw error
      process.stderr.write(`${error.message}\n`)
    }
  }
  throw new WrongUsage('the words were not typed back; nothing was stored, and they are worth nothing')
}

/** Numbered, in four columns that read downwards. */
function grid(words: string): string {
  const numbered = words.split(' ').map((word, i) => `${String(i + 1).padStart(2)} ${word}`)
  return columns(Array.from({ length: 6 }, (_, row) => [0, 6, 12, 18].map((column) => numbered[row + column] ?? '')))
}

function described(keystore: Keystore, dir: string, what: string): Outcome & { data: object } {
  const publicKeys = {
    DEPOSIT_XPUB_EVM: keystore.publicKeyAt(accountPath.evm.deposit),
    DEPOSIT_XPUB_TRON: keystore.publicKeyAt(accountPath.tron.deposit),
    HOT_XPUB_EVM: keystore.publicKeyAt(accountPath.evm.hot),
    HOT_XPUB_TRON: keystore.publicKeyAt(accountPath.tron.hot),
  }
  const rows = [['folder', dir], ['fingerprint', keystore.fingerprint], ...Object.entries(publicKeys)]
  return {
    data: { dir, fingerprint: keystore.fingerprint, public_keys: publicKeys },
    text: `${what === '' ? '' : `${what}\n`}${columns(rows)}`,
  }
}

const differs = (found: string, wanted: string): Outcome => ({
  found: true,
  data: { same: false, fingerprint: wanted, backup: found },
  text: `these words are of another keystore: they make ${found}, and it is ${wanted}`,
})
