// `unipay partner …`: who moves fiat in and out through the ramp API. Whoever has a shell of the installation is trusted with
// this; in the console two operators agree on it.
// Must stay true: a secret is shown once, here, and is in no log.

import fs from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { makePartner, rotatePartnerKey, usualTerms } from '../../domain/ramp/make-partner.ts'
import { partners } from '../../domain/ramp/partner.ts'
import { PartnerPayload, type PartnerTerms } from '../../domain/ramp/partner-approval.ts'
import { OVERLAP } from '../../domain/ramp/partner-key.ts'
import { CannotReach, columns, type Outcome, onDatabase, onKeyedBank, WrongUsage } from './command.ts'

const readRelease = (text: string): 'manual' | 'automatic' => {
  if (text === 'manual' || text === 'automatic') return text
  throw new InvalidArgumentError('manual or automatic.')
}

interface CreateOptions {
  name: string
  source: string[]
  release: 'manual' | 'automatic'
  terms?: string
}

export function define(partner: Command): void {
  partner
    .command('create')
    .description('makes a partner with a key, whose secret is shown this once')
    .requiredOption('--name <name>', 'what operators call it')
    .requiredOption('--source <source...>', 'the values of "source" that it sends')
    .option(
      '--release <how>',
      'manual: operators release each order; automatic: with its payment',
      readRelease,
      'manual',
    )
    .option(
      '--terms <file>',
      'JSON with the other terms: fee_rate, order_max, receive_account …; usual ones where it has none',
    )
    .addHelpText(
      'after',
      '\nExample:\n  unipay partner create --name "Example Exchange" --source binance --terms terms.json',
    )
    .action(
      onKeyedBank<CreateOptions>(async ({ bank, bookId, by }, _args, { name, source, release, terms }) => {
        const payload = { ...usualTerms, ...readFile(terms), name, sources: source, release } as PartnerTerms
        return shown(await makePartner(bank, bookId, payload, by))
      }),
    )

  partner
    .command('list')
    .description('ramp partners')
    .action(
      onDatabase(async ({ db, bookId }) => {
        const all = await partners(db, bookId, { offset: 0, size: 1_000 })
        const rows = all.map(({ id, no, name, sources, status, release }) => [
          id,
          `${no}`,
          name,
          sources.join(','),
          status,
          release,
        ])
        return { data: { partners: all }, text: all.length === 0 ? 'nobody yet' : columns(rows) }
      }),
    )

  partner
    .command('rotate <id>')
    .description('a new key; the ones before it go on for a day')
    .action(onKeyedBank(async ({ bank, bookId, by }, [id = '']) => shown(await rotatePartnerKey(bank, bookId, id, by))))
}

function shown({ partner, keyId, secret }: Awaited<ReturnType<typeof makePartner>>): Outcome {
  const text = columns([
    ['partner', partner.id],
    ['name', partner.name],
    ['source', partner.sources.join(', ')],
    ['apiKey', keyId],
    ['secretKey', secret],
  ])
  const overlapHours = OVERLAP / 3_600_000
  return {
    data: {
      partner: partner.id,
      name: partner.name,
      sources: partner.sources,
      apiKey: keyId,
      secretKey: secret,
      overlapHours,
    },
    text: `${text}\n\nThe secret is shown this once.`,
  }
}

/** Refuses fields that are no terms: a typing error must not leave the usual ones in force. */
function readFile(file: string | undefined): object {
  if (file === undefined) return {}
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch {
    throw new CannotReach(`${file} cannot be read`)
  }
  let terms: unknown
  try {
    terms = JSON.parse(text)
  } catch {
    throw new WrongUsage(`${file} is not JSON`)
  }
  if (typeof terms !== 'object' || terms === null || Array.isArray(terms))
    throw new WrongUsage(`${file} is no JSON object`)
  const strange = Object.keys(terms).find((name) => !Object.hasOwn(PartnerPayload.properties, name))
  if (strange !== undefined) throw new WrongUsage(`${file}: there is no term ${strange}`)
  return terms
}
