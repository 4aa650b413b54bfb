// `unipay por …`: proofs of reserves: making the snapshot of now, and verifying one customer's proof.
// Must stay true: verifying asks nobody; it runs the very code that customers are given (sdk/reserves.js).

import fs from 'node:fs/promises'
import type { Command } from 'commander'
import { ProofError, type PublishedRoot, type ReserveProof, verifyReserveProof } from '../../../sdk/reserves.js'
import { formatAmount } from '../../base/money.ts'
import { type Asset, assets } from '../../ledger/accounts.ts'
import { CannotReach, type Outcome, onConfig, onKeyedBank, type Shell } from './command.ts'

const amount = (units: bigint, asset: string) =>
  `${formatAmount(units, assets[asset as Asset]?.scale ?? 0, 2)} ${asset}`

export function define(por: Command): void {
  por
    .command('build')
    .description('makes and publishes a snapshot now; the worker does it once a day')
    .action(
      onKeyedBank(async (shell) => {
        const { build } = await import('./por-build.ts') // the providers, which verifying does without
        return build(shell)
      }),
    )

  por
    .command('verify <file>')
    .description('verifies a proof that a customer got from /api/reserves/proof')
    .option(
      '--published <file>',
      'what /api/reserves answered, from wherever you trust it; else only the root is shown',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  unipay por verify proof.json\n  unipay por verify proof.json --published reserves.json',
    )
    .action(onConfig<{ published?: string }>((shell, [file = ''], options) => verify(shell, file, options.published)))
}

async function verify(_shell: Shell, file: string, publishedFile: string | undefined): Promise<Outcome> {
  const document = await readJson(file)
  const published = publishedFile === undefined ? undefined : await readJson(publishedFile)
  try {
    const proof = dataOf(document)
    const found = verifyReserveProof(
      proof as ReserveProof,
      published === undefined ? undefined : rootIn(published, proof),
    )
    const lines = [
      `${found.uid} had ${Object.entries(found.balances)
        .map(([asset, units]) => amount(units, asset))
        .join(' and ')} at ${found.snapshot.at},`,
      `part of ${Object.entries(found.liabilities)
        .map(([asset, units]) => amount(units, asset))
        .join(' and ')} owed to ${found.snapshot.size} customers`,
      `root ${found.root}`,
      found.compared ? 'It is the root that was published.' : 'Compare the root with the one that everybody sees.',
    ]
    return { data: { good: true, ...found }, text: lines.join('\n') }
  } catch (error) {
    if (!(error instanceof ProofError)) throw error
    return { found: true, data: { good: false, reason: error.message }, text: `NOT good: ${error.message}` }
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await fs.readFile(file, 'utf8'))
  } catch (error) {
    throw new CannotReach(`${file} cannot be read as JSON (${error instanceof Error ? error.message : error})`)
  }
}

/** What is inside the API's envelope, or what came without one. */
function dataOf(document: unknown): unknown {
  const { data } = (document ?? {}) as { data?: unknown }
  return data ?? document
}

/** The snapshot of the proof among those that were published. */
function rootIn(published: unknown, proof: unknown): PublishedRoot {
  const { snapshot } = (proof ?? {}) as { snapshot?: { id?: unknown } }
  const list = dataOf(published) as { items?: PublishedRoot[] } | PublishedRoot[]
  const items = Array.isArray(list) ? list : (list.items ?? [])
  const found = items.find(({ id }) => id === snapshot?.id)
  if (!found) throw new ProofError('its snapshot is not among those that were published')
  return found
}
