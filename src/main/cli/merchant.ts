// `unipay merchant …`: who runs UniPay under their own brand by the platform API. Whoever has a shell of the installation is
// trusted with this; in the console two operators agree on it.
// Must stay true: a secret is shown once, here, and is in no log; a merchant's private key is made and kept by the merchant.

import fs from 'node:fs'
import type { Command } from 'commander'
import { hours } from '../../base/clock.ts'
import { makeMerchant, rotateKey } from '../../domain/merchant/make-merchant.ts'
import { merchants } from '../../domain/merchant/merchant.ts'
import { LONGEST_OVERLAP } from '../../domain/merchant/merchant-key.ts'
import { CannotReach, columns, onDatabase, onKeyedBank, WrongUsage, wholeNumber } from './command.ts'

const sides = { theirs: 'merchant', ours: 'platform', secret: 'plain' } as const

export function define(merchant: Command): void {
  merchant
    .command('create')
    .description('makes a merchant, with a key pair of ours for it')
    .requiredOption('--name <name>', 'what operators call it')
    .requiredOption('--public-key <file>', 'its RSA public key of 2048 bits: PEM, or DER in Base64')
    .addHelpText(
      'after',
      '\nExample:\n  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out merchant.pem\n  openssl pkey -in merchant.pem -pubout -out merchant.pub\n  unipay merchant create --name "Example" --public-key merchant.pub',
    )
    .action(
      onKeyedBank<{ name: string; publicKey: string }>(async ({ bank, bookId }, _args, { name, publicKey }) => {
        const made = await makeMerchant(bank, bookId, { name, publicKey: readFile(publicKey) })
        const { id, inviteCode } = made.merchant
        const text = columns([
          ['app_id', id],
          ['invite code', inviteCode],
          ['our public key', made.platformKey],
          ['plain secret', made.secret],
        ])
        return {
          data: { appId: id, inviteCode, platformPublicKey: made.platformKey, secret: made.secret },
          text: `${text}\n\nThe secret is shown this once.`,
        }
      }),
    )

  merchant
    .command('list')
    .description('merchants, newest first')
    .action(
      onDatabase(async ({ db, bookId }) => {
        const all = await merchants(db, bookId, { offset: 0, size: 1_000 })
        const rows = all.map(({ id, name, inviteCode, createdAt, stoppedAt }) => [
          id,
          name,
          inviteCode,
          createdAt.toISOString(),
          stoppedAt ? 'stopped' : 'active',
        ])
        return { data: { merchants: all }, text: all.length === 0 ? 'nobody yet' : columns(rows) }
      }),
    )

  merchant
    .command('rotate <app_id>')
    .description('replaces a key; the one before counts for a while longer')
    .option('--public-key <file>', 'the merchant’s new public key')
    .option('--ours', 'a new key pair of ours')
    .option('--secret', 'a new secret of the plain form, shown this once')
    .option('--overlap <hours>', 'how long the old one counts', wholeNumber(0, LONGEST_OVERLAP / hours(1)), 24)
    .action(
      onKeyedBank<{ publicKey?: string; ours?: true; secret?: true; overlap: number }>(
        async ({ bank, bookId }, [id = ''], { publicKey, ours, secret, overlap }) => {
          const asked = [...(publicKey ? ['theirs'] : []), ...(ours ? ['ours'] : []), ...(secret ? ['secret'] : [])]
          const [what] = asked as (keyof typeof sides)[]
          if (asked.length !== 1 || !what) throw new WrongUsage('exactly one of --public-key, --ours and --secret')
          const given = publicKey ? readFile(publicKey) : undefined
          const shown = await rotateKey(bank, bookId, id, {
            side: sides[what],
            publicKey: given,
            overlap: hours(overlap),
          })
          const data = { appId: id, [sides[what]]: shown, overlapHours: overlap }
          return { data, text: `${id} has a new key; the old one counts for ${overlap} hours\n\n${shown}` }
        },
      ),
    )
}

function readFile(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    throw new CannotReach(`${file} cannot be read`)
  }
}
